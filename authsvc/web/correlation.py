"""The id that ties a request, its answer, its log lines and a support call together ([K] 3.6, A4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import getrandbits
from typing import Any

CORRELATION_HEADER = "x-vol-correlation"
ENVIRON_KEY = "authsvc.correlation_id"

# A caller's own id is honoured so that its log and ours can be joined. Nothing but these characters, so that
# it is safe in headers, logs and pages alike.
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def correlation_id(environ: Mapping[str, Any]) -> str:
    """Return the id of a request: what the layer around Flask noted, else the caller's own, else a new one."""
    noted: str | None = environ.get(ENVIRON_KEY)
    if noted is not None:
        return noted
    sent = environ.get("HTTP_X_VOL_CORRELATION")
    if sent and _WELL_FORMED.fullmatch(sent):
        return str(sent)
    # Nobody gains by guessing it; the kernel's random numbers would cost each check a system call.
    return f"{getrandbits(128):032x}"
