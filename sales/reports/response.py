"""How soon customers are answered, and what that has to do with winning them.

First response = the first contact that a person logged, by the time at which it took place. A lead
from a file counts from when the file came; one that was closed by then could not be answered.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sales.leads import OPEN_STAGES
from sales.reports.conversion import decided_in, is_from_file
from sales.reports.journeys import Journey
from sales.reports.measures import Rate, Spread, spread_of


class ResponseBucket(StrEnum):
    """How long a customer waited for the first contact; each bound is included."""

    MINUTES = "5m"
    HOUR = "1h"
    HOURS = "4h"
    DAY = "24h"
    LATER = "later"
    NEVER = "never"


BUCKET_LIMITS: Final = {
    ResponseBucket.MINUTES: timedelta(minutes=5),
    ResponseBucket.HOUR: timedelta(hours=1),
    ResponseBucket.HOURS: timedelta(hours=4),
    ResponseBucket.DAY: timedelta(hours=24),
}
"""The longest wait of each bucket that has one."""


def can_be_answered(journey: Journey) -> bool:
    """Whether the lead was open when it came: of one that came closed from a file, nobody here
    could be the first to answer."""
    return not any(
        stay.stage not in OPEN_STAGES and is_from_file(journey, number)
        for number, stay in enumerate(journey.stays)
    )


def wait_of(journey: Journey, *, from_assignment: bool = False) -> timedelta | None:
    """How long until the first contact, from when the lead came (or, ``from_assignment``, became
    somebody's); None without any contact.

    A contact from before, of which a colleague made a lead later, was no wait.
    """
    if journey.first_contact_at is None:
        return None
    since = journey.assigned_at if from_assignment else None
    return max(timedelta(), journey.first_contact_at - (since or journey.arrived_at))


def response_bucket(journey: Journey, *, from_assignment: bool = False) -> ResponseBucket:
    """The bucket of the wait; ``NEVER``: not so far."""
    wait = wait_of(journey, from_assignment=from_assignment)
    if wait is None:
        return ResponseBucket.NEVER
    return next(
        (bucket for bucket, limit in BUCKET_LIMITS.items() if wait <= limit), ResponseBucket.LATER
    )


def arrived_in(journey: Journey, start: datetime, end: datetime) -> bool:
    """Whether the lead came in ``[start, end)``, by hand or with a file, and could be answered."""
    return start <= journey.arrived_at < end and can_be_answered(journey)


def response_counts(
    journeys: Iterable[Journey], start: datetime, end: datetime, *, from_assignment: bool = False
) -> dict[ResponseBucket, int]:
    """How many of the leads that came in the window were answered how soon; every bucket is
    there."""
    counts = dict.fromkeys(ResponseBucket, 0)
    for journey in journeys:
        if arrived_in(journey, start, end):
            counts[response_bucket(journey, from_assignment=from_assignment)] += 1
    return counts


def response_spread(
    journeys: Iterable[Journey], start: datetime, end: datetime, *, from_assignment: bool = False
) -> Spread:
    """Median and 90th percentile of the waits of those that came in the window and were
    answered."""
    waits = (
        wait_of(journey, from_assignment=from_assignment)
        for journey in journeys
        if arrived_in(journey, start, end)
    )
    return spread_of(wait for wait in waits if wait is not None)


def response_matrix(
    journeys: Iterable[Journey], start: datetime, end: datetime
) -> dict[tuple[str, ResponseBucket], Rate]:
    """Win rate of the deals closed in the window by source and by how soon they were answered: a
    correlation, not a cause."""
    rates: dict[tuple[str, ResponseBucket], Rate] = {}
    for journey in journeys:
        won = decided_in(journey, start, end)
        if won is None or not can_be_answered(journey):
            continue
        key = (journey.source, response_bucket(journey))
        rates[key] = rates.get(key, Rate(0, 0)) + Rate(int(won), 1)
    return rates


def response_curve(
    journeys: Iterable[Journey], start: datetime, end: datetime
) -> dict[ResponseBucket, Rate]:
    """Win rate of the deals closed in the window by how soon they were answered, whatever their
    source; every bucket is there."""
    return curve_of(response_matrix(journeys, start, end))


def curve_of(matrix: Mapping[tuple[str, ResponseBucket], Rate]) -> dict[ResponseBucket, Rate]:
    """``response_curve`` from the matrix of the same deals."""
    curve = {bucket: Rate(0, 0) for bucket in ResponseBucket}
    for (_, bucket), rate in matrix.items():
        curve[bucket] += rate
    return curve
