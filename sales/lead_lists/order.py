"""What leads are found and sorted by in lists, derived from what people typed."""

import re
from typing import Final

from sales.text_search import fold

_KEY: Final = re.compile(r"[a-z0-9_]{1,30}", re.ASCII)
_CHARACTERS: Final = 16
_LONGEST: Final = 80


def source_key(source: str) -> str:
    """The channel of a source, ``ads`` of ``ads-SEM``; "" when that is no key."""
    key = source.partition("-")[0]
    return key if _KEY.fullmatch(key) else ""


def customer_order(words: str) -> str:
    """A customer's place in the alphabet, as text that every database sorts alike.

    Latin before Chinese, the usual Chinese characters by pinyin: GB 18030 has them in that order.
    In hexadecimal digits, of which no collation changes the order. ``words`` is the customer's name
    without contacts.
    """
    return fold(words)[:_CHARACTERS].encode("gb18030", "replace").hex()[:_LONGEST]
