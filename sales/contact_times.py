"""When a contact with a customer took place: read from a form, and told from when it was logged."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sales.days import named_days
from sales.followup_days import EDGE, USUAL, Contacted, Habits, names_hour
from sales.times import split_time


class ContactNotYet(ValueError):
    """The time of a contact is still to come."""


class ContactTooEarly(ValueError):
    """The contact is said to have taken place before there was a lead."""


_MIDDAY = time(12)


def contact_time(
    said: Contacted,
    now: datetime,
    *,
    created: datetime | None = None,
    begun: Iterable[datetime] = (),
) -> tuple[datetime, bool]:
    """The instant of a contact, and whether only its day is known.

    ``now`` is in the timezone of the person who says it. A contact known by its day counts as of
    midday, or of when the lead was ``created`` or a clock has ``begun``, if that was later on that
    day. ``created`` None: not known. Raises ContactNotYet or ContactTooEarly.
    """
    zone = now.tzinfo
    today = now.date()
    if said.day > today:
        raise ContactNotYet
    loose = said.at is None or said.roughly
    if said.at is None and said.day == today:
        return now, False
    at = datetime.combine(said.day, said.at or _MIDDAY, zone)
    if at > now:
        if not loose:
            raise ContactNotYet
        at = now
    if created is not None:
        born = created.astimezone(zone)
        if said.day < born.date() or (not loose and at < born.replace(second=0, microsecond=0)):
            raise ContactTooEarly
        at = max(at, born)
    if loose:
        starts = (one.astimezone(zone) for one in begun)
        at = max([at, *(one for one in starts if one.date() == said.day and one <= now)])
    return at, said.at is None


_NOW = frozenset(
    ("", "now", "just now", "right now", "现在", "刚才", "刚刚", "刚", "方才", "此刻", "马上")
)


def is_now(words: str) -> bool:
    """Whether words for a time mean this moment."""
    return words.strip(EDGE).lower() in _NOW


_LONGEST = 60
"""Maximum number of characters of a time."""


def read_when(
    text: str, today: date, habits: Habits = USUAL, clock: time | None = None
) -> Contacted | None:
    """Read when a contact took place from a form: a day and perhaps a time; None for now.

    ``clock`` is the present time of day, from which hours are counted (``两小时前``). Raises
    ValueError for a text that names neither.
    """
    if len(text) > _LONGEST:
        raise ValueError(text[:_LONGEST])
    if is_now(text):
        return None
    days = named_days(text, today, habits.calendar, order=habits.order, clock=clock)[:1]
    for named in days:
        at = named.at or split_time(text[: named.start] + text[named.end :])[1]
        day = (named.past_reading if named.day > today else None) or named.day
        return Contacted(day, at, at is not None and not names_hour(text))
    at = split_time(text)[1]
    if at is None:
        raise ValueError(text)
    return Contacted(today, at)
