"""Tasks: what people other than the seller do for a lead, and by when [P13] [P14].

A won lead starts tasks by the playbook; a question to a product colleague is one, too. Knows how a
task changes and to whom it is assigned; people and time are given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sales.assignments import Why
from sales.leads import Lead, Stage
from sales.people import SELLERS, Person, Role
from sales.permissions import leads_team_of


class TaskKind(StrEnum):
    """What is to be done; each kind asks for its own result."""

    WELCOME = "welcome"
    INVOICE = "invoice"
    VISIT = "visit"
    SUPPORT = "support"
    STEP_IN = "step_in"
    TODO = "todo"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


SATISFACTION = ("5", "4", "3", "2", "1")
"""How satisfied a customer can be, the best first [P14]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a task.

    ``note`` is free text (what was said, how it is used, the answer); the rest is what only a visit
    (``problems``, ``satisfaction`` 1–5) or an invoice brings.
    """

    note: str = ""
    problems: str = ""
    satisfaction: int | None = None
    invoice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task on a lead.

    ``role`` None: it is for the lead's owner. ``assignee_id`` None: nobody was there at all.
    ``answered_at`` is when somebody first reacted: the time since ``created_at`` is how long the
    hand-over took [P25]. ``asked_by`` None: nobody asked, a rule did.
    """

    id: int = 0
    lead_id: int
    kind: TaskKind
    role: Role | None
    assignee_id: int | None
    why: Why
    asked_by: int | None = None
    question: str = ""
    created_at: datetime
    due_at: datetime
    state: TaskState = TaskState.OPEN
    answered_at: datetime | None = None
    done_at: datetime | None = None
    done_by: int | None = None
    result: Result = field(default_factory=Result)
    version: int = 0

    @property
    def subject(self) -> str:
        """The subject under which posted cards of this task are kept up to date."""
        return f"task:{self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at < now

    def shows_unhappy(self, until: int) -> bool:
        """Whether the customer's satisfaction was ``until`` or less."""
        satisfaction = self.result.satisfaction
        return satisfaction is not None and satisfaction <= until

    def suits(self, stage: Stage) -> bool:
        """Whether it still makes sense once the lead is in the stage.

        What a signature began ends with it, a question ends with the lead, and a manager's help
        with the signature.
        """
        match self.kind:
            case TaskKind.SUPPORT:
                return stage is not Stage.LOST
            case TaskKind.STEP_IN:
                return stage not in (Stage.WON, Stage.AFTERSALES)
            case TaskKind.TODO:
                return True
        return stage in (Stage.WON, Stage.AFTERSALES)

    def answer(self, now: datetime) -> "Task":
        """The task as accepted by somebody; only the first time counts."""
        return replace(self, answered_at=self.answered_at or now)

    def done(self, result: Result, by: Person, now: datetime) -> "Task":
        state = TaskState.DONE
        finished = replace(self, result=result, state=state, done_at=now, done_by=by.id)
        return finished.answer(now)

    def cancel(self, now: datetime) -> "Task":
        return replace(self, state=TaskState.CANCELLED, done_at=now)

    def give(self, given: "Given") -> "Task":
        return replace(self, assignee_id=given.person.id if given.person else None, why=given.why)


@dataclass(frozen=True, slots=True)
class Given:
    """Who a task is assigned to, and why; ``person`` None when there is nobody at all."""

    person: Person | None
    why: Why


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody, how many open tasks each has (by person id), and today's date."""

    people: Sequence[Person]
    open_tasks: Mapping[int, int]
    today: date


def assign(role: Role | None, lead: Lead, staff: Staff) -> Given:
    """Choose who does a task.

    A person of the role in the lead's team who is at work and has the fewest open tasks; else
    anybody at work of the role; else the team's manager or an admin, even one who is away: a task
    is never lost.
    """
    candidates = [person for person in staff.people if _is_for(person, role, lead)]
    absences = [(p.name, p.why_absent(staff.today)) for p in candidates if p.active]
    absent = tuple((name, why) for name, why in absences if why)
    here = [person for person in candidates if person.is_there(staff.today)]
    near = [person for person in here if person.team_id == lead.team_id]
    if here:
        person = min(
            near or here, key=lambda person: (staff.open_tasks.get(person.id, 0), person.id)
        )
        reason = "task_owner" if role is None else "task_team" if near else "task_other_team"
        return Given(person, Why(reason, skipped=absent))
    leader = _leader(lead, staff)
    return Given(leader, Why("task_leader", skipped=absent))


def can_keep(person: Person, task: Task, lead: Lead) -> bool:
    """Whether a task may stay with the person after they, or the lead's owner, changed."""
    if not person.active:
        return False
    if _is_for(person, task.role, lead):
        return True
    owned = task.role is None and lead.owner_id is not None
    return not owned and leads_team_of(person, lead)


def colleagues(task: Task, lead: Lead, staff: Staff) -> list[Person]:
    """People to whom a task can be passed on: those at work of its role, and who can step in."""
    return [
        person
        for person in staff.people
        if person.id != task.assignee_id
        and person.is_there(staff.today)
        and (_is_for(person, task.role, lead) or leads_team_of(person, lead))
    ]


def _is_for(person: Person, role: Role | None, lead: Lead) -> bool:
    if role is None:
        return person.id == lead.owner_id and person.role in SELLERS
    in_charge = role is not Role.MANAGER or person.team_id == lead.team_id
    return person.role is role and in_charge


def _leader(lead: Lead, staff: Staff) -> Person | None:
    """A leader: people at work before people who are away, a manager before an admin."""
    leaders = [person for person in staff.people if leads_team_of(person, lead)]
    return min(
        leaders,
        key=lambda p: (not p.is_there(staff.today), p.role is Role.ADMIN, p.id),
        default=None,
    )
