"""Cleans text from outside before anything else reads it, so that it can be stored and shown.

Databases refuse NUL, no encoding accepts a lone surrogate, and characters that change the writing
direction make one text look like another. Knows no action and no field.
"""

import re
from unicodedata import category

LONGEST_TEXT = 10_000
"""More than any field allows. Longer text is cut, so that nothing processes megabytes; the field
then reports its own limit."""
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_FLOOD = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Remove characters that cannot be stored or are deceptive; newlines and tabs stay."""
    text = text[:LONGEST_TEXT]
    if text.isprintable():  # As most are; none of the unfit characters is.
        return text
    fit = _UNFIT.sub("", text.replace("\r\n", "\n"))
    return _FLOOD.sub("\n\n", fit) if "\n\n\n" in fit else fit


def begins_with_sign(text: str) -> bool:
    """Whether a text begins with a pictogram (🎉), beside which no further mark is needed."""
    return category(text[:1] or " ") == "So"


def one_line(text: str) -> str:
    return " ".join(text.split())
