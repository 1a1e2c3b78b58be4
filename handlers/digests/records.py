"""The buttons behind the numbers of the digest, and how the digest shows a lead in one line.

A button carries which number it opens: ``overdue:1:2026-W47`` (``all`` for the whole company's),
followed by a person's id for one person's share. It comes back from outside and is parsed as such.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from handlers.core.button_values import pack, strict_id, unpack
from handlers.core.labels import enum_label, lead_title
from handlers.core.language import Language
from handlers.core.requests import record_id
from sales.calendar import iso_week, monday_of
from sales.errors import UnknownAction
from sales.lead_lists import LeadFigure
from sales.leads import Lead
from sales.reports import DigestPeriod, Number, ReportPeriod

_DAY = timedelta(days=1)
_COMPANY = "all"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a button opens: a number from a team's or (None) the company's week or other period, for
    one person or for all."""

    number: Number
    team_id: int | None
    week: str
    person_id: int | None = None

    @property
    def value(self) -> str:
        whose = () if self.person_id is None else (self.person_id,)
        team = _COMPANY if self.team_id is None else self.team_id
        return pack(self.number, team, self.week, *whose)

    @property
    def figure(self) -> LeadFigure:
        """The number as the filter of a list."""
        return LeadFigure(self.number, self.team_id, self.week, self.person_id)


def button_value(number: Number, period: DigestPeriod, person_id: int | None = None) -> str:
    return Opened(number, period.team_id, period.week, person_id).value


def parse_button_value(value: str) -> Opened:
    """The parsed value; raises UnknownAction for anything that no button of ours carries."""
    opened = Opened(*unpack(value, Number, _a_team, _a_period, record_id))
    if opened.value != value:
        raise UnknownAction(action="digest.show")
    return opened


def _a_team(text: str) -> int | None:
    return None if text == _COMPANY else strict_id(text)


def a_week(text: str) -> str:
    """``2026-W47``; raises ValueError when there is no such week."""
    return iso_week(monday_of(text))


def _a_period(text: str) -> str:
    return ReportPeriod.of_key(text).key


def week_days(period: DigestPeriod, language: Language) -> str:
    """The week's first and last day: ``Nov 16 – 22``."""
    first = period.start.astimezone(language.timezone).date()
    return language.days(first, first + 6 * _DAY)


def coming_days(period: DigestPeriod, language: Language) -> str:
    """The days of the following week."""
    first = period.end.astimezone(language.timezone).date()
    return language.days(first, first + 6 * _DAY)


def lead_line(lead: Lead, detail: str, names: Mapping[int, str]) -> str:
    """``LX001 · Acme · relevant detail · its owner``."""
    owner = names.get(lead.owner_id, "") if lead.owner_id is not None else ""
    return " · ".join(part for part in (lead_title(lead), detail, owner) if part)


def step_line(lead: Lead, language: Language) -> str:
    """The next step and its date; the stage of a lead without one."""
    if lead.next_at is None:
        return enum_label(lead.stage, language)
    day = language.day_of(lead.next_at)
    return f"{day} · {lead.next_step}" if lead.next_step else day
