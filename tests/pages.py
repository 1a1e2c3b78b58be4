"""The content of a page, without what is random in it."""

import re

_RANDOM = re.compile(r"[0-9a-f]{16,}")
"""Tokens, marks and seals of ours are hexadecimal; no phone is as long."""


def without_tokens(page: str) -> str:
    """The page without tokens, for a test that a short text is not in it, which random digits may
    spell."""
    return _RANDOM.sub("", page)
