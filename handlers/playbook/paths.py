"""Address a part of the playbook: of the version in force or of a draft.

Written ``clocks.high`` or ``routing.0:12`` in buttons and forms, 12 being the draft.
"""

from dataclasses import dataclass, replace
from typing import Any

from handlers.core.button_values import pack, unpack
from handlers.core.context import Context
from handlers.core.requests import record_id
from handlers.core.ui import Section
from handlers.playbook.wording import trail
from sales.errors import DraftNotFound
from sales.playbook import Playbook
from sales.playbook.changes import Document, Path, PlaybookDraft, document_of, name_of, part_at
from sales.playbook.shape import is_list, is_record, type_at
from sales.playbook.unknown_names import Stranger, nearest, strangers

NEW = "new"
"""The last step of a place whose record is still to be added."""
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Place:
    """A part, and the playbook in which it is looked up."""

    path: Path
    playbook: Playbook
    draft: PlaybookDraft | None = None

    def __str__(self) -> str:
        written = ".".join(self.path)
        return pack(written, self.draft.id) if self.draft else written

    @property
    def document(self) -> Document:
        return document_of(self.playbook)

    @property
    def part(self) -> Any:
        """The value at the place, as JSON; None for a record to be added."""
        return None if self.is_new else part_at(self.document, self.path)

    @property
    def type(self) -> Any:
        return type_at(self.path)

    @property
    def is_new(self) -> bool:
        return self.path[-1] == NEW

    @property
    def parent(self) -> "Place":
        return replace(self, path=self.path[:-1])

    @property
    def is_item(self) -> bool:
        """Whether the place is a record of a list, which can be moved and deleted."""
        return len(self.path) > 1 and is_list(self.parent.type)

    def below(self, *steps: str) -> "Place":
        return replace(self, path=(*self.path, *steps))


def place_of(value: str, context: Context) -> Place:
    """Parse a place; raises DraftNotFound when there is no such part or no such open draft."""
    written, number = _split(value)
    draft = draft_of(number, context) if number else None
    playbook = draft.playbook if draft else context.playbook
    place = Place(tuple(written.split(".")), playbook, draft)
    try:
        if place.is_new and not (is_list(place.parent.type) and is_record(place.type)):
            raise DraftNotFound
        if not isinstance(place.part, dict | list | None):
            raise DraftNotFound
    except (LookupError, TypeError):
        raise DraftNotFound from None
    return place


def names_draft(value: str) -> bool:
    return bool(_split(value)[1])


def _split(value: str) -> tuple[str, str]:
    """Split into the path and the number of a draft."""
    return unpack(value[:_LONGEST], str, str, former="@")


def draft_of(value: str, context: Context) -> PlaybookDraft:
    """Find the open draft that a button or form carries. Raises DraftNotFound."""
    draft_id = record_id(value)
    if draft_id is None:
        raise DraftNotFound
    draft = context.uow.drafts.get(draft_id)
    if not draft.is_open:
        raise DraftNotFound
    return draft


SHOWN = 8


def unknown_section(playbook: Playbook, context: Context) -> tuple[Section, ...]:
    """Section warning of names in the rules that nobody has; empty when there are none."""
    lines = unknown_lines(playbook, context)
    return (Section(context.text("rules.unknown"), lines),) if lines else ()


def unknown_lines(playbook: Playbook, context: Context) -> tuple[str, ...]:
    """One line per unknown name: where the rules use it and whom it may mean."""
    people = [person.name for person in context.uow.people.everyone()]
    teams = [team.name for team in context.uow.people.teams()]
    unknown = strangers(playbook, people, teams)
    lines = tuple(_line(stranger, playbook, people, teams, context) for stranger in unknown[:SHOWN])
    more = len(unknown) - SHOWN
    return (*lines, context.text("rules.more", n=more)) if more > 0 else lines


def _line(
    stranger: Stranger, playbook: Playbook, people: list[str], teams: list[str], context: Context
) -> str:
    near = nearest(stranger.name, people if stranger.what == "person" else teams)
    line = context.text(
        f"rules.unknown_{stranger.what}",
        name=stranger.name,
        part=trail(_by_names(stranger, playbook), context),
    )
    if not near:
        return line
    return line + context.text("rules.unknown_near", names=context.language.listing(near))


def _by_names(stranger: Stranger, playbook: Playbook) -> tuple[str, ...]:
    """The path of the record that names somebody, with names in place of list positions."""
    document, steps = document_of(playbook), stranger.path[:-1]
    named = (name_of(part_at(document, steps[: end + 1])) for end in range(len(steps)))
    path = [
        (name if step.isdecimal() and name else step)
        for step, name in zip(steps, named, strict=True)
    ]
    # The pool member is named already: the path should lead to the rule.
    return tuple(path[:-2] if len(path) > 1 and path[-2] == "pool" else path)
