"""Posted cards, found by where they stand: the lead that a card is about."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from storage.tables import posting

LEAD: Final = "lead:"
_ABOUT: Final = (
    select(posting.c.thread)
    .where(posting.c.lane == bindparam("lane"), posting.c.ref == bindparam("ref"))
    .order_by(posting.c.id.desc())
    .limit(1)
)


class PostingRows:
    """``sales.ports.Postings``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lead_of(self, ref: str, *, platform: str, address: str, private: bool) -> int | None:
        kind = "person" if private else "channel"
        found = {"lane": f"{platform}:{kind}:{address}", "ref": ref}
        about = self._connection.scalar(_ABOUT, found) or ""
        return int(about.removeprefix(LEAD)) if about.startswith(LEAD) else None
