"""Named points of the product at which a process waits to be killed.

A point is a function of the product, named like ``module:Class.name``, and the moment before it is
called or after it returned: the product itself knows nothing of it.
"""

import inspect
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce, wraps
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

FOREVER = 600.0


@dataclass(frozen=True, slots=True)
class Point:
    """Before the ``count``-th call of a function, or ``after`` it.

    Calls in whose arguments ``about`` does not occur do not count.
    """

    function: str
    count: int = 1
    after: bool = False
    about: str = ""


def wait_at(point: Point, said: Connection) -> None:
    """Have this process wait at a point, and say so."""
    module, _, path = point.function.partition(":")
    *owners, name = path.split(".")
    owner = reduce(getattr, owners, import_module(module))
    setattr(owner, name, _waiting(inspect.getattr_static(owner, name), point, said))


def _waiting(real: Any, point: Point, said: Connection) -> Any:
    calls = itertools.count(1)

    def is_it(*args: Any, **kwargs: Any) -> bool:
        return point.about in f"{args} {kwargs}" and next(calls) == point.count

    def wait() -> None:
        said.send(point.function)
        time.sleep(FOREVER)

    @wraps(real)
    def waiting(*args: Any, **kwargs: Any) -> Any:
        here = is_it(*args, **kwargs)
        if here and not point.after:
            wait()
        result = real(*args, **kwargs)
        if here and point.after:
            wait()
        return result

    @wraps(real)
    async def awaiting(*args: Any, **kwargs: Any) -> Any:
        here = is_it(*args, **kwargs)
        if here and not point.after:
            wait()
        result = await real(*args, **kwargs)
        if here and point.after:
            wait()
        return result

    return awaiting if inspect.iscoroutinefunction(real) else waiting


def held(point: Point, said: Connection, role: Callable[..., None], *given: Any) -> None:
    """The target of a process: a role that waits at a point."""
    wait_at(point, said)
    role(*given)
