"""A rep's weekly report [P18]: what it holds, who owes one, and until when it can be corrected.

The bot fills in the figures, the person writes the focus of the next week. Knows no clock and no
database: moments, the calendar and the facts are arguments.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sales.calendar import WorkCalendar, iso_week, monday_of, week_after
from sales.patterns import lazy_pattern
from sales.people import Person, Role
from sales.playbook import Digest, WeeklyReporting
from sales.reports import RepWeek

LONGEST_FOCUS: Final = 500
"""Characters of a focus."""
STEPS_SUGGESTED: Final = 4
"""Next steps in a suggested focus."""
_DAY: Final = timedelta(days=1)
_WEEKS_BACK: Final = 8
"""Reports of earlier weeks are not written any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReport:
    """A submitted report of an ISO week (``2026-W47``).

    ``figures`` are those at submission. ``late``: submitted after the week's digest.
    """

    person_id: int
    week: str
    figures: RepWeek
    focus: str
    submitted_at: datetime
    corrected_at: datetime | None = None
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReport:
    """That a person was asked for a week's report, and what became of it.

    ``reminded_at``: by the bot; ``nudged_at``: by the leader ``nudged_by``. ``asked_at`` is None
    when somebody reported without being asked.
    """

    person_id: int
    week: str
    asked_at: datetime | None = None
    reminded_at: datetime | None = None
    nudged_at: datetime | None = None
    nudged_by: int | None = None
    submitted_at: datetime | None = None

    @property
    def is_owed(self) -> bool:
        return self.asked_at is not None and self.submitted_at is None

    @property
    def is_missing(self) -> bool:
        """Whether it is named as missing: the person was asked and reminded."""
        return self.is_owed and self.reminded_at is not None


def reported_week(today: date) -> str:
    """The last complete week."""
    return week_after(iso_week(today), -1)


def can_be_written(week: str, today: date) -> bool:
    """Whether a report of the week may still be submitted: it is over, and not long ago."""
    newest = reported_week(today)
    return week_after(newest, -_WEEKS_BACK) <= week <= newest


def closes_at(
    week: str, calendar: WorkCalendar, reporting: WeeklyReporting, digest: Digest
) -> datetime:
    """Until when a week's report is in time and can be corrected: when its digest is posted.

    Where that is before people are even asked, until the end of the day on which they are.
    """
    posted, asked = calendar.digest_due(week, digest), calendar.report_due(week, reporting)
    if asked is None or posted > asked:
        return posted
    day = calendar.day_of(asked)
    closing = calendar.closing(day)
    return closing if closing and closing > asked else calendar.midnight(day + _DAY)


def focus_days(week: str, asked: date) -> tuple[date, date]:
    """The first and last day that a report's focus is about.

    It is the week after the reported one; after holidays the week in which people are ``asked``.
    """
    monday = max(monday_of(week_after(week)), asked - asked.weekday() * _DAY)
    return monday, monday + 6 * _DAY


def reporters(people: Iterable[Person], working: frozenset[int], today: date) -> tuple[Person, ...]:
    """The people who are asked: sellers at work who have something to report or to plan.

    ``working`` are the ids of those who own open leads, or were in contact with customers in the
    week. Managers and admins without leads of their own are not asked.
    """
    return tuple(
        person
        for person in people
        if person.sells and person.is_there(today) and person.id in working
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReports:
    """Who of a team has submitted a week's report, in time or late, and who still owes it.

    ``unasked`` reps were away when all were asked, or had nothing to report.
    """

    submitted: tuple[WeeklyReport, ...] = ()
    owed: tuple[AskedReport, ...] = ()
    unasked: tuple[int, ...] = ()

    @property
    def asked(self) -> int:
        return len(self.submitted) + len(self.owed)


def team_reports(
    people: Sequence[Person],
    asked: "dict[int, AskedReport]",
    submitted: "dict[int, WeeklyReport]",
) -> TeamReports:
    """A team's reports; ``people`` in the order in which they are named."""
    sellers = [person for person in people if person.active and person.sells]
    owed = [asked[one.id] for one in sellers if one.id in asked and asked[one.id].is_owed]
    known = {report.person_id for report in owed} | submitted.keys()
    return TeamReports(
        submitted=tuple(submitted[one.id] for one in people if one.id in submitted),
        owed=tuple(owed),
        unasked=tuple(one.id for one in sellers if one.role is Role.REP and one.id not in known),
    )


_APART = r"[\s,，.。:：;；、\-–—]{0,6}+"
_NAME = (
    r"[/／]?(?>(?:我的|写|交|提交|本周|上周|这周|个人|工作){0,3}周报(?:告)?"
    r"|(?:(?:my|the|submit|write) ){0,3}(?:weekly )?report)"
)
_NEXT_ZH = r"(?:下周|下星期|下礼拜)的?(?:工作)?"
_WHAT_ZH = r"(?:重点|计划|安排|目标)(?:工作)?"
_NEXT_EN = r"(?:next week(?:'s|’s|s)? )"
_OF_WEEK = r"(?: (?:of|for|on|in))?(?: (?:the )?(?:next|this|coming) week)?"
_WHAT_EN = rf"(?:focus|plans?|priorit(?:y|ies)){_OF_WEEK}"
# Atomic, so that no part of these words is taken for the focus.
_NAMED = lazy_pattern(
    rf"{_NAME}{_APART}(?>(?:{_NEXT_ZH}{_WHAT_ZH}|下(?:周|星期|礼拜)"
    rf"|(?:(?:本周|这周)的?)?(?:工作)?{_WHAT_ZH}(?=[:：是为])"
    rf"|(?:my |the )?(?:{_NEXT_EN}(?:{_WHAT_EN})?|next week(?=[:：])|focus{_OF_WEEK}\b"
    rf"|{_WHAT_EN}(?=[:：]| is| are)))(?:是|为| is| are| will be)?)"
    rf"{_APART}(?P<focus>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNNAMED = lazy_pattern(
    rf"(?:{_NEXT_ZH}{_WHAT_ZH}(?:是|为)?|(?:my |the )?(?:{_NEXT_EN}{_WHAT_EN}"
    r"|focus (?:of|for) (?:the )?(?:next|coming) week)(?: is| are)?)"
    r"\s{0,3}[:：，,]\s{0,3}(?P<focus>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


def read_focus(line: str) -> str | None:
    """The focus of ``周报 下周重点：推进B学校演示`` or ``weekly report focus: demo with B School``.

    None for a line that is something else. Without the report's name it begins with the next week's
    focus and a colon (``下周重点：…``), or it could be any sentence.
    """
    line = line.strip()
    read = _NAMED.fullmatch(line) or _UNNAMED.fullmatch(line)
    return read["focus"].strip() if read else None
