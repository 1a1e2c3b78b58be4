"""What is wrong with a running process: conditions, and where they are looked for.

A condition is shown by ``/health`` and ``doctor`` and told to the admins. This module knows no
platform and no table; whoever can find a condition hands in a source.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wrong until somebody mends it.

    ``key`` completes the catalogue keys ``health.<key>`` and ``health.<key>.advice``, filled with
    ``params``, which hold no secret, phone or e-mail. ``subject`` tells two conditions of one key
    apart (a channel's id). ``serious``: the process is not ok while it lasts.
    """

    key: str
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    serious: bool = True


ConditionSource: TypeAlias = Callable[[], Iterable[Condition]]
"""Looks now; called in a thread, at most every few seconds. May raise StorageUnavailable."""
