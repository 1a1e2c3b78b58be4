"""How each person wants to hear of things; e-mail addresses are sealed."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select

from sales.notices import Topic
from sales.scheduling import NoticeChoice, When
from storage.database.encryption import Fields
from storage.database.upsert import insert_into
from storage.tables import notice_choice as table

ADDRESS: Final = "notice_choice.email"
"""To where an address is sealed."""
_OF = select(table).where(table.c.person_id == bindparam("person"))


class NotificationPreferenceRepository:
    """A choice that was read is not read again in one unit of
    work, unless it was changed."""

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields
        self._known: dict[int, NoticeChoice] = {}

    def of(self, person_id: int) -> NoticeChoice:
        """What the person chose; the company's ways for who chose nothing."""
        if person_id not in self._known:
            self._known[person_id] = self._read(person_id)
        return self._known[person_id]

    def save(self, choice: NoticeChoice) -> None:
        self._known.pop(choice.person_id, None)
        what = {
            "by_mail": choice.by_mail,
            "email": self._fields.keep(choice.email, ADDRESS) if choice.email else None,
            "quiet": choice.quiet,
            "timezone": choice.timezone,
            "turned_down": {str(topic): str(when) for topic, when in choice.turned_down.items()},
        }
        insert = insert_into(table, self._connection.dialect.name)
        self._connection.execute(
            insert.values(person_id=choice.person_id, **what).on_conflict_do_update(
                index_elements=["person_id"], set_=what
            )
        )

    def forget(self) -> None:
        """Read anew what is asked for next."""
        self._known.clear()

    def _read(self, person_id: int) -> NoticeChoice:
        row = self._connection.execute(_OF, {"person": person_id}).one_or_none()
        if row is None:
            return NoticeChoice(person_id=person_id)
        return NoticeChoice(
            person_id=person_id,
            by_mail=row.by_mail,
            email=self._fields.read(row.email, ADDRESS) if row.email else "",
            quiet=row.quiet,
            timezone=row.timezone,
            turned_down=_choices(row.turned_down or {}),
        )


def _choices(stored: Mapping[str, str]) -> dict[Topic, When]:
    """A topic that this version does not know is left out."""
    return {
        Topic(topic): When(when)
        for topic, when in stored.items()
        if topic in set(Topic) and when in set(When)
    }
