"""Saved views: a list of leads under a name, of a person or a team, and its postings.

A view holds filters and no leads: whoever opens it sees what they may see. Knows how a view may be
named, seen and changed; what the filters mean is in ``sales.lead_lists``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from unicodedata import category, normalize

from sales.contacts import holds_contact
from sales.lead_lists import DecodedQuery, LeadQuery, NextStep, Status, decode
from sales.leads import Grade, parse_lead_number
from sales.people import Person, Role
from sales.playbook import Vocabulary
from sales.posting_times import PostingTimes, read_posting
from sales.targets import Holder
from sales.unreadable import UnreadableText

MOST_VIEWS = 30
"""Views of one person, and of one team."""
MOST_POSTINGS = 10
"""Postings that one person receives, and that one channel receives."""
LONGEST_NAME = 40
LIST_WORDS = frozenset(
    {"views", "view", "my views", "saved views", "我的视图", "视图", "保存的视图", "视图列表"}
)
"""After ``/leads``: the list of views is meant. No view may have such a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """``holder`` is the person or the team it belongs to. ``query`` has the filters and the order
    as ``sales.lead_lists.encode`` writes them; *me* in it stands for its reader. ``position``
    orders the holder's views, from 0."""

    id: int = 0
    holder: Holder
    name: str
    query: str
    position: int = 0
    made_by: int
    changed_at: datetime

    @property
    def key(self) -> str:
        return name_key(self.name)

    @property
    def is_teams(self) -> bool:
        return self.holder.kind == "team"


class BuiltIn(StrEnum):
    """The views that everybody has. ``query`` begins with all leads that the reader sees."""

    OVERDUE = "overdue"
    THIS_WEEK = "this_week"
    NO_STEP = "no_step"
    QUIET = "quiet"
    HIGH = "high"
    HOT = "hot"

    @property
    def query(self) -> LeadQuery:
        return _BUILT_IN[self]


_BUILT_IN = {
    BuiltIn.OVERDUE: LeadQuery(steps=(NextStep.OVERDUE,)),
    BuiltIn.THIS_WEEK: LeadQuery(steps=(NextStep.THIS_WEEK,)),
    BuiltIn.NO_STEP: LeadQuery(status=Status.WORKED, steps=(NextStep.NONE,)),
    BuiltIn.QUIET: LeadQuery(status=Status.WORKED, quiet=30),
    BuiltIn.HIGH: LeadQuery(status=Status.WORKED, grades=(Grade.HIGH,), quiet=7),
    BuiltIn.HOT: LeadQuery(hot=True),
}


@dataclass(frozen=True, slots=True)
class ReadView:
    """A view's query as it can be read today.

    ``shows_more``: without what was lost of it, the list would be longer than its maker meant, so
    that it is not shown unless somebody asks for that.
    """

    decoded: DecodedQuery
    shows_more: bool


def read_query(query: str, vocabulary: Vocabulary) -> ReadView:
    """Read a stored query. What cannot be decrypted says nothing, and would show all leads."""
    if isinstance(query, UnreadableText):
        return ReadView(DecodedQuery(), shows_more=True)
    decoded = decode(query, vocabulary)
    excluded = any(part.name.startswith("-") for part in decoded.lost)
    return ReadView(decoded, decoded.is_wider or excluded)


class WhenEmpty(StrEnum):
    """What a posting says on a day on which its list has no rows."""

    LINE = "line"
    NOTHING = "nothing"


class PostingEnd(StrEnum):
    """Why a posting ended by itself."""

    VIEW_GONE = "view_gone"
    """The view was deleted, or its reader may not see it any more."""
    NO_RIGHTS = "no_rights"
    """Its reader, or the leader who set it up, left or may not do so any more."""
    UNBOUND = "unbound"
    """The channel does not belong to the team any more."""
    STOPPED = "stopped"
    """Somebody who leads the team stopped it."""
    NEVER_DUE = "never_due"
    """None of its days is a working day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A view posted on days and hours: to ``person_id``, or to a channel that belongs to
    ``team_id``.

    ``view`` names a saved view by its id or a built-in one by its key; ``view_name`` is what it was
    called when the posting ended. ``set_by`` answers for it. ``posted_on`` is the last local day.
    """

    id: int = 0
    view: str
    person_id: int | None = None
    platform: str = ""
    conversation: str = ""
    team_id: int
    set_by: int
    times: PostingTimes
    when_empty: WhenEmpty = WhenEmpty.LINE
    posted_on: date | None = None
    ended_at: datetime | None = None
    ended_why: PostingEnd | None = None
    view_name: str = ""

    @property
    def in_channel(self) -> bool:
        return self.person_id is None

    @property
    def channel(self) -> tuple[str, str]:
        return self.platform, self.conversation


class InvalidViewName(ValueError):
    """The text is no name for a view; ``problem`` is the catalogue key of what is wrong."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def name_key(name: str) -> str:
    """What two names have in common that readers could not tell apart."""
    folded = normalize("NFKC", name).casefold()
    visible = "".join(char for char in folded if category(char) not in ("Cf", "Mn", "Cc"))
    return " ".join(visible.split())


def parse_name(typed: str) -> str:
    """A view's name; raises InvalidViewName.

    A name is shown to a whole channel, so it holds no contact; and it is typed after ``/leads``, so
    it is not a lead's number, nor words that ask for something else there.
    """
    name = " ".join(normalize("NFKC", typed).split())
    key = name_key(name)
    if not any(char.isalnum() for char in key):
        raise InvalidViewName("view_name_missing")
    if len(name) > LONGEST_NAME or len(key) > 3 * LONGEST_NAME:
        raise InvalidViewName("view_name_long")
    if holds_contact(name):
        raise InvalidViewName("view_name_contact")
    posting = read_posting(name)
    asks = posting is not None and not posting.is_word
    if asks or key in LIST_WORDS or parse_lead_number(name) is not None:
        raise InvalidViewName("view_name_taken_word")
    return name


def may_see(actor: Person, holder: Holder) -> bool:
    """People see their own views and their team's; admins those of all teams."""
    if not actor.active or not actor.sells:
        return False
    if holder.kind == "person":
        return holder.id == actor.id
    return actor.role is Role.ADMIN or holder.id == actor.team_id


def may_change(actor: Person, holder: Holder) -> bool:
    """People change their own views, and leaders their team's."""
    if holder.kind == "person":
        return may_see(actor, holder)
    return may_see(actor, holder) and actor.role in (Role.MANAGER, Role.ADMIN)


def leads_team(actor: Person, team_id: int) -> bool:
    """Whether the actor may post to the team's channels."""
    return may_change(actor, Holder.team(team_id))


def reader_of_team(team_id: int) -> Person:
    """Who reads a team's channel: all of the team's leads, nobody's own, and no other team's."""
    return Person(id=0, name="", role=Role.MANAGER, team_id=team_id)


def named(views: Iterable[SavedView], name: str) -> SavedView | None:
    """The view of that name; of several, a person's own before a team's."""
    key = name_key(name)
    found = [view for view in views if view.key == key]
    return min(found, key=lambda view: (view.is_teams, view.position, view.id), default=None)


def moved(views: Sequence[SavedView], view_id: int, by: int) -> list[SavedView]:
    """The holder's views with one moved up (-1) or down (1), numbered from 0."""
    order = sorted(views, key=lambda view: (view.position, view.id))
    place = next((place for place, view in enumerate(order) if view.id == view_id), None)
    if place is not None:
        view = order.pop(place)
        order.insert(min(max(place + by, 0), len(order)), view)
    return [replace(view, position=place) for place, view in enumerate(order)]
