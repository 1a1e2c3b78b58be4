"""Finds the browser of the tests; nothing else looks for it.

``python -m tests.chromium`` prints its path, or ends with status 1 if there is none.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "chromium-browser",
)
APPLICATIONS = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
"""On macOS."""
OF_PLAYWRIGHT = (
    "chromium_headless_shell-*/chrome-*/*headless*shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/*",
)
"""What ``playwright install chromium`` installs. The browser without windows takes a third less
time than the other."""
HOW_TO_HAVE_ONE = (
    "no Chromium that works was found. Debian: sudo apt install chromium-headless-shell "
    "libatomic1. Elsewhere: .venv/bin/python -m playwright install chromium, or install Chrome. "
    "One at another place: CHROMIUM=/path/to/it"
)


@lru_cache(maxsize=1)
def chromium_path() -> str | None:
    """A Chromium that starts on this machine; None if there is none, or nothing to drive it."""
    node, *_ = compute_driver_executable()
    if not _starts(node):
        return None
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("CHROMIUM"):
        yield chosen
        return
    yield from filter(None, map(shutil.which, NAMES))
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        yield from (str(folder / name) for name in APPLICATIONS)
    for folder in _folders_of_playwright():
        for pattern in OF_PLAYWRIGHT:
            yield from sorted(map(str, folder.glob(pattern)), reverse=True)


def _folders_of_playwright() -> Iterator[Path]:
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        yield Path(chosen)
    yield Path.home() / ".cache/ms-playwright"
    yield Path.home() / "Library/Caches/ms-playwright"


def _starts(path: str) -> bool:
    """Whether the browser starts, since an existing file is not enough.

    Ubuntu's ``chromium-browser`` only says what to install, and a downloaded browser may lack
    system libraries, as playwright's own Node lacks libatomic on a small Debian.
    """
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    if found := chromium_path():
        print(found)
    else:
        sys.exit(1)
