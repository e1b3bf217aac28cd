"""Files that only their owner may read and that are there complete or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path`, mode 0600, in place of what was there; a crash leaves the old file or the new one."""
    file, unfinished = mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(file, "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink()
        raise
