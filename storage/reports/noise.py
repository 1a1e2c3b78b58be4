"""Counts the notices a team was sent and those acted on. Names no person and no customer."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, case, func, or_, select

from sales.noise import NoticeTally
from sales.notices import CardChanged, StepInCalendar
from storage.outbox.outbox import MAIL, OPENED, TOLD, TURNED_DOWN
from storage.tables import message, person

_TOLD: Final = message.c.state.in_(("sent", TOLD, OPENED))
_ACTED: Final = and_(_TOLD, or_(message.c.acted_at.is_not(None), message.c.state == OPENED))
_MUTED: Final = and_(message.c.state == "moot", message.c.problem == TURNED_DOWN)


class NoiseRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tally(self, team_id: int, start: datetime, end: datetime) -> list[NoticeTally]:
        """Count notices in ``[start, end)`` to people of a team, by kind.

        Bundles (``KeptNotices``) count as a kind of their own.
        """
        query = (
            select(
                message.c.kind,
                func.count(case((message.c.state == "sent", 1))).label("messages"),
                func.count(case((_TOLD, 1))).label("told"),
                func.count(case((_ACTED, 1))).label("acted"),
                func.count(case((_MUTED, 1))).label("muted"),
            )
            .join(person, person.c.id == message.c.person_id)
            .where(
                person.c.team_id == team_id,
                message.c.state.in_(("sent", "moot", TOLD, OPENED)),
                message.c.created_at >= start,
                message.c.created_at < end,
                message.c.kind.not_in((CardChanged.kind, StepInCalendar.kind)),
                # An e-mail copy does not count again.
                message.c.lane.not_like(f"{MAIL}:%"),
            )
            .group_by(message.c.kind)
            .order_by(message.c.kind)
        )
        tallies = [NoticeTally(**row) for row in self._connection.execute(query).mappings()]
        return [one for one in tallies if one.told or one.muted]
