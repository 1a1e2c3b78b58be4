"""Finds posted cards by their place, and the lead that a card is about."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from sales.notices import (
    LeadCardMoved,
    LeadOffered,
    LeadShown,
    LeadUnclaimed,
    notice_to_dict,
)
from storage.database.among import among
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
_WHOLE: Final = [notice.kind for notice in (LeadShown, LeadOffered, LeadUnclaimed)]
"""The notices that post all of a lead, which a newer card replaces."""
_LIVING: Final = (
    select(posting.c.ref)
    .where(
        posting.c.subject == bindparam("subject"),
        posting.c.lane == bindparam("lane"),
        among(posting.c.kind, "kinds"),
    )
    .order_by(posting.c.id.desc())
    .limit(1)
)
_REPLACED: Final = posting.update().where(
    posting.c.subject == bindparam("about"),
    posting.c.lane == bindparam("held"),
    among(posting.c.kind, "kinds"),
    posting.c.id != bindparam("newest"),
)


_HELD: Final = (
    select(posting.c.id)
    .where(
        posting.c.subject == bindparam("subject"),
        posting.c.person_id == bindparam("person"),
        posting.c.kind == bindparam("kind"),
    )
    .limit(1)
)
_HELD_BY: Final = select(posting.c.subject).where(
    posting.c.lane == bindparam("lane"), posting.c.kind == bindparam("kind")
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

    def has(self, subject: str, person_id: int, kind: str) -> bool:
        """Whether a notice of this kind posted a card of the subject to the person."""
        held = {"subject": subject, "person": person_id, "kind": kind}
        return self._connection.scalar(_HELD, held) is not None

    def subjects_of(self, lane: str, kind: str) -> list[str]:
        """Return the subjects of all cards that notices of this kind posted in a conversation."""
        return list(self._connection.scalars(_HELD_BY, {"lane": lane, "kind": kind}))

    def living(self, lead_id: int, lane: str) -> str:
        """Return the reference of the lead's card in a conversation; empty without one."""
        place = {"subject": f"{LEAD}{lead_id}", "lane": lane, "kinds": _WHOLE}
        ref: str | None = self._connection.scalar(_LIVING, place)
        return ref or ""

    def show_lead(self, lead_id: int, person_id: int, lane: str, ref: str, now: datetime) -> str:
        """Keep the lead's card that answered a person, in place of those before it.

        Returns the subject to refresh, so that the cards it replaces are redrawn as a short line;
        empty when there are none.
        """
        subject = f"{LEAD}{lead_id}"
        card = {
            "subject": subject,
            "thread": subject,
            "lane": lane,
            "ref": ref,
            "person_id": person_id,
            "kind": LeadShown.kind,
            "fields": notice_to_dict(LeadShown(lead_id)),
            "posted_at": now,
        }
        query = posting.insert().values(card).returning(posting.c.id)
        newest = self._connection.execute(query).scalar_one()
        moved = f"moved:{newest}"
        replaced = self._connection.execute(
            _REPLACED.values(
                subject=moved,
                kind=LeadCardMoved.kind,
                fields=notice_to_dict(LeadCardMoved(lead_id)),
            ),
            {"about": subject, "held": lane, "kinds": _WHOLE, "newest": newest},
        )
        return moved if replaced.rowcount else ""
