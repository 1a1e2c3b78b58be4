"""Finding texts by words, in Chinese and English: what contains them, and what is similar.

Pure. A term that is in a text as a whole counts fully; a Chinese term that is not is compared by
its pairs of characters and its similarity to a part of the title, an English one by its similarity
to the title's words, so that typing mistakes and other phrasings find something. Rare terms count
more (inverse document frequency, as in any text retrieval).
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Final

from rapidfuzz import fuzz, process

from sales.patterns import lazy_pattern

_TERM = lazy_pattern(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")
_HAN = lazy_pattern(r"[\u3400-\u9fff]")
_MOST_TERMS = 8
_MOST_PAIRS = 12
_ALIKE = 75.0
_ALIKE_HAN = 65.0
_IN_TITLE, _IN_TAGS, _IN_BODY = 3.0, 2.0, 1.0
_PARTLY = 0.8
"""The weight of a similarity, relative to a whole match."""
_SUBSTANCE = 4
"""The letters of a word that is seldom a mere article or preposition."""
_ENOUGH = 0.25
"""The share of the query that a text must match."""


def fold(text: str) -> str:
    """Normalise a text for comparison: no case, full-width forms or runs of spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A term of a query.

    ``pairs`` of neighbouring characters stand for a Chinese term; ``tags`` are those that the term
    names.
    """

    text: str
    pairs: tuple[str, ...]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A text to be found: ``title`` and ``body`` folded, ``uses`` decides between equals."""

    id: int
    title: str
    body: str
    tags: frozenset[str]
    uses: int = 0


def terms_of(text: str, names: Mapping[str, Iterable[str]]) -> tuple[SearchTerm, ...]:
    """Parse a query into terms; ``names`` maps each folded name to its tags."""
    terms = list(dict.fromkeys(_TERM.findall(fold(text))))[:_MOST_TERMS]
    return tuple(_term(word, names) for word in terms)


def words_of_substance(text: str) -> set[str]:
    """What tells two texts about one thing: words of four letters or more, and neighbouring Chinese
    characters."""
    found: set[str] = set()
    for word in _TERM.findall(fold(text)):
        if _HAN.match(word):
            found.update(a + b for a, b in pairwise(word))
        elif len(word) >= _SUBSTANCE:
            found.add(word)
    return found


def rank(terms: Sequence[SearchTerm], entries: Sequence[Entry]) -> list[int]:
    """The ids of the matching entries, the best first."""
    if not terms:
        return []
    strengths = [_strengths(term, entries) for term in terms]
    weights = [_rarity(found, len(entries)) for found in strengths]
    whole = sum(weights)
    scored = []
    for index, entry in enumerate(entries):
        answered = [found.get(index) for found in strengths]
        share = sum(w * hit[0] for w, hit in zip(weights, answered, strict=True) if hit)
        if share < _ENOUGH * whole or not share:
            continue
        score = sum(w * hit[0] * hit[1] for w, hit in zip(weights, answered, strict=True) if hit)
        scored.append((-round(score, 6), -entry.uses, -entry.id))
    return [-entry_id for _, _, entry_id in sorted(scored)]


def _term(word: str, names: Mapping[str, Iterable[str]]) -> SearchTerm:
    pairs: tuple[str, ...] = ()
    if len(word) > 2 and _HAN.match(word):
        pairs = tuple(dict.fromkeys(a + b for a, b in pairwise(word)))
    tags = {tag for name, found in names.items() if name == word for tag in found}
    return SearchTerm(word, pairs[:_MOST_PAIRS], frozenset(tags))


def _strengths(term: SearchTerm, entries: Sequence[Entry]) -> dict[int, tuple[float, float]]:
    """How strongly (of 1) each entry matches a term, by its index, and the weight of the place."""
    alike = _alike_phrases(term, entries) if term.pairs else _alike_words(term.text, entries)
    strengths = {}
    for index, entry in enumerate(entries):
        if term.text in entry.title:
            strengths[index] = (1.0, _IN_TITLE)
        elif term.tags & entry.tags:
            strengths[index] = (1.0, _IN_TAGS)
        elif term.text in entry.body:
            strengths[index] = (1.0, _IN_BODY)
        elif index in alike:
            strengths[index] = (_PARTLY * alike[index], _IN_TITLE)
        elif term.pairs and (hit := _shared(term.pairs, entry)):
            strengths[index] = hit
    return strengths


def _shared(pairs: Sequence[str], entry: Entry) -> tuple[float, float] | None:
    in_title = sum(pair in entry.title for pair in pairs) / len(pairs)
    if in_title:
        return _PARTLY * in_title, _IN_TITLE
    in_body = sum(pair in entry.body for pair in pairs) / len(pairs)
    return (_PARTLY * in_body, _IN_BODY) if in_body else None


def _alike_phrases(term: SearchTerm, entries: Sequence[Entry]) -> dict[int, float]:
    """Titles of which a part is nearly the Chinese phrase of the query."""
    titles = [entry.title for entry in entries]
    near = process.extract(
        term.text, titles, scorer=fuzz.partial_ratio, score_cutoff=_ALIKE_HAN, limit=20
    )
    return {index: ratio / 100 for _, ratio, index in near}


def _alike_words(word: str, entries: Sequence[Entry]) -> dict[int, float]:
    """Titles with a word that is nearly the one of the query.

    None for a short one, which is similar to too many.
    """
    if len(word) < 4 or _HAN.match(word):
        return {}
    where: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        for title_word in set(entry.title.split()):
            where.setdefault(title_word, []).append(index)
    near = process.extract(word, list(where), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=20)
    strengths: dict[int, float] = {}
    for title_word, ratio, _ in near:
        for index in where[title_word]:
            strengths[index] = max(strengths.get(index, 0.0), ratio / 100)
    return strengths


def _rarity(entries: Mapping[int, object], total: int) -> float:
    return log(1 + total / (len(entries) or total or 1)) + 0.1


_AT: Final = lazy_pattern("[@＠]")
_LONGEST: Final = 254
"""Characters of an e-mail on each side of its at sign."""
_DIGIT: Final = "[\\d零〇○幺一二三四五六七八九]"
_NUMBER: Final = lazy_pattern(f"{_DIGIT}(?:[\\W_]{{0,4}}{_DIGIT}){{6,}}")
_EDGES: Final = frozenset(' \t\r\n<>()[]{},;:，；：。、（）《》“”"|')


def search_words(*texts: str) -> str:
    """The texts to index, one per line, without anything that may be a contact.

    Without numbers of seven digits and more, in whatever digits and however they are set apart, and
    without everything attached to an at sign.
    """
    return "\n".join(_NUMBER.sub(" ", _without_addresses(text)) for text in texts)


def _without_addresses(text: str) -> str:
    left, parts = 0, []
    for at in _AT.finditer(text):
        if at.start() < left:
            continue
        start = _reach(text, at.start() - 1, -1, max(left, at.start() - _LONGEST) - 1)
        end = _reach(text, at.end(), 1, min(len(text), at.end() + _LONGEST))
        parts.append(text[left : start + 1])
        left = end
    return " ".join([*parts, text[left:]]) if parts else text


def _reach(text: str, place: int, step: int, limit: int) -> int:
    """Where the run that begins at a position ends.

    A run of ASCII when it begins with that, since Chinese words stand beside an address without a
    blank, else of all but blanks and marks.
    """
    if place == limit or place >= len(text):
        return place
    ascii_only = text[place].isascii()
    while place != limit and text[place] not in _EDGES:
        if ascii_only and not text[place].isascii():
            break
        place += step
    return place
