"""One import: its file, how it is to be read, its progress, and its result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from sales.amounts import ANY, AmountStyle
from sales.errors import GenjinError
from sales.imports.headings import plain
from sales.imports.values import Order, TermFinder
from sales.people import Person, Role
from sales.phones import HOME
from sales.playbook import Playbook

PAGE: Final = 500
"""Rows that are processed in one transaction: others wait for a fifth of a second."""
UNDO_FOR: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=7)
"""How long an import that nobody finishes keeps its rows."""
SHOWN_ROWS: Final = 5
WATCHED: Final = 4
"""An import of more pages shows its progress."""


class ImportNotFound(GenjinError):
    """No such import, or somebody else's."""

    key = "import_not_found"


class ImportState(StrEnum):
    """The state of an import.

    Waiting to be read, or ``unreadable``; read; validated (``checking``, then ``checked``);
    imported; undone.
    """

    READING = "reading"
    UNREADABLE = "unreadable"
    READ = "read"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


WORKING = (ImportState.CHECKING, ImportState.IMPORTING, ImportState.UNDOING)
Unowned: TypeAlias = Literal["pool", "rules", "me"]
Decimals: TypeAlias = Literal[".", ",", ""]
Stranger: TypeAlias = Literal["create", "name"]
STRANGERS: tuple[Stranger, ...] = ("create", "name")
LEARNED: Final[Mapping[str, str]] = {
    "product": "products", "industry": "industries", "region": "regions",
}  # fmt: skip
"""Fields whose unknown words may be added to the vocabulary, and where."""
MOST_UNKNOWN: Final = 200
"""Different unknown words of a field that are kept in mind; more of them are no vocabulary."""
UNOWNED: tuple[Unowned, ...] = ("pool", "rules", "me")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person decides for the whole file.

    ``columns`` maps fields to the positions of columns. ``source`` (a channel key) and ``detail``
    are used where a row names none, ``customer`` where it has none ("" : such a row is left out).
    ``unowned`` says what happens to rows that name nobody, in the team ``team_id``: those for which
    the rules find no rep go into the public pool like the rest. ``likely`` is whether rows that
    look like a customer we have are imported; ``clocks`` whether response clocks start. ``units``
    are those of bare numbers in ``budget`` and ``amount``, 1 where none is given. ``more`` maps
    fields to their further columns; ``decimal`` separates the cents
    of amounts ("" where the file leaves it open); ``country`` is that of
    phones without ``+``. ``owners`` maps names of owners who are not here to a person's id,
    ``create`` or ``name``; ``strangers`` holds for all others. ``learn`` are the vocabularies
    (``LEARNED``) to which unknown words are added. ``sheet`` counts the sheets that fit, from 0.
    ``empty`` are the columns without any value. ``encoding`` is the one in which the text is read
    where a person chose it; ``doubtful``: it was found, and another would do nearly as well.
    """

    columns: Mapping[str, int]
    source: str
    detail: str
    customer: str = ""
    unowned: Unowned = "pool"
    team_id: int
    likely: bool = True
    clocks: bool = False
    order: Order = "mdy"
    units: Mapping[str, int] = field(default_factory=dict)
    more: Mapping[str, Sequence[int]] = field(default_factory=dict)
    decimal: Decimals = ""
    country: str = HOME
    strangers: Stranger = "name"
    owners: Mapping[str, str] = field(default_factory=dict)
    learn: Sequence[str] = ()
    sheet: int = 0
    empty: Sequence[int] = ()
    encoding: str = ""
    doubtful: bool = False

    def places(self, name: str) -> tuple[int, ...]:
        """The columns of a field, the best first."""
        first = self.columns.get(name)
        return () if first is None else (first, *self.more.get(name, ()))

    def fate_of(self, owner: str) -> str:
        """What becomes of an owner who is not here: ``create``, ``name``, or a person's id."""
        return self.owners.get(plain(owner), self.strangers)


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that ``n`` rows have, and the numbers of the first of them."""

    n: int = 0
    rows: tuple[int, ...] = ()

    def plus(self, row: int) -> "Finding":
        return Finding(self.n + 1, self.rows if len(self.rows) >= SHOWN_ROWS else (*self.rows, row))


@dataclass(frozen=True, slots=True)
class Tally:
    """The outcomes, actual or expected, of the rows so far.

    ``findings`` are keyed by ``field:problem``; they hold no word of the file.
    """

    new: int = 0
    same: int = 0
    likely: int = 0
    wrong: int = 0
    blemished: int = 0
    pooled: int = 0
    removed: int = 0
    kept: int = 0
    findings: Mapping[str, Finding] = field(default_factory=dict)

    def finding(self, name: str, row: int) -> "Tally":
        former = self.findings.get(name, Finding())
        return replace(self, findings={**self.findings, name: former.plus(row)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import.

    ``rows`` under the header, in ``pages``; ``done`` of them in the present phase. ``run`` numbers
    the phases, so that jobs scheduled for an earlier one are known to be over. ``sheets`` are the
    names of those that hold a list, where there are several. ``unknown`` counts the owners and
    words that are not here by field and spelling; ``made`` is what the import itself added:
    ``people`` (ids) and the keys of terms by vocabulary.
    """

    id: int = 0
    person_id: int
    name: str
    kind: str
    encoding: str
    rows: int
    choices: Choices
    state: ImportState = ImportState.READ
    run: int = 0
    done: int = 0
    tally: Tally = field(default_factory=Tally)
    sheets: Sequence[str] = ()
    unknown: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    made: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    created_at: datetime
    finished_at: datetime | None = None
    forget_at: datetime

    @property
    def subject(self) -> str:
        """The subject under which its cards are kept up to date."""
        return f"import:{self.id}"

    @property
    def pages(self) -> int:
        return -(-self.rows // PAGE)

    @property
    def is_long(self) -> bool:
        """Whether a phase takes long enough to show its progress."""
        return self.pages > WATCHED

    @property
    def undo_until(self) -> datetime | None:
        return self.finished_at + UNDO_FOR if self.finished_at else None

    def may_undo(self, now: datetime) -> bool:
        until = self.undo_until
        return self.state is ImportState.IMPORTED and until is not None and now < until

    def begin(self, state: ImportState) -> "Import":
        """Begin the next phase, from its first row."""
        keeps = (ImportState.UNDOING, ImportState.UNREADABLE)
        tally = self.tally if state in keeps else Tally()
        unknown = {} if state is ImportState.CHECKING else self.unknown
        return replace(self, state=state, run=self.run + 1, done=0, tally=tally, unknown=unknown)


@dataclass(frozen=True)
class Reading:
    """What is needed to parse rows.

    ``people`` are all of the company, ``by_email`` those whom owners' addresses name; ``timezone``
    is the company's, in which days begin; ``usual`` is how it writes amounts; ``headings`` are the
    file's, of all columns.
    """

    actor: Person
    choices: Choices
    playbook: Playbook
    people: Sequence[Person]
    now: datetime
    timezone: tzinfo
    by_email: Mapping[str, Person] = field(default_factory=dict)
    usual: AmountStyle = ANY
    headings: Sequence[str] = ()

    @cached_property
    def style(self) -> AmountStyle:
        """How amounts are written: as the file shows, else as the company writes them."""
        return replace(self.usual, decimal=self.choices.decimal or self.usual.decimal)

    @cached_property
    def owners(self) -> dict[str, Person]:
        """People to whom this person may assign leads, by name."""
        return {plain(person.name): person for person in self.people if self._may_give_to(person)}

    @cached_property
    def products(self) -> TermFinder:
        return TermFinder(self.playbook.vocabulary.products)

    @cached_property
    def industries(self) -> TermFinder:
        return TermFinder(self.playbook.vocabulary.industries)

    @cached_property
    def regions(self) -> TermFinder:
        return TermFinder(self.playbook.vocabulary.regions)

    def terms(self, name: str) -> TermFinder:
        """The vocabulary of ``product``, ``industry`` or ``region``."""
        finder: TermFinder = getattr(self, LEARNED[name])
        return finder

    @cached_property
    def sources(self) -> TermFinder:
        return TermFinder(self.playbook.vocabulary.sources)

    @cached_property
    def lost_reasons(self) -> TermFinder:
        return TermFinder(self.playbook.vocabulary.lost_reasons)

    @cached_property
    def colleagues(self) -> frozenset[str]:
        return frozenset(plain(person.name) for person in self.people)

    @cached_property
    def by_id(self) -> dict[str, Person]:
        """People to whom this person may assign leads, by id."""
        return {str(person.id): person for person in self.people if self._may_give_to(person)}

    def owner(self, text: str) -> Person | None:
        """The person here whom an owner's name, address or ``Last, First`` means."""
        last, comma, first = text.partition(",")
        turned = self.owners.get(plain(f"{first} {last}")) if comma else None
        address = self.by_email.get(text.strip().lower())
        found = self.owners.get(plain(text)) or turned or address
        return found if found is None or self._may_give_to(found) else None

    def is_colleague(self, text: str) -> bool:
        """Whether the owner is somebody here, though not one this person may give leads to."""
        last, comma, first = text.partition(",")
        names = {plain(text), plain(f"{first} {last}") if comma else ""}
        return bool(names & self.colleagues) or text.strip().lower() in self.by_email

    def _may_give_to(self, person: Person) -> bool:
        match self.actor.role:
            case Role.ADMIN:
                return True
            case Role.MANAGER:
                return person.team_id == self.actor.team_id
            case _:
                return person.id == self.actor.id
