"""What stays as long as the process is left out of the collection of garbage."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from bot.memory import freeze_lasting_objects


@pytest.fixture
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("as_before")
async def test_leaves_out_what_is_there_once_the_process_is_ready() -> None:
    ready, before = asyncio.Event(), gc.get_freeze_count()
    task = asyncio.create_task(freeze_lasting_objects(ready))
    await asyncio.sleep(0)
    assert gc.get_freeze_count() == before
    ready.set()
    while gc.get_freeze_count() == before:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()


@pytest.mark.usefixtures("as_before")
async def test_what_comes_later_is_collected() -> None:
    class Circle:
        """Refers to itself, so only the collection finds that nobody needs it."""

        def __init__(self) -> None:
            self.self = self

    ready = asyncio.Event()
    ready.set()
    task = asyncio.create_task(freeze_lasting_objects(ready))
    await asyncio.sleep(0)
    gone = weakref.ref(Circle())
    gc.collect()
    assert gone() is None
    task.cancel()
