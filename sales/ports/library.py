"""The library as one actor may see it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from sales.finding import Term
from sales.library import Edition, Item, ItemKind, Purpose, Tags, Uses


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

    def use(self, item_id: int, lead_id: int, purpose: Purpose, at: datetime) -> None:
        """Remember that an item was used for a lead; once for each purpose."""

    def uses(self, item_ids: Iterable[int]) -> Mapping[int, Uses]:
        """By item id, in all the company; every asked id is there."""
