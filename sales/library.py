"""The library: what the company knows how to say, as items written and approved by people.

The approver is a leader; product approves its own kinds [P12] [P21]. Knows how an item changes and
who decides on it; knows no words of a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from sales.contacts import mask_contacts
from sales.people import Person, Role
from sales.permissions import LEADERS, LIBRARY
from sales.playbook.vocabulary import Rules


class ItemKind(StrEnum):
    """What an item is for. A module and a solution are what proposals are made of [P10]."""

    SCRIPT = "script"
    CASE = "case"
    GUIDE = "guide"
    ANSWER = "answer"
    MODULE = "module"
    SOLUTION = "solution"


class ItemState(StrEnum):
    """The state of an item.

    ``draft``: returned to its author with a note; ``waiting``: for somebody to approve it.
    """

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"
    RETIRED = "retired"


class Purpose(StrEnum):
    """What an item was used in; ``said``: a person reported the use themselves."""

    ANSWER = "answer"
    PROPOSAL = "proposal"
    SAID = "said"


TOLD = (ItemKind.SCRIPT, ItemKind.CASE, ItemKind.GUIDE, ItemKind.ANSWER)
"""Kinds used in conversations with customers, where only the person who used them notices."""
RATED_FROM = 5
"""Number of decided leads from which on a rate is meaningful."""


TAGS: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.SCRIPT: ("stage", "industry"),
    ItemKind.CASE: ("industry", "product"),
    ItemKind.GUIDE: ("stage",),
    ItemKind.ANSWER: ("objection", "product"),
    ItemKind.MODULE: ("product",),
    ItemKind.SOLUTION: ("industry", "product"),
}
"""The tags of each kind of item, the most distinctive first."""

DETAILS: Mapping[ItemKind, tuple[str, ...]] = {
    ItemKind.CASE: ("customer", "result"),
    ItemKind.MODULE: ("average",),
    ItemKind.SOLUTION: ("average",),
}
"""Further texts of each kind of item, besides title and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An item in one language.

    What ``title`` and ``text`` are depends on the kind: of an answer what the customer says and
    what we say, of a module its name and what it solves, of a solution the pain point and how it is
    solved. ``customer`` (what kind of customer) and ``result`` belong to a case; ``average`` says
    how the industry's average does.
    """

    title: str
    text: str = ""
    customer: str = ""
    result: str = ""
    average: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What something is made for, or needed for.

    Keys of the vocabulary, and a stage's; "" for any.
    """

    industry: str = ""
    product: str = ""
    stage: str = ""
    objection: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a person writes of an item.

    ``words`` by locale (``en``, ``zh_CN``), in one language at least. ``basic`` and ``advanced``
    are a module's price in each edition, in whole currency units.
    """

    words: Mapping[str, Wording]
    tags: Tags = Tags()
    basic: Decimal | None = None
    advanced: Decimal | None = None

    def wording(self, locale: str) -> Wording:
        """The wording in that language, else in the one there is."""
        return self.words.get(locale) or next(iter(self.words.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of the library.

    ``replaces`` is the approved item whose new version this one becomes, once approved. ``note`` is
    the reviewer's note to the author.
    """

    id: int = 0
    kind: ItemKind
    content: Content
    author_id: int
    changed_by: int
    changed_at: datetime
    state: ItemState = ItemState.WAITING
    replaces: int | None = None
    decided_by: int | None = None
    decided_at: datetime | None = None
    note: str = ""
    version: int = 0

    @property
    def subject(self) -> str:
        """The subject under which posted cards of this item are kept up to date."""
        return f"item:{self.id}"

    @property
    def is_approved(self) -> bool:
        return self.state is ItemState.APPROVED

    @property
    def is_told(self) -> bool:
        """Whether people may report that they used it."""
        return self.is_approved and self.kind in TOLD

    def wording(self, locale: str) -> Wording:
        return self.content.wording(locale)

    def changed(self, content: Content, by: Person, now: datetime) -> "Item":
        """The item with other content; a returned one waits for approval again."""
        state = ItemState.WAITING if self.state is ItemState.DRAFT else self.state
        return replace(self, content=content, state=state, changed_by=by.id, changed_at=now)

    def approve(self, by: Person, now: datetime) -> "Item":
        return self._decided(ItemState.APPROVED, by, now, "")

    def send_back(self, note: str, by: Person, now: datetime) -> "Item":
        return self._decided(ItemState.DRAFT, by, now, note)

    def retire(self, by: Person, now: datetime) -> "Item":
        """Retire the item: nobody finds it any more, but what it was used in keeps it."""
        return self._decided(ItemState.RETIRED, by, now, "")

    def _decided(self, state: ItemState, by: Person, now: datetime, note: str) -> "Item":
        return replace(self, state=state, decided_by=by.id, decided_at=now, note=note)


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """What an item said from ``at`` on; ``number`` 1 is the first."""

    number: int
    content: Content
    by_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of an item by a person, for a lead or for none in particular.

    It counts once for each of them and the company's ``day``.
    """

    item_id: int
    person_id: int
    lead_id: int | None = None
    purpose: Purpose
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Uses:
    """How an item was used.

    How often, by how many people, and when last; how many leads of those it was used for are
    decided, and how many of these are won.
    """

    times: int = 0
    people: int = 0
    last_at: datetime | None = None
    decided: int = 0
    won: int = 0

    @property
    def is_rated(self) -> bool:
        return self.decided >= RATED_FROM


_PRODUCT_DECIDES = frozenset({ItemKind.MODULE, ItemKind.SOLUTION})


def decides_on(person: Person) -> frozenset[ItemKind]:
    """The kinds of items that the person approves: leaders all, product its own."""
    if not person.active:
        return frozenset()
    if person.role in LEADERS:
        return frozenset(ItemKind)
    return _PRODUCT_DECIDES if person.role is Role.PRODUCT else frozenset()


def reads_library(person: Person) -> bool:
    return person.active and person.role in LIBRARY


def first_state(author: Person, kind: ItemKind) -> ItemState:
    """The state of a new item: people who decide on its kind need no approval."""
    return ItemState.APPROVED if kind in decides_on(author) else ItemState.WAITING


Short = Annotated[str, Field(max_length=300)]


class DocumentWords(Rules):
    """An item in one language; see ``sales.library.Wording``."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(max_length=3000)] = ""
    customer: Short = ""
    result: Short = ""
    average: Short = ""


class DocumentItem(Rules):
    """One item. Contacts in it are masked when it is read."""

    kind: ItemKind
    en: DocumentWords | None = None
    zh_CN: DocumentWords | None = None  # noqa: N815 - as the locale is written
    industry: Short = ""
    product: Short = ""
    stage: Short = ""
    objection: Short = ""
    basic: Annotated[Decimal, Field(ge=0)] | None = None
    advanced: Annotated[Decimal, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _some_words(self) -> "DocumentItem":
        if self.en is None and self.zh_CN is None:
            raise ValueError("an item needs words in en or zh_CN")
        return self

    @property
    def content(self) -> Content:
        words = {
            locale: Wording(**{name: mask_contacts(text) for name, text in one})
            for locale, one in (("en", self.en), ("zh_CN", self.zh_CN))
            if one is not None
        }
        tags = Tags(
            industry=self.industry,
            product=self.product,
            stage=self.stage,
            objection=self.objection,
        )
        return Content(words=words, tags=tags, basic=self.basic, advanced=self.advanced)

    @classmethod
    def of(cls, item: Item) -> "DocumentItem":
        content = item.content
        words = {
            locale: DocumentWords(
                title=one.title,
                text=one.text,
                customer=one.customer,
                result=one.result,
                average=one.average,
            )
            for locale, one in content.words.items()
        }
        tags = content.tags
        return cls(
            kind=item.kind,
            en=words.get("en"),
            zh_CN=words.get("zh_CN"),
            industry=tags.industry,
            product=tags.product,
            stage=tags.stage,
            objection=tags.objection,
            basic=content.basic,
            advanced=content.advanced,
        )


class LibraryDocument(Rules):
    items: tuple[DocumentItem, ...] = ()
