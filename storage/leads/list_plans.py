"""How a list of leads is looked up, so that it costs the same whatever the history.

Open leads are few, and closed ones too many to be sorted: they are read in the order of an index. A
list is made of parts, each looked up in its own way. SQLite is told which index to take, since
without statistics it prefers the wrong ones; PostgreSQL finds out by itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    TextClause,
    bindparam,
    or_,
    select,
    text,
    union_all,
)

from sales.lead_lists import LeadQuery, LeadSort, NextStep, Status
from sales.leads import PIPELINE, Stage
from sales.permissions import Reach
from storage.leads.list_conditions import IS_CLOSED, IS_WON, WAITS
from storage.leads.repository import within
from storage.scoping import IS_OPEN, unindexed
from storage.tables import clock, collaborator, lead
from storage.tables.leads import OPEN_LEADS

Condition = ColumnElement[bool] | TextClause

_WHO: Final = bindparam("scope_person", type_=Integer)
_own: Final = lead.alias("own")
_OWN_OPEN: Final = text(f"own.{OPEN_LEADS}")
_BY_ID: Final = "NOT INDEXED"
"""SQLite's hint to look leads up by their ids."""
_AT_WORK: Final = frozenset({NextStep.BEHIND, NextStep.FOR_TODAY, NextStep.AHEAD, NextStep.WAITING})
_PLANNED: Final = frozenset(NextStep) - {NextStep.NONE, NextStep.SET} - _AT_WORK
"""Steps that only open leads have."""
_CLOSED: Final = (Stage.WON, Stage.AFTERSALES, Stage.LOST)
_STAGES_OF: Final = {
    Status.WON: (Stage.WON, Stage.AFTERSALES),
    Status.LOST: (Stage.LOST,),
    Status.CLOSED: _CLOSED,
    Status.ALL: tuple(Stage),
}
_CLOSED_INDEXES: Final = {
    LeadSort.PRESSING: "ix_lead_closed_when",
    LeadSort.NEWEST: "ix_lead_closed_created",
    LeadSort.OLDEST: "ix_lead_closed_created",
    LeadSort.VALUE: "ix_lead_closed_worth",
    LeadSort.QUIET: "ix_lead_closed_contact",
    LeadSort.STAGE_AGE: "ix_lead_closed_since",
    LeadSort.STAGE: "ix_lead_closed_since",
    LeadSort.CUSTOMER: "ix_lead_closed_customer",
}
"""The index in whose order closed leads are listed."""


@dataclass(frozen=True)
class ListPart:
    """Leads of a list that are looked up together.

    ``status`` is the part's; ``hint`` is for SQLite. Parts with a rising ``rank`` follow each
    other; those of one rank are merged by the list's order. ``is_one_stage``: all are in one stage.
    ``is_of_few``: only leads of some people. ``is_text_indexed``: those that the index of texts
    finds.
    """

    status: Status
    conditions: tuple[Condition, ...] = ()
    hint: str = ""
    rank: int = 0
    is_one_stage: bool = False
    is_of_few: bool = False
    is_text_indexed: bool = False

    def select(self, *columns: Any) -> Select[Any]:
        query = select(*columns).select_from(lead).where(*self.conditions)
        return query.with_hint(lead, self.hint, "sqlite") if self.hint else query


def parts_of(
    query: LeadQuery, sort: LeadSort | None, reach: Reach, owners: Sequence[int]
) -> tuple[ListPart, ...]:
    """The parts of a list; ``sort`` None for one whose order is of no interest.

    ``owners`` are the people whose leads alone are asked for; empty for anybody's.
    """
    if query.figure is not None:
        return (ListPart(query.status, (within(reach),)),)
    if query.status not in _STAGES_OF:
        return (_open_part(query.status, reach, owners),)
    if query.status is Status.ALL and query.steps and set(query.steps) <= _AT_WORK:
        return (_at_work_part(reach),)
    if query.status is Status.ALL and _is_planned(query):
        return (_open_part(Status.ALL, reach, owners),)
    return tuple(_parts(query, sort, reach, owners))


def by_text(query: LeadQuery, reach: Reach) -> tuple[ListPart, ...]:
    """The parts of a list whose text is in few leads."""
    return (ListPart(query.status, (within(reach),), is_text_indexed=True),)


def is_of_all_time(query: LeadQuery) -> bool:
    """Whether the list has closed leads, too, and not just those of a week."""
    return query.status in _STAGES_OF and query.figure is None and not _is_planned(query)


def _is_planned(query: LeadQuery) -> bool:
    """Whether only open leads can match."""
    limits = (query.late, query.due_within, query.due)
    steps = query.steps and set(query.steps) <= _PLANNED
    return bool(steps) or query.hot or any(limit is not None for limit in limits)


def _parts(
    query: LeadQuery, sort: LeadSort | None, reach: Reach, owners: Sequence[int]
) -> Iterator[ListPart]:
    closed = tuple(_closed_parts(query, sort, reach, owners))
    if sort is LeadSort.STAGE and not closed[0].is_of_few:
        yield from _by_stage(query, closed[0], reach, owners)
        return
    if query.status is Status.ALL:
        yield _open_part(Status.ALL, reach, owners)
    after_open = query.status is Status.ALL and sort is LeadSort.PRESSING
    yield from (replace(part, rank=int(after_open)) for part in closed)


def _by_stage(
    query: LeadQuery, closed: ListPart, reach: Reach, owners: Sequence[int]
) -> Iterator[ListPart]:
    """The farthest stage first; open ones are sorted together."""
    stages = _STAGES_OF[query.status]
    for rank, stage in enumerate((*reversed(PIPELINE), Stage.LOST)):
        if stage in _CLOSED and stage in stages:
            conditions = (*closed.conditions, lead.c.stage == stage)
            yield replace(closed, conditions=conditions, rank=rank, is_one_stage=True)
        elif stage is Stage.NEGOTIATION and stage in stages:
            yield replace(_open_part(Status.ALL, reach, owners), rank=rank)


def _open_part(status: Status, reach: Reach, owners: Sequence[int]) -> ListPart:
    if owners:
        theirs = _ids_of_owners(owners, _OWN_OPEN, "ix_lead_open_of_owner")
        return ListPart(
            status, (lead.c.id.in_(theirs), IS_OPEN, within(reach)), _BY_ID, is_of_few=True
        )
    if (ids := _open_ids(reach)) is not None:
        return ListPart(status, (lead.c.id.in_(ids), IS_OPEN), _BY_ID, is_of_few=True)
    if reach in ("all", "team"):
        # Of all open leads: to look up those of a team by their ids takes longer.
        seen = unindexed(within(reach))
        return ListPart(status, (IS_OPEN, seen), "INDEXED BY ix_lead_open_of_team")
    return ListPart(status, (IS_OPEN, within(reach)))


def _at_work_part(reach: Reach) -> ListPart:
    """Leads with a step planned or a customer waiting: open ones, and those of waiting clocks."""
    ids = _open_ids(reach)
    each = ids.selects if ids is not None else [_indexed(_OWN_OPEN, "ix_lead_open_of_team")]
    waiting: Any = select(clock.c.lead_id).where(WAITS)
    every: CompoundSelect[Any] = union_all(*each, waiting)
    return ListPart(Status.ALL, (lead.c.id.in_(every), within(reach)), _BY_ID, is_of_few=True)


def _closed_parts(
    query: LeadQuery, sort: LeadSort | None, reach: Reach, owners: Sequence[int]
) -> Iterator[ListPart]:
    status = Status.CLOSED if query.status is Status.ALL else query.status
    if owners:
        theirs = (IS_CLOSED, lead.c.owner_id.in_(tuple(owners)), unindexed(within(reach)))
        yield ListPart(status, theirs, _of_owner_by(sort), is_of_few=True)
    elif reach == "own":
        own = (IS_CLOSED, lead.c.owner_id == _WHO)
        yield ListPart(status, own, _of_owner_by(sort), is_of_few=True)
        shared = select(collaborator.c.lead_id).where(collaborator.c.person_id == _WHO)
        others = or_(lead.c.owner_id.is_(None), lead.c.owner_id != _WHO)
        conditions = (IS_CLOSED, lead.c.id.in_(shared), unindexed(others))
        yield ListPart(status, conditions, _BY_ID, is_of_few=True)
    else:
        yield _of_everybody(query, status, sort, reach)


def _of_owner_by(sort: LeadSort | None) -> str:
    """The index of somebody's closed leads: in the usual order, or with all that is summed up."""
    return (
        f"INDEXED BY ix_lead_closed_{'of_owner_when' if sort is LeadSort.PRESSING else 'of_owner'}"
    )


def _of_everybody(
    query: LeadQuery, status: Status, sort: LeadSort | None, reach: Reach
) -> ListPart:
    conditions = (IS_CLOSED, unindexed(within(reach)))
    if reach not in ("all", "team"):
        return ListPart(status, conditions)
    if query.closed is not None:
        return ListPart(status, conditions, "INDEXED BY ix_lead_closed_when")
    if sort is LeadSort.VALUE and query.status is Status.WON:
        return ListPart(status, (IS_WON, *conditions), "INDEXED BY ix_lead_won_worth")
    index = _CLOSED_INDEXES[sort] if sort else "ix_lead_closed_of_team"
    return ListPart(status, conditions, f"INDEXED BY {index}")


def _open_ids(reach: Reach) -> CompoundSelect[Any] | None:
    """The ids of the open leads in scope; None for a scope that has no index of its own."""
    if reach != "own":
        return None
    return _with_shared(_of_owner(_OWN_OPEN, "ix_lead_open_of_owner"))


def _of_owner(among: TextClause, index: str) -> Select[Any]:
    return _indexed(among, index).where(_own.c.owner_id == _WHO)


def _ids_of_owners(owners: Iterable[int], among: TextClause, index: str) -> Select[Any]:
    return _indexed(among, index).where(_own.c.owner_id.in_(tuple(owners)))


def _indexed(among: TextClause, index: str) -> Select[Any]:
    return select(_own.c.id).where(among).with_hint(_own, f"INDEXED BY {index}", "sqlite")


def _with_shared(ids: Select[Any]) -> CompoundSelect[Any]:
    shared = select(collaborator.c.lead_id).where(collaborator.c.person_id == _WHO)
    return union_all(ids, shared)
