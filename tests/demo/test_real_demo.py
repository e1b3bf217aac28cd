"""`authsvc demo` itself: quick to stop at any moment, with nothing left behind."""

import json
import subprocess
import sys
from pathlib import Path

from tests.demo.test_supervisor import everything_of, ready
from tests.demos import environment
from tests.embedded.processes import wait_for_end

ROOT = Path(__file__).parents[2]


def test_a_stop_at_the_first_moment_leaves_nothing(data_dir: Path) -> None:
    """One worker answers while another still starts: that one must hear of the stop too."""
    command = [sys.executable, "-m", "authsvc", "demo", "--port", "0", "--data-dir", str(data_dir)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        env=environment(is_measured=False),
        text=True,
        start_new_session=True,
        cwd=ROOT,
    ) as process:
        base_url = ready(process)
        running = everything_of(process.pid, data_dir)
        web_server = next(
            pid for pid in running if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        running |= everything_of(web_server, data_dir)
        assert json.loads((data_dir / "demo.json").read_bytes())["baseUrl"] == base_url
        process.terminate()
        wait_for_end(running)
        assert process.wait() == 0
