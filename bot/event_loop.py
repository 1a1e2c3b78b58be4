"""The event loop of the process: uvloop, and asyncio's own where there is no wheel of it.

Both do the same; uvloop needs less of the processor. Windows and the newest Pythons lack it.
"""

import asyncio

try:
    import uvloop
except ImportError:  # pragma: no cover
    uvloop = None  # type: ignore[assignment]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop to run the process, or a test, in."""
    return uvloop.new_event_loop() if uvloop else asyncio.new_event_loop()
