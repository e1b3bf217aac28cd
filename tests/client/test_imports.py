"""What a service takes in with the library: Python's standard library and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import authsvc.client, authsvc.client.wsgi, authsvc.client.asgi
ours = sorted(name for name in sys.modules if name.startswith("authsvc") and sys.modules[name].__spec__)
print(json.dumps([ours, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def test_the_library_needs_nothing_but_python() -> None:
    """In an interpreter that has no installed packages at all."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, str(REPOSITORY)],
        check=True,
        capture_output=True,
        timeout=30,
    )
    ours, everything = json.loads(run.stdout)
    assert all(name == "authsvc" or name.startswith("authsvc.client") for name in ours)
    assert (
        set(everything) - sys.stdlib_module_names - {"authsvc", "__main__", "__mp_main__"} == set()
    )


def test_what_flask_needs_is_asked_for_only_where_it_is_used() -> None:
    program = PROGRAM + "import authsvc.client.flask"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(REPOSITORY)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert "No module named 'flask'" in run.stderr


def test_the_command_says_what_is_missing_where_only_the_library_is_installed() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from authsvc.__main__ import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(REPOSITORY)],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert "authsvc[server]" in run.stderr
