"""The figures of the weekly report and digest, with their definitions [P18] [P19].

Storage brings the facts of a week; what they mean is decided here. No words, no charts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sales.leads import Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class RepWeek:
    """One rep's week ``[start, end)``.

    ``new_leads`` and ``high_value`` count leads created in the week and owned by the rep at
    its end; ``followed_up`` counts customers (leads), not follow-ups; ``in_discovery`` and
    ``in_proposal`` count leads that stand in the stage at the week's end; ``won`` and
    ``won_amount`` go by the close date. ``overdue`` counts next steps past due at the end.
    """

    person_id: int
    name: str
    new_leads: int = 0
    high_value: int = 0
    followed_up: int = 0
    in_discovery: int = 0
    in_proposal: int = 0
    won: int = 0
    won_amount: Decimal = Decimal(0)
    overdue: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """A team's week ``[start, end)``, instants in UTC.

    ``open_at_start`` + ``entered`` − ``won`` − ``lost`` = ``open_at_end`` (the bridge);
    ``entered`` counts new and re-opened leads. ``at_risk`` and ``coming`` are leads as they
    are now: open and stalled, worst first; and due in the week after, earliest first.
    """

    start: datetime
    end: datetime
    reps: tuple[RepWeek, ...] = ()
    new_by_source: Mapping[str, int] = field(default_factory=dict)
    lost_by_reason: Mapping[str, int] = field(default_factory=dict)
    open_at_start: int = 0
    entered: int = 0
    won: int = 0
    lost: int = 0
    open_at_end: int = 0
    won_amount: Decimal = Decimal(0)
    unassigned: int = 0
    at_risk: tuple[Lead, ...] = ()
    coming: tuple[Lead, ...] = ()
