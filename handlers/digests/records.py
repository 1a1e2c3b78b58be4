"""The records behind a number of the digest, and how the digest shows a lead in one line.

A button carries which number it opens: ``overdue:1:2026-W47``, followed by a person's id for one
person's share. It comes back from outside and is parsed as such.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.core.button_values import pack, strict_id, unpack
from handlers.core.labels import enum_label, lead_title, lost_reason_label, open_button
from handlers.core.language import Language
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section
from sales.calendar import iso_week, monday_of
from sales.errors import UnknownAction
from sales.leads import Lead
from sales.playbook import Playbook
from sales.reports import AtRisk, DigestPeriod, Number, Risk, risk_of

SHOWN = 10
"""Maximum number of leads on the card."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a button opens: a number from a team's week, for one person or for all."""

    number: Number
    team_id: int
    week: str
    person_id: int | None = None

    @property
    def value(self) -> str:
        whose = () if self.person_id is None else (self.person_id,)
        return pack(self.number, self.team_id, self.week, *whose)


def button_value(number: Number, period: DigestPeriod, person_id: int | None = None) -> str:
    return Opened(number, period.team_id, period.week, person_id).value


def parse_button_value(value: str) -> Opened:
    """The parsed value; raises UnknownAction for anything that no button of ours carries."""
    opened = Opened(*unpack(value, Number, strict_id, a_week, record_id))
    if opened.value != value:
        raise UnknownAction(action="digest.show")
    return opened


def a_week(text: str) -> str:
    """``2026-W47``; raises ValueError when there is no such week."""
    return iso_week(monday_of(text))


def number_label(number: Number, language: Language) -> str:
    return language.text(f"digest.number_{number.value}")


def records_card(
    opened: Opened,
    period: DigestPeriod,
    leads: Sequence[Lead],
    *,
    more: int,
    names: Mapping[int, str],
    language: Language,
    playbook: Playbook,
    imported_at: Mapping[int, datetime],
) -> Card:
    """The leads that the reader may see; ``more`` counts those left out for lack of space.

    ``imported_at``: when those from files came, by id.
    """
    lines = []
    for lead in leads:
        if opened.number is Number.AT_RISK:
            risk = risk_of(lead, period, imported_at.get(lead.id))
            detail = reason_line(risk, language, period) if risk else ""
        else:
            detail = _detail(opened.number, lead, language, playbook)
        lines.append(lead_line(lead, detail, names))
    if lines and more:
        lines.append(language.text("digest.and_more", n=more))
    buttons = tuple(open_button(lead, language) for lead in leads)
    return Card(
        title=_title(opened, period, names, language),
        body="" if lines else language.text("digest.no_records"),
        sections=(Section(lines=tuple(lines), buttons=buttons),) if lines else (),
        buttons=(Button("board.open", language.text("button.my_board")),),
        footnote=language.text(f"digest.means_{opened.number.value}"),
    )


def _title(
    opened: Opened, period: DigestPeriod, names: Mapping[int, str], language: Language
) -> str:
    """Person, number and week; some numbers are as of now, whatever the week."""
    parts = [number_label(opened.number, language)]
    match opened.number:
        case Number.COMING:
            parts.append(coming_days(period, language))
        case Number.AT_RISK | Number.UNASSIGNED:
            pass
        case _:
            parts.append(week_days(period, language))
    if opened.person_id is not None:
        parts.insert(0, names.get(opened.person_id, "—"))
    return " · ".join(parts)


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


def reason_line(risk: AtRisk, language: Language, period: DigestPeriod) -> str:
    """Why a deal is at risk, with its stage."""
    match risk.reason:
        case Risk.OVERDUE:
            day = language.day_of(risk.since)
            why = language.text("digest.risk_overdue", day=day)
        case Risk.STALLED:
            why = language.text("digest.risk_stalled", n=(period.now - risk.since).days)
        case Risk.STAGE:
            limit = period.stage_limits[risk.lead.stage].days
            days = (period.now - risk.since).days
            why = language.text("digest.risk_stage", n=days, usual=limit)
    return f"{enum_label(risk.lead.stage, language)} · {why}"


def step_line(lead: Lead, language: Language) -> str:
    """The next step and its date; the stage of a lead without one."""
    if lead.next_at is None:
        return enum_label(lead.stage, language)
    day = language.day_of(lead.next_at)
    return f"{day} · {lead.next_step}" if lead.next_step else day


def _detail(number: Number, lead: Lead, language: Language, playbook: Playbook) -> str:
    """The detail of a lead that matters for this number."""
    match number:
        case Number.WON:
            return language.money(lead.amount) if lead.amount is not None else ""
        case Number.LOST:
            return lost_reason_label(lead.lost_reason, language, playbook)
        case Number.OVERDUE | Number.COMING:
            return step_line(lead, language)
        case _:
            return enum_label(lead.stage, language)
