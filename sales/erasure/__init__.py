"""Erasing a person on request: the terms, without a database or words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sales.errors import GenjinError

ERASED: Final = "•••"
"""Stands in a text where a name or a contact of an erased person stood."""


class ErasureSubjectNotFound(GenjinError):
    """Nobody is known by what was given, or the lead has no contact left to erase."""

    key = "erasure_nobody"


class ErasureNotFound(GenjinError):
    """No such erasure, or it has been carried out already."""

    key = "erasure_not_found"


class StillActive(GenjinError):
    """A colleague whose account is open: it is closed first, and their leads are handed over."""

    key = "erasure_still_active"


class ErasedKind(StrEnum):
    """Who is erased."""

    CONTACT = "contact"
    COLLEAGUE = "colleague"


class ErasureReason(StrEnum):
    """Why; there is no free text, which would name the person again."""

    REQUESTED = "requested"
    CONSENT = "consent"
    LEFT = "left"
    UNNEEDED = "unneeded"
    UNLAWFUL = "unlawful"


class ErasureState(StrEnum):
    PREVIEWED = "previewed"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PersonForms:
    """Everything that a person is called or reached by, in clear.

    ``names`` as typed; ``contacts`` are phones (E.164), e-mails and WeChat ids; ``accounts`` the
    ids of their accounts on chat platforms. ``namesakes`` are leads whose contact is somebody else
    of the same name; ``is_shared`` says that a colleague has the name. ``shared`` are those of the
    contacts by which somebody else is reached too, at the leads ``sharing``.
    """

    names: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    namesakes: tuple[int, ...] = ()
    is_shared: bool = False
    shared: tuple[str, ...] = ()
    sharing: tuple[int, ...] = ()

    def __or__(self, other: "PersonForms") -> "PersonForms":
        return PersonForms(
            tuple(dict.fromkeys((*self.names, *other.names))),
            tuple(dict.fromkeys((*self.contacts, *other.contacts))),
            tuple(dict.fromkeys((*self.accounts, *other.accounts))),
            tuple(dict.fromkeys((*self.namesakes, *other.namesakes))),
            self.is_shared or other.is_shared,
            tuple(dict.fromkeys((*self.shared, *other.shared))),
            tuple(dict.fromkeys((*self.sharing, *other.sharing))),
        )

    def __bool__(self) -> bool:
        return bool(self.names or self.contacts or self.accounts)


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What an erasure would change: rows by heading, and some texts as they would read then, by
    heading. ``is_whole``: everything was looked through, not only the person's own leads."""

    count: Mapping[str, int]
    examples: Mapping[str, Sequence[str]]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure.

    ``uid`` is the same in every copy of the database. ``leads`` are those whose contact is erased,
    each with the instant (ISO) at which it was created, since numbers might be given again after an
    older backup was restored. ``marks`` are keyed hashes (key ``key_id``) of names and contacts.
    ``forms`` is there only while it runs; ``cursor`` is the place and the row's key up to which
    everything was searched. ``tally`` counts the changed rows by place. ``replayed`` after a
    restore.
    """

    id: int = 0
    uid: str
    kind: ErasedKind
    leads: tuple[tuple[int, str], ...] = ()
    person_id: int | None = None
    marks: tuple[str, ...] = ()
    key_id: str
    reason: ErasureReason = ErasureReason.REQUESTED
    asked_by: int
    asked_at: datetime
    state: ErasureState = ErasureState.PREVIEWED
    forms: PersonForms = field(default_factory=PersonForms)
    cursor: tuple[object, ...] = ()
    tally: tuple[tuple[str, int], ...] = ()
    done_at: datetime | None = None
    replayed: bool = False
    step: int = 0

    @property
    def subject(self) -> str:
        return f"erasure:{self.id}"

    @property
    def entry(self) -> str:
        """What it is called where people read it, on the cards and in the ledger."""
        return self.uid[:8]

    @property
    def lead_ids(self) -> tuple[int, ...]:
        return tuple(lead_id for lead_id, _ in self.leads)

    @property
    def rows(self) -> int:
        """How many rows were changed."""
        return sum(n for _, n in self.tally)
