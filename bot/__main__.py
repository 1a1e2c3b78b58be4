"""The ``genjin`` command, also as ``python -m bot``."""

import gc


def main() -> None:
    """Import the commands and run one.

    Modules stay: looking for garbage among them takes a sixth of a start, and later some
    milliseconds again and again.
    """
    gc.disable()
    from bot import cli

    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
