"""Lengths of time, weeks, quarters and holidays in English: ``in two weeks``, ``EOW``, ``by Q2``.

Also the words that speak of time, but name no day, and those that only look like it. Patterns are
matched on folded text.
"""

import re
from datetime import date
from typing import Final

from sales.days import festivals
from sales.days.english import (
    FULL_WEEKDAY,
    MONTH_EN,
    PART,
    THIS,
    S,
    eve,
    month_of,
    part_of,
    step_of,
    weekday_of,
)
from sales.days.reckoning import (
    DAY,
    Base,
    DayReading,
    add_days,
    add_months,
    either,
    month,
    month_end,
    months,
    nth_week,
    nth_weekday,
    nth_workday,
    quarter_start,
    span,
    week,
    weekend,
)
from sales.days.rules import Rule, Skip, nothing, rule, said, unread
from sales.days.words import NUMBER_EN, number_en

_UNIT = (
    r"(?P<unit>(?:business|working|work|week)[ -]?days?|days?|weeks?|wks?|fortnights?|months?"
    r"|quarters?|years?)\b"
)
_ANY_UNIT = _UNIT.removesuffix(r")\b") + r"|hours?|hrs?|h|minutes?|mins?)\b"
_COUNT = (
    r"(?P<about>(?:about|around|roughly|approximately|approx\.?|another|maybe|some)\s)?"
    rf"(?P<count>{NUMBER_EN})(?:\s?(?:-|to|or)\s?(?P<most>{NUMBER_EN}))?[\s-]{{0,2}}"
)
_OF_YEAR = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_HOLIDAYS = "|".join(
    sorted((name for name in festivals.HOLIDAYS if name.isascii() and not name.isdigit()),
           key=len, reverse=True)
)  # fmt: skip
_CLOSING = {
    "eod", "eob", "cob", "endofday", "endoftoday", "endofbusiness", "endofbusinessday", "endofplay",
    "closeofday", "closeoftoday", "closeofbusiness", "closeofbusinessday", "closeofplay",
}  # fmt: skip


def _length(match: re.Match[str], base: Base) -> DayReading | None:
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
    rough = back and match["unit"].lower()[:3] not in ("day", "wor", "bus")
    return DayReading(day, vague=vague or rough)


def _away(unit: str, count: int, base: Base) -> date:
    """The day that is so many units away."""
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
    return add_months(base.today, 12 * count)


def _or_so(match: re.Match[str], base: Base) -> DayReading:
    """``in a week or two``, ``in a month or so``."""
    count = 2 if match["most"].lower() == "two" else 1
    return DayReading(_away(match["unit"].lower(), count, base), vague=True)


def _half(match: re.Match[str], base: Base) -> DayReading:
    """``in half a year``, ``in a month and a half``."""
    words = match[0].lower()
    if "year" in words:
        return DayReading(add_months(base.today, 18 if "and" in words else 6), vague=True)
    if "month" in words:
        start = add_months(base.today, 1) if "and" in words else base.today
        return DayReading(add_days(start, 15), vague=True)
    return DayReading(add_days(base.today, 11 if "and" in words else 4), vague=True)


def _span(match: re.Match[str], base: Base) -> DayReading:
    """``next week``, ``early next month``, ``end of the quarter``, ``week after next``."""
    unit, part = match["unit"].lower(), part_of(match)
    count = step_of(match)
    if further := said(match, "further").lower():
        count = 2 if "next" in further else -2
    this = base.today.replace(day=1)
    if unit in ("week", "wk"):
        over = base.today.weekday() > 4 and part in ("late", "end") and not said(match, "which")
        return week(1 if over else count, part, base)
    if unit == "month":
        return month(add_months(this, count), part, base)
    if unit == "quarter":
        return months(add_months(quarter_start(this), 3 * count), 3, part, base)
    return months(date(this.year + count, 1, 1), 12, part, base)


def _weekend(match: re.Match[str], base: Base) -> DayReading:
    if count := step_of(match):
        return weekend(count, base)
    coming = weekend(0, base)
    if said(match, "which"):
        return coming
    return DayReading(coming.day, coming.past or weekend(-1, base).day, vague=True)


def _end(match: re.Match[str], base: Base) -> DayReading:
    """``EOW``, ``month-end``, ``end of business``."""
    words = re.sub(r"\bthe\b|[^a-z]", "", match[0].lower())
    if words in _CLOSING:
        return DayReading(base.today, at=base.closes(base.today), closing=True)
    unit = {"w": "week", "m": "month", "q": "quarter", "y": "year"}
    named = unit[words[2]] if words.startswith("eo") else words.removesuffix("end")
    if named == "week":
        return week(0, "end", base) if base.today.weekday() < 5 else week(1, "end", base)
    this = base.today.replace(day=1)
    if named == "month":
        return DayReading(month_end(this), vague=True)
    if named == "quarter":
        return months(quarter_start(this), 3, "end", base)
    return DayReading(date(this.year, 12, 31), vague=True)


def _quarter(match: re.Match[str], base: Base) -> DayReading:
    """``end of Q1``, ``by Q2``, ``in the first quarter of next year``."""
    named = match["quarter"].lower().split()[0]
    first = date(base.today.year, 3 * (_OF_YEAR.get(named) or int(named[1])) - 2, 1)
    part = part_of(match)
    if year := said(match, "year"):
        return months(first.replace(year=int(year)), 3, part, base)
    if "next year" in match[0].lower():
        return months(first.replace(year=first.year + 1), 3, part, base)
    if not part and match[0][:2].lower() in ("by", "be", "un"):
        return either(lambda n: eve(add_months(first, 12 * n), base), base.today)
    return either(lambda n: months(add_months(first, 12 * n), 3, part, base), base.today)


def _iso_week(match: re.Match[str], base: Base) -> DayReading | Skip:
    """``CW 50``, ``2026-W50``."""
    number = int(match["number"])
    if not 1 <= number <= 53:
        return Skip.NOTHING

    def of(year: int) -> DayReading:
        first = date.fromisocalendar(year, min(number, 52), 1) + (number == 53) * 7 * DAY
        return span(first, first + 6 * DAY, base)

    if year := said(match, "year"):
        return of(int(year))
    return either(lambda n: of(base.today.year + n), base.today)


def _holiday(match: re.Match[str], base: Base) -> DayReading:
    name = " ".join(match["name"].lower().split())
    way = match["way"].lower()
    if way == "after":
        return festivals.after(name, base)
    return (festivals.during if way in ("on", "at", "over") else festivals.before)(name, base)


def _nth_of_month(match: re.Match[str], base: Base) -> DayReading:
    """``first Monday of next month``, ``last working day of the month``, ``first week of May``."""
    this = base.today.replace(day=1)
    if said(match, "month"):
        start = add_months(this, (month_of(match["month"]) - this.month) % 12)
    else:
        start = add_months(this, step_of(match))
    word, what = match["nth"].lower(), match["what"].lower()
    nth = -1 if word == "last" else _OF_YEAR.get(word) or int(word[0])
    place = month_end(start) if nth < 0 else start
    if what == "week":
        return nth_week(start, nth, base)
    if what == "day":
        return DayReading(place + max(nth - 1, 0) * DAY)
    if what.endswith(" day"):
        return DayReading(nth_workday(place, nth, base))
    return DayReading(nth_weekday(place, weekday_of(what), nth))


def _same_time(match: re.Match[str], base: Base) -> DayReading:
    """``this time next week``: to the day."""
    return DayReading(_away(match["unit"].lower(), 1, base))


RULES: Final[tuple[Rule, ...]] = (
    rule(rf"\bthis{S}time{S}next{S}(?P<unit>week|month|year)\b", _same_time),
    rule(
        rf"\b(?:with)?in{S}(?:the{S}next{S}|next{S}|under{S})?{_COUNT}{_UNIT}"
        rf"(?!{S}(?:of|after|following|per)\b)(?:'s?)?(?:{S}(?:time|from{S}now))?",
        _length,
    ),
    rule(
        rf"\b(?:with)?in{S}(?:a|one){S}(?P<unit>day|week|month|year){S}or{S}(?P<most>two|so)\b",
        _or_so,
    ),
    rule(rf"\b(?:over|for|during){S}the{S}(?:next|coming){S}{_COUNT}{_UNIT}", _length),
    rule(rf"\b{_COUNT}{_UNIT}{S}(?P<way>ago|from{S}(?:now|today)|hence|later|out|back)\b", _length),
    rule(
        rf"\bin{S}(?:half{S}a(?:nother)?{S}(?:year|month|week)|a{S}half{S}(?:year|month)"
        rf"|an?{S}(?:year|month|week){S}and{S}a{S}half)\b",
        _half,
    ),
    rule(
        rf"\b(?:{PART})?{THIS}{S}(?P<unit>week|wk|month|quarter)\b"
        rf"(?!{S}(?:ago|from|after|before|of{S}an)\b|'s\b)",
        _span,
    ),
    rule(rf"\b{PART}{THIS}{S}(?P<unit>year)\b", _span),
    rule(rf"\b{PART}(?P<unit>week|month|quarter|year)\b(?!{S}(?:ago|from)\b|ly)", _span),
    rule(
        rf"\b(?:the{S})?(?P<unit>week|month|quarter){S}(?P<further>after{S}next|before{S}last)\b",
        _span,
    ),
    rule(
        rf"\b(?:later|sometime){S}(?P<which>this|next){S}(?P<unit>week|month|quarter|year)\b",
        _span,
    ),
    rule(rf"\b(?:over|at|on|for|during|by){S}(?P<span>the{S}weekend)\b", _weekend),
    rule(rf"\b{THIS}{S}weekend\b", _weekend),
    rule(
        r"\b(?:EOD|EOB|COB|EOW|EOM|EOQ|EOY)\b"
        rf"|\b(?:close|end){S}of{S}(?:the{S})?(?:business(?:{S}day)?|play|day|today)\b"
        r"|(?<!fiscal\s)(?<!financial\s)\b(?:month|quarter|year)[\s-]end\b",
        _end,
    ),
    rule(
        rf"\b(?:{PART}|(?:in|by|during|before|until){S}(?:the{S})?)"
        rf"(?P<quarter>Q[1-4]|(?:first|second|third|fourth){S}quarter)\b"
        rf"(?:{S}(?:of{S})?(?P<year>20\d\d)\b|{S}(?:of{S})?next{S}year\b)?",
        _quarter,
    ),
    rule(rf"\b(?:calendar{S}week|CW|KW|ISO{S}week)\s{{0,2}}(?P<number>\d{{1,2}})\b", _iso_week),
    rule(r"\b(?P<year>20\d\d)-W(?P<number>\d\d)\b", _iso_week),
    rule(
        rf"\b(?P<way>after|before|by|until|till|on|at|over){S}(?:the{S})?(?P<name>{_HOLIDAYS})"
        rf"(?:{S}(?:holidays?|break|day|weekend))?\b"
        rf"(?!{S}(?:party|sale|campaign|card|gift|market|deal|event|edition|promo))",
        _holiday,
    ),
    rule(
        rf"\b(?:the{S})?(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th){S}"
        rf"(?P<what>{FULL_WEEKDAY}|(?:working|business){S}day|day|week){S}(?:of|in){S}"
        rf"(?:(?:the|(?P<which>next|this|last)){S}month\b|{MONTH_EN})",
        _nth_of_month,
    ),
    nothing(
        r"\b(?:good|black|casual)\sfriday\b",
        r"\bcyber\smonday\b",
        r"\b(?:ash\swednesday|palm\ssunday)\b",
        rf"\b{FULL_WEEKDAY}\s(?:inc|ltd|llc|corp|co|gmbh|group|media|times|post|magazine|app)\b",
        r"\b(?:have|happy|nice|great|good|lovely)\s(?:a\s)?(?:nice\s|great\s|good\s|lovely\s)?"
        r"weekend\b",
        r"\bmonday\.com\b",
        r"\bsat[\s-]nav\b",
        r"\bSun\s(?:microsystems|life|chemical)\b",
        r"\btoday's\b",
        r"\b(?:last\s)?quarter\sof\san\shour\b",
        r"\bmay\sday\b",
        r"\bday[\s-](?:to|by)[\s-]day\b",
    ),
    unread(
        rf"\bevery{S}{_COUNT}{_ANY_UNIT}",
        rf"\b(?:over|in|within){S}the{S}(?:next|coming){S}few{S}(?:days|weeks|months)\b",
        rf"\b(?:every|each){S}(?:other{S})?"
        rf"(?:{FULL_WEEKDAY}|day|week|month|quarter|year|morning|afternoon)\b",
        rf"\b(?:on{S})?{FULL_WEEKDAY}s\b",
        r"\b(?:as\ssoon\sas\spossible|asap|a\.s\.a\.p|soon(?!er)|shortly|sometime(?!s|\s(?:in|on|next|this|around|before)\b)|some\sday"
        r"|someday|any\sday\snow|one\sof\sthese\sdays|the\sother\sday|in\sdue\scourse|eventually"
        r"|in\sthe\snear\sfuture|next\stime|another\stime|these\sdays|when\spossible"
        r"|at\ssome\spoint|later\son|later(?=\s{0,2}(?:$|[.,;!?])))\b",
        r"\bin\s(?:a\s(?:while|bit|moment)|(?:a\sfew|several|some|few)\s(?:days|weeks|months|hours"
        r"|minutes))\b",
        r"\b(?:within\s)?a\sfew\s(?:days|weeks|months)(?:\s(?:ago|from\snow|later))?\b",
        r"\bnext\syear(?!'s)\b",
        r"\b(?:once|when|as\ssoon\sas)\s(?:the\s|this\s)?(?:Q[1-4]|quarter|year|month|season)"
        r"\s(?:closes|ends|starts|begins|opens|is\sover)\b",
        r"\bin\s(?:the\s)?(?:new\syear|(?:early\s|late\s)?(?:spring|summer|autumn|fall|winter))\b",
        rf"\b{_COUNT}{_ANY_UNIT}{S}(?:after|following|before|prior{S}to){S}"
        rf"(?!tomorrow|next|{FULL_WEEKDAY})\w{{1,20}}",
        rf"\bwithin{S}{_COUNT}{_ANY_UNIT}{S}(?:of|after|following){S}\w{{1,20}}",
        r"\bnet\s?\d{2}\b",
        r"\b(?:after|before)\s(?:lunch|dinner|breakfast|the\sbreak)\b",
    ),
)
