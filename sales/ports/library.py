"""The library as one actor may see it, and what is said around a lead."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from sales.finding import Term
from sales.library import Edition, Item, ItemKind, Tags, Use, Uses
from sales.objections import Objection
from sales.remarks import Remark
from sales.sharing import Agenda, Session
from sales.targets import Quarter


class Library(Protocol):
    """What is approved, the actor's own items, and those the actor decides on; nothing for who
    does not read the library."""

    def add(self, item: Item) -> Item:
        """Store a new item and its first edition; gives it its id."""

    def get(self, item_id: int) -> Item:
        """Raises ItemNotFound, also when the actor may not see it."""

    def save(self, item: Item) -> Item:
        """Raises Conflict when somebody saved it in between. Other words are a new edition."""

    def editions(self, item_id: int) -> list[Edition]:
        """Newest first."""

    def search(
        self, terms: tuple[Term, ...], limit: int, kind: ItemKind | None = None
    ) -> list[Item]:
        """Approved items that answer (``sales.finding``), the best first."""

    def suited(self, kind: ItemKind, wanted: Tags, limit: int) -> list[Item]:
        """Approved items of a kind that fit: made for what is wanted before made for anything;
        none made for something else. Of equals the most used first, then the newest."""

    def waiting(self, limit: int) -> list[Item]:
        """What waits for the actor's decision, oldest first."""

    def own(self, limit: int) -> list[Item]:
        """What the actor wrote and is not approved yet, newest first."""

    def counts(self) -> Mapping[ItemKind, int]:
        """How many approved items there are of each kind; nothing of a kind without any."""

    def use(self, use: Use) -> bool:
        """Remember that an item was used; False when it counts for that day already."""

    def uses(self, item_ids: Iterable[int]) -> Mapping[int, Uses]:
        """By item id, in all the company; every asked id is there."""


class Objections(Protocol):
    """Objections on the leads one actor may see. To be changed only with the lead held
    (``Leads.get``)."""

    def add(self, objection: Objection) -> Objection: ...

    def get(self, objection_id: int) -> Objection:
        """Raises ObjectionNotFound."""

    def save(self, objection: Objection) -> Objection:
        """Raises Conflict when somebody saved it in between."""

    def of_lead(self, lead_id: int) -> list[Objection]:
        """Those that stand first, then by age."""


class Remarks(Protocol):
    """What was said about the leads one actor may see."""

    def add(self, remark: Remark) -> Remark: ...

    def find(self, remark_id: int) -> Remark | None: ...

    def take_back(self, remark: Remark) -> None:
        """It was never said."""

    def latest(self, lead_id: int, limit: int) -> list[Remark]:
        """Newest first."""

    def between(self, lead_id: int, start: datetime, end: datetime) -> list[Remark]:
        """Said in ``[start, end)``, oldest first."""

    def speakers(self, lead_id: int) -> frozenset[int]:
        """The ids of all who said anything."""


class Sharings(Protocol):
    """Sharing sessions that were announced; everybody's."""

    def announced(self, quarter: Quarter) -> Session | None: ...

    def announce(self, session: Session, now: datetime) -> bool:
        """False when the quarter's session was announced before."""

    def volunteers(self, quarter: Quarter) -> list[int]:
        """Ids of the people who bring something, first come first."""

    def join(self, quarter: Quarter, person_id: int, now: datetime) -> None: ...

    def leave(self, quarter: Quarter, person_id: int) -> None: ...

    def agenda(self, start: datetime, end: datetime, limit: int) -> Agenda:
        """What happened in ``[start, end)`` in all the company, so many of each at most."""
