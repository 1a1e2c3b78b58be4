"""Stores how each person wants to be notified; e-mail addresses are encrypted."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from sales.notices import Topic
from sales.scheduling import NoticeChoice, When
from storage.database.rows import Codec, RowMapper
from storage.database.upsert import insert_into
from storage.tables import notice_choice as table


def _read_turned_down(stored: Mapping[str, str] | None) -> dict[Topic, When]:
    """Parse the opt-outs; a topic that this version does not know is left out."""
    return {
        Topic(topic): When(when)
        for topic, when in (stored or {}).items()
        if topic in set(Topic) and when in set(When)
    }


def _write_turned_down(turned_down: Mapping[Topic, When]) -> dict[str, str]:
    return {str(topic): str(when) for topic, when in turned_down.items()}


_CHOICES = RowMapper(
    NoticeChoice,
    email=Codec(lambda stored: stored or "", lambda email: email or None),
    turned_down=Codec(_read_turned_down, _write_turned_down),
)
_OF = select(table).where(table.c.person_id == bindparam("person"))


class NotificationPreferenceRepository:
    """Notification preferences. A choice is read once per unit of work, unless it was changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, NoticeChoice] = {}

    def of(self, person_id: int) -> NoticeChoice:
        """Return the person's choice, or the company's defaults when they chose nothing."""
        if person_id not in self._known:
            self._known[person_id] = self._read(person_id)
        return self._known[person_id]

    def save(self, choice: NoticeChoice) -> None:
        self._known.pop(choice.person_id, None)
        row = _CHOICES.write(choice)
        insert = insert_into(table, self._connection.dialect.name).values(row)
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=["person_id"], set_=row)
        )

    def forget(self) -> None:
        """Drop the cache, so that choices are read again."""
        self._known.clear()

    def _read(self, person_id: int) -> NoticeChoice:
        row = self._connection.execute(_OF, {"person": person_id}).mappings().one_or_none()
        return NoticeChoice(person_id=person_id) if row is None else _CHOICES.read(row)
