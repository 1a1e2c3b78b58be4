"""Tasks in one line each, for lists and for a lead's card and history."""

from handlers.language import Language
from handlers.turns import Turn
from handlers.ui import Button, Section
from sales.permissions import may
from sales.tasks import Task, TaskKind


def home_button(turn: Turn) -> Button:
    """Where a person's day is: the board, or the tasks of who has no leads."""
    if may(turn.actor, "board.open"):
        return Button("board.open", turn.text("button.my_board"))
    return Button("task.list", turn.text("button.my_tasks"))


def kind_label(kind: TaskKind, language: Language) -> str:
    return language.text(f"task.kind_{kind}")


def due_text(task: Task, turn: Turn) -> str:
    """``by Nov 24, Tue 10:00``, or that it is overdue since then."""
    key = "task.overdue_since" if task.is_overdue(turn.now) else "task.due_by"
    return turn.text(key, at=turn.language.moment(task.due_at))


def open_line(task: Task, turn: Turn) -> str:
    """``Issue the invoice · Fay Sample · by Nov 24, Tue 10:00``."""
    return " · ".join((kind_label(task.kind, turn.language), who(task, turn), due_text(task, turn)))


def done_line(task: Task, turn: Turn, *, whole: bool = False) -> str:
    """``Nov 24, Tue · Question to product · Pat Sample · “can it?” → yes``."""
    at = task.done_at or task.due_at
    day = turn.language.moment(at) if whole else turn.language.day_of(at)
    name = turn.uow.people.get(task.done_by).name if task.done_by else who(task, turn)
    parts = [day, kind_label(task.kind, turn.language), name]
    if task.question:
        parts.append(turn.text("task.quoted", words=turn.said(task.question)))
    return " · ".join((*parts, *result_parts(task, turn)))


def result_parts(task: Task, turn: Turn) -> tuple[str, ...]:
    """What came of a task, each part in words."""
    result, problems = task.result, turn.said(task.result.problems)
    satisfied = result.satisfaction
    return tuple(
        part
        for part in (
            turn.text("task.satisfaction_is", n=satisfied) if satisfied else "",
            turn.text("task.invoice_is", number=result.invoice) if result.invoice else "",
            turn.said(result.note),
            turn.text("task.problems_are", words=problems) if problems else "",
        )
        if part
    )


def who(task: Task, turn: Turn) -> str:
    return (
        turn.uow.people.get(task.assignee_id).name if task.assignee_id else turn.text("lead.nobody")
    )


def tasks_section(tasks: list[Task], turn: Turn) -> tuple[Section, ...]:
    """The open tasks of a lead, on its card."""
    lines = tuple(open_line(task, turn) for task in reversed(tasks) if task.is_open)
    return (Section(heading=turn.text("task.heading"), lines=lines),) if lines else ()
