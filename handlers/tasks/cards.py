"""A task as a living card: what to do, for whom, why you, and the result."""

from dataclasses import replace

from handlers.core.context import Context, TaskOrigin
from handlers.core.labels import enum_label, home_button, lead_title, task_label, why_text
from handlers.core.lead_facts import contact_buttons, contact_facts, deal_facts
from handlers.core.ui import Button, Card, Fact, Section, Todo, Tone
from handlers.tasks.handover import ASSIGNEE_HEARS
from sales.errors import TaskNotFound
from sales.leads import Lead, Stage, lead_number
from sales.notices import TaskAnswered, TaskGiven, TaskOverdue
from sales.people import SYSTEM
from sales.permissions import leads_team_of, may
from sales.tasks import Task, TaskKind, TaskState

_AFTER_SIGNING = frozenset({TaskKind.WELCOME, TaskKind.INVOICE, TaskKind.VISIT})


def due_text(task: Task, context: Context) -> str:
    """``by Nov 24, Tue 10:00``, or that it is overdue since then."""
    key = "task.overdue_since" if task.is_overdue(context.now) else "task.due_by"
    return context.text(key, at=context.language.near_moment(task.due_at, context.now))


def open_line(task: Task, context: Context) -> str:
    """``Issue the invoice · Fay Sample · by Tue 10:00``; without the name of the reader."""
    name = () if task.assignee_id == context.actor.id else (who(task, context),)
    return " · ".join((task_label(task.kind, context.language), *name, due_text(task, context)))


def done_line(task: Task, context: Context, *, whole: bool = False) -> str:
    """``Nov 24, Tue · Question to product · Pat Sample · “can it?” → yes``."""
    at = task.done_at or task.due_at
    day = context.language.moment(at) if whole else context.language.day_of(at)
    name = context.uow.people.get(task.done_by).name if task.done_by else who(task, context)
    parts = [day, task_label(task.kind, context.language), name]
    if task.question:
        parts.append(context.text("task.quoted", words=context.said(task.question)))
    return " · ".join((*parts, *result_parts(task, context)))


def result_parts(task: Task, context: Context) -> tuple[str, ...]:
    """The result of a task, each part in words."""
    result, problems = task.result, context.said(task.result.problems)
    satisfied = result.satisfaction
    return tuple(
        part
        for part in (
            context.text("task.satisfaction_is", n=satisfied) if satisfied else "",
            context.text("task.invoice_is", number=result.invoice) if result.invoice else "",
            context.said(result.note),
            context.text("task.problems_are", words=problems) if problems else "",
        )
        if part
    )


def who(task: Task, context: Context) -> str:
    return (
        context.uow.people.get(task.assignee_id).name
        if task.assignee_id
        else context.text("lead.nobody")
    )


def tasks_section(tasks: list[Task], context: Context) -> tuple[Section, ...]:
    """Section of a lead's open tasks, on its card."""
    lines = tuple(open_line(task, context) for task in reversed(tasks) if task.is_open)
    return (Section(heading=context.text("task.heading"), lines=lines),) if lines else ()


def task_card(task: Task, context: Context, *, level: int = 0, late: int = 0) -> Card:
    """Card of a task in its present state.

    ``level`` 1 and 2 are the notices that it is overdue.
    """
    lead = context.leads.get(task.lead_id)
    facts = [*_facts(task, context), *_deal(task, lead, context)]
    result = result_parts(task, context)
    origin = context.task_origin(task.id) if task.is_open else TaskOrigin()
    return Card(
        title=context.text(_title(task, context), task=_what(task, lead, context)),
        facts=tuple(facts),
        body=context.said(task.question) or context.text(f"task.todo_{task.kind}"),
        sections=(Section(context.text("task.result"), result),) if result else (),
        buttons=_buttons(task, lead, context),
        more=_more(task, lead, origin, context),
        footnote=_footnote(task, origin, context, level, late),
        tone=_tone(task, context),
        subject=task.subject,
        exact=(lead.contract, task.result.invoice),
    )


def task_gone_card(task: Task, context: Context) -> Card:
    """What remains of a card when the task was passed on or is not needed any more."""
    return Card(
        title=context.text("task.gone_title", lead=lead_number(task.lead_id)),
        body=context.text("task.gone"),
        buttons=(Button("task.list", context.text("button.my_tasks")),),
        subject=task.subject,
    )


def may_do(task: Task, lead: Lead, context: Context) -> bool:
    """Whether the actor, who sees the task, may also do it.

    They may if it is theirs, or if they lead the people who work on its lead.
    """
    return task.assignee_id == context.actor.id or leads_team_of(context.actor, lead)


def _what(task: Task, lead: Lead, context: Context) -> str:
    return f"{task_label(task.kind, context.language)} · {lead_title(lead)}"


def _title(task: Task, context: Context) -> str:
    match task.state:
        case TaskState.DONE:
            return "task.title_done"
        case TaskState.CANCELLED:
            return "task.title_cancelled"
        case TaskState.OPEN:
            return "task.title_overdue" if task.is_overdue(context.now) else "task.title_open"


def _facts(task: Task, context: Context) -> tuple[Fact, ...]:
    text, language = context.text, context.language
    facts = [Fact(text("task.due"), language.moment(task.due_at))]
    if task.assignee_id != context.actor.id:
        facts.append(Fact(text("task.assignee"), who(task, context)))
    if task.asked_by and task.asked_by != context.actor.id:
        facts.append(Fact(text("task.asked_by"), context.uow.people.get(task.asked_by).name))
    if task.answered_at and task.is_open:
        facts.append(Fact(text("task.taken_up"), language.moment(task.answered_at)))
    if task.done_at and task.state is TaskState.DONE:
        facts.append(Fact(text("task.done_at"), language.moment(task.done_at)))
    return tuple(facts)


def _deal(task: Task, lead: Lead, context: Context) -> tuple[Fact, ...]:
    """What the reader needs for this kind of task."""
    reaches = task.kind in (TaskKind.WELCOME, TaskKind.VISIT)
    return (*deal_facts(lead, context), *(contact_facts(lead, context) if reaches else ()))


def _buttons(task: Task, lead: Lead, context: Context) -> tuple[Button, ...]:
    value, text = str(task.id), context.text
    open_lead = Button("lead.show", text("button.open"), lead.number)
    if not task.is_open:
        log = Button("followup.log", text("button.log"), lead.number)
        return (
            *_to_aftersales(task, lead, context),
            open_lead,
            log if may(context.actor, log.action) else home_button(context),
        )
    if not may_do(task, lead, context):
        return (open_lead,)
    done = "button.answer" if task.kind is TaskKind.SUPPORT else "button.done"
    accept = Button("task.accept", text("button.on_it"), value)
    reach = contact_buttons(lead, context) if task.kind is not TaskKind.INVOICE else ()
    return (
        Button("task.finish", text(done), value, "primary"),
        *(() if task.answered_at else (accept,)),
        *reach,
        open_lead,
    )


def _to_aftersales(task: Task, lead: Lead, context: Context) -> tuple[Button, ...]:
    """Button to move the lead to after-sales: the visit was what had to be done before."""
    visited = task.kind is TaskKind.VISIT and task.state is TaskState.DONE
    if not (visited and lead.stage is Stage.WON and may(context.actor, "stage.aftersales")):
        return ()
    words = context.text("button.to_aftersales")
    return (Button("stage.aftersales", words, lead.number, "primary"),)


def _more(task: Task, lead: Lead, origin: TaskOrigin, context: Context) -> tuple[Button, ...]:
    if not task.is_open or not may_do(task, lead, context):
        return ()
    pass_on = Button("task.pass", context.text("button.pass_on"), str(task.id))
    return (pass_on, *origin.buttons)


def _footnote(task: Task, origin: TaskOrigin, context: Context, level: int, late: int) -> str:
    if not task.is_open:
        return ""
    late_words = (
        context.text("reminder.late", duration=context.language.duration(late)) if late else ""
    )
    if level:
        return context.text(f"task.why_{level}") + late_words + origin.words
    if origin.words:
        return origin.words
    return _why(task, context) if task.assignee_id == context.actor.id else ""


def _why(task: Task, context: Context) -> str:
    """Why the reader has the task, by their role's part in it."""
    why, language = task.why, context.language
    if why.reason == "task_team" and task.kind not in _AFTER_SIGNING:
        why = replace(why, reason="task_role")
    role = enum_label(task.role, language) if task.role else ""
    return why_text(why, language, role=role, task=task_label(task.kind, language))


def _tone(task: Task, context: Context) -> Tone:
    if task.is_open:
        return "bad" if task.is_overdue(context.now) else "warning"
    if task.shows_unhappy(context.playbook.handover.unhappy_until):
        return "bad"
    return "good" if task.state is TaskState.DONE else "plain"


def task_notice(
    notice: TaskGiven | TaskOverdue | TaskAnswered, context: Context, *, again: bool
) -> Card | None:
    """Card of a notice about a task.

    An answer is shown although its task is over; a new or an overdue task only until then.
    """
    try:
        task = context.tasks.get(notice.task_id)
    except TaskNotFound:
        gone = context.uow.tasks(SYSTEM).get(notice.task_id)
        return task_gone_card(gone, context) if again else None
    if not task.is_open and not again and not isinstance(notice, TaskAnswered):
        return None
    thread = f"lead:{task.lead_id}"
    if isinstance(notice, TaskAnswered) and is_unhappy(task, context):
        lead = context.leads.get(task.lead_id)
        return replace(unhappy_card(task, lead, context), thread=thread)
    if not isinstance(notice, TaskOverdue):
        return replace(task_card(task, context), thread=thread)
    card = task_card(task, context, level=notice.level, late=notice.late_minutes)
    owed = notice.level == ASSIGNEE_HEARS and task.is_overdue(context.now)
    return replace(card, thread=thread, todo=_todo(task) if owed else None)


def _todo(task: Task) -> Todo:
    return Todo(task.due_at, lead=lead_number(task.lead_id))


def unhappy_card(task: Task, lead: Lead, context: Context) -> Card:
    """Card for a leader: what the customer said, why they get it, and what to do about it."""
    text, result = context.text, task.result
    who = context.uow.people.get(task.done_by).name if task.done_by else ""
    owner = context.uow.people.get(lead.owner_id).name if lead.owner_id else ""
    rows = (
        ("task.satisfaction", text("unhappy.of_five", n=result.satisfaction)),
        ("unhappy.said", result.note),
        ("unhappy.problems", result.problems),
        ("unhappy.asked_by", who),
        ("lead.owner", owner),
        ("lead.stage", enum_label(lead.stage, context.language)),
    )
    facts = tuple(Fact(text(key), value) for key, value in rows if value)
    step_in = Button("task.step_in", text("button.step_in"), str(task.id), "primary")
    return Card(
        title=text("unhappy.title", lead=lead_title(lead), n=result.satisfaction),
        facts=(*facts, *contact_facts(lead, context)),
        body=text("unhappy.next"),
        buttons=(
            *(() if open_step_in(task, context) else (step_in,)),
            *contact_buttons(lead, context),
            Button("followup.log", text("button.log"), lead.number),
            Button("lead.show", text("button.open"), lead.number),
        ),
        footnote=text("unhappy.why", n=context.playbook.handover.unhappy_until),
        tone="warning",
        subject=task.subject,
    )


def is_unhappy(task: Task, context: Context) -> bool:
    return task.shows_unhappy(context.playbook.handover.unhappy_until)


def open_step_in(task: Task, context: Context) -> Task | None:
    """The task that a leader made of it already."""
    return next(
        (
            other
            for other in context.tasks.of_lead(task.lead_id)
            if other.why.reason == "task_unhappy" and other.is_open
        ),
        None,
    )
