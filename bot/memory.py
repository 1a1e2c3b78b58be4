"""Keeps the collection of garbage from pausing the process.

A full collection looks at every object there is: a tenth of a second in which nobody is answered.
Most of them are modules, forms and texts that stay as long as the process, so they are left out.
"""

import asyncio
import gc
from typing import Final

YOUNG: Final = 10_000
"""New objects after which the young ones are looked at; by default 700, less than one request."""
_SETTLED: Final = 300.0
"""Seconds after which everything that is used every day has been loaded."""


async def freeze_lasting_objects(ready: asyncio.Event) -> None:
    """Once the process is ready, and again when it has settled, leave out what is there."""
    await ready.wait()
    gc.set_threshold(YOUNG, 20, 10)
    _freeze_all()
    await asyncio.sleep(_SETTLED)
    _freeze_all()


def _freeze_all() -> None:
    gc.collect()
    gc.freeze()
