"""The public pool: what may be claimed, when each lead was there, and how long it is held."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sales.holding import Extension, Holding, Warned
from sales.pool import PooledLead, PoolQuery, Stay


class Pool(Protocol):
    """The leads in the pool that one actor may claim (``sales.permissions.pool_scope_of``)."""

    def find(self, lead_id: int) -> PooledLead | None:
        """None also for one that the actor may not claim."""

    def page(self, query: PoolQuery, offset: int, limit: int) -> list[PooledLead]:
        """The best grade first, then the newest in the pool."""

    def count(self, query: PoolQuery) -> int: ...


class Stays(Protocol):
    """Who had a lead when. To be changed only with the lead held (``Leads.get``)."""

    def enter(self, stay: Stay) -> Stay: ...

    def begin(self, stays: Sequence[Stay]) -> None:
        """The first stays of new leads, in one go."""

    def leave(self, lead_id: int, to: int | None, at: datetime, *, claimed: bool) -> None:
        """Somebody has the lead now, or (None) it is a part of another one. Nothing
        happens when it was not in the pool."""

    def get(self, stay_id: int) -> Stay:
        """Raises LeadNotFound."""

    def latest(self, lead_id: int) -> Stay | None: ...

    def let_go_at(self, lead_id: int, person_id: int) -> datetime | None:
        """When the lead last went into the pool from this person."""

    def claims_since(self, person_id: int, moment: datetime) -> int: ...

    def held_by(self, person_id: int) -> int:
        """How many open leads the person owns that they claimed."""

    def entered(self, team_id: int, since: datetime, until: datetime) -> list[Stay]:
        """What came into the pool from a team in ``[since, until)``, oldest first; not what was
        imported, which is told in one."""


class Holdings(Protocol):
    """How long owners have held their leads; looks over all of them."""

    def of(self, lead_id: int) -> Holding | None:
        """None for a lead of nobody."""

    def idle_before(self, moment: datetime) -> list[Holding]:
        """Owned leads that are worked on, without contact since before the moment."""

    def extend(self, extension: Extension) -> None: ...

    def warn(self, warned: Warned) -> None: ...
