"""Finds posted cards by their place, and the lead that a card is about."""

from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from storage.outbox.outbox import lane_of_person
from storage.tables import posting

LEAD: Final = "lead:"
_ABOUT: Final = (
    select(posting.c.thread)
    .where(posting.c.lane == bindparam("lane"), posting.c.ref == bindparam("ref"))
    .order_by(posting.c.id.desc())
    .limit(1)
)
_FIRST: Final = (
    select(posting.c.ref)
    .where(
        posting.c.lane == bindparam("lane"),
        or_(posting.c.subject == bindparam("about"), posting.c.thread == bindparam("about")),
    )
    .order_by((posting.c.subject != bindparam("about")), posting.c.id)
    .limit(1)
)


class PostedCardRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lead_of(self, ref: str, *, platform: str, address: str, private: bool) -> int | None:
        """Return the id of the lead a posted card is about; None for other cards and deleted ones.

        ``ref`` is the platform's id of the card; ``address`` the account whose 1:1 with the bot it
        is in (``private``), or else the channel.
        """
        kind = "person" if private else "channel"
        place = {"lane": f"{platform}:{kind}:{address}", "ref": ref}
        about: str = self._connection.scalar(_ABOUT, place) or ""
        return int(about.removeprefix(LEAD)) if about.startswith(LEAD) else None

    def standing(self, person_id: int, *subjects: str) -> tuple[str, str]:
        """Return where a person reads about a lead: the platform used last, and the card there.

        The card is the reference of the first card of the first subject that has one; either may be
        empty.
        """
        lane = lane_of_person(self._connection, person_id) or ""
        for subject in filter(None, subjects):
            ref: str | None = self._connection.scalar(_FIRST, {"lane": lane, "about": subject})
            if ref:
                return lane.partition(":")[0], ref
        return lane.partition(":")[0], ""
