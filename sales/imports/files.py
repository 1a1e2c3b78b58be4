"""From the bytes of a file to a sheet; its content tells the kind, not its name."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from sales.imports.sheet import LONGEST_CELL, Sheet, Unreadable, sheet_of, within_length
from sales.imports.workbooks import read_workbook

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENTS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
"""How a PDF and pictures begin."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS: Final = ",;\t|"
# What a text holds when it was decoded with the wrong encoding or is no text.
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_VCARD: Final = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)
_HANZI: Final = re.compile("[^\x00-\x7f]")
_PLAUSIBLE: Final = 0.9


def read_sheet(content: bytes, sheet: int | None = None) -> Sheet:
    """Read a file; raises Unreadable, and nothing else, whatever the bytes may be.

    ``sheet`` chooses among those of a workbook that hold a list, counted from 0; None takes the one
    whose headings name most.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if content.startswith(_OLE):
        # Both the old Excel format and a workbook with a password.
        raise Unreadable("locked")
    if content.startswith(b"PK\x03\x04"):
        return read_workbook(content, sheet)
    if content.startswith(_DOCUMENTS):
        raise Unreadable("document")
    if b"\0" in content and not content.startswith(_UTF16):
        raise Unreadable("binary")
    text, encoding = decoded(content)
    if _VCARD.match(text):
        from sales.imports.vcards import cards_in

        cards = (within_length(number, row) for number, row in enumerate(cards_in(text), 1))
        return sheet_of("vcard", encoding, cards)
    delimiter = _delimiter(text)
    return sheet_of("csv", encoding, _lines(text, delimiter), semicolons=delimiter == ";")


def decoded(content: bytes) -> tuple[str, str]:
    """Decode a text; returns it with its encoding: UTF-8, UTF-16 with its mark, or GB18030."""
    if content.startswith(_UTF16):
        return _strictly(content, "utf-16"), "UTF-16"
    try:
        return _text(content.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if _mostly_utf8(content):
        raise Unreadable("mixed", line=line)
    text = _strictly(content, "gb18030")
    # Nearly any bytes are some GB18030; what people write is in its oldest part, GB 2312.
    foreign = _HANZI.findall(text)
    common = sum(1 for char in foreign if char.encode("gb2312", "ignore"))
    if common < _PLAUSIBLE * len(foreign):
        raise Unreadable("encoding", line=line)
    return text, "GB18030"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return _text(content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("encoding", line=line) from error


def _text(text: str) -> str:
    if _NOT_TEXT.search(text):
        raise Unreadable("binary")
    return text


def _mostly_utf8(content: bytes) -> bool:
    """Whether most lines that are not plain ASCII are UTF-8."""
    good = bad = 0
    for line in content.splitlines():
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good > 0 and good >= bad


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
