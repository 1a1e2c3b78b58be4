"""Stores the library; limited to what the actor may see."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from dataclasses import fields as fields_of
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    distinct,
    false,
    func,
    or_,
    select,
)

from sales.errors import Conflict, ItemNotFound
from sales.leads import Stage
from sales.library import (
    Content,
    Item,
    ItemKind,
    ItemState,
    ItemVersion,
    Tags,
    Use,
    Uses,
    Wording,
    decides_on,
    reads_library,
)
from sales.people import Person
from sales.text_search import Entry, SearchTerm, fold, rank
from storage.database.rows import Codec, RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.tables import lead, library_edition, library_use
from storage.tables import library_item as table

_TAGS = tuple(field.name for field in fields_of(Tags))
_PRICES = ("basic", "advanced")
_WON, _LOST = (Stage.WON.value, Stage.AFTERSALES.value), Stage.LOST.value
_LONGEST_BODY = 4000
"""The number of characters of an item that are searched."""
_SAVE = table.update().where(
    table.c.id == bindparam("wanted"), table.c.version == bindparam("known_version")
)
_APPROVED = table.c.state == ItemState.APPROVED.value
_WAITING = table.c.state == ItemState.WAITING.value


class LibraryRepository:
    """Library items, limited to what one actor may see."""

    def __init__(self, connection: Connection, actor: Person) -> None:
        self._connection = connection
        self._actor = actor
        self._visible = _visible(actor)

    def add(self, item: Item) -> Item:
        """Store a new item and its first edition; returns it with its id."""
        added = self._connection.execute(table.insert().returning(table.c.id), _row(item))
        stored = replace(item, id=added.scalar_one())
        self._keep_edition(stored, 1)
        return stored

    def get(self, item_id: int) -> Item:
        """Return an item. Raises ItemNotFound, also when the actor may not see it."""
        items = self._all(select(table).where(table.c.id == item_id, self._visible))
        if not items:
            raise ItemNotFound
        return items[0]

    def save(self, item: Item) -> Item:
        """Save an item; changed text becomes a new edition. Raises Conflict when somebody saved it
        in between."""
        before = self.get(item.id)
        saved = replace(item, version=item.version + 1)
        keys = {"wanted": item.id, "known_version": item.version}
        if self._connection.execute(_SAVE, _row(saved) | keys).rowcount == 0:
            raise Conflict(number="")
        if before.content != saved.content:
            newest = select(func.max(library_edition.c.number)).where(
                library_edition.c.item_id == item.id
            )
            self._keep_edition(saved, (self._connection.scalar(newest) or 0) + 1)
        return saved

    def editions(self, item_id: int) -> list[ItemVersion]:
        """List an item's editions, newest first."""
        self.get(item_id)
        query = select(library_edition).where(library_edition.c.item_id == item_id)
        rows = self._connection.execute(query.order_by(library_edition.c.number.desc()))
        return [_EDITIONS.read(row) for row in rows.mappings()]

    def search(
        self, terms: tuple[SearchTerm, ...], limit: int, kind: ItemKind | None = None
    ) -> list[Item]:
        """List approved items that match the terms (``sales.text_search``), best match first."""
        columns = (table.c.id, table.c.title_folded, table.c.body_folded)
        of_kind = (table.c.kind == kind.value,) if kind else ()
        query = select(*columns, *(table.c[tag] for tag in _TAGS), _times_used())
        rows = self._connection.execute(query.where(self._visible, _APPROVED, *of_kind))
        entries = [
            Entry(item_id, title, body, _tags(tags), uses)
            for item_id, title, body, *tags, uses in rows
        ]
        best = rank(terms, entries)[:limit]
        item_by_id = {
            item.id: item for item in self._all(select(table).where(table.c.id.in_(best)))
        }
        return [item_by_id[item_id] for item_id in best]

    def suited(self, kind: ItemKind, wanted: Tags, limit: int) -> list[Item]:
        """List approved items of a kind that fit what is wanted.

        Items made for it come before items made for anything; items made for something else are
        left out. Ties go to the most used, then the newest.
        """
        asked = {tag: value for tag in _TAGS if (value := getattr(wanted, tag))}
        fits = [table.c[tag].in_((value, "")) for tag, value in asked.items()]
        made_for = sum((case((table.c[tag] == value, 1), else_=0) for tag, value in asked.items()))
        order: list[ColumnElement[Any]] = [_times_used().desc(), table.c.id.desc()]
        if asked and not isinstance(made_for, int):
            order.insert(0, made_for.desc())
        query = select(table).where(self._visible, _APPROVED, table.c.kind == kind.value, *fits)
        return self._all(query.order_by(*order).limit(limit))

    def waiting(self, limit: int) -> list[Item]:
        """List items waiting for the actor's decision, oldest first."""
        mine = table.c.kind.in_([kind.value for kind in decides_on(self._actor)])
        query = select(table).where(self._visible, _WAITING, mine)
        return self._all(query.order_by(table.c.changed_at, table.c.id).limit(limit))

    def own(self, limit: int) -> list[Item]:
        """List the actor's items that are not approved yet, newest first."""
        states = (ItemState.WAITING.value, ItemState.DRAFT.value)
        mine = (table.c.author_id == self._actor.id, table.c.state.in_(states))
        query = select(table).where(self._visible, *mine)
        return self._all(query.order_by(table.c.id.desc()).limit(limit))

    def counts(self) -> Mapping[ItemKind, int]:
        """Count approved items by kind; kinds without any are left out."""
        query = select(table.c.kind, func.count()).where(self._visible, _APPROVED)
        counted = self._connection.execute(query.group_by(table.c.kind))
        return {ItemKind(kind): count for kind, count in counted}

    def use(self, use: Use) -> bool:
        """Record a use of an item; False when it counts for that day already."""
        insert = insert_into(library_use, self._connection.dialect.name).on_conflict_do_nothing()
        added = self._connection.execute(insert.returning(library_use.c.id), _USES.write(use))
        return added.first() is not None

    def used_for(self, lead_id: int) -> frozenset[int]:
        """The ids of the items that were used for a lead."""
        query = select(library_use.c.item_id).where(library_use.c.lead_id == lead_id)
        return frozenset(self._connection.scalars(query))

    def uses(self, item_ids: Iterable[int]) -> Mapping[int, Uses]:
        """Map item ids to their uses across the whole company; every requested id is present."""
        ids = tuple(item_ids)
        decided, won = (
            case((lead.c.stage.in_(stages), lead.c.id)) for stages in ((*_WON, _LOST), _WON)
        )
        query = (
            select(
                library_use.c.item_id,
                func.count(library_use.c.id),
                func.count(distinct(library_use.c.person_id)),
                func.max(library_use.c.at, type_=Instant()),
                func.count(distinct(decided)),
                func.count(distinct(won)),
            )
            .outerjoin(lead, lead.c.id == library_use.c.lead_id)
            .where(library_use.c.item_id.in_(ids))
            .group_by(library_use.c.item_id)
        )
        uses_by_id = {row[0]: Uses(*row[1:]) for row in self._connection.execute(query)}
        return {item_id: uses_by_id.get(item_id, Uses()) for item_id in ids}

    def _all(self, query: Select[Any]) -> list[Item]:
        return [_ITEMS.read(row) for row in self._connection.execute(query).mappings()]

    def _keep_edition(self, item: Item, number: int) -> None:
        edition = ItemVersion(number, item.content, item.changed_by, item.changed_at)
        row = _EDITIONS.write(edition) | {"item_id": item.id}
        self._connection.execute(library_edition.insert(), row)


def _visible(actor: Person) -> ColumnElement[bool]:
    """The condition for items an actor sees: approved, their own, and those they decide on."""
    if not reads_library(actor):
        return false()
    decided = [kind.value for kind in decides_on(actor)]
    return or_(_APPROVED, table.c.author_id == actor.id, table.c.kind.in_(decided))


def _times_used() -> ColumnElement[int]:
    count = select(func.count()).where(library_use.c.item_id == table.c.id)
    return count.correlate(table).scalar_subquery()


def _tags(values: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{tag}:{key}" for tag, key in zip(_TAGS, values, strict=True) if key)


def _row(item: Item) -> dict[str, Any]:
    every = list(item.content.words.values())
    bodies = (
        part
        for wording in every
        for part in (wording.text, wording.customer, wording.result, wording.average)
        if part
    )
    return _ITEMS.write(item) | {
        "title_folded": fold(" / ".join(wording.title for wording in every)),
        "body_folded": fold(" / ".join(bodies))[:_LONGEST_BODY],
    }


def _words(stored: Mapping[str, Mapping[str, str]]) -> dict[str, Wording]:
    return {locale: Wording(**words) for locale, words in stored.items()}


def _written_words(words: Mapping[str, Wording]) -> dict[str, dict[str, str]]:
    """Return the item's text as JSON, leaving out empty details."""
    return {
        locale: {name: text for name, text in asdict(wording).items() if text or name == "title"}
        for locale, wording in words.items()
    }


def _content(stored: Mapping[str, Any]) -> Content:
    basic, advanced = (
        None if (price := stored[name]) is None else Decimal(price) for name in _PRICES
    )
    tags = Tags(**stored["tags"])
    return Content(words=_words(stored["words"]), tags=tags, basic=basic, advanced=advanced)


def _written(content: Content) -> dict[str, Any]:
    prices = {
        name: None if (price := getattr(content, name)) is None else str(price) for name in _PRICES
    }
    return {"words": _written_words(content.words), "tags": asdict(content.tags)} | prices


_ITEMS = RowMapper(Item, content=RowMapper(Content, words=Codec(_words, _written_words)))
_EDITIONS = RowMapper(ItemVersion, content=Codec(_content, _written))
_USES = RowMapper(Use)
