"""Which of the days named in a follow-up is when the contact took place, and which is when the next
step is due [P16].

Knows how people write about customers; what the words for days mean is ``sales.days``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise

from sales.days import FARTHEST, NamedDay, Order, named_days
from sales.days.naming import Workdays
from sales.patterns import lazy_pattern
from sales.times import split_time, time_after

EDGE = " \t\r\n\u3000,，;；。.、:：-–—"
"""What stands around words without belonging to them."""
_MOST_DAYS = 20
"""Maximum number of days that are considered in one text."""
_NEAR = 60
"""Characters beside a day in which words that belong to it are searched."""

_STOP = re.compile(r"[，；。！？;!?\n]|(?<!\d),|,(?!\d)|\.(?=\s|$|[\u3400-\u9fff])")
_SENTENCE_STOPS = "。！？!?;；.\n"
_SHORTENED = lazy_pattern(
    r"(?:\b(?:mr|mrs|ms|dr|prof|no|nr|st|co|ltd|inc|corp|approx|ca|etc|vs|tel|ext|attn|dept|max|min"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thur?s?|fri|sat|sun)|\b[a-z])$",
    re.IGNORECASE,
)
"""What a dot shortens, so that no sentence ends there."""

_CONTACT_ZH = (
    "面谈|拜访|上门|见面|见了|见过|碰面|会面|面访|聊|谈|沟通|交流|电话|致电|通话|微信|企微|邮件|演示|联系|回访|来访|走访"
    "|吃饭|开会|去了|去过|打过|打了"
)
_CONTACT_EN = (
    "met|meet|meeting|called|call|phoned|phone|rang|spoke|talked|talk|chatted|chat|visited|visit"
    "|emailed|e-mailed|mailed|email|wrote|(?<!they )(?<!he )sent|demoed|demo|presented|saw|seen"
    "|dropped by|came by|lunch"
)
_CONTACT = lazy_pattern(rf"{_CONTACT_ZH}|\b(?:{_CONTACT_EN})\b", re.IGNORECASE)
"""Words for being in contact with a customer."""
_HAD_CONTACT = lazy_pattern(
    r"\b(?:met|called|phoned|rang|spoke|talked|chatted|visited|emailed|e-mailed|mailed|wrote|demoed"
    r"|presented|saw|sent|had|was|were|went|came|dropped by|discussed|showed|delivered|signed)\b"
    r"(?:\s{1,4}[^\s,.;]{1,30}){0,5}\s{0,4}$",
    re.IGNORECASE,
)
"""English words of something done that lead to a day: met them on …"""
_WAS = re.compile(r"\s{0,4}(?:was|were|had|did|went|came|arrived|got)\b", re.IGNORECASE)
_REPORTED = lazy_pattern(
    r"(?:客户|对方|他们?|她们?|老板)[^，。；,;]{0,6}(?:说|表示|提到|反馈|称|要求|希望)"
    r"|\b(?:said|says|told|mentioned|asked|wants?|needs?|received|got|since|until|from)\b",
    re.IGNORECASE,
)
"""What others said, or what happened at their side, is not when we were in contact."""
_OF_SOMETHING = re.compile(r"\s{0,4}(?:的|['’]s\b|之前的|以来)")
"""What makes a day the day of a thing: 昨天的方案."""
_LEADS_IN = lazy_pattern(
    r"(?:我们?|咱们?|和|与|跟|同|在|于|是|\bon\b|\bi\b|\bwe\b|\bhad\b|\ba\b|\bthe\b|\s|[,，:：])*+",
    re.IGNORECASE,
)

_DONE = re.compile(r"[了过]")
_BOOKED = re.compile(r"(?:约|定|说|排|安排|敲定|商量|谈)好?了")
_PLAN_ZH = (
    "发|寄|送|约|去|再|拜访|上门|打|回复|回访|安排|提交|给|确认|演示|报价|签|催|问|联系|跟进|见|准备|请|带|讨论|沟通|复盘"
    "|致电|交|出|做|开|谈|聊|推进|落实|对接|答复|反馈|拿|取|参观|试用|培训|上线|汇报|电话|面谈|邮件|继续|看|要|催|收|办"
)
_PLAN_EN = (
    "send|call|visit|ask|write|meet|show|demo|follow|arrange|book|offer|quote|confirm|check|prepare"
    "|mail|email|e-mail|see|sign|talk|go|present|review|discuss|schedule|deliver|ring|remind|get"
    "|give|bring|share|update|finish|draft|set|speak|phone|reply|answer|invite|try|collect|submit"
    "|chase|ping|contact|propose|negotiate|close|take|introduce|forward|provide|make|revisit"
    "|follow-up|followup|touch|come|do"
)
_PLAN = lazy_pattern(rf"(?:{_PLAN_ZH})|(?:{_PLAN_EN})\b", re.IGNORECASE)
"""How words begin that say what is to be done."""
_AGAIN = re.compile(r"[\s，,]{0,2}(?:我们?|咱们|他们|双方)?再(?![没也未无])")
_PLAN_INSIDE = lazy_pattern(
    rf"(?:\b(?:and|then|will|to|i['’]ll|we['’]ll|let['’]s|please|must|should)\s{{1,4}}"
    rf"(?=(?:{_PLAN_EN})\b))|(?:[\s\u3000]|然后|并且|会|将)(?=(?:{_PLAN_ZH}))",
    re.IGNORECASE,
)
"""What stands before a plan within a clause."""
FILLS = lazy_pattern(
    r"(?:我们?|咱们|双方|客户|约好了?|约定|约在|约了?|定了|定在|定于|定|计划|准备|打算|改到|改|说好|再约|会|将|争取"
    r"|预计|先|在|于|到|就|那|then|and|will|we|i|let['’]s|please|by|on|at|before|until|from|about|around|this|the|\s"
    r"|[,，:：])*+",
    re.IGNORECASE,
)
"""Words before a day that belong to what follows it: 我下周五发方案."""
_BEFORE_DAY = lazy_pattern(
    r"(?:\b(?:by|on|before|until|till|at|this|from|around|about)|[在于到])\s{0,4}$", re.IGNORECASE
)
_AFTER_DAY = lazy_pattern(
    r"\s{0,4}(?:之前|以前|前|之内|内|before\b|左右|或者?|吧|:|：)\s{0,4}", re.IGNORECASE
)
_BETWEEN = lazy_pattern(
    r"\s{0,4}(?:[（(]|或者?|和|至|到|or\b|and\b|to\b|[-–~～/])?\s{0,4}", re.IGNORECASE
)
_OTHERS = lazy_pattern(
    r"\s{0,4}(?:客户|对方|他们?|她|they\b|he\b|she\b|it\b|customer\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Habits:
    """How days are meant where the person works: which are worked, and which of the two numbers of
    ``5/12`` is the month."""

    calendar: Workdays | None = None
    order: Order = "mdy"


USUAL = Habits()


@dataclass(frozen=True, slots=True)
class Contacted:
    """When the contact took place, as it was said; ``at`` None: only the day was said.

    ``roughly``: a part of the day was said, not an hour.
    """

    day: date
    at: time | None = None
    roughly: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """The next step that a text names. ``text[start:end]`` are the words about it, with its day;
    ``step`` is a verbatim part of them, "" where only the day was said.

    ``taken`` are the words for a day that is not named exactly, such as "next week".
    """

    day: date
    at: time | None
    step: str
    start: int
    end: int
    taken: str = ""


class DatedText:
    """A text with the days that it names, as seen at a moment: the person's own time of day.

    Without a time of day what is said of today is taken for what comes, unless it says otherwise.
    ``too_far`` are words for days further ahead than anything is planned: typing mistakes.
    """

    def __init__(
        self,
        text: str,
        today: date,
        clock: time | None = None,
        habits: Habits = USUAL,
    ) -> None:
        self._text = text
        self._today = today
        self._clock = clock
        found = named_days(text, today, habits.calendar, order=habits.order, clock=clock)
        named = found[:_MOST_DAYS]
        far = [one for one in named if one.day > today + FARTHEST]
        self.too_far = tuple(text[one.start : one.end].strip(EDGE) for one in far)
        self.days = tuple(one for one in named if one not in far)
        self._clauses = tuple(_clauses(text, self.days))

    def contacted(self) -> Contacted | None:
        """When the contact took place; None: nothing says so, that is, now."""
        for named in self.days:
            day = self._past(named)
            if day is not None and self._is_contact(named):
                roughly = named.at is not None and not names_hour(
                    self._text[named.start : named.end]
                )
                return Contacted(day, named.at, roughly)
        return self._earlier_today()

    def _earlier_today(self) -> Contacted | None:
        """A time before a way of contact, and no day: 10:30 call, 下午三点面谈."""
        found = time_after(self._text[:_NEAR], 0)
        if found is None or self._clock is None or found[0] > self._clock:
            return None
        at, (_, end) = found
        if not _CONTACT.match(self._text[end:].lstrip(EDGE)):
            return None
        return Contacted(self._today, at, roughly=not _HOUR.search(self._text[:end]))

    def planned(self) -> Planned | None:
        """The next step; None when no day to come is named with one."""
        ahead = [named for named in self.days if self._is_ahead(named)]
        likely = [named for named in ahead if self._leads_to_plan(named)]
        for named in (*likely, *ahead):
            return self._step_of(named)
        return None

    def marked(self) -> Planned | None:
        """The next step, when all of the text is one; None without a day to come."""
        for named in self.days:
            if named.day < self._today:
                continue
            start, end = self._widened(named)
            before, after = self._text[:start].strip(EDGE), self._text[end:].strip(EDGE)
            step = self._text.strip(EDGE) if before and after else before or after
            step, at = (step, named.at) if named.at else split_time(step)
            return Planned(named.day, at, step, 0, len(self._text), self._taken(named))
        return None

    def _taken(self, named: NamedDay) -> str:
        return self._text[named.start : named.end].strip(EDGE) if named.vague else ""

    def _likely(self, named: NamedDay) -> date:
        """The more probable reading; what is to be done again is to come: 国庆后再联系."""
        if named.past_reading and _AGAIN.match(self._around(named)[1]):
            return named.day
        return named.likely(self._today)

    def _past(self, named: NamedDay) -> date | None:
        """The day read as one that is over; None for one to come."""
        likely = self._likely(named)
        if likely < self._today:
            return likely
        if likely == self._today:
            return None if self._is_later(named) or self._is_ahead(named) else likely
        return named.past_reading if named.past_reading and self._is_over(named) else None

    def _is_over(self, named: NamedDay) -> bool:
        return self._is_done(named) or self._tells_of_contact(named)

    def _is_done(self, named: NamedDay) -> bool:
        before, after = self._around(named)
        if _WAS.match(after) or (_HAD_CONTACT.search(before[-_NEAR:]) and not _plan_in(before)):
            return True
        return any(_DONE.search(_BOOKED.sub("", words)) for words in (before, after))

    def _is_ahead(self, named: NamedDay) -> bool:
        if _OF_SOMETHING.match(self._text, named.end):
            return False
        likely = self._likely(named)
        if likely != self._today:
            return likely > self._today and not (named.past_reading and self._is_over(named))
        before, after = self._around(named)
        if named.at and self._clock:
            # What was done two hours later is told, and not planned.
            return self._is_later(named) and not self._is_done(named)
        if self._is_over(named):
            return False
        return bool(named.at or after.strip(EDGE) or _plan_in(before))

    def _is_later(self, named: NamedDay) -> bool:
        """Whether a time of today is still to come."""
        return bool(named.at and self._clock and named.at > self._clock)

    def _is_contact(self, named: NamedDay) -> bool:
        """Whether the words around a day are about being in contact then."""
        if _OF_SOMETHING.match(self._text, named.end):
            return False
        before, after = self._around(named)
        if self._leads(named):
            return True
        if _WAS.match(after) or _REPORTED.search(before[-_NEAR:]):
            return False
        return bool(_CONTACT.search(before[-_NEAR:]) or _CONTACT.match(after.lstrip()))

    def _leads(self, named: NamedDay) -> bool:
        """Whether the text begins with the day."""
        lead_in = self._text[: named.start].lstrip(EDGE)
        return len(lead_in) <= _NEAR and bool(_LEADS_IN.fullmatch(lead_in))

    def _tells_of_contact(self, named: NamedDay) -> bool:
        """Whether the text begins with a day and a way of contact, and then tells something: the
        person logs it, and does not plan it."""
        after = self._around(named)[1].lstrip(EDGE)
        return self._leads(named) and bool(_CONTACT.match(after)) and self._says_more(named)

    def _says_more(self, named: NamedDay) -> bool:
        """Whether another clause says something that is no plan."""
        return any(
            words and not _PLAN.match(words)
            for start, end in self._clauses
            if not start <= named.start < end
            for words in (self._text[start:end].strip(EDGE),)
        )

    def _leads_to_plan(self, named: NamedDay) -> bool:
        start, end = self._widened(named)
        first, last = self._clause(named)
        before, after = self._text[first:start], self._text[end : max(end, last)]
        if _OTHERS.fullmatch(before.strip(EDGE)):
            return False
        return bool(_PLAN.match(_trimmed(after)) or _plan_in(before))

    def _around(self, named: NamedDay) -> tuple[str, str]:
        """The words before and after a day in its clause."""
        start, end = self._clause(named)
        return self._text[start : named.start], self._text[named.end : end]

    def _clause(self, named: NamedDay) -> tuple[int, int]:
        return next(one for one in self._clauses if one[0] <= named.start <= one[1])

    def _step_of(self, named: NamedDay) -> Planned:
        start, end = self._widened(named)
        first, last = self._clause(named)
        last = max(last, end)
        before, after = self._text[first:start], self._text[end:last]
        filled = bool(FILLS.fullmatch(before[-_NEAR:])) and len(before) <= _NEAR
        inside = _plan_in(before)
        begins = first if filled else start
        if not after.strip(EDGE):
            step, begins = self._before(first, start, inside)
        elif inside and not filled and not _PLAN.match(_trimmed(after)):
            begins = first + before.rindex(inside)
            step = self._text[begins:last]
        elif inside and not filled:
            begins, last = first + before.rindex(inside), end
            step = inside
        else:
            last = self._through(last)
            step = self._text[end:last]
        step, at = step.strip(EDGE), named.at
        if at is None:
            step, at = split_time(step)
        return Planned(named.day, at, step, begins, last, self._taken(named))

    def _before(self, first: int, start: int, inside: str) -> tuple[str, int]:
        """The step that stands before its day, and where it begins. Words that are no plan are what
        was said, when nothing else was."""
        before = self._text[first:start]
        if inside:
            begins = first + before.rindex(inside)
            return inside, begins
        if self._text[:first].strip(EDGE):
            return before, first
        return "", start

    def _widened(self, named: NamedDay) -> tuple[int, int]:
        """A day's place with the words that belong to it: by …, …（周二）, … or Thursday."""
        start, end = named.start, named.end
        for earlier, later in pairwise(self.days):
            between = self._text[end : later.start]
            if earlier.end <= end <= later.start and _BETWEEN.fullmatch(between):
                end = later.end
                if self._text[end : end + 1] in ("）", ")"):
                    end += 1
        if match := _AFTER_DAY.match(self._text, end):
            end = match.end()
        near = self._text[max(0, start - _NEAR) : start]
        return start - len(near) + len(_BEFORE_DAY.sub("", near)), end

    def _through(self, last: int) -> int:
        """Where a step ends that goes on after its clause: 周四发合同，带上样品."""
        for (_, end), (start, following) in pairwise(self._clauses):
            if end != last:
                continue
            words = self._text[start:following]
            stop = self._text[end:start].strip()
            own_day = any(start <= other.start < following for other in self.days)
            if (
                stop[:1] in _SENTENCE_STOPS
                or own_day
                or _OTHERS.match(words)
                or _DONE.search(words)
            ):
                break
            last = following
        return last


def _clauses(text: str, days: Iterable[NamedDay]) -> Iterator[tuple[int, int]]:
    """The places of a text's clauses. No clause ends within a day, nor at a shortened word."""
    inside = [(day.start, day.end) for day in days]
    begins = 0
    for stop in _STOP.finditer(text):
        place = stop.start()
        if any(start <= place < end for start, end in inside):
            continue
        if stop[0] == "." and _SHORTENED.search(text[max(0, place - 8) : place]):
            continue
        yield begins, place
        begins = stop.end()
    yield begins, len(text)


def _plan_in(words: str) -> str:
    """The plan that the words before a day end with; "" for none."""
    plain = words.strip(EDGE)
    if _PLAN.match(plain) and not _DONE.search(plain):
        return plain
    found = ""
    for match in _PLAN_INSIDE.finditer(plain):
        rest = plain[match.end() :].strip(EDGE)
        if rest and not _DONE.search(rest):
            found = found or rest
    return found


def _trimmed(words: str) -> str:
    """Words after a day without those that still belong to it."""
    match = _AFTER_DAY.match(words)
    rest = (words[match.end() :] if match else words).lstrip(EDGE)
    filled = FILLS.match(rest)
    return rest[filled.end() :] if filled else rest


_HOUR = lazy_pattern(
    r"[:：点时]|\d\s{0,2}[ap]\.?m\b|o['’]clock|noon|分|钟|\b(?:hours?|minutes?)\b"
    r"|(?:\d|\b)\s?(?:h|hrs?|mins?)\b",
    re.IGNORECASE,
)


def names_hour(words: str) -> bool:
    """Whether the words of a day name an hour, and not only a part of the day."""
    return bool(_HOUR.search(words))
