"""The company: its people, channels and rules, and what was done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sales.assignments import Offer
from sales.history import Act
from sales.people import Identity, Person, Team
from sales.reports import Behind, Number, Outlook, Period, WeekFacts
from sales.reveals import Reveal
from sales.sync import StuckFacts, StuckLook
from sales.targets import Goals, Holder, Quarter, Sold


class People(Protocol):
    def hold(self) -> None:
        """Until this unit of work ends nobody else who holds them changes people or teams.
        To be called before reading what is then changed."""

    def get(self, person_id: int) -> Person:
        """Raises PersonNotFound."""

    def find(self, platform: str, external_id: str) -> Person | None: ...

    def add(self, person: Person) -> Person: ...

    def save(self, person: Person) -> Person: ...

    def link(self, identity: Identity, now: datetime) -> None:
        """Attach an account to a person, or note that it was used just now."""

    def unlink(self, identity: Identity) -> None:
        """Detach an account; it is nobody's then."""

    def accounts_of(self, person_id: int) -> list[Identity]:
        """By platform and external id."""

    def last_acted(self, person_id: int) -> datetime | None:
        """When they last changed anything, give or take five minutes; None for never."""

    def accounts(self, platform: str) -> list[tuple[str, Person]]:
        """The active people with an account on a platform, by the account's external id."""

    def everyone(self) -> list[Person]:
        """Ordered by team, then name; the inactive too."""

    def members(self, team_id: int) -> list[Person]:
        """Active people of a team, by name."""

    def teams(self) -> list[Team]: ...

    def add_team(self, team: Team) -> Team: ...


class Offers(Protocol):
    def take_room(self, person: Person) -> bool:
        """Whether a person takes one more open lead. If so, nobody else finds room with them
        before this unit of work is done. Several are to be asked in the order of their ids."""

    def add(self, offer: Offer) -> Offer: ...

    def get(self, offer_id: int) -> Offer: ...

    def save(self, offer: Offer) -> Offer: ...

    def open_for(self, lead_id: int) -> Offer | None: ...

    def open_of(self, person_id: int) -> list[Offer]:
        """Those that a person has not answered, in the order of their leads."""

    def history(self, lead_id: int) -> list[Offer]:
        """Oldest first."""

    def counts_since(self, moment: datetime) -> Mapping[int, int]:
        """How many leads each person was offered and did not pass on, by person id."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A channel that receives a team's digests. ``with_names``: where nobody can tell who reads
    it, a leader chose that customers are named all the same."""

    platform: str
    conversation: str
    team_id: int
    locale: str
    bound_by: int
    with_names: bool = False


class Bindings(Protocol):
    def bind(self, binding: Binding) -> None:
        """Replaces what was bound to the same channel."""

    def unbind(self, platform: str, conversation: str) -> None: ...

    def of_channel(self, platform: str, conversation: str) -> Binding | None: ...

    def of_team(self, team_id: int) -> list[Binding]: ...


class Audit(Protocol):
    def record(self, actor: Person, act: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append what was done; ``detail`` holds field names and reasons, never contacts."""

    def of(self, subject: str, acts: Sequence[str], limit: int) -> list[Act]:
        """Those of these acts that concern a subject, the newest first. Looks at everybody's:
        who may know of the subject is for the caller to ask."""

    def reveals_since(self, person_id: int, moment: datetime) -> int:
        """How often a person looked up contacts."""

    def told_since(self, person_id: int, moment: datetime) -> int:
        """Of how many customers of colleagues a person was told that somebody has them."""

    def reveals(self, people: Sequence[int], limit: int) -> list[Reveal]:
        """What these people looked up, the newest first."""


class Figures(Protocol):
    def week(self, team_id: int, start: datetime, end: datetime) -> WeekFacts:
        """What happened in a team in ``[start, end)``."""

    def outlook(self, period: Period) -> Outlook:
        """How the team's open leads stand now."""

    def behind(
        self, number: Number, period: Period, *, person_id: int | None, limit: int
    ) -> Behind:
        """The leads that a number of the digest counts; ``person_id`` None for the whole team.

        Looks at the whole team, whoever asks: read the leads through ``leads(actor)``.
        """

    def stuck(self, look: StuckLook) -> StuckFacts:
        """The team's deals that something holds up."""


class Targets(Protocol):
    """Targets of every team and person: who may see one is for the caller to ask
    (``sales.targets.may_see``)."""

    def of(self, quarter: Quarter) -> Mapping[Holder, Goals]:
        """All that is set for a quarter."""

    def set(self, quarter: Quarter, holder: Holder, goals: Goals) -> None:
        """Replaces the holder's goals; a measure that is not there has none any more."""

    def sold(
        self, team_ids: Iterable[int], start: datetime, end: datetime
    ) -> Mapping[tuple[int, int | None], Sold]:
        """What was reached in ``[start, end)``, by team and owner; None for what is nobody's. What
        those who are in the teams now reached with leads of other teams is there, too."""
