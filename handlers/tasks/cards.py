"""A task as a living card: what to do, for whom, why you, what came of it."""

from dataclasses import replace

from handlers.assignment.cards import why_text
from handlers.automations.cards import because_of_task, overrule_task
from handlers.core.cards import lead_gone_card
from handlers.core.context import Turn
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.ui import Button, Card, Fact, Section, Todo, Tone
from handlers.leads.cards import contact_buttons, contact_facts
from handlers.reminders.actions import reminder_card
from handlers.stages.deal import deal_facts
from handlers.tasks.forms import kind_label
from handlers.tasks.handover import ASSIGNEE_HEARS
from sales.errors import FollowUpNotFound, TaskNotFound
from sales.leads import Lead, Stage, lead_number
from sales.notices import FollowUpOverdue, ReminderDue, TaskAnswered, TaskGiven, TaskOverdue
from sales.people import SYSTEM
from sales.permissions import leads_team_of, may
from sales.tasks import Task, TaskKind, TaskState


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


def task_card(task: Task, turn: Turn, *, level: int = 0, late: int = 0) -> Card:
    """The task as it stands now. ``level`` 1 and 2 are the notices that it is overdue."""
    lead = turn.leads.get(task.lead_id)
    facts = [*_facts(task, turn), *_deal(task, lead, turn)]
    result = result_parts(task, turn)
    return Card(
        title=turn.text(_title(task, turn), task=_what(task, lead, turn)),
        facts=tuple(facts),
        body=turn.said(task.question) or turn.text(f"task.todo_{task.kind}"),
        sections=(Section(turn.text("task.result"), result),) if result else (),
        buttons=_buttons(task, lead, turn),
        more=_more(task, lead, turn),
        footnote=_footnote(task, turn, level, late),
        tone=_tone(task, turn),
        subject=task.subject,
        exact=(lead.contract, task.result.invoice),
    )


def task_gone_card(task: Task, turn: Turn) -> Card:
    """What stays of a card of a task that was passed on or is not needed any more."""
    return Card(
        title=turn.text("task.gone_title", lead=lead_number(task.lead_id)),
        body=turn.text("task.gone"),
        buttons=(Button("task.list", turn.text("button.my_tasks")),),
        subject=task.subject,
    )


def may_do(task: Task, lead: Lead, turn: Turn) -> bool:
    """Whether the actor, who sees the task, may also do it: it is theirs, or they lead those who
    work on its lead."""
    return task.assignee_id == turn.actor.id or leads_team_of(turn.actor, lead)


def _what(task: Task, lead: Lead, turn: Turn) -> str:
    return f"{kind_label(task.kind, turn.language)} · {lead_title(lead)}"


def _title(task: Task, turn: Turn) -> str:
    match task.state:
        case TaskState.DONE:
            return "task.title_done"
        case TaskState.CANCELLED:
            return "task.title_cancelled"
        case TaskState.OPEN:
            return "task.title_overdue" if task.is_overdue(turn.now) else "task.title_open"


def _facts(task: Task, turn: Turn) -> tuple[Fact, ...]:
    text, language = turn.text, turn.language
    facts = [Fact(text("task.due"), language.moment(task.due_at))]
    if task.assignee_id != turn.actor.id:
        facts.append(Fact(text("task.assignee"), who(task, turn)))
    if task.asked_by and task.asked_by != turn.actor.id:
        facts.append(Fact(text("task.asked_by"), turn.uow.people.get(task.asked_by).name))
    if task.answered_at and task.is_open:
        facts.append(Fact(text("task.taken_up"), language.moment(task.answered_at)))
    if task.done_at and task.state is TaskState.DONE:
        facts.append(Fact(text("task.done_at"), language.moment(task.done_at)))
    return tuple(facts)


def _deal(task: Task, lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """What the reader needs for this kind of task."""
    reaches = task.kind in (TaskKind.WELCOME, TaskKind.VISIT)
    return (*deal_facts(lead, turn), *(contact_facts(lead, turn) if reaches else ()))


def _buttons(task: Task, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    value, text = str(task.id), turn.text
    open_lead = Button("lead.show", text("button.open"), lead.number)
    if not task.is_open:
        log = Button("followup.log", text("button.log"), lead.number)
        return (
            *_to_aftersales(task, lead, turn),
            open_lead,
            log if may(turn.actor, log.action) else home_button(turn),
        )
    if not may_do(task, lead, turn):
        return (open_lead,)
    done = "button.answer" if task.kind is TaskKind.SUPPORT else "button.done"
    accept = Button("task.accept", text("button.on_it"), value)
    reach = contact_buttons(lead, turn) if task.kind is not TaskKind.INVOICE else ()
    return (
        Button("task.finish", text(done), value, "primary"),
        *(() if task.answered_at else (accept,)),
        *reach,
        open_lead,
    )


def _to_aftersales(task: Task, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """The visit was what there was to do before."""
    visited = task.kind is TaskKind.VISIT and task.state is TaskState.DONE
    if not (visited and lead.stage is Stage.WON and may(turn.actor, "stage.aftersales")):
        return ()
    words = turn.text("button.to_aftersales")
    return (Button("stage.aftersales", words, lead.number, "primary"),)


def _more(task: Task, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    if not task.is_open or not may_do(task, lead, turn):
        return ()
    pass_on = Button("task.pass", turn.text("button.pass_on"), str(task.id))
    return (pass_on, *overrule_task(task.id, turn))


def _footnote(task: Task, turn: Turn, level: int, late: int) -> str:
    if not task.is_open:
        return ""
    late_words = turn.text("reminder.late", duration=turn.language.duration(late)) if late else ""
    if level:
        return turn.text(f"task.why_{level}") + late_words + because_of_task(task.id, turn)
    if by_rule := because_of_task(task.id, turn):
        return by_rule
    return why_text(task.why, turn.language) if task.assignee_id == turn.actor.id else ""


def _tone(task: Task, turn: Turn) -> Tone:
    if task.is_open:
        return "bad" if task.is_overdue(turn.now) else "warning"
    if task.shows_unhappy(turn.playbook.handover.unhappy_until):
        return "bad"
    return "good" if task.state is TaskState.DONE else "plain"


def reminder(notice: ReminderDue | FollowUpOverdue, turn: Turn, *, again: bool) -> Card | None:
    try:
        followup = turn.followups.get(notice.followup_id)
    except FollowUpNotFound:
        gone = turn.uow.followups(SYSTEM).get(notice.followup_id)
        lead = turn.uow.leads(SYSTEM).get(gone.lead_id)
        return lead_gone_card(lead, turn, gone.subject) if again else None
    if not followup.is_waiting and not again:
        return None
    level = notice.level if isinstance(notice, FollowUpOverdue) else 0
    card = reminder_card(followup, turn, level=level, late=notice.late_minutes)
    owed = level == 1 and followup.is_waiting and (at := followup.next_at) and at < turn.now
    todo = Todo(at) if owed and at else None
    return replace(card, thread=f"lead:{followup.lead_id}", todo=todo)


def task(notice: TaskGiven | TaskOverdue | TaskAnswered, turn: Turn, *, again: bool) -> Card | None:
    """An answer is told of although the task is over; a new or an overdue task is not."""
    try:
        found = turn.tasks.get(notice.task_id)
    except TaskNotFound:
        gone = turn.uow.tasks(SYSTEM).get(notice.task_id)
        return task_gone_card(gone, turn) if again else None
    if not found.is_open and not again and not isinstance(notice, TaskAnswered):
        return None
    thread = f"lead:{found.lead_id}"
    if isinstance(notice, TaskAnswered) and is_unhappy(found, turn):
        lead = turn.leads.get(found.lead_id)
        return replace(unhappy_card(found, lead, turn), thread=thread)
    if not isinstance(notice, TaskOverdue):
        return replace(task_card(found, turn), thread=thread)
    card = task_card(found, turn, level=notice.level, late=notice.late_minutes)
    owed = notice.level == ASSIGNEE_HEARS and found.is_overdue(turn.now)
    return replace(card, thread=thread, todo=Todo(found.due_at) if owed else None)


def unhappy_card(task: Task, lead: Lead, turn: Turn) -> Card:
    """What the customer said, why that comes to a leader, and what to do about it."""
    text, result = turn.text, task.result
    who = turn.uow.people.get(task.done_by).name if task.done_by else ""
    owner = turn.uow.people.get(lead.owner_id).name if lead.owner_id else ""
    rows = (
        ("task.satisfaction", text("unhappy.of_five", n=result.satisfaction)),
        ("unhappy.said", result.note),
        ("unhappy.problems", result.problems),
        ("unhappy.asked_by", who),
        ("lead.owner", owner),
        ("lead.stage", enum_label(lead.stage, turn.language)),
    )
    facts = tuple(Fact(text(key), value) for key, value in rows if value)
    step_in = Button("task.step_in", text("button.step_in"), str(task.id), "primary")
    return Card(
        title=text("unhappy.title", lead=lead_title(lead), n=result.satisfaction),
        facts=(*facts, *contact_facts(lead, turn)),
        body=text("unhappy.next"),
        buttons=(
            *(() if _taken_up(task, turn) else (step_in,)),
            *contact_buttons(lead, turn),
            Button("followup.log", text("button.log"), lead.number),
            Button("lead.show", text("button.open"), lead.number),
        ),
        footnote=text("unhappy.why", n=turn.playbook.handover.unhappy_until),
        tone="warning",
        subject=task.subject,
    )


def is_unhappy(task: Task, turn: Turn) -> bool:
    return task.shows_unhappy(turn.playbook.handover.unhappy_until)


def _taken_up(task: Task, turn: Turn) -> Task | None:
    """The task that a leader made of it already."""
    return next(
        (
            one
            for one in turn.tasks.of_lead(task.lead_id)
            if one.why.reason == "task_unhappy" and one.is_open
        ),
        None,
    )
