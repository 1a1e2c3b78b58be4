"""Read a list of leads from one line: ``我的线索 华东 方案 逾期``, ``east proposal overdue >100k``.

A word is a filter only as a whole: in ``华东电气`` nothing is a region. What no filter took is
searched as text where it can be a name, and otherwise returned as not understood. Nothing is left
out silently, and no word counts as its opposite.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, TypeAlias

from sales.days import named_days
from sales.lead_lists.lexicon import Kind, ListItem, ListNames, lexicon_of, narrow
from sales.lead_lists.measures import measured
from sales.lead_lists.query import TEXT_MOST, DayRange, LeadQuery, LeadSort, QueryField
from sales.lead_lists.reading import ReadItems
from sales.patterns import lazy_pattern

LONGEST: Final = 300
"""Characters of a line that are read; what is beyond them is not understood."""
_APART: Final = frozenset(' ,，、;；:：。!！?？|/()（）[]【】·—–="“”「」『』')
_SIGN_OF_NOT: Final = lazy_pattern(r"(?<!\S)!(?=\w)")
_QUOTED: Final = lazy_pattern(
    r'"([^"]{1,200})"|“([^”]{1,200})”|「([^」]{1,200})」|『([^』]{1,200})』'
)
_SKIPPED: Final = 1_000
"""What an unread chunk costs, in items: reading more always wins."""
_LEFT_OVER, _LEFT_CHAR, _LONE_CHAR = 50, 10, 15
"""Read loosely: what a chunk left over costs, each of its characters, and a phrase of one Chinese
character: such a one between words that were not understood is rarely meant."""
_OTHER_DAY: Final = 3
"""What a day costs that lists have no phrase of their own for: ``in 3 days`` is a length here."""
_COMPANY: Final = lazy_pattern(
    r"(?:ltd|limited|inc|incorporated|co|corp|corporation|llc|gmbh|ag|sa|plc|group|holdings?"
    r"|company|pte|bv|kg)\.?"
)
"""What company names end with."""
_OF_NAMES: Final = lazy_pattern(
    r"hot|open|all|high|low|lost|late|new|today|active|medium|waiting|our"
)
"""Filters that are words of names as well, when written with a capital: ``Hot Wheels``."""
_NEVER_NAMES: Final = frozenset(
    {QueryField.OWNER, QueryField.STEP, QueryField.CLOSE, QueryField.GRADE, QueryField.STAGE}
)
_CONNECTORS: Final = frozenset(("of", "and", "the", "in", "for"))
_SENTENCE: Final = lazy_pattern(
    r"[的了没未吗呢吧么哪谁怎被把从不]|超过|以[上下内来]|除|非[^凡常洲]|[<>≥≤]|成交|逾期|到期|输单|丢单"
    r"|排序|[降升倒]序|联系|跟进|最近|[上本下这][周月]|(?:周|星期)[一二三四五六日天末]|[后前]天"
    r"|季度|半年|左右|为空|大单|重点|原因|新线索"
)
_WORDS_OF_SENTENCES: Final = lazy_pattern(
    r"(?<![^\s])(?:not|no|never|without|except|excluding|who|whom|whose|which|what|when|where|why|how"
    r"|before|after|since|until|more|less|than|over|under|between|above|below|first|last|next|or|any"
    r"|answered|should|could|would|please|help|smallest|biggest|most|least|due|by|because|recent"
    r"|recently|contacted|stuck|tomorrow|tonight|yesterday|week|month|year|quarter|days|weeks|months"
    r"|years|big|small|sort|sorted|order|closing|called|expected|around|stale|i|[a-z]{2,8}n['’]t"
    r"|top \d{1,4}|ascending|descending|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|soon|later|ago|yet|been|was|were|do|does|did|is|are)(?!\S)"
)
_OF_LEADS: Final = lazy_pattern(r"的(?:线索|客户|商机)$")
_SPEAKS_OF_DUE: Final = lazy_pattern(
    r"(?<![a-z])(?:due|clos(?:e|es|ing)|to (?:call|do|contact|handle|chase|deal with))(?![a-z])"
    r"|到期|[要该得](?:跟|办|处理|联系|打电话|做|回访|交|成交|签约)|能(?:成交|签)|预计成交|预计签约"
)
_BY: Final = lazy_pattern(
    r"(?<![a-z])(?:by|before|until|till|no later than|not later than|on or before)[ ](?:the )?$"
)
_UNTIL: Final = lazy_pattern(r" ?(?:之前|以前|前)")
_BEFORE_DAY: Final = 24
"""Characters before a day that may say *by* it."""
_NAME: Final = lazy_pattern(r"[^\W\d_]")
_AMOUNT: Final = lazy_pattern(
    r"[¥$€£]?[\d.,\s]{1,20}(?:[a-z]{1,2}|百?[万亿千元]{1,2}|[天日周月年])?"
)
_CONTACT: Final = lazy_pattern(r"\+?[\d\-. ()]{7,24}|lx[\s\-_#]{0,3}\d{1,9}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UnreadWords:
    """Words of a line that were not understood; ``line[start:end]`` are they."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedList:
    """What a line asks for. ``sort`` None: no order was named."""

    query: LeadQuery = field(default_factory=LeadQuery)
    sort: LeadSort | None = None
    unread: tuple[UnreadWords, ...] = ()

    @property
    def is_only_text(self) -> bool:
        """Whether nothing but a text to search was read."""
        return self.query.filters == ("text",) and self.sort is None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the line: an item, or words that no phrase covers (``item`` None)."""

    start: int
    end: int
    item: ListItem | None


def parse_list(line: str, names: ListNames, today: date, *, loosely: bool = False) -> ParsedList:
    """Read a line; ``today`` is the day of whoever types. Never fails.

    ``loosely``: words are filters also beside others that are not understood and not apart from
    them, as in ``华东的客户快签了``. To be offered, since it may be a name as well.
    """
    read = line[:LONGEST]
    quoted = [match.span() for match in _QUOTED.finditer(read)]
    blanked = _blanked(read, quoted)
    words = _Line(blanked, names, today, loosely=loosely)
    items = ReadItems(_merged(words.chunks(), words.plain, blanked), words.plain, today)
    left = [_without_ending(span, blanked) for span in items.left]
    texts = [*quoted, *(span for span in left if _may_be_name(blanked[slice(*span)]))]
    unread = [*items.unread, *(span for span in left if span not in texts)]
    text, others = _text(read, sorted(texts))
    unread += others
    if line[LONGEST:].strip():
        unread.append((LONGEST, len(line)))
    return ParsedList(
        items.query(text),
        items.sort,
        tuple(UnreadWords(line[start:end].strip(), start, end) for start, end in sorted(unread)),
    )


MorePhrases: TypeAlias = Callable[[str, int], Iterator[tuple[int, ListItem]]]
"""Yields where each further phrase ends that begins at a place, and what it stands for."""


def split_line(
    line: str, names: ListNames, today: date, more: MorePhrases
) -> tuple[tuple[Chunk, ...], str]:
    """The parts of a line in which ``more`` than the phrases of lists is read, and the line as it
    was compared, with the same places. Of two phrases that end at one place, one of ``more``
    counts."""
    words = _Line(line[:LONGEST], names, today, more)
    return tuple(words.chunks()), words.plain


def _blanked(line: str, spans: Iterable[tuple[int, int]]) -> str:
    """The line with blanks for what is quoted, so that places stay the same."""
    for start, end in spans:
        line = f"{line[:start]}{' ' * (end - start)}{line[end:]}"
    return line


def _text(line: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """The text to search, and the spans beyond it: one text can be searched at a time."""
    if not spans:
        return "", []
    words = line[slice(*spans[0])].strip()
    if _QUOTED.fullmatch(words):
        words = words[1:-1]
    return words[:TEXT_MOST], list(spans[1:])


def _without_ending(span: tuple[int, int], line: str) -> tuple[int, int]:
    """The span without what makes leads of a name: ``甲示例的客户``."""
    ending = _OF_LEADS.search(line[slice(*span)])
    return (span[0], span[0] + ending.start()) if ending and ending.start() else span


def _may_be_name(words: str) -> bool:
    """Whether words can be of a customer, contact or need, a number or a contact's."""
    plain = words.strip().lower()
    if _CONTACT.fullmatch(plain):
        return True
    if not _NAME.search(plain) or _SENTENCE.search(plain) or _AMOUNT.fullmatch(plain):
        return False
    return _has_capitals(words) or not _WORDS_OF_SENTENCES.search(plain)


def _has_capitals(words: str) -> bool:
    """Whether words are written as a name is, with a word in it that no sentence needs: ``First
    National Bank``."""
    every = words.split()
    return (
        len(every) > 1
        and all(word[0].isupper() and not word.isupper() for word in every)
        and not all(_WORDS_OF_SENTENCES.fullmatch(word.lower()) for word in every)
    )


class _Line:
    """A line that is split into phrases; ``plain`` is ``typed``, narrow and small."""

    def __init__(
        self,
        typed: str,
        names: ListNames,
        today: date,
        more: MorePhrases | None = None,
        *,
        loosely: bool = False,
    ) -> None:
        self.typed = typed
        self._is_loose = loosely
        self._more = more
        self.plain = _SIGN_OF_NOT.sub("-", narrow(typed))
        self._lexicon = lexicon_of(names)
        self._style = names.style
        self._today = today
        self._days = dict(self._due_days()) if _SPEAKS_OF_DUE.search(self.plain) else {}

    def chunks(self) -> Iterator[Chunk]:
        """Split the line so that the fewest words are left over, into the fewest phrases."""
        ways = self._ways()
        costs: dict[int, int] = {len(self.plain): 0}
        best: dict[int, _Way] = {}
        for place in sorted(ways, reverse=True):
            for end, item in ways[place]:
                if end not in costs:
                    continue
                cost = costs[end] + self._cost(item, self.plain[place:end])
                if place not in costs or cost < costs[place]:
                    costs[place], best[place] = cost, (end, item)
        place = _after_gap(self.plain, 0)
        while place < len(self.plain):
            end, item = best[place]
            yield Chunk(place, _before_gap(self.plain, end), item)
            place = end

    def _cost(self, item: ListItem | None, words: str) -> int:
        if item is None:
            return _LEFT_OVER + _LEFT_CHAR * len(words) if self._is_loose else _SKIPPED
        if self._is_loose and len(words) == 1 and not words.isascii():
            return _LONE_CHAR
        return _OTHER_DAY if item.kind is Kind.DUE_DAY else 1

    def _ways(self) -> dict[int, list["_Way"]]:
        """The phrases that begin at each place which can be reached, and where they end; at the
        beginning of a word also the word, left over."""
        words = _word_ends(self.plain)
        ways: dict[int, list[_Way]] = {}
        reachable = {_after_gap(self.plain, 0)}
        for place in range(len(self.plain)):
            if place not in reachable:
                continue
            found: list[_Way] = [
                (_after_gap(self.plain, end), item) for end, item in self._phrases(place)
            ]
            if place in words:
                found.append((_after_gap(self.plain, words[place]), None))
            if self._is_loose:
                found += [(end, None) for end in _ends_within(self.plain, place)]
            ways[place] = found
            reachable.update(end for end, _ in found)
        return ways

    def _phrases(self, place: int) -> Iterator[tuple[int, ListItem]]:
        """Yield where each phrase that begins here ends, and what it stands for."""
        plain = self.plain
        if _within_word(plain, place):
            return
        if self._more:
            yield from self._more(plain, place)
        for length in self._lexicon.lengths.get(plain[place], ()):
            end = place + length
            if end > len(plain):
                break
            phrase = plain[place:end]
            item = self._lexicon.phrases.get(phrase)
            if item is None or (end < len(plain) and _within_word(plain, end)):
                continue
            if phrase not in self._lexicon.exact or self.typed[place:end].isupper():
                yield end, item
        if place in self._days:
            yield self._days[place]
        yield from measured(plain, place, self._today, self._style)

    def _due_days(self) -> Iterator[tuple[int, tuple[int, ListItem]]]:
        """Days as people say them (``Friday``, ``后天``), in a line that says what is due."""
        for named in named_days(self.typed, self._today):
            if named.at is not None:
                continue
            before = self.plain[max(named.start - _BEFORE_DAY, 0) : named.start]
            if by := _BY.search(before):
                earlier = timedelta(days=by[0].startswith("before"))
                item = ListItem(Kind.BY_DAY, named.day - earlier)
                yield named.start - len(by[0]), (named.end, item)
            elif until := _UNTIL.match(self.plain, named.end):
                yield named.start, (until.end(), ListItem(Kind.BY_DAY, named.day))
            elif not named.vague:
                item = ListItem(Kind.DUE_DAY, DayRange(named.day, named.day))
                yield named.start, (named.end, item)


_Way = tuple[int, ListItem | None]
"""Where a phrase ends, after the gap behind it, and what it stands for; None: a word left over."""


def _word_ends(plain: str) -> dict[int, int]:
    """Where each run between separators ends, by where it begins."""
    ends: dict[int, int] = {}
    start = -1
    for place, char in enumerate(f"{plain} "):
        if char not in _APART:
            start = place if start < 0 else start
        elif start >= 0:
            ends[start], start = place, -1
    return ends


def _ends_within(plain: str, place: int) -> Iterator[int]:
    """Yield each place where what is left over from here may end: up to the next separator, and
    not inside a Latin word."""
    if _within_word(plain, place):
        return
    for end in range(place + 1, len(plain) + 1):
        if end == len(plain) or not _within_word(plain, end):
            yield _after_gap(plain, end)
        if end == len(plain) or plain[end] in _APART:
            return


def _after_gap(plain: str, place: int) -> int:
    while place < len(plain) and plain[place] in _APART:
        place += 1
    return place


def _before_gap(plain: str, place: int) -> int:
    while place and plain[place - 1] in _APART:
        place -= 1
    return place


def _within_word(plain: str, place: int) -> bool:
    """Whether the place is between two letters or digits of a Latin word."""
    around = plain[max(place - 1, 0) : place + 1]
    return place > 0 and len(around) == 2 and around.isascii() and around.isalnum()


def _merged(chunks: Iterable[Chunk], plain: str, typed: str) -> list[Chunk]:
    """Join what is left over with the words around it that belong to the same name.

    ``East Gate Ltd`` is a name although East is a region: each word begins with a capital. So is
    ``east gate ltd``, since it ends as a company's name does.
    """
    result: list[Chunk] = []
    for run in _runs(list(chunks), plain):
        places = [n for n, chunk in enumerate(run) if _in_name(run, n, plain, typed)]
        if not any(run[n].item is None for n in places):
            result += run
            continue
        done = 0
        for first, last in _groups(places, run, plain):
            result += run[done:first]
            result.append(Chunk(run[first].start, run[last].end, None))
            done = last + 1
        result += run[done:]
    return result


def _runs(chunks: Sequence[Chunk], plain: str) -> Iterator[list[Chunk]]:
    """Chunks that are apart by one blank only."""
    run: list[Chunk] = []
    for chunk in chunks:
        if run and plain[run[-1].end : chunk.start] != " ":
            yield run
            run = []
        run.append(chunk)
    if run:
        yield run


def _in_name(run: Sequence[Chunk], n: int, plain: str, typed: str) -> bool:
    chunk = run[n]
    if chunk.item is None:
        return True
    words = plain[chunk.start : chunk.end]
    if not words.isascii():
        return False
    if _OF_NAMES.fullmatch(words) and typed[chunk.start].isupper():
        return all(typed[other.start].isupper() for other in run if other.item is None)
    if chunk.item.kind is not Kind.VALUE:
        return False
    if chunk.item.is_surname:
        return True
    of_company = any(
        other.item is None and _COMPANY.fullmatch(plain[other.start : other.end])
        for other in run[n + 1 :]
    )
    fields = {name for name, _ in chunk.item.value}
    may_name = fields.isdisjoint(_NEVER_NAMES)
    return may_name and (of_company or typed[chunk.start].isupper())


def _groups(places: Sequence[int], run: Sequence[Chunk], plain: str) -> Iterator[tuple[int, int]]:
    """The first and last of each series of places with something left over in it."""
    series: list[int] = []
    for place in (*places, len(run) + 9):
        between = run[series[-1] + 1 : place] if series else []
        joined = series and (
            not between
            or (len(between) == 1 and plain[between[0].start : between[0].end] in _CONNECTORS)
        )
        if series and not (joined and place < len(run)):
            if any(run[n].item is None for n in series):
                yield series[0], series[-1]
            series = []
        series.append(place)
