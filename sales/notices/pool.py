"""Leads on their way into the public pool."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Notice, Topic


@dataclass(frozen=True, slots=True)
class PoolReturnNear(Notice):
    """A lead returns to the public pool soon, unless somebody logs contact or extends."""

    kind: ClassVar[str] = "pool_return_near"
    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadPooled(Notice):
    """To its former owner: a lead went into the public pool, not by their own doing."""

    kind: ClassVar[str] = "lead_pooled"
    stay_id: int


@dataclass(frozen=True, slots=True)
class PoolBrief(Notice):
    """To a leader: what came into the pool from the team in ``[since, until)``, as seconds
    since 1970."""

    kind: ClassVar[str] = "pool_brief"
    topic: ClassVar[Topic | None] = Topic.POOL
    team_id: int
    since: int
    until: int
