"""What a rule of the grammar is: a pattern, and a function that reads what it matched.

The longest match at a place wins, so a rule for a longer expression keeps a shorter one from
being taken out of it, even when it reads no day itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sales.days.reckoning import Base, DayReading
from sales.patterns import lazy_pattern


class Skip(Enum):
    """Words in which no day is to be looked for."""

    UNREAD = auto()
    """They speak of time, but name no day: 每周五, soon."""
    NOTHING = auto()
    """They only look like it: 24/7, Sunday Times."""


Read = Callable[[re.Match[str], Base], DayReading | Skip | None]
"""None: not meant after all, shorter matches may be."""


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    read: Read


def rule(pattern: str, read: Read) -> Rule:
    return Rule(lazy_pattern(pattern, re.IGNORECASE), read)


def said(match: re.Match[str], name: str) -> str:
    """What a group matched; empty when it matched nothing or the pattern has none of the name."""
    return match.groupdict().get(name) or ""


def unread(*patterns: str) -> Rule:
    return rule(_any_of(patterns), lambda _match, _base: Skip.UNREAD)


def nothing(*patterns: str) -> Rule:
    return rule(_any_of(patterns), lambda _match, _base: Skip.NOTHING)


def _any_of(patterns: tuple[str, ...]) -> str:
    """One pattern without the names of groups, which must not occur twice."""
    return re.sub(r"\(\?P<\w+>", "(?:", "|".join(patterns))


GAP: Final = r"\s{0,4}"
"""Blanks are bounded: inside a long run of them an unbounded match would take quadratic time."""
