"""The command `authsvc`, also as `python -m authsvc`."""

import gc
import sys

from authsvc.infra.hashing_memory import restart_with_hashing_memory


def main() -> None:
    """Run the command; serving starts anew first, before anything is loaded that would be loaded twice."""
    if sys.argv[1:2] == ["serve"]:
        restart_with_hashing_memory()
    # Nothing of what is loaded is garbage; looking for it would take a quarter of the start.
    gc.disable()
    try:
        from authsvc.cli import main as run  # noqa: PLC0415  as just said
    except ModuleNotFoundError as missing:
        if (missing.name or "authsvc").startswith("authsvc"):
            raise
        # Without its extra the distribution is the library for services.
        sys.exit(f"The server needs {missing.name}, which is not installed: authsvc[server].")
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
