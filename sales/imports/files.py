"""From the bytes of a file to a sheet; its content tells the kind, not its name."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Final

from sales.imports.encodings import UTF16, decoded
from sales.imports.sheet import LONGEST_CELL, Sheet, Unreadable, sheet_of, within_length
from sales.imports.workbooks import read_workbook

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENTS: Final = (b"%PDF",)
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM")
"""How pictures begin."""
_INSIDE: Final = re.compile(rb"(?s)RIFF.{4}WEBP|.{4}ftyp(?:hei[cfsx]|hev[cx]|mif1|msf1|avif)")
"""How pictures of the web and of telephones begin."""
_ARCHIVES: Final = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
_DELIMITERS: Final = ",;\t|"
_VCARD: Final = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)


def read_sheet(content: bytes, sheet: int | None = None, encoding: str = "") -> Sheet:
    """Read a file; raises Unreadable, and nothing else, whatever the bytes may be.

    ``sheet`` chooses among those of a workbook that hold a list, counted from 0; None takes the one
    whose headings name most. ``encoding`` is what a person chose for a text, "" for none.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if content.startswith(_OLE):
        # Both the old Excel format and a workbook with a password.
        raise Unreadable("locked")
    if content.startswith(b"PK\x03\x04"):
        return read_workbook(content, sheet)
    if content.startswith(_ARCHIVES):
        raise Unreadable("zip")
    if content.startswith(_DOCUMENTS):
        raise Unreadable("document")
    if _is_picture(content):
        raise Unreadable("picture")
    if b"\0" in content and not content.startswith(UTF16):
        raise Unreadable("binary")
    text, encoding, doubtful = decoded(content, encoding)
    if _VCARD.match(text):
        from sales.imports.vcards import cards_in

        cards = (within_length(number, row) for number, row in enumerate(cards_in(text), 1))
        return replace(sheet_of("vcard", encoding, cards), doubtful=doubtful)
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter)
    sheet_read = sheet_of("csv", encoding, lines, semicolons=delimiter == ";")
    return replace(sheet_read, doubtful=doubtful)


def _is_picture(content: bytes) -> bool:
    bitmap = content.startswith(b"BM")
    if bitmap and b"\0" not in content[:30]:
        return False  # A list may begin with these two letters.
    return content.startswith(_PICTURES) or _INSIDE.match(content[:16]) is not None


_LOOKED_AT: Final = 30
_SEP: Final = re.compile(r"\s{0,3}sep=([,;\t|])\s{0,3}$", re.IGNORECASE)


def _delimiter(text: str) -> str:
    """What separates the cells: the sign by which most lines have as many cells as the longest.

    ``sep=;`` in the first line says it, as Excel writes it.
    """
    head = text.lstrip()[: LONGEST_CELL * 4]
    if said := _SEP.match(head.partition("\n")[0]):
        return said[1]
    return max(_DELIMITERS, key=lambda sign: _regularity(head, sign))


def _regularity(head: str, delimiter: str) -> tuple[int, int]:
    """How many rows have the most usual number of cells above one, and that number."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    lengths: list[int] = []
    with suppress(csv.Error):
        lengths += [len(row) for row in islice(reader, _LOOKED_AT) if len(row) > 1]
    usual = Counter(lengths).most_common(1)
    return (usual[0][1], usual[0][0]) if usual else (0, 0)


def _lines(text: str, delimiter: str) -> Iterator[tuple[str, ...]]:
    # A quote that is never closed would swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, 1):
            yield (
                ()
                if number == 1 and _SEP.match(delimiter.join(row))
                else within_length(number, row)
            )
    except csv.Error as error:
        raise Unreadable("cell", row=reader.line_num, most=LONGEST_CELL) from error
