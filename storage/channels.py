"""Stores the channels that receive a team's digests."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.database.upsert import insert_into
from storage.tables import binding as table
from storage.tables import team


@dataclass(frozen=True, slots=True)
class BoundChannel:
    """A channel that receives a team's digests. ``with_names``: a leader chose to name customers
    even though nobody can tell who reads the channel."""

    platform: str
    conversation: str
    team_id: int
    locale: str
    bound_by: int
    with_names: bool = False


_CHANNELS = RowMapper(BoundChannel)


class ChannelRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bind(self, binding: BoundChannel) -> None:
        """Bind a channel, replacing its previous binding."""
        row = _CHANNELS.write(binding)
        insert = insert_into(table, self._connection.dialect.name).values(row)
        same = ["platform", "conversation"]
        self._connection.execute(insert.on_conflict_do_update(index_elements=same, set_=row))

    def unbind(self, platform: str, conversation: str) -> None:
        self._connection.execute(
            table.delete().where(table.c.platform == platform, table.c.conversation == conversation)
        )

    def of_channel(self, platform: str, conversation: str) -> BoundChannel | None:
        query = select(table).where(
            table.c.platform == platform, table.c.conversation == conversation
        )
        channels = self._all(query)
        return channels[0] if channels else None

    def of_team(self, team_id: int) -> list[BoundChannel]:
        """List a team's channels by platform and conversation."""
        query = select(table).where(table.c.team_id == team_id)
        return self._all(query.order_by(table.c.platform, table.c.conversation))

    def _all(self, query: Select[Any]) -> list[BoundChannel]:
        return [_CHANNELS.read(row) for row in self._connection.execute(query).mappings()]


def team_names_by_channel(database: Database) -> dict[tuple[str, str], str]:
    """Map (platform, conversation) to the name of the team whose digests the channel receives."""
    query = select(table.c.platform, table.c.conversation, team.c.name)
    query = query.join(team, team.c.id == table.c.team_id)
    with database.read() as connection:
        return {(row.platform, row.conversation): row.name for row in connection.execute(query)}


def channels_bound(database: Database) -> int:
    """Count the channels that receive digests."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0
