"""What came from outside, made fit to be stored and shown, before anything else reads it.

Databases refuse NUL, no encoding takes a lone surrogate, and characters that turn the direction
of writing make a text look like another. Knows no action and no field.
"""

import re

LONGEST_TEXT = 10_000
"""More than any field takes: what is longer is cut, so that nothing works on megabytes; the
field then says what its own limit is."""
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_FLOOD = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """Without what cannot be stored or deceives the eye; newlines and tabs stay."""
    fit = _UNFIT.sub("", text[:LONGEST_TEXT].replace("\r\n", "\n"))
    return _FLOOD.sub("\n\n", fit) if "\n\n\n" in fit else fit


def one_line(text: str) -> str:
    return " ".join(text.split())
