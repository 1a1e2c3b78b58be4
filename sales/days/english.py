"""Weekdays and dates in English: ``next friday``, ``Dec 5th``, ``a week from Tuesday``.

Patterns are matched on folded text, see ``words.fold``. Words that are also names or verbs (May,
Sat, Sun) count only with something that makes them a day.
"""

import re
from dataclasses import replace
from datetime import date, time
from typing import Final

from sales.days.reckoning import (
    DAY,
    Base,
    DayReading,
    Part,
    add_days,
    add_months,
    bare_weekday,
    calendar_day,
    either,
    month,
    monthless,
    of_week,
    yearless,
)
from sales.days.rules import Rule, Skip, rule, said
from sales.days.words import NUMBER_EN, ORDINALS_EN, number_en

S: Final = r"\s{1,4}"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_EN: Final = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
    r"(?!\w|\.com|-(?!(?:mon|tue|wed|thu|fri|sat|sun)))\.?"
)
FULL_WEEKDAY: Final = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_EN: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY_OF = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_UNTIL = r"(?:\s?(?:-|to\b|or\b|through\b)\s?(?:the\s)?(?P<until>\d{1,2})(?:st|nd|rd|th)?)?"
_YEAR = r"(?:,?\s{0,3}(?P<year>20\d\d)\b|\s{1,3}(?P<short>'\d\d)\b)?"
_NO_COUNT = (
    r"(?![\d:.,]*\d|\s?(?:%|k\b|[ap]\.?m\b))(?!\s(?:people|persons?|users?|seats?|units?|items?"
    r"|licen[sc]es?|stores?|sites?|companies|customers|of us|pcs|pieces|sets|times|million"
    r"|thousand)\b)"
)
"""A number is no day of the month when things are counted with it."""
THIS: Final = (
    r"(?P<which>next|last|this|coming|this coming|current|the following|following|past|previous)"
)
_STEP = {"next": 1, "last": -1, "past": -1, "previous": -1, "following": 1, "coming": 1}
_PARTS: dict[str, Part] = {
    "early": "early", "beginning of": "start", "start of": "start", "first half of": "mid",
    "mid": "mid", "middle of": "mid", "late": "late", "second half of": "", "later": "",
    "end of": "end", "end": "end",
}  # fmt: skip
PART: Final = (
    r"(?P<part>(?:the\s)?(?:early|beginning\sof|start\sof|first\shalf\sof|mid(?:dle\sof)?|late"
    r"|second\shalf\sof|later|end(?:\sof)?))[\s-]{1,2}(?:in\s)?(?:the\s)?"
)
_ORDINALS = "|".join(sorted(ORDINALS_EN, key=len, reverse=True))
_NTH = r"(?P<nth>\d{1,2}(?:st|nd|rd|th))"
_FREE_AFTER = (
    r"(?=\s{0,2}(?:$|[.,;:!?)\n]|(?:at|of|to|for|with|and|by|or|in|if|as|we|i|they|he|she|call|send"
    r"|ask|ring|visit|meet|show|see|write|mail|email|demo|sign|follow|check|present|go)\b|\d|noon\b"
    r"|[(-]))"
)
"""What may follow ``on the 5th`` when it is a day, and not the 5th floor."""
_FREE_ALONE = r"(?=\s{0,2}(?:$|[.,:;!?)\n]|(?:at|with|to|if|when|we|they|he|she)\b))"
_NEAR = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "last night": -1}
_PART_OF_DAY = {
    "morning": time(9), "lunchtime": time(12), "afternoon": time(14), "arvo": time(14),
    "evening": time(19),
}  # fmt: skip


def part_of(match: re.Match[str]) -> Part:
    """The part of a span that was named, such as ``end of``."""
    words = " ".join(said(match, "part").lower().replace("-", " ").split())
    return _PARTS.get(words.removeprefix("the "), "")


def step_of(match: re.Match[str]) -> int:
    """``next`` is one ahead, ``last`` one back, anything else none."""
    which = said(match, "which").lower().split()
    return _STEP.get(which[-1], 0) if which and which[0] != "this" else 0


def weekday_of(word: str) -> int:
    """0 for Monday."""
    return _WEEKDAYS.index(word[:3].lower())


def month_of(word: str) -> int:
    return _MONTHS.index(word[:3].lower()) + 1


def _near(match: re.Match[str], base: Base) -> DayReading:
    word = " ".join(match["near"].lower().split())
    if word.startswith("this"):
        return DayReading(base.today, at=_PART_OF_DAY[word[5:]])
    if word[:2] == "tm" or word.startswith(("tomm", "2m", "tomo")):
        word = "tomorrow"
    at = time(19) if word in ("tonight", "last night") else None
    return DayReading(add_days(base.today, _NEAR[word]), at=at)


def _beyond(match: re.Match[str], base: Base) -> DayReading:
    return DayReading(add_days(base.today, 2 if match["way"].lower() == "after" else -2))


def _weekday(match: re.Match[str], base: Base) -> DayReading | None:
    """``Friday``, ``next Friday`` of next week, ``last Friday`` before today."""
    word, which = match["weekday"], said(match, "which").lower()
    if not which and not _is_weekday(match):
        return None
    weekday = weekday_of(word)
    if not which or which in ("this", "coming", "this coming", "the following", "following"):
        return bare_weekday(weekday, base)
    if step_of(match) > 0:
        return DayReading(of_week(weekday, 1, base), weekday=True)
    back = (base.today.weekday() - weekday - 1) % 7 + 1
    return DayReading(add_days(base.today, -back), weekday=True)


def _is_weekday(match: re.Match[str]) -> bool:
    """Whether a bare word is a weekday: Sat, Sun and Wed are other words as well."""
    word, text = match["weekday"], match.string
    if word[:3].lower() not in ("sat", "sun", "wed") or word.lower().endswith("day"):
        return True
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() :][:12]
    if not (before + after).strip(" .,"):
        return True
    if re.search(
        r"\b(?:on|by|until|till|from|before|for|after|or|to|and|this)\s$|[/&(-]\s?$",
        before,
        re.IGNORECASE,
    ):
        return word[0].isupper() or not re.match(r"\s\w", after)
    if re.match(
        r"\s?(?:at\s|@|\d|morning|lunchtime|afternoon|arvo|evening|noon|[/&-]\s?\w|\()",
        after,
        re.IGNORECASE,
    ):
        return True
    # The verb begins a sentence, or is written small.
    return word == "Wed" or (word == "Sat" and bool(re.search(r"[\w,)]\s$", before)))


def _other_week(match: re.Match[str], base: Base) -> DayReading:
    """``Tuesday next week``, ``next week on Tuesday``, ``Monday after next``."""
    if said(match, "further"):
        return DayReading(of_week(weekday_of(match["weekday"]), 2, base), weekday=True)
    return DayReading(of_week(weekday_of(match["weekday"]), step_of(match), base), weekday=True)


def _from_weekday(match: re.Match[str], base: Base) -> DayReading | None:
    """``a week from Tuesday``, ``two weeks on Monday``, ``Friday week``, ``a week tomorrow``."""
    weeks = number_en(said(match, "count") or "1")
    if weeks is None:
        return None
    weeks *= 2 if "fortnight" in said(match, "unit").lower() else 1
    if near := said(match, "near").lower():
        ahead = {"today": 0, "now": 0, "tomorrow": 1}[near]
        return DayReading(add_days(base.today, 7 * weeks + ahead))
    coming = bare_weekday(weekday_of(match["weekday"]), base).day
    if step_of(match) > 0:
        coming = of_week(weekday_of(match["weekday"]), 1, base)
    back = said(match, "way").lower() == "before"
    return DayReading(add_days(coming, -7 * weeks if back else 7 * weeks), weekday=True)


def _weeks_back(match: re.Match[str], base: Base) -> DayReading | None:
    """``two Mondays ago``, ``the Monday before last``."""
    count = number_en(said(match, "count") or "two")
    back = (base.today.weekday() - weekday_of(match["weekday"]) - 1) % 7 + 1
    return None if count is None else DayReading(add_days(base.today, -back - 7 * (count - 1)))


def _nth_from_now(match: re.Match[str], base: Base) -> DayReading | None:
    """``two Fridays from now``."""
    count = number_en(match["count"])
    coming = bare_weekday(weekday_of(match["weekday"]), base).day
    return None if count is None else DayReading(add_days(coming, 7 * (count - 1)))


def _week_and_day(match: re.Match[str], base: Base) -> DayReading | None:
    """``in two weeks on Monday``, ``Monday in two weeks``."""
    weeks = number_en(match["count"])
    if weeks is None:
        return None
    return DayReading(of_week(weekday_of(match["weekday"]), weeks, base), weekday=True)


def _weekday_date(match: re.Match[str], base: Base) -> DayReading:
    """``Monday the 30th``: the reading that is that weekday."""
    found = monthless(int(re.sub(r"\D", "", match["nth"])), base.today)
    weekday = weekday_of(match["weekday"])
    if found.past and found.past.weekday() == weekday != found.day.weekday():
        return replace(found, day=found.past, past=None)
    return replace(found, vague=found.day.weekday() != weekday)


def _next_two(_match: re.Match[str], base: Base) -> DayReading:
    """``tomorrow or the day after``."""
    return DayReading(add_days(base.today, 2), vague=True)


def _date_in_words(match: re.Match[str], base: Base) -> DayReading:
    """``the fifth of December``, ``December fifth``."""
    return yearless(month_of(match["month"]), ORDINALS_EN[match["nth"].lower()], base.today)


def _days_from(match: re.Match[str], base: Base) -> DayReading | None:
    """``three days from Monday``, ``two days before Friday``."""
    days = number_en(match["count"])
    if days is None:
        return None
    coming = bare_weekday(weekday_of(match["weekday"]), base).day
    return DayReading(add_days(coming, -days if match["way"].lower() == "before" else days))


def _after_weekday(match: re.Match[str], base: Base) -> DayReading:
    """``the day after Friday`` is no Friday."""
    coming = bare_weekday(weekday_of(match["weekday"]), base).day
    return DayReading(coming + DAY if match["way"].lower() == "after" else coming - DAY)


def _date(match: re.Match[str], base: Base) -> DayReading | Skip | None:
    """``Dec 5th``, ``5 Dec 2026``; ``may 5`` only when it is written like a date."""
    word = match["month"]
    plain = not (
        said(match, "year") or said(match, "short") or re.search(r"\d(?:st|nd|rd|th)", match[0])
    )
    if word in ("may", "march", "mar") and plain and match[0].startswith(word):
        before = match.string[max(0, match.start() - 8) : match.start()]
        if word == "may" and not re.search(
            r"(?:\b(?:on|by|until|before|from)\s|^)$", before, re.IGNORECASE
        ):
            return None
    of_year, until = month_of(word), said(match, "until")
    day = int(until or match["day"])
    year = said(match, "year") or said(match, "short").strip("'")
    if year:
        return DayReading(calendar_day(int(year), of_year, day), vague=bool(until), dated=True)
    return replace(yearless(of_year, day, base.today), vague=bool(until))


def _month(match: re.Match[str], base: Base) -> DayReading | None:
    """``in March``, ``end of May``, ``mid-January``, ``March 2027``."""
    number, part = month_of(match["month"]), part_of(match)
    if match[0][:2].lower() in ("by", "be", "un", "ti") and not part:
        return _before_month(match, base)
    start = base.today.replace(month=number, day=1)
    if year := said(match, "year"):
        return month(start.replace(year=int(year)), part, base)
    if which := said(match, "which"):
        ahead = either(lambda n: month(add_months(start, 12 * n), part, base), base.today)
        if which.lower() == "last":
            return DayReading(ahead.past or ahead.day, vague=True)
        return ahead
    return either(lambda n: month(add_months(start, 12 * n), part, base), base.today)


def _before_month(match: re.Match[str], base: Base) -> DayReading | None:
    """``by June``: by the last working day before it begins, unless June is a person."""
    done = match.string[max(0, match.start() - 14) : match.start()]
    if re.search(r"\w(?:ed|nt|de|ne|en)\s$", done):
        return None
    start = base.today.replace(month=month_of(match["month"]), day=1)
    return either(lambda n: eve(add_months(start, 12 * n), base), base.today)


def eve(day: date, base: Base) -> DayReading:
    """The last working day before a day."""
    return DayReading(base.workday(day - DAY, -DAY), vague=True)


def _nth(match: re.Match[str], base: Base) -> DayReading:
    """``the 5th``, ``the 5th of next month``, ``the first of the month``."""
    word = match["nth"].lower()
    day = ORDINALS_EN[word] if word in ORDINALS_EN else int(re.sub(r"\D", "", word))
    if (which := said(match, "which").lower()) in ("", "the"):
        return monthless(day, base.today)
    start = add_months(base.today.replace(day=1), _STEP.get(which.split()[-1], 0))
    return DayReading(calendar_day(start.year, start.month, day), dated=True)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        r"\b(?P<near>(?<!usa )today(?!'s\b)|tonight|tom+or+ow|tmrw?|tmw|2morrow|yesterday"
        r"|last\snight|this\s(?:morning|lunchtime|afternoon|arvo|evening))\b",
        _near,
    ),
    rule(rf"\b(?:the{S})?day{S}(?P<way>after|before){S}(?:tomorrow|yesterday)\b", _beyond),
    rule(rf"\b(?:the{S})?day{S}(?P<way>after|before){S}{WEEKDAY_EN}", _after_weekday),
    rule(rf"\btomorrow{S}or{S}the{S}(?:next{S})?day{S}after\b", _next_two),
    rule(rf"\b(?:{THIS}{S})?\b{WEEKDAY_EN}", _weekday),
    rule(rf"\b(?:the{S})?{WEEKDAY_EN}{S}(?P<further>after{S}next)\b", _other_week),
    rule(
        rf"\b{WEEKDAY_EN},?{S}(?:of{S})?(?P<which>next|last|this|the following){S}week\b",
        _other_week,
    ),
    rule(rf"\b(?P<which>next|last|this){S}week,?{S}(?:on{S})?{WEEKDAY_EN}", _other_week),
    rule(
        rf"\b(?:in{S})?(?P<count>{NUMBER_EN}){S}(?P<unit>weeks?|fortnights?){S}"
        rf"(?:(?P<way>from|on|after|before){S})?(?<!once a week\s)"
        rf"(?:(?:{THIS}{S})?{WEEKDAY_EN}|(?P<near>today|now|tomorrow)\b)",
        _from_weekday,
    ),
    rule(rf"\b(?P<count>{NUMBER_EN}){S}(?P<weekday>{FULL_WEEKDAY})s?{S}ago\b", _weeks_back),
    rule(rf"\b(?:the{S})?{WEEKDAY_EN}{S}before{S}last\b", _weeks_back),
    rule(rf"\b{WEEKDAY_EN}{S}week\b", _from_weekday),
    rule(rf"\b(?P<near>today|tomorrow){S}week\b", _from_weekday),
    rule(rf"\b(?P<count>{NUMBER_EN}){S}(?P<weekday>{FULL_WEEKDAY})s{S}from{S}now\b", _nth_from_now),
    rule(
        rf"\b(?P<count>{NUMBER_EN}){S}days?{S}(?P<way>from|after|before){S}{WEEKDAY_EN}",
        _days_from,
    ),
    rule(rf"\b{WEEKDAY_EN}{S}in{S}(?P<count>{NUMBER_EN}){S}weeks?\b", _week_and_day),
    rule(rf"\b{WEEKDAY_EN},?{S}(?:the{S})?{_NTH}\b(?!{S}of\b)", _weekday_date),
    rule(rf"\b(?P<nth>{_ORDINALS}){S}of{S}{MONTH_EN}", _date_in_words),
    rule(rf"\b{MONTH_EN}{S}(?:the{S})?(?P<nth>{_ORDINALS})\b", _date_in_words),
    rule(
        rf"\b{MONTH_EN}[\s-]{{0,3}}(?:the{S})?{_DAY_OF}{_UNTIL}\b{_NO_COUNT}{_YEAR}",
        _date,
    ),
    rule(
        rf"(?<![\d.,$€£¥])\b{_DAY_OF}{_UNTIL}[\s-]{{0,3}}(?:of{S})?{MONTH_EN}"
        r"(?:[-\s,]{1,2}(?P<year>20\d\d|\d\d(?!\d|:\d))\b)?",
        _date,
    ),
    rule(
        rf"\b{PART}(?:(?P<which>next|this|last){S})?{MONTH_EN}(?!{S}\d)"
        rf"(?:{S}(?P<year>20\d\d)\b)?",
        _month,
    ),
    rule(
        rf"\b(?:in|by|until|till|before|during|(?P<which>next|this|last)){S}(?P<span>{MONTH_EN})"
        rf"(?!\s{{0,3}}\d|{S}(?:said|will|is|has|wants|asked|called)\b)",
        _month,
    ),
    rule(rf"\b{MONTH_EN}{S}(?P<year>20\d\d)\b", _month),
    rule(
        rf"\b(?:on|by|until|till|before|from|for|after){S}(?P<span>the{S}{_NTH})\b{_FREE_AFTER}",
        _nth,
    ),
    rule(rf"\bthe{S}{_NTH}\b{_FREE_ALONE}", _nth),
    rule(
        rf"\b(?:the{S})?(?P<nth>\d{{1,2}}(?:st|nd|rd|th)|{_ORDINALS})(?:{S}day)?{S}of{S}"
        rf"(?:(?P<which>next|this|last|the){S})month\b",
        _nth,
    ),
    rule(
        rf"\b(?P<which>next|this|last){S}month,?{S}(?:on{S})?(?:the{S})?{_NTH}\b",
        _nth,
    ),
)
