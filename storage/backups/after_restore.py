"""What a restored database must not do: send again, or open again what was closed meanwhile.

It does not know what was posted since its backup. Messages that are delivered at most once, and
posts that fell due, may have been sent: they are not sent again, and the messages are listed as
unclear, where an admin can send one anyway; of mails to customers their senders are told. What is
delivered at least once goes out, since it may also never have been sent.

A link to a proposal that was ended, and the account of somebody who left, must not open again only
because the database went back to an earlier day. They are read from the database that was there
before, as far as it can still be read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, Select, bindparam, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from sales.errors import StorageUnavailable
from storage.database.engine import Database, open_database
from storage.tables import identity, message, person, proposal_link, proposal_mail, work

log = structlog.get_logger(__name__)
_POSTS: Final = ("digest", "honours", "review", "sharing", "sync", "view")
"""The kinds of jobs whose notices are delivered at most once; each start schedules the next."""
_PROBLEM: Final = "restored"


@dataclass(frozen=True, slots=True)
class Settled:
    """How many messages are unclear, and how many posts are left out."""

    messages: int
    posts: int


def settle(restored: Path, now: datetime) -> Settled:
    """Settle what a restored SQLite file would send a second time."""
    database = open_database(f"sqlite:///{restored}", restored.parent)
    try:
        return settle_database(database, now)
    finally:
        database.dispose()


def settle_database(database: Database, now: datetime) -> Settled:
    """Settle the same in a database that was restored and that nobody uses yet.

    Raises StorageUnavailable.
    """
    with database.read() as connection:
        inspector = inspect(connection)
        if not all(inspector.has_table(table.name) for table in (message, work)):
            return Settled(0, 0)
        mails = inspector.has_table(proposal_mail.name)
    unsent = message.c.state.in_(("waiting", "sending", "kept")) & message.c.once
    due = work.c.kind.in_(_POSTS) & (work.c.due_at <= now) & work.c.done_at.is_(None)
    with database.write() as connection:
        unclear = message.update().where(unsent).values(state="unknown", problem=_PROBLEM)
        messages = connection.execute(unclear).rowcount
        if mails:
            # Begun long ago and not ended: that is what an unclear one looks like.
            waiting = proposal_mail.update().where(proposal_mail.c.state == "waiting")
            connection.execute(waiting.values(state="sending", tried_at=proposal_mail.c.written_at))
        posts = connection.execute(work.update().where(due).values(done_at=now)).rowcount
    return Settled(messages, posts)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many links were ended again, and how many accounts closed again."""

    links: int = 0
    accounts: int = 0


def withdraw_again(former: Database, restored: Database) -> Withdrawn:
    """End links and close accounts that are so in the former database.

    Nothing, where that cannot be read or has another schema. Raises StorageUnavailable for the
    restored one.
    """
    try:
        with former.read() as connection:
            links = select(proposal_link.c.token_hash, proposal_link.c.expires_at)
            ends = {row.token_hash: row.expires_at for row in connection.execute(links)}
            rows = connection.execute(_accounts(active=False))
            left = {(row.platform, row.external_id) for row in rows}
    except (StorageUnavailable, SQLAlchemyError) as error:
        log.warning("backup.former_unreadable", problem=type(error).__name__)
        return Withdrawn()
    try:
        with restored.write() as connection:
            return Withdrawn(_end_links(connection, ends), _close(connection, left))
    except SQLAlchemyError as error:
        # Of an earlier schema, without these tables.
        log.warning("backup.not_withdrawn", problem=type(error).__name__)
        return Withdrawn()


def _end_links(connection: Connection, ends: Mapping[str, datetime]) -> int:
    query = select(proposal_link.c.id, proposal_link.c.token_hash, proposal_link.c.expires_at)
    again = [
        {"link": row.id, "at": ends[row.token_hash]}
        for row in connection.execute(query)
        if ends.get(row.token_hash, row.expires_at) < row.expires_at
    ]
    if again:
        here = proposal_link.c.id == bindparam("link")
        connection.execute(
            proposal_link.update().where(here).values(expires_at=bindparam("at")), again
        )
    return len(again)


def _close(connection: Connection, left: Collection[tuple[str, str]]) -> int:
    """Close whoever has an account that is closed; the person may have several."""
    open_ = connection.execute(_accounts(active=True)).all()
    again = {row.person_id for row in open_ if (row.platform, row.external_id) in left}
    if again:
        gone = person.update().where(person.c.id.in_(again))
        connection.execute(gone.values(active=False))
    return len(again)


def _accounts(*, active: bool) -> Select[tuple[str, str, int]]:
    joined = identity.join(person, person.c.id == identity.c.person_id)
    columns = identity.c.platform, identity.c.external_id, identity.c.person_id
    return select(*columns).select_from(joined).where(person.c.active.is_(active))
