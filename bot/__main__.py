"""The ``genjin`` command, also as ``python -m bot``."""

import gc
import sys


def main() -> None:
    """Import the commands and run one.

    Modules stay: looking for garbage among them takes a sixth of a start, and later some
    milliseconds again and again.
    """
    gc.disable()
    import_structlog()
    from bot import cli

    gc.freeze()
    gc.enable()
    cli.main()


def import_structlog() -> None:
    """Import structlog without rich.

    structlog imports it wherever it is installed, to draw tracebacks that ``bot.log`` formats
    itself: a twentieth of a start.
    """
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment] # An import of it fails.
        import structlog  # noqa: F401

        del sys.modules["rich"]


if __name__ == "__main__":
    main()
