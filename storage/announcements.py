"""Stores what teams announce, what was announced, and who congratulated.

Knows no rights: settings are asked for where they are changed, and a card asks for its lead with
the rights of its reader.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, select

from sales.announcements import Announcement, AnnouncementSettings
from storage.database.rows import RowMapper
from storage.database.upsert import insert_into
from storage.tables import announcement as table
from storage.tables import announcement_setting, congratulation, message, posting

_SETTINGS = RowMapper(AnnouncementSettings)
_ANNOUNCEMENTS = RowMapper(Announcement)
_OF_TEAM = select(announcement_setting).where(announcement_setting.c.team_id == bindparam("team"))
_BY_KEY = select(table).where(table.c.key == bindparam("wanted"))
_BY_ID = select(table).where(table.c.id == bindparam("wanted"))
_CONGRATULATED = (
    select(congratulation.c.person_id)
    .where(congratulation.c.announcement_id == bindparam("of"))
    .order_by(congratulation.c.at, congratulation.c.person_id)
)


class AnnouncementRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def settings(self, team_id: int) -> AnnouncementSettings:
        """What a team announces; the usual while nobody has chosen anything."""
        row = self._connection.execute(_OF_TEAM, {"team": team_id}).mappings().one_or_none()
        return AnnouncementSettings(team_id=team_id) if row is None else _SETTINGS.read(row)

    def choose(self, settings: AnnouncementSettings) -> None:
        """Store a team's choice, replacing an earlier one."""
        row = _SETTINGS.write(settings)
        insert = insert_into(announcement_setting, self._connection.dialect.name).values(row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["team_id"], set_=row))

    def add(self, new: Announcement) -> Announcement | None:
        """Store an announcement; None when there is one of its key already."""
        insert = insert_into(table, self._connection.dialect.name).on_conflict_do_nothing()
        row = _ANNOUNCEMENTS.write(new)
        added = self._connection.execute(insert.values(row).returning(table.c.id)).scalar()
        return None if added is None else replace(new, id=added)

    def save(self, announcement: Announcement) -> None:
        update = table.update().where(table.c.id == announcement.id)
        self._connection.execute(update.values(_ANNOUNCEMENTS.write(announcement)))

    def find(self, announcement_id: int) -> Announcement | None:
        row = self._connection.execute(_BY_ID, {"wanted": announcement_id}).mappings().one_or_none()
        return None if row is None else _ANNOUNCEMENTS.read(row)

    def with_key(self, key: str) -> Announcement | None:
        row = self._connection.execute(_BY_KEY, {"wanted": key}).mappings().one_or_none()
        return None if row is None else _ANNOUNCEMENTS.read(row)

    def congratulate(self, announcement_id: int, person_id: int, at: datetime) -> bool:
        """Record a congratulation; False when the person had congratulated before."""
        insert = insert_into(congratulation, self._connection.dialect.name)
        row = {"announcement_id": announcement_id, "person_id": person_id, "at": at}
        added = insert.values(row).on_conflict_do_nothing().returning(congratulation.c.person_id)
        return self._connection.scalar(added) is not None

    def congratulated(self, announcement_id: int) -> list[int]:
        """List the ids of the people who congratulated, the first one first."""
        return list(self._connection.scalars(_CONGRATULATED, {"of": announcement_id}))

    def is_posted(self, announcement: Announcement) -> bool:
        """Whether the announcement was posted in its channel."""
        sent = message.c.state == "sent"
        return self._stands(announcement, message.c.id, message, sent)

    def is_redrawn(self, announcement: Announcement) -> bool:
        """Whether it stands in its channel as a card that is redrawn when it changes."""
        return self._stands(announcement, posting.c.id, posting)

    def _stands(
        self,
        announcement: Announcement,
        what: Column[int],
        where: Table,
        *also: ColumnElement[bool],
    ) -> bool:
        lane = f"{announcement.platform}:channel:{announcement.conversation}"
        of_it = (where.c.lane == lane, where.c.subject == announcement.subject, *also)
        return self._connection.scalar(select(what).where(*of_it).limit(1)) is not None
