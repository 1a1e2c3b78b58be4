"""Stores saved views and their postings.

A repository of views is created for an actor and returns only what they may see.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, false, or_, select

from sales.errors import PostingNotFound, ViewNotFound
from sales.people import Person, Role
from sales.posting_times import PostingTimes
from sales.saved_views import Posting, PostingEnd, SavedView, may_see
from sales.targets import Holder
from storage.database.rows import Codec, RowMapper
from storage.tables import saved_view as table
from storage.tables import view_posting

_VIEWS = RowMapper(SavedView, given=("holder",))
_WEEKDAYS: Codec[tuple[str, ...]] = Codec(lambda days: tuple(days.split(",")), ",".join)
_AT: Codec[time] = Codec(time.fromisoformat, lambda at: f"{at:%H:%M}")
_POSTINGS = RowMapper(Posting, times=RowMapper(PostingTimes, weekdays=_WEEKDAYS, at=_AT))
_GOES_ON = view_posting.c.ended_at.is_(None)


class SavedViewRepository:
    """The views that the actor may see: their own and their team's, for admins every team's."""

    def __init__(self, connection: Connection, actor: Person) -> None:
        self._connection = connection
        self._actor = actor

    def all(self) -> list[SavedView]:
        """List the views, the actor's own first, then by team and position."""
        query = select(table).where(self._visible())
        order = (table.c.team_id.is_not(None), table.c.team_id, table.c.position, table.c.id)
        rows = self._connection.execute(query.order_by(*order)).mappings()
        return [_read(row) for row in rows]

    def of(self, holder: Holder) -> list[SavedView]:
        """List a holder's views by position; none of a holder whose views the actor may not
        see."""
        return [view for view in self.all() if view.holder == holder]

    def get(self, view_id: int) -> SavedView:
        """Return a view. Raises ViewNotFound."""
        query = select(table).where(table.c.id == view_id, self._visible())
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise ViewNotFound
        return _read(row)

    def add(self, new: SavedView) -> SavedView:
        insert = table.insert().values(_written(new)).returning(table.c.id)
        return replace(new, id=self._connection.execute(insert).scalar_one())

    def save(self, view: SavedView) -> SavedView:
        update = table.update().where(table.c.id == view.id, self._visible())
        if not self._connection.execute(update.values(_written(view))).rowcount:
            raise ViewNotFound
        return view

    def order(self, views: Iterable[SavedView]) -> None:
        """Store the positions of views."""
        for view in views:
            update = table.update().where(table.c.id == view.id, self._visible())
            self._connection.execute(update.values(position=view.position))

    def delete(self, view_id: int) -> None:
        self._connection.execute(table.delete().where(table.c.id == view_id, self._visible()))

    def _visible(self) -> ColumnElement[bool]:
        actor = self._actor
        seen = []
        if may_see(actor, Holder.person(actor.id)):
            seen.append(table.c.person_id == actor.id)
        if may_see(actor, Holder.team(actor.team_id)):
            every = actor.role is Role.ADMIN
            seen.append(table.c.team_id.is_not(None) if every else table.c.team_id == actor.team_id)
        return or_(false(), *seen)


def _read(row: RowMapping) -> SavedView:
    person_id, team_id = row["person_id"], row["team_id"]
    holder = Holder.person(person_id) if person_id is not None else Holder.team(team_id)
    return _VIEWS.read(row, holder=holder)


def _written(view: SavedView) -> dict[str, Any]:
    whose = view.holder.id
    return _VIEWS.write(view) | {
        "person_id": None if view.is_teams else whose,
        "team_id": whose if view.is_teams else None,
    }


class PostingRepository:
    """Postings of views. Knows no rights: they are asked for where one is changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Posting) -> Posting:
        insert = view_posting.insert().values(_POSTINGS.write(new)).returning(view_posting.c.id)
        return replace(new, id=self._connection.execute(insert).scalar_one())

    def save(self, posting: Posting) -> Posting:
        update = view_posting.update().where(view_posting.c.id == posting.id)
        self._connection.execute(update.values(_POSTINGS.write(posting)))
        return posting

    def find(self, posting_id: int) -> Posting | None:
        """Find a posting, whether it goes on or has ended."""
        found = self._where(view_posting.c.id == posting_id)
        return found[0] if found else None

    def get(self, posting_id: int) -> Posting:
        """Return a posting that goes on. Raises PostingNotFound."""
        found = self._where(view_posting.c.id == posting_id, _GOES_ON)
        if not found:
            raise PostingNotFound
        return found[0]

    def post_on(self, posting: Posting, day: date) -> bool:
        """Note that it is posted on a day; False when it was on that day or a later one.

        The row decides, so that two processes never post the same day twice.
        """
        earlier = or_(view_posting.c.posted_on.is_(None), view_posting.c.posted_on < day)
        update = view_posting.update().where(view_posting.c.id == posting.id, earlier)
        return bool(self._connection.execute(update.values(posted_on=day)).rowcount)

    def end(self, posting: Posting, why: PostingEnd, at: datetime, view_name: str) -> None:
        """End a posting that goes on; its row stays for the notice that says so."""
        update = view_posting.update().where(view_posting.c.id == posting.id)
        ended = {"ended_at": at, "ended_why": why.value, "view_name": view_name}
        self._connection.execute(update.values(ended))

    def active(self) -> list[Posting]:
        """List the postings that have not ended."""
        return self._where(_GOES_ON)

    def to_person(self, person_id: int) -> list[Posting]:
        """List what goes to a person's own chat."""
        return self._where(view_posting.c.person_id == person_id, _GOES_ON)

    def to_channel(self, platform: str, conversation: str) -> list[Posting]:
        channel = (
            view_posting.c.platform == platform,
            view_posting.c.conversation == conversation,
        )
        return self._where(*channel, view_posting.c.person_id.is_(None), _GOES_ON)

    def to_channels_of(self, team_ids: Iterable[int]) -> list[Posting]:
        """List what goes to channels of these teams."""
        teams = view_posting.c.team_id.in_(list(team_ids))
        return self._where(teams, view_posting.c.person_id.is_(None), _GOES_ON)

    def set_by(self, person_id: int) -> list[Posting]:
        return self._where(view_posting.c.set_by == person_id, _GOES_ON)

    def of_view(self, view: str) -> list[Posting]:
        """List a view's postings, to whomever they go."""
        return self._where(view_posting.c.view == view, _GOES_ON)

    def _where(self, *conditions: Any) -> list[Posting]:
        query = select(view_posting).where(*conditions).order_by(view_posting.c.id)
        return [_POSTINGS.read(row) for row in self._connection.execute(query).mappings()]
