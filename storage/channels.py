"""Stores the channels that receive the digests of a team, or of the company."""

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
    """A channel that receives a team's digests, or the company's (``team_id`` None).

    ``with_names``: a leader chose to name customers even though nobody can tell who reads the
    channel.
    """

    platform: str
    conversation: str
    team_id: int | None
    locale: str
    bound_by: int
    with_names: bool = False

    @property
    def one_team(self) -> int:
        """The id of the team. Raises ValueError for a channel of the whole company."""
        if self.team_id is None:
            raise ValueError(f"{self.platform}:{self.conversation} belongs to no team")
        return self.team_id


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

    def of_team(self, team_id: int | None) -> list[BoundChannel]:
        """List a team's channels, or the company's, by platform and conversation."""
        query = select(table).where(table.c.team_id.is_not_distinct_from(team_id))
        return self._all(query.order_by(table.c.platform, table.c.conversation))

    def all(self) -> list[BoundChannel]:
        """List all channels that receive digests, by platform and conversation."""
        return self._all(select(table).order_by(table.c.platform, table.c.conversation))

    def any(self) -> bool:
        """Whether any channel receives digests."""
        return bool(self._connection.scalar(select(select(table.c.platform).exists())))

    def _all(self, query: Select[Any]) -> list[BoundChannel]:
        return [_CHANNELS.read(row) for row in self._connection.execute(query).mappings()]


def team_names_by_channel(database: Database) -> dict[tuple[str, str], str]:
    """Map (platform, conversation) to the name of the team whose digests the channel receives; of
    the company's, empty."""
    query = select(table.c.platform, table.c.conversation, team.c.name)
    query = query.outerjoin(team, team.c.id == table.c.team_id)
    with database.read() as connection:
        return {
            (row.platform, row.conversation): row.name or "" for row in connection.execute(query)
        }


def channels_bound(database: Database) -> int:
    """Count the channels that receive digests."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0
