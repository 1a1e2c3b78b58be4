"""Files of leads: their rows, and the leads that were made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sales.imports.plan import Import
from sales.imports.sheet import Row
from sales.leads import Lead
from sales.people import Person


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A page of an undo: rows up to ``last`` were looked at; ``kept`` maps rows that stay to
    why (``import.kept_<why>``)."""

    last: int = 0
    removed: int = 0
    kept: Mapping[int, str] = field(default_factory=dict)

    @property
    def looked_at(self) -> int:
        return self.removed + len(self.kept)


class Imports(Protocol):
    """The imports of one person; of everybody for ``SYSTEM``."""

    def add(self, imported: Import, pages: Sequence[str]) -> Import:
        """Keep a file's rows, sealed, page by page, as ``pages_of`` writes them."""

    def add_unread(self, imported: Import, content: bytes) -> Import:
        """Keep a file, sealed, until it is read."""

    def unread(self) -> int | None:
        """The import whose file waits longest to be read; None for none."""

    def count_unread(self) -> int:
        """How many files of this person wait to be read."""

    def content(self, import_id: int) -> bytes | None:
        """A file that waits to be read; None for one that does not any more."""

    def take_pages(self, import_id: int, pages: Sequence[str]) -> None:
        """The rows of a file instead of the file."""

    def get(self, import_id: int) -> Import:
        """Held until the unit of work ends. Raises ImportNotFound."""

    def save(self, imported: Import) -> Import: ...

    def columns(self, import_id: int) -> tuple[str, ...]:
        """Raises ImportNotFound once the rows are forgotten."""

    def page(self, import_id: int, number: int) -> list[Row]:
        """The rows of a page, from 0; none past the last."""

    def forget_rows(self, import_id: int) -> None: ...


class ImportedLeads(Protocol):
    """The leads of one import, whosoever they are."""

    def add(self, leads: Sequence[tuple[int, Lead]]) -> list[Lead]:
        """Store leads with the rows they come from and how they came to their stage."""

    def known(self, contacts: Sequence[str]) -> set[str]:
        """Those of the phones and e-mails that a lead has which is not of this import."""

    def others(self, contacts: Sequence[str], actor: Person) -> int:
        """How many leads that are not the actor's to see have one of the contacts."""

    def namesakes(self, leads: Sequence[Lead]) -> Mapping[int, tuple[str, ...]]:
        """For each lead, by its place, the names of customers that begin alike or share its
        e-mail's domain, of leads that are not of this import."""

    def claimed(self, contacts: Sequence[str]) -> set[str]:
        """Those that an earlier row laid claim to in this run."""

    def claim(self, contacts: Sequence[str]) -> None: ...

    def forget_claims(self) -> None: ...

    def numbers(self) -> tuple[int, int, int]:
        """The first and the last id of the leads that are there, and how many they are."""

    def owners(self) -> Mapping[int, int]:
        """How many of the leads each person owns now, by person id."""

    def pooled(self) -> int:
        """How many of the leads are in the public pool now."""

    def rows(self) -> set[int]:
        """The rows that are leads."""

    def take_back(self, after: int, limit: int) -> TakenBack:
        """Remove the next leads whose row is above ``after`` and that nobody has touched."""
