"""The moment that ``--at`` names, in the days' grammar of the product and in the past."""

from datetime import datetime, time, timedelta
from typing import Final
from unicodedata import normalize

from sales.days import NotADay, Order, parse_moment
from sales.times import NotATime, parse_time

_LONGEST: Final = 60


class NotAMoment(ValueError):
    """A text that names no moment of the past."""


def parse_past(text: str, now: datetime, order: Order = "mdy") -> datetime:
    """Return the moment that a text names: ``2026-11-27``, ``昨天 18:00``, ``2 hours ago``.

    ``now`` is the present, in the company's timezone, whose hours are meant. A day alone means its
    end, an hour alone the last such hour. ``order``: which number of ``5/12`` is the month. Raises
    NotAMoment, also for what is yet to come.
    """
    typed = " ".join(normalize("NFKC", text[: 2 * _LONGEST]).split())
    if not typed or len(text) > _LONGEST:
        raise NotAMoment(text)
    moment = _exact(typed, now) or _hour(typed, now) or _named(typed, now, order)
    end_of_today = _end_of(now)
    if moment is None or moment > end_of_today:
        raise NotAMoment(text)
    return moment


def _exact(typed: str, now: datetime) -> datetime | None:
    """A moment as programs write it, with or without an offset; also with slashes."""
    try:
        moment = datetime.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    return _end_of(moment) if _is_day(typed) else moment


def _is_day(typed: str) -> bool:
    return not any(mark in typed for mark in ("T", " ", ":")) and len(typed) <= len("2026-11-27")


def _hour(typed: str, now: datetime) -> datetime | None:
    """An hour alone: that of today, or of yesterday if it is still to come."""
    try:
        at = datetime.combine(now.date(), parse_time(typed), now.tzinfo)
    except NotATime:
        return None
    return at if at <= now else at - timedelta(days=1)


def _named(typed: str, now: datetime, order: Order) -> datetime | None:
    try:
        named = parse_moment(typed, now.date(), order=order, clock=now.time())
    except NotADay:
        return None
    day = (named.past_reading if named.day > now.date() else None) or named.day
    if named.at is None:
        return _end_of(datetime.combine(day, time(), now.tzinfo))
    return datetime.combine(day, named.at, now.tzinfo)


def _end_of(day: datetime) -> datetime:
    return day.replace(hour=23, minute=59, second=59, microsecond=999_999)
