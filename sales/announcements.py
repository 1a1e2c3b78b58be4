"""Announcing wins and deal events to a team's channel: what is told, where, and of whom.

Deny is the default: a customer is named only where the digest would name one, and where somebody
from outside the company reads along nothing is announced at all. Knows no chat and no storage.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sales.calendar import WorkCalendar
from sales.channel_privacy import Basis, PrivacyVerdict, Readers, Told
from sales.leads import PIPELINE, Lead, Stage
from sales.people import Person
from sales.sync_meeting import worth

MOST_NAMED = 5
"""Colleagues and congratulations that are named; of more, the number is said."""


class Occasion(StrEnum):
    """What is announced: a win, a big deal that moves on, or an event that a rule announces."""

    WON = "won"
    BIG = "big"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSettings:
    """What a team announces, and where.

    An empty ``conversation``: the first channel that receives the team's digests. ``wins``: every
    win is announced; ``amount`` and ``customer``: an announcement says how much and who, the latter
    only where everybody who reads the channel may know it. ``honours``: last month's wins by person
    are posted. A deal worth ``big_from`` whole currency units or more is announced when it moves on
    (None: none is). ``set_by`` 0: nobody has chosen anything yet.
    """

    team_id: int
    platform: str = ""
    conversation: str = ""
    wins: bool = True
    amount: bool = True
    customer: bool = True
    honours: bool = True
    big_from: Decimal | None = None
    set_by: int = 0

    @property
    def channel(self) -> tuple[str, str]:
        return self.platform, self.conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An announcement in a channel.

    ``key`` is unique for ever, so that nothing is announced twice. ``person_id`` is whose deal it
    is. ``round`` counts how often the lead was won again after the win had been taken back.
    ``words`` are those of the rule, and ``stage`` is where the lead stood then.
    """

    id: int = 0
    team_id: int
    lead_id: int
    occasion: Occasion
    key: str
    platform: str
    conversation: str
    person_id: int | None
    stage: Stage
    round: int = 0
    words: str = ""
    at: datetime

    @property
    def subject(self) -> str:
        """The subject under which the posted announcement is kept up to date."""
        return f"announcement:{self.id}"

    def once_more(self, person_id: int | None, at: datetime) -> "Announcement":
        """The announcement of a win after an earlier one was taken back."""
        return replace(self, round=self.round + 1, person_id=person_id, at=at)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def before(cls, day: date) -> "Month":
        """The last month that is over on this day."""
        last = day.replace(day=1) - timedelta(days=1)
        return cls(last.year, last.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Restore a month from its text; raises ValueError."""
        year, _, number = text.partition("-")
        return cls(int(year), int(number))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)


HONOURS_AT = timedelta(hours=9, minutes=30)


def honours_due(month: Month, calendar: WorkCalendar) -> datetime:
    """When the honours of a month are posted: on the first working day after it."""
    day = calendar.workday_from(month.next.first - timedelta(days=1), 1)
    return calendar.midnight(day) + HONOURS_AT


@dataclass(frozen=True, slots=True)
class Honour:
    """What one person won in a month; ``amount`` in whole currency units."""

    person: Person
    wins: int
    amount: Decimal


def ranked(honours: Iterable[Honour]) -> list[Honour]:
    """The people who won anything, the highest amount first, then the most wins."""
    winners = [honour for honour in honours if honour.wins and honour.person.active]
    return sorted(winners, key=lambda one: (-one.amount, -one.wins, one.person.name))


class Detail(StrEnum):
    """How much an announcement says in a channel."""

    CUSTOMER = "customer"
    """Everybody who reads there may know the team's customers."""
    COLLEAGUES = "colleagues"
    """Only colleagues read there: whose win and how much, but not of which customer."""
    BARE = "bare"
    """Nobody knows just now who reads there: that something was won, and nothing else."""
    NOTHING = "nothing"
    """Somebody from outside the company reads there."""


def win_key(lead_id: int) -> str:
    return f"won:{lead_id}"


def big_key(lead: Lead) -> str:
    """The key of a big deal's move to the stage where it stands."""
    return f"big:{lead.id}:{lead.stage_since.timestamp():.0f}"


ADVANCED: Final = (Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION)
"""The stages to which a big deal's move is news."""


def has_advanced(lead: Lead, before: Stage) -> bool:
    """Whether the lead has moved on in the pipeline, from the stage ``before``, so that it is news
    of a big deal."""
    if lead.stage not in ADVANCED:
        return False
    return before not in PIPELINE or PIPELINE.index(before) < PIPELINE.index(lead.stage)


def is_big(lead: Lead, big_from: Decimal | None) -> bool:
    """Whether the deal is worth the amount from which a team announces that it moves on."""
    value = worth(lead)
    return big_from is not None and value is not None and value >= big_from


def rule_key(rule: str, event_id: int) -> str:
    """The key of what a rule announces of one event."""
    return f"rule:{rule}:{event_id}"


def detail_for(readers: Readers, verdict: PrivacyVerdict, colleagues: Collection[str]) -> Detail:
    """How much may be told to the ``readers`` of a channel.

    ``verdict`` is the digest's; ``colleagues`` are the accounts of everybody who works here.
    """
    if verdict.names:
        return Detail.CUSTOMER
    if readers.told is Told.NEVER:
        # A leader chose the channel for the team; whether customers are named there, too.
        return Detail.COLLEAGUES
    if verdict.basis is Basis.UNKNOWN:
        return Detail.BARE
    outsiders = readers.accounts - set(colleagues)
    return Detail.NOTHING if outsiders else Detail.COLLEAGUES


def days_from_first_contact(
    lead: Lead, first_contact: datetime | None, calendar: WorkCalendar
) -> int:
    """Days by the calendar from the first contact, or else from the lead's arrival, to the win."""
    won_on = calendar.day_of(lead.closed_at or lead.stage_since)
    return max(0, (won_on - calendar.day_of(first_contact or lead.created_at)).days)


def worked_along(
    lead: Lead, involved: Iterable[int | None], people: Iterable[Person]
) -> list[Person]:
    """The colleagues who worked on the lead beside its owner, by name."""
    ids = set(involved) - {lead.owner_id, None}
    return sorted(
        (person for person in people if person.id in ids and person.active),
        key=lambda person: (person.name, person.id),
    )
