"""Days in English: ``next friday``, ``Dec 5th``, ``a week from Tuesday``, ``end of the month``.

Patterns are matched on folded text, see ``words.fold``. Words that are also names or verbs (May,
Sat, Sun) count only with something that makes them a day.
"""

import re
from dataclasses import replace
from datetime import date, time
from typing import Final

from sales.days import festivals
from sales.days.reckoning import (
    DAY,
    Base,
    Part,
    Reading,
    add_days,
    add_months,
    bare_weekday,
    calendar_day,
    either,
    monday,
    month,
    month_end,
    monthless,
    months,
    nth_weekday,
    nth_workday,
    of_week,
    quarter_start,
    span,
    week,
    weekend,
    yearless,
)
from sales.days.rules import Rule, Skip, nothing, rule, said, unread
from sales.days.words import NUMBER_EN, ORDINALS_EN, number_en

_S = r"\s{1,4}"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)(?!\w|\.com|-(?!(?:mon|tue|wed|thu|fri|sat|sun)))\.?"
)
_FULL_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_UNTIL = r"(?:\s?(?:-|to\b|or\b|through\b)\s?(?:the\s)?(?P<until>\d{1,2})(?:st|nd|rd|th)?)?"
_YEAR = r"(?:,?\s{0,3}(?P<year>20\d\d)\b|\s{1,3}(?P<short>'\d\d)\b)?"
_NO_COUNT = (
    r"(?![\d:.,]*\d|\s?(?:%|k\b|[ap]\.?m\b))(?!\s(?:people|persons?|users?|seats?|units?|items?"
    r"|licen[sc]es?|stores?|sites?|companies|customers|of us|pcs|pieces|sets|times|million|thousand)\b)"
)
"""A number is no day of the month when things are counted with it."""
_UNIT = (
    r"(?P<unit>(?:business|working|work|week)[ -]?days?|days?|weeks?|wks?|fortnights?|months?|quarters?"
    r"|years?|hours?|hrs?|h|minutes?|mins?)\b"
)
_COUNT = (
    rf"(?P<about>about\s|around\s|roughly\s|approximately\s|approx\.?\s|another\s|maybe\s|some\s)?"
    rf"(?P<count>{NUMBER_EN})(?:\s?(?:-|to|or)\s?(?P<most>{NUMBER_EN}))?[\s-]{{0,2}}"
)
_THIS = (
    r"(?P<which>next|last|this|coming|this coming|current|the following|following|past|previous)"
)
_STEP = {"next": 1, "last": -1, "past": -1, "previous": -1, "following": 1, "coming": 1}
_PARTS: dict[str, Part] = {
    "early": "early", "beginning of": "start", "start of": "start", "first half of": "mid",
    "mid": "mid", "middle of": "mid", "late": "late", "second half of": "", "later": "",
    "end of": "end", "end": "end",
}  # fmt: skip
_PART = (
    r"(?P<part>(?:the\s)?(?:early|beginning\sof|start\sof|first\shalf\sof|mid(?:dle\sof)?|late"
    r"|second\shalf\sof|later|end(?:\sof)?))[\s-]{1,2}(?:in\s)?(?:the\s)?"
)
_OF_YEAR = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_HOLIDAYS = "|".join(
    sorted((name for name in festivals.HOLIDAYS if name.isascii() and not name.isdigit()),
           key=len, reverse=True)
)  # fmt: skip
_ORDINALS = "|".join(sorted(ORDINALS_EN, key=len, reverse=True))
_FREE_AFTER = (
    r"(?=\s{0,2}(?:$|[.,;:!?)\n]|(?:at|of|to|for|with|and|by|or|in|if|as|we|i|they|he|she|call|send|ask"
    r"|ring|visit|meet|show|see|write|mail|email|demo|sign|follow|check|present|go)\b|\d|noon\b|[(-]))"
)
"""What may follow ``the 5th`` when it is a day, and not the 5th floor."""


def _part_of(match: re.Match[str]) -> Part:
    words = " ".join(said(match, "part").lower().replace("-", " ").split())
    return _PARTS.get(words.removeprefix("the "), "")


def _step_of(match: re.Match[str]) -> int:
    which = said(match, "which").lower().split()
    return _STEP.get(which[-1], 0) if which and which[0] != "this" else 0


def _weekday_of(word: str) -> int:
    return _WEEKDAYS.index(word[:3].lower())


def _month_of(word: str) -> int:
    return _MONTHS.index(word[:3].lower()) + 1


_NEAR = {
    "today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "last night": -1, "day after": 2,
    "day before": -2,
}  # fmt: skip


_PART_OF_DAY = {"morning": time(9), "afternoon": time(14), "evening": time(19)}


def _near(match: re.Match[str], base: Base) -> Reading:
    word = " ".join(match["near"].lower().split())
    if word.startswith("this"):
        return Reading(base.today, at=_PART_OF_DAY[word[5:]])
    if word[:2] == "tm" or word.startswith(("tomm", "2m", "tomo")):
        word = "tomorrow"
    at = time(19) if word in ("tonight", "last night") else None
    return Reading(add_days(base.today, _NEAR[word]), at=at)


def _beyond(match: re.Match[str], base: Base) -> Reading:
    return Reading(add_days(base.today, 2 if match["way"].lower() == "after" else -2))


def _weekday(match: re.Match[str], base: Base) -> Reading | None:
    """``Friday``, ``next Friday`` of next week, ``last Friday`` before today."""
    word, which = match["weekday"], said(match, "which").lower()
    if not which and not _is_weekday(match):
        return None
    weekday = _weekday_of(word)
    if not which or which in ("this", "coming", "this coming", "the following", "following"):
        return bare_weekday(weekday, base)
    if _step_of(match) > 0:
        return Reading(of_week(weekday, 1, base), weekday=True)
    back = (base.today.weekday() - weekday - 1) % 7 + 1
    return Reading(add_days(base.today, -back), weekday=True)


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
        r"\s?(?:at\s|@|\d|morning|afternoon|evening|noon|[/&-]\s?\w|\()", after, re.IGNORECASE
    ):
        return True
    # The verb begins a sentence, or is written small.
    return word == "Wed" or (word == "Sat" and bool(re.search(r"[\w,)]\s$", before)))


def _other_week(match: re.Match[str], base: Base) -> Reading:
    """``Tuesday next week``, ``next week on Tuesday``, ``Monday after next``."""
    if said(match, "further"):
        return Reading(of_week(_weekday_of(match["weekday"]), 2, base), weekday=True)
    return Reading(of_week(_weekday_of(match["weekday"]), _step_of(match), base), weekday=True)


def _from_weekday(match: re.Match[str], base: Base) -> Reading | None:
    """``a week from Tuesday``, ``two weeks on Monday``, ``Friday week``, ``a week tomorrow``."""
    weeks = number_en(said(match, "count") or "1")
    if weeks is None:
        return None
    weeks *= 2 if "fortnight" in said(match, "unit").lower() else 1
    if near := said(match, "near").lower():
        ahead = {"today": 0, "now": 0, "tomorrow": 1}[near]
        return Reading(add_days(base.today, 7 * weeks + ahead))
    coming = bare_weekday(_weekday_of(match["weekday"]), base).day
    if _step_of(match) > 0:
        coming = of_week(_weekday_of(match["weekday"]), 1, base)
    back = said(match, "way").lower() == "before"
    return Reading(add_days(coming, -7 * weeks if back else 7 * weeks), weekday=True)


def _nth_from_now(match: re.Match[str], base: Base) -> Reading | None:
    """``two Fridays from now``."""
    count = number_en(match["count"])
    coming = bare_weekday(_weekday_of(match["weekday"]), base).day
    return None if count is None else Reading(add_days(coming, 7 * (count - 1)))


def _week_and_day(match: re.Match[str], base: Base) -> Reading | None:
    """``in two weeks on Monday``, ``Monday in two weeks``."""
    weeks = number_en(match["count"])
    if weeks is None:
        return None
    return Reading(of_week(_weekday_of(match["weekday"]), weeks, base), weekday=True)


def _weekday_date(match: re.Match[str], base: Base) -> Reading:
    """``Monday the 30th``: the reading that is that weekday."""
    found = monthless(int(re.sub(r"\D", "", match["nth"])), base.today)
    weekday = _weekday_of(match["weekday"])
    if found.past and found.past.weekday() == weekday != found.day.weekday():
        return replace(found, day=found.past, past=None)
    return replace(found, vague=found.day.weekday() != weekday)


def _next_two(_match: re.Match[str], base: Base) -> Reading:
    """``tomorrow or the day after``."""
    return Reading(add_days(base.today, 2), vague=True)


def _date_in_words(match: re.Match[str], base: Base) -> Reading:
    """``the fifth of December``, ``December fifth``."""
    return yearless(_month_of(match["month"]), ORDINALS_EN[match["nth"].lower()], base.today)


def _days_from(match: re.Match[str], base: Base) -> Reading | None:
    """``three days from Monday``, ``two days before Friday``."""
    days = number_en(match["count"])
    if days is None:
        return None
    coming = bare_weekday(_weekday_of(match["weekday"]), base).day
    return Reading(add_days(coming, -days if match["way"].lower() == "before" else days))


def _date(match: re.Match[str], base: Base) -> Reading | Skip | None:
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
    of_year, until = _month_of(word), said(match, "until")
    day = int(until or match["day"])
    year = said(match, "year") or said(match, "short").strip("'")
    if year:
        return Reading(calendar_day(int(year), of_year, day), vague=bool(until), dated=True)
    return replace(yearless(of_year, day, base.today), vague=bool(until))


def _month(match: re.Match[str], base: Base) -> Reading | None:
    """``in March``, ``end of May``, ``mid-January``, ``March 2027``."""
    number, part = _month_of(match["month"]), _part_of(match)
    if match[0][:2].lower() in ("by", "be", "un", "ti") and not part:
        return _before_month(match, base)
    start = base.today.replace(month=number, day=1)
    if year := said(match, "year"):
        return month(start.replace(year=int(year)), part, base)
    if which := said(match, "which"):
        ahead = either(lambda n: month(add_months(start, 12 * n), part, base), base.today)
        return (
            ahead
            if _STEP.get(which.lower(), 0) >= 0
            else Reading(ahead.past or ahead.day, vague=True)
        )
    return either(lambda n: month(add_months(start, 12 * n), part, base), base.today)


def _before_month(match: re.Match[str], base: Base) -> Reading | None:
    """``by June``: by the last working day before it begins, unless June is a person."""
    done = match.string[max(0, match.start() - 14) : match.start()]
    if re.search(r"\w(?:ed|nt|de|ne|en)\s$", done):
        return None
    start = base.today.replace(month=_month_of(match["month"]), day=1)
    return either(lambda n: _eve(add_months(start, 12 * n), base), base.today)


def _eve(day: date, base: Base) -> Reading:
    """The last working day before a day."""
    return Reading(base.workday(day - DAY, -DAY), vague=True)


def _nth(match: re.Match[str], base: Base) -> Reading:
    """``the 5th``, ``the 5th of next month``, ``the first of the month``."""
    word = match["nth"].lower()
    day = ORDINALS_EN[word] if word in ORDINALS_EN else int(re.sub(r"\D", "", word))
    if (which := said(match, "which").lower()) in ("", "the"):
        return monthless(day, base.today)
    start = add_months(base.today.replace(day=1), _STEP.get(which.split()[-1], 0))
    return Reading(calendar_day(start.year, start.month, day), dated=True)


def _length(match: re.Match[str], base: Base) -> Reading | None:
    """``in two weeks``, ``within 3 business days``, ``two days ago``, ``a month from now``."""
    count, most = number_en(match["count"]), said(match, "most")
    if most:
        count = number_en(most)
    if count is None:
        return None
    back = said(match, "way").lower() in ("ago", "back", "earlier")
    couple = "couple" in match["count"].lower()
    vague = bool(said(match, "about") or most or couple)
    day = _away(match["unit"].lower(), -count if back else count, base)
    hours = match["unit"].lower()[0] == "h" or match["unit"].lower().startswith("min")
    rough = back and match["unit"].lower()[:3] not in ("day", "wor", "bus")
    return Reading(day, vague=vague or rough or (hours and day == base.today))


def _half(match: re.Match[str], base: Base) -> Reading:
    """``in half a year``, ``in a month and a half``."""
    words = match[0].lower()
    if "year" in words:
        return Reading(add_months(base.today, 18 if "and" in words else 6), vague=True)
    if "month" in words:
        start = add_months(base.today, 1) if "and" in words else base.today
        return Reading(add_days(start, 15), vague=True)
    return Reading(add_days(base.today, 11 if "and" in words else 4), vague=True)


def _away(unit: str, count: int, base: Base) -> date:
    if unit.startswith(("business", "work", "weekd", "week-d", "week d")):
        return base.workdays(count)
    if unit.startswith("d"):
        return add_days(base.today, count)
    if unit.startswith("w"):
        return add_days(base.today, 7 * count)
    if unit.startswith("f"):
        return add_days(base.today, 14 * count)
    if unit.startswith("mo"):
        return add_months(base.today, count)
    if unit.startswith("q"):
        return add_months(base.today, 3 * count)
    if unit.startswith("y"):
        return add_months(base.today, 12 * count)
    return add_days(base.today, int(count / 24) if unit.startswith("h") else 0)


def _span(match: re.Match[str], base: Base) -> Reading:
    """``next week``, ``early next month``, ``end of the quarter``, ``week after next``."""
    unit, part = match["unit"].lower(), _part_of(match)
    count = _step_of(match)
    if further := said(match, "further").lower():
        count = 2 if "next" in further else -2
    this = base.today.replace(day=1)
    if unit in ("week", "wk"):
        over = base.today.weekday() > 4 and part == "end" and not said(match, "which")
        return week(1 if over else count, part, base)
    if unit == "month":
        return month(add_months(this, count), part, base)
    if unit == "quarter":
        return months(add_months(quarter_start(this), 3 * count), 3, part, base)
    return months(date(this.year + count, 1, 1), 12, part, base)


def _weekend(match: re.Match[str], base: Base) -> Reading:
    if count := _step_of(match):
        return weekend(count, base)
    coming = weekend(0, base)
    if said(match, "which"):
        return coming
    return Reading(coming.day, coming.past or weekend(-1, base).day, vague=True)


def _end(match: re.Match[str], base: Base) -> Reading:
    """``EOW``, ``month-end``, ``end of business``."""
    words = re.sub(r"[^a-z]", "", match[0].lower())
    if words in ("eod", "eob", "cob", "endofday", "endofbusiness", "closeofbusiness", "closeofplay",
                 "endoftheday", "endoftoday", "endofbusinessday", "closeofday"):  # fmt: skip
        return Reading(base.today, at=base.closes(base.today), closing=True)
    unit = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
    named = unit[words[2]] if words.startswith("eo") else words.removesuffix("end")
    if named == "week":
        return week(0, "end", base) if base.today.weekday() < 5 else week(1, "end", base)
    this = base.today.replace(day=1)
    if named == "month":
        return Reading(month_end(this), vague=True)
    if named == "quarter":
        return months(quarter_start(this), 3, "end", base)
    return Reading(date(this.year, 12, 31), vague=True)


def _quarter(match: re.Match[str], base: Base) -> Reading:
    named = match["quarter"].lower().split()[0]
    first = date(base.today.year, 3 * (_OF_YEAR.get(named) or int(named[1])) - 2, 1)
    part = _part_of(match)
    if year := said(match, "year"):
        return months(first.replace(year=int(year)), 3, part, base)
    if "next year" in match[0].lower():
        return months(first.replace(year=first.year + 1), 3, part, base)
    if not part and match[0][:2].lower() in ("by", "be", "un"):
        return either(lambda n: _eve(add_months(first, 12 * n), base), base.today)
    return either(lambda n: months(add_months(first, 12 * n), 3, part, base), base.today)


def _iso_week(match: re.Match[str], base: Base) -> Reading | Skip:
    number = int(match["number"])
    if not 1 <= number <= 53:
        return Skip.NOTHING

    def of(year: int) -> Reading:
        monday = date.fromisocalendar(year, min(number, 52), 1) + (number == 53) * 7 * DAY
        return span(monday, monday + 6 * DAY, base)

    if year := said(match, "year"):
        return of(int(year))
    return either(lambda n: of(base.today.year + n), base.today)


def _holiday(match: re.Match[str], base: Base) -> Reading:
    name = " ".join(match["name"].lower().split())
    way = match["way"].lower()
    if way == "after":
        return festivals.after(name, base)
    return (festivals.during if way in ("on", "at", "over") else festivals.before)(name, base)


def _after_weekday(match: re.Match[str], base: Base) -> Reading:
    """``the day after Friday`` is no Friday."""
    coming = bare_weekday(_weekday_of(match["weekday"]), base).day
    return Reading(coming + DAY if match["way"].lower() == "after" else coming - DAY)


def _nth_of_month(match: re.Match[str], base: Base) -> Reading:
    """``first Monday of next month``, ``last working day of the month``, ``first week of May``."""
    this = base.today.replace(day=1)
    if said(match, "month"):
        start = add_months(this, (_month_of(match["month"]) - this.month) % 12)
    else:
        start = add_months(this, _step_of(match))
    word, what = match["nth"].lower(), match["what"].lower()
    nth = -1 if word == "last" else _OF_YEAR.get(word) or int(word[0])
    place = month_end(start) if nth < 0 else start
    if what == "week":
        first = monday(base.workday(place, DAY if nth > 0 else -DAY))
        friday = min(first + (7 * max(nth - 1, 0) + 4) * DAY, month_end(start))
        return Reading(base.workday(friday, -DAY), vague=True)
    if what == "day":
        return Reading(place + max(nth - 1, 0) * DAY)
    if what.endswith(" day"):
        return Reading(nth_workday(place, nth, base))
    return Reading(nth_weekday(place, _weekday_of(what), nth))


def _or_so(match: re.Match[str], base: Base) -> Reading:
    """``in a week or two``, ``in a month or so``."""
    count = 2 if match["most"].lower() == "two" else 1
    return Reading(_away(match["unit"].lower(), count, base), vague=True)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        r"\b(?P<near>(?<!usa )today(?!'s\b)|tonight|tom+or+ow|tmrw?|tmw|2morrow|yesterday|last\snight"
        r"|this\s(?:morning|afternoon|evening))\b",
        _near,
    ),
    rule(rf"\b(?:the{_S})?day{_S}(?P<way>after|before){_S}(?:tomorrow|yesterday)\b", _beyond),
    rule(rf"\b(?:the{_S})?day{_S}(?P<way>after|before){_S}{_WEEKDAY}", _after_weekday),
    rule(rf"\b(?:{_THIS}{_S})?\b{_WEEKDAY}", _weekday),
    rule(rf"\b(?:the{_S})?{_WEEKDAY}{_S}(?P<further>after{_S}next)\b", _other_week),
    rule(rf"\b{_WEEKDAY},?{_S}(?:of{_S})?(?P<which>next|last|this|the following){_S}week\b", _other_week),
    rule(rf"\b(?P<which>next|last|this){_S}week,?{_S}(?:on{_S})?{_WEEKDAY}", _other_week),
    rule(
        rf"\b(?:in{_S})?(?P<count>{NUMBER_EN}){_S}(?P<unit>weeks?|fortnights?){_S}(?:(?P<way>from|on|after|before){_S})?"
        rf"(?<!once a week\s)(?:{_THIS}{_S})?(?:{_WEEKDAY}|(?P<near>today|now|tomorrow)\b)",
        _from_weekday,
    ),
    rule(rf"\b(?P<count>{NUMBER_EN}){_S}(?P<unit>weeks?){_S}(?P<near>today|tomorrow)\b", _from_weekday),
    rule(rf"\b(?P<count>{NUMBER_EN}){_S}(?P<weekday>{_FULL_WEEKDAY})s{_S}from{_S}now\b", _nth_from_now),
    rule(rf"\b{_WEEKDAY}{_S}week\b", _from_weekday),
    rule(rf"\b(?P<near>today|tomorrow){_S}week\b", _from_weekday),
    rule(rf"\b(?P<count>{NUMBER_EN}){_S}days?{_S}(?P<way>from|after|before){_S}{_WEEKDAY}", _days_from),
    rule(rf"\b{_WEEKDAY}{_S}in{_S}(?P<count>{NUMBER_EN}){_S}weeks?\b", _week_and_day),
    rule(rf"\b{_WEEKDAY},?{_S}(?:the{_S})?(?P<nth>\d{{1,2}}(?:st|nd|rd|th))\b(?!{_S}of\b)", _weekday_date),
    rule(rf"\btomorrow{_S}or{_S}the{_S}(?:next{_S})?day{_S}after\b", _next_two),
    rule(rf"\b(?P<nth>{_ORDINALS}){_S}of{_S}{_MONTH}", _date_in_words),
    rule(rf"\b{_MONTH}{_S}(?:the{_S})?(?P<nth>{_ORDINALS})\b", _date_in_words),
    rule(rf"\b{_MONTH}[\s-]{{0,3}}(?:the{_S})?{_NTH}{_UNTIL}\b{_NO_COUNT}{_YEAR}", _date),
    rule(rf"(?<![\d.,$€£¥])\b{_NTH}{_UNTIL}[\s-]{{0,3}}(?:of{_S})?{_MONTH}(?:[-\s,]{{1,2}}(?P<year>20\d\d|\d\d(?!\d|:\d))\b)?", _date),
    rule(rf"\b{_PART}(?:(?P<which>next|this|last){_S})?{_MONTH}(?!{_S}\d)(?:{_S}(?P<year>20\d\d)\b)?", _month),
    rule(
        rf"\b(?:in|by|until|till|before|during|(?P<which>next|this|last)){_S}(?P<span>{_MONTH})(?!\s{{0,3}}\d)(?!{_S}(?:said|will|is|has|wants|asked|called)\b)",
        _month,
    ),
    rule(rf"\b{_MONTH}{_S}(?P<year>20\d\d)\b", _month),
    rule(
        rf"\b(?:(?:on|by|until|till|before|from|for|after){_S})(?P<span>the{_S}(?P<nth>\d{{1,2}}(?:st|nd|rd|th)))\b{_FREE_AFTER}",
        _nth,
    ),
    rule(rf"\bthe{_S}(?P<nth>\d{{1,2}}(?:st|nd|rd|th))\b(?=\s{{0,2}}(?:$|[.,:;!?)\n]|(?:at|with|to|if|when|we|they|he|she)\b))", _nth),
    rule(
        rf"\b(?:the{_S})?(?P<nth>\d{{1,2}}(?:st|nd|rd|th)|{_ORDINALS})"
        rf"(?:{_S}day)?{_S}of{_S}(?:(?P<which>next|this|last|the){_S})month\b",
        _nth,
    ),
    rule(rf"\b(?P<which>next|this|last){_S}month,?{_S}(?:on{_S})?(?:the{_S})?(?P<nth>\d{{1,2}}(?:st|nd|rd|th))\b", _nth),
    rule(
        rf"\b(?:with)?in{_S}(?:the{_S}next{_S}|next{_S}|under{_S})?{_COUNT}{_UNIT}"
        rf"(?!{_S}(?:of|after|following|per)\b)(?:'s?)?(?:{_S}(?:time|from{_S}now))?",
        _length,
    ),
    rule(rf"\b(?:with)?in{_S}(?:a|one){_S}(?P<unit>day|week|month|year){_S}or{_S}(?P<most>two|so)\b", _or_so),
    rule(rf"\b(?:over|for|during){_S}the{_S}(?:next|coming){_S}{_COUNT}{_UNIT}", _length),
    rule(rf"\b{_COUNT}{_UNIT}{_S}(?P<way>ago|from{_S}(?:now|today)|hence|later|out|back)\b", _length),
    rule(
        rf"\bin{_S}(?:half{_S}a(?:n{_S}other)?{_S}(?:year|month|week)|an?{_S}(?:year|month|week){_S}and{_S}a{_S}half"
        rf"|a{_S}half{_S}(?:year|month))\b",
        _half,
    ),
    rule(
        rf"\b(?:{_PART})?{_THIS}{_S}(?P<unit>week|wk|month|quarter)\b(?!{_S}(?:ago|from|after|before)\b|'s\b)",
        _span,
    ),
    rule(rf"\b{_PART}{_THIS}{_S}(?P<unit>year)\b", _span),
    rule(rf"\b{_PART}(?P<unit>week|month|quarter|year)\b(?!{_S}(?:ago|from)\b|ly)", _span),
    rule(rf"\b(?:the{_S})?(?P<unit>week|month|quarter){_S}(?P<further>(?:after{_S}next|before{_S}last))\b", _span),
    rule(rf"\b(?:later|sometime){_S}(?P<which>this|next){_S}(?P<unit>week|month|quarter|year)\b", _span),
    rule(rf"\b(?:over|at|on|for|during|by){_S}(?P<span>the{_S}weekend)\b", _weekend),
    rule(rf"\b{_THIS}{_S}weekend\b", _weekend),
    rule(
        rf"\b(?:EOD|EOB|COB|EOW|EOM|EOQ|EOY)\b|\b(?:close|end){_S}of{_S}(?:the{_S})?(?:business(?:{_S}day)?|play|day|today)\b"
        r"|(?<!fiscal\s)(?<!financial\s)\b(?:month|quarter|year)[\s-]end\b",
        _end,
    ),
    rule(
        rf"\b(?:{_PART}|(?:in|by|during|before|until){_S}(?:the{_S})?)(?P<quarter>Q[1-4]|(?:first|second|third|fourth){_S}quarter)\b"
        rf"(?:{_S}(?:of{_S})?(?P<year>20\d\d)\b|{_S}(?:of{_S})?next{_S}year\b)?",
        _quarter,
    ),
    rule(rf"\b(?:calendar{_S}week|CW|KW|ISO{_S}week)\s{{0,2}}(?P<number>\d{{1,2}})\b", _iso_week),
    rule(r"\b(?P<year>20\d\d)-W(?P<number>\d\d)\b", _iso_week),
    rule(
        rf"\b(?P<way>after|before|by|until|till|on|at|over){_S}(?:the{_S})?(?P<name>{_HOLIDAYS})"
        rf"(?:{_S}(?:holidays?|break|day|weekend))?\b(?!{_S}(?:party|sale|campaign|card|gift|market|deal|event|edition|promo))",
        _holiday,
    ),
    rule(
        rf"\b(?:the{_S})?(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th){_S}(?P<what>{_FULL_WEEKDAY}|(?:working|business){_S}day|day|week){_S}"
        rf"(?:of|in){_S}(?:(?:the|(?P<which>next|this|last)){_S}month\b|{_MONTH})",
        _nth_of_month,
    ),
    nothing(
        r"\b(?:good|black|casual)\sfriday\b", r"\bcyber\smonday\b", r"\b(?:ash\swednesday|palm\ssunday)\b",
        rf"\b{_FULL_WEEKDAY}\s(?:inc|ltd|llc|corp|co|gmbh|group|media|times|post|magazine|app)\b",
        r"\b(?:have|happy|nice|great|good|lovely)\s(?:a\s)?(?:nice\s|great\s|good\s|lovely\s)?weekend\b",
        r"\bmonday\.com\b", r"\bsat[\s-]nav\b", r"\bSun\s(?:microsystems|life|chemical)\b",
        r"\btoday's\b", r"\bmay\sday\b", r"\bday[\s-](?:to|by)[\s-]day\b",
    ),
    unread(
        rf"\bevery{_S}{_COUNT}{_UNIT}",
        rf"\b(?:over|in|within){_S}the{_S}(?:next|coming){_S}few{_S}(?:days|weeks|months)\b",
        rf"\b(?:every|each){_S}(?:other{_S})?(?:{_FULL_WEEKDAY}|day|week|month|quarter|year|morning|afternoon)\b",
        rf"\b(?:on{_S})?{_FULL_WEEKDAY}s\b",
        r"\b(?:as\ssoon\sas\spossible|asap|a\.s\.a\.p|soon(?!er)|shortly|sometime(?!s)|some\sday|someday|any\sday\snow"
        r"|one\sof\sthese\sdays|the\sother\sday|in\sdue\scourse|in\sthe\snear\sfuture|eventually|next\stime|another\stime"
        r"|in\sa\s(?:while|bit|moment|few\s(?:days|weeks|months|hours|minutes))|in\s(?:several|some|few)\s(?:days|weeks|months)"
        r"|within\sa\sfew\s(?:days|weeks)|a\sfew\s(?:days|weeks|months)\s(?:ago|from\snow|later)|later\son|later(?=\s{0,2}(?:$|[.,;!?]))"
        r"|these\sdays|when\spossible|at\ssome\spoint)\b",
        r"\bnext\syear(?!'s)\b", r"\bin\s(?:the\s)?(?:new\syear|(?:early\s|late\s)?(?:spring|summer|autumn|fall|winter))\b",
        rf"\b{_COUNT}{_UNIT}{_S}(?:after|following|before|prior{_S}to){_S}(?!tomorrow|next|{_FULL_WEEKDAY})\w{{1,20}}",
        rf"\bwithin{_S}{_COUNT}{_UNIT}{_S}(?:of|after|following){_S}\w{{1,20}}",
        r"\bnet\s?\d{2}\b",
    ),
)  # fmt: skip
