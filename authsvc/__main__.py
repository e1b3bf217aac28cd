"""The command `authsvc`, also as `python -m authsvc`."""

import sys

from authsvc.infra.hashing_memory import restart_with_hashing_memory


def main() -> None:
    """Run the command; serving starts anew first, before anything is loaded that would be loaded twice."""
    if sys.argv[1:2] == ["serve"]:
        restart_with_hashing_memory()
    from authsvc.cli import main as run  # noqa: PLC0415  as just said

    run()


if __name__ == "__main__":
    main()
