"""In which encoding a text was written: by which of them its words are words.

A file does not say, and nearly any bytes are some text in most encodings. What tells is how people
write: a letter with an accent stands in a word of other letters and is a capital only where those
are; Chinese is mostly written with the few thousand characters of the first level of its standard.
"""

import codecs
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from sales.imports.sheet import Unreadable
from sales.patterns import lazy_pattern

UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CODECS: Final = {
    "UTF-8": "utf-8-sig", "GB18030": "gb18030", "Big5": "cp950", "Windows-1252": "cp1252",
    "Mac Roman": "mac_roman", "EUC-KR": "euc_kr", "Windows-1250": "cp1250",
    "Windows-1251": "cp1251",
}  # fmt: skip
CHOICES: Final = tuple(_CODECS)
"""What a person may choose instead of what was found; UTF-16 states itself."""
GUESSED: Final = tuple(name for name in CHOICES if name != "UTF-8")
"""Those that no sign and no strict rule tells."""
# What a text holds when it was decoded with the wrong encoding or is no text.
_NOT_TEXT: Final = lazy_pattern("[\x00-\x08\x0e-\x1f\x80-\x9f\ufffd\ue000-\uf8ff]")
_PLAUSIBLE: Final = 0.8
_OF_HANZI: Final = 0.7
"""Names hold characters of the second level and beyond."""
_CLEAR: Final = 0.1
"""By how much the best must lead for the guess not to be checked by a person."""
_LOOKED_AT: Final = 20_000
"""Places beyond ASCII by which the encoding is told; a person's name tells it in two."""
_LEAST: Final = {"Windows-1251": 4, "EUC-KR": 8}
"""Places below which an encoding is too rare to be guessed."""
_FOREIGN: Final = lazy_pattern("[^\x00-\x7f]")
_LETTERS: Final = frozenset("äöüßàâáãåæçéèêëîïíìñôóòõøœûúùýÿÄÖÜÀÂÁÃÅÆÇÉÈÊËÎÏÍÌÑÔÓÒÕØŒÛÚÙŸ")
_SIGNS: Final = frozenset("€£«»“”„‘’–—…°§®™©·•¿¡²³ºª½\xa0")
_IN_WORDS: Final = frozenset("’·")


class Decoded(NamedTuple):
    """A text and its encoding; ``doubtful``: another one would do nearly as well."""

    text: str
    encoding: str
    doubtful: bool = False


def decoded(content: bytes, chosen: str = "") -> Decoded:
    """Decode a text, in ``chosen`` (one of ``CHOICES``) where a person said so.

    Raises Unreadable where no encoding makes words of it.
    """
    if content.startswith(UTF16):
        return Decoded(_strictly(content, "utf-16"), "UTF-16")
    if chosen:
        return Decoded(_strictly(content, _CODECS[chosen]), chosen)
    try:
        return Decoded(_text(content.decode("utf-8-sig")), "UTF-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if _mostly_utf8(content):
        raise Unreadable("mixed", line=line)
    scored = sorted(_guesses(content), key=lambda guess: -guess[0])
    least = _OF_HANZI if scored and scored[0][2] in ("GB18030", "Big5") else _PLAUSIBLE
    if not scored or scored[0][0] < least:
        raise Unreadable("encoding", line=line)
    score, text, encoding = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0
    return Decoded(text, encoding, score - second < _CLEAR)


def _guesses(content: bytes) -> Iterator[tuple[float, str, str]]:
    for encoding, plausibility in _PLAUSIBILITY.items():
        try:
            text = _strictly(content, _CODECS[encoding])
        except Unreadable:
            continue
        places = [match.start() for match in islice(_FOREIGN.finditer(text), _LOOKED_AT)]
        score = sum(plausibility(text, place) for place in places) / len(places)
        if len(places) < _LEAST.get(encoding, 1):
            continue
        if encoding == "EUC-KR" and score == 1:
            # Chinese of this length holds characters that are no Korean syllable.
            score += _CLEAR / 10
        yield score, text, encoding


def _is_western(text: str, place: int) -> float:
    """1 for a letter or a sign where people write it, else 0."""
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if char in _SIGNS:
        return 0.9 * (char in _IN_WORDS or not (before.isalpha() and after.isalpha()))
    if char not in _LETTERS:
        return 0.0
    if _is_foreign(before) and (_is_foreign(after) or _is_foreign(text[place - 2 : place - 1])):
        return 0.0
    if not before.isalpha() and not after.isalpha():
        return 1.0 if char in "àÀ" else 0.85 * char.isupper()
    if char.islower():
        return float(before.islower() or after.islower())
    return float(not before.isalpha() or (before.isupper() and not after.islower()))


def _is_foreign(char: str) -> bool:
    return char > "\x7f" and char.isalpha()


def _is_cyrillic(text: str, place: int) -> float:
    """1 for a letter among its like, a capital only where a word begins or is all of them.

    Less for the rare ones, so that a word without any usual letter is none.
    """
    char, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if not "а" <= char.lower() <= "ё":
        return float(char in "«»“”„–—№\xa0")
    beside = before.isalpha() or after.isalpha()
    if any(one.isalpha() and one.isascii() for one in (before, after)):
        return 0.0
    if char.isupper() and (not beside or (before.isalpha() and not before.isupper())):
        return 0.0
    usual = 1.0 if char.lower() not in "фщъыэюяёъьц" else 0.6
    return usual if beside or char in "аивскоуя" else 0.0


def _is_simplified(text: str, place: int) -> float:
    """1 in the first level of GB 2312, less in the second, least beyond it, in GBK."""
    raw = text[place].encode("gb18030")
    if text[place] in _USUAL_SIGNS or "\uff01" <= text[place] <= "\uff5e":
        return 0.9
    if len(raw) != 2:
        return 0.0
    if raw[0] >= 0xA1 and raw[1] >= 0xA1:
        return 0.2 if raw[0] < 0xB0 else 1.0 if raw[0] <= 0xD7 else 0.75
    return 0.5 * _is_apart(text, place)


def _is_traditional(text: str, place: int) -> float:
    """1 in the first level of Big5, less in the second; signs but the usual ones say little."""
    raw = text[place].encode("cp950")
    if text[place] in _USUAL_SIGNS:
        return 0.9
    if len(raw) != 2 or raw[0] > 0xF9:
        return 0.0
    weight = 1.0 if raw[1] >= 0xA1 else _is_apart(text, place)
    return weight * (0.2 if raw[0] <= 0xA3 else 1.0 if raw[0] <= 0xC6 else 0.6)


def _is_apart(text: str, place: int) -> float:
    """Less where letters or figures of ASCII touch a character whose second byte is ASCII, too.

    Such a pair is rather an accented letter and the one behind it: ``ül``, ``°C``.
    """
    beside = text[place - 1 : place], text[place + 1 : place + 2]
    return 0.5 if any(one.isascii() and one.isalnum() for one in beside) else 1.0


def _is_korean(text: str, place: int) -> float:
    return 1.0 if "\uac00" <= text[place] <= "\ud7a3" else 0.2


_USUAL_SIGNS: Final = frozenset("，。、；：？！（）“”‘’《》【】—…·￥－＋／＠％〇～　＆．＃")
_PLAUSIBILITY: Final[dict[str, Callable[[str, int], float]]] = {
    "GB18030": _is_simplified,
    "Big5": _is_traditional,
    "Windows-1252": _is_western,
    "Mac Roman": _is_western,
    "Windows-1251": _is_cyrillic,
    "EUC-KR": _is_korean,
}
"""Those that are found, the likelier first where two are equal."""


def _strictly(content: bytes, codec: str) -> str:
    try:
        return _text(content.decode(codec))
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
