"""The playbook: its versions, changes that are prepared, and the past that they are tried on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sales.automations import Event, Stay
from sales.leads import Lead, Stage
from sales.people import Person
from sales.playbook import Playbook
from sales.playbook.drafts import Draft
from sales.trial import PastLead


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the playbook; ``by`` is "" for the command line."""

    number: int
    stored_at: datetime
    by: str
    why: str


class Playbooks(Protocol):
    def current(self) -> Playbook: ...

    def version(self, number: int) -> Playbook | None:
        """A stored version; None when there is none with this number."""

    def number(self) -> int:
        """The number of the version in force; 0 while it is the shipped one."""

    def versions(self) -> list[Version]:
        """The newest first."""

    def store(self, playbook: Playbook, by: Person, now: datetime, why: str = "") -> int:
        """Make it the current one; gives its version number. Raises Conflict when another one
        was stored in the same moment."""


class Drafts(Protocol):
    """Changes of the playbook that are not in force."""

    def add(self, draft: Draft) -> Draft: ...

    def get(self, draft_id: int) -> Draft:
        """Raises DraftNotFound. Who writes holds it, as with a lead."""

    def save(self, draft: Draft) -> None: ...

    def open(self) -> list[Draft]:
        """Those that wait to be put in force or discarded, the newest first."""


class Past(Protocol):
    """What happened, for trying rules on it. Looks at every lead, whoever asks: only leads that
    the asker may see are to be named."""

    def leads(self, since: datetime, until: datetime) -> list[PastLead]:
        """Those that came in from ``since`` to ``until``, both included, the oldest first."""

    def events(self, since: datetime, until: datetime) -> list[tuple[Event, Lead]]:
        """What automations would have heard of, the oldest first, with the lead as it is known
        now, without contacts. Neither silence nor a long stay is among it: they are no events."""

    def stays(self, entered_since: Mapping[Stage, datetime], until: datetime) -> list[Stay]:
        """Leads in the stages, each entered from its moment to ``until``, both included."""

    def known(self, lead_ids: set[int]) -> dict[int, Lead]:
        """The leads as they are known now, without contacts."""
