"""What a page says, without what is random in it."""

import re

_RANDOM = re.compile(r"[0-9a-f]{16,}")
"""Tokens, marks and seals of ours are hexadecimal; no phone is as long."""


def without_tokens(page: str) -> str:
    """The page for a test that something short is not in it, which random digits may spell."""
    return _RANDOM.sub("", page)
