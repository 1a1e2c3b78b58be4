"""Patterns of typed text that are compiled when first used.

Compiling the few hundred of them took a fifth of a start, and a process that has just started needs
hardly any. Knows none of them.
"""

import re
from typing import Any, cast


class LazyPattern:
    """A ``re.Pattern`` that compiles itself; from then on its methods are those of the pattern."""

    __slots__ = (
        "findall",
        "finditer",
        "flags",
        "fullmatch",
        "groupindex",
        "groups",
        "match",
        "pattern",
        "search",
        "split",
        "sub",
        "subn",
        "wanted_flags",
    )

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self.wanted_flags = flags

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet: compile, and keep everything the pattern can do."""
        if name not in self.__slots__:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.wanted_flags)
        for each in self.__slots__:
            if each not in ("pattern", "wanted_flags"):
                setattr(self, each, getattr(compiled, each))
        return getattr(compiled, name)

    def __repr__(self) -> str:
        return f"lazy_pattern({self.pattern!r}, {self.wanted_flags!r})"


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Like ``re.compile``, but an invalid pattern raises ``re.error`` only when it is used."""
    return cast("re.Pattern[str]", LazyPattern(pattern, flags))
