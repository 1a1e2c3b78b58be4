"""What starts when a lead is won."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from sales.people import Role
from sales.playbook.terms import Rules, WorkTime, misfit
from sales.tasks import TaskKind


class TaskRule(Rules):
    """A task that a signature starts: for somebody of ``role``, or the lead's owner (null), due
    ``within`` working minutes."""

    kind: Literal[TaskKind.WELCOME, TaskKind.INVOICE, TaskKind.VISIT]
    role: Role | None
    within: Annotated[int, Field(ge=1), WorkTime()]


class Handover(Rules):
    """What starts when a lead is won [P13] [P14], and how long a question to a colleague may
    wait (``answer_within``). Past due, the assignee hears of it after ``overdue_after`` working
    minutes and the leaders after ``escalate_after``; they also hear of a customer whose
    satisfaction is ``unhappy_until`` or less."""

    won: tuple[TaskRule, ...] = (
        TaskRule(kind=TaskKind.WELCOME, role=Role.SERVICE, within=480),
        TaskRule(kind=TaskKind.INVOICE, role=Role.FINANCE, within=1440),
        TaskRule(kind=TaskKind.VISIT, role=None, within=1440),
    )
    answer_within: Annotated[int, Field(ge=1), WorkTime()] = 480
    overdue_after: Annotated[int, Field(ge=0), WorkTime()] = 0
    escalate_after: Annotated[int, Field(ge=1), WorkTime()] = 480
    unhappy_until: Annotated[int, Field(ge=0, le=5)] = 2

    @field_validator("won")
    @classmethod
    def _each_once(cls, won: tuple[TaskRule, ...]) -> tuple[TaskRule, ...]:
        if len({rule.kind for rule in won}) != len(won):
            raise misfit("each_once", "each kind of task can start only once")
        return won
