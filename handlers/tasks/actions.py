"""``/tasks``: the actor's tasks on leads; accept them, do them, pass them on [P13] [P14]."""

from handlers.assignment.service import accept_by_acting
from handlers.core.automation_events import record_event
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import home_button, lead_title, task_label
from handlers.core.recipients import delivery_note, notify_leaders
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText, Section
from handlers.tasks.cards import (
    due_text,
    is_unhappy,
    may_do,
    open_step_in,
    task_card,
    task_gone_card,
    who,
)
from handlers.tasks.forms import LONGEST, finish_form, pass_form, person_pick, read_result
from handlers.tasks.handover import begin_task, due_within, forget_escalation, give_task, staff
from sales.assignments import Why
from sales.errors import Conflict, LeadNotFound, NotAllowed, TaskNotFound
from sales.leads import Lead, Stage, lead_id_of
from sales.notices import TaskAnswered
from sales.people import Person, Role, leaders_of
from sales.permissions import LEADERS, leads_team_of
from sales.playbook import Trigger
from sales.tasks import Given, Task, TaskKind, colleagues

HELPERS = (Role.PRODUCT, Role.SERVICE)
"""Roles that are asked to join a conversation with a customer."""


def ask(context: Context) -> Reply:
    """Button on a lead's card: choose a colleague and ask a question."""
    lead = context.leads.get(lead_id_of(context.pressed))
    people = _helpers(lead, context)
    if not people:
        return Reply(toast=context.text("support.nobody"))
    if lead.stage is Stage.LOST:
        return Reply(toast=context.text("support.lost", lead=lead.number))
    question = LongText(
        name="question",
        label=context.text("support.question"),
        required=True,
        placeholder=context.text("support.question_example"),
        max_length=LONGEST["question"],
    )
    return Reply(
        form=Form(
            action="support.create",
            title=context.text("support.title"),
            intro=context.text("support.intro", lead=lead_title(lead)),
            fields=(person_pick(people, context.text("support.whom"), context), question),
            submit=context.text("support.submit"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def create(context: Context) -> Reply:
    """Form: turn the question into a task of the colleague's."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    if lead.stage is Stage.LOST:
        return Reply(toast=context.text("support.lost", lead=lead.number))
    with FormReader(context) as form:
        person = form.person(_helpers(lead, context))
        question = form.words("question", LONGEST["question"], missing="question_missing")
    accept_by_acting(lead, context)
    begin_task(
        Task(
            lead_id=lead.id,
            kind=TaskKind.SUPPORT,
            role=person.role,
            assignee_id=person.id,
            why=Why("task_asked", context.actor.name),
            asked_by=context.actor.id,
            question=question,
            created_at=context.now,
            due_at=due_within(context.playbook.handover.answer_within, context),
        ),
        context,
    )
    context.uow.audit.record(context.actor, "support.create", lead.subject, {"to": str(person.id)})
    return Reply(
        update=context.lead_card(lead), toast=context.text("support.asked", name=person.name)
    )


def _helpers(lead: Lead, context: Context) -> list[Person]:
    """Helpers at work: product first, then those of the lead's team."""
    here = staff(context)
    people = [p for p in here.people if p.role in HELPERS and p.is_there(here.today)]
    return sorted(
        people, key=lambda p: (p.role is not Role.PRODUCT, p.team_id != lead.team_id, p.name)
    )


LONGEST_QUESTION = 1000


def thanks_text(task: Task, lead: Lead, context: Context) -> str:
    """Reply to the person who did a task; for an unhappy customer, who is notified now."""
    if not is_unhappy(task, context):
        return context.text("task.thanks")
    leaders = leaders_of(lead.team_id, context.uow.people.everyone())
    names = [person.name for person in leaders if person.id != context.actor.id]
    if not names:
        return context.text("task.thanks_unhappy_alone")
    return context.text("task.thanks_unhappy", names=context.language.listing(names))


def step_in(context: Context) -> Reply:
    """Button: a leader makes it their own task, due soon."""
    task_id = record_id(context.pressed)
    if task_id is None:
        raise TaskNotFound
    lead = context.leads.get(context.tasks.get(task_id).lead_id)
    task = context.tasks.get(task_id)
    if not leads_team_of(context.actor, lead):
        raise NotAllowed(roles=sorted(LEADERS))
    if not is_unhappy(task, context):
        raise TaskNotFound
    if mine := open_step_in(task, context):
        return Reply(card=task_card(mine, context), toast=context.text("unhappy.already"))
    words = " ".join(part for part in (task.result.note, task.result.problems) if part)
    question = context.text("unhappy.task", n=task.result.satisfaction, words=words)
    begun = begin_task(
        Task(
            lead_id=lead.id,
            kind=TaskKind.TODO,
            role=Role.MANAGER,
            assignee_id=context.actor.id,
            why=Why("task_unhappy"),
            question=question[:LONGEST_QUESTION],
            created_at=context.now,
            due_at=due_within(context.playbook.handover.answer_within, context),
        ),
        context,
        quietly=True,
    )
    context.uow.audit.record(context.actor, "task.step_in", lead.subject, {"task": str(begun.id)})
    context.uow.outbox.refresh(task.subject)
    return Reply(card=task_card(begun, context), toast=context.text("unhappy.yours"))


SHOWN = 8
"""Number of tasks in each part of the list."""


def open_command(context: Context) -> Reply:
    """``/tasks``: the actor's tasks, the first due first; a leader also sees the team's."""
    mine = context.tasks.open_of(context.actor.id)
    others: list[Task] = []
    if context.actor.role in LEADERS:
        others = context.tasks.open_of_others(context.actor.id, SHOWN + 1)
    overdue = sum(task.is_overdue(context.now) for task in mine)
    more = len(mine) > SHOWN or len(others) > SHOWN
    body = context.text("task.count", n=len(mine)) if mine else context.text("task.none")
    if overdue:
        body += context.text("task.count_overdue", n=overdue)
    return Reply(
        card=Card(
            title=context.text("task.list_title"),
            body=body,
            sections=(
                *(_listed(task, context) for task in mine[:SHOWN]),
                *((Section(context.text("task.of_team")),) if others else ()),
                *(_listed(task, context) for task in others[:SHOWN]),
            ),
            buttons=(_elsewhere(context),),
            footnote=context.text("task.more") if more else "",
            tone="bad" if overdue else "plain",
        )
    )


def _elsewhere(context: Context) -> Button:
    """Where to go from the list; for people who only have tasks, it is their home already."""
    if context.actor.sells:
        return home_button(context)
    return Button("help.open", context.text("button.help"))


def show(context: Context) -> Reply:
    """Button: show one task's card."""
    return Reply(card=task_card(_task(context), context))


def accept(context: Context) -> Reply:
    """Button: accept the task.

    The person who handed it over sees that, and how long it took [P25].
    """
    task, _ = _held(context)
    if not task.is_open:
        return _settled(task, context)
    saved = context.tasks.save(task.answer(context.now))
    _refresh(saved, context)
    return Reply(update=task_card(saved, context), toast=context.text("task.accepted"))


def finish(context: Context) -> Reply:
    """Button: ask for the result."""
    task, lead = _held(context)
    if not task.is_open:
        return _settled(task, context)
    return Reply(form=finish_form(task, lead, context))


def done(context: Context) -> Reply:
    """Form: complete the task with its result on the lead, and notify people who wait for it."""
    task, lead = _held(context)
    if not task.is_open:
        return _settled(task, context)
    finished = context.tasks.save(task.done(read_result(task, context), context.actor, context.now))
    forget_escalation(finished, context)
    context.uow.audit.record(context.actor, "task.done", lead.subject, {"task": task.kind})
    _refresh(finished, context)
    _tell(finished, lead, context)
    if satisfaction := finished.result.satisfaction:
        record_event(Trigger.UNHAPPY, lead, context, satisfaction=satisfaction)
    return Reply(update=task_card(finished, context), toast=thanks_text(finished, lead, context))


def pass_on(context: Context) -> Reply:
    """Button: ask to whom the task goes."""
    task, lead = _held(context)
    if not task.is_open:
        return _settled(task, context)
    people = colleagues(task, lead, staff(context))
    if not people:
        return Reply(toast=context.text("task.nobody_else"))
    return Reply(form=pass_form(task, lead, people, context))


def pass_on_task(context: Context) -> Reply:
    """Form: pass the task on; what somebody else chose meanwhile is kept."""
    task, lead = _held(context)
    if not task.is_open:
        return _settled(task, context)
    if context.request.state.get("assignee", "") != str(task.assignee_id or ""):
        raise Conflict(number=lead.number)
    with FormReader(context) as form:
        person = form.person(colleagues(task, lead, staff(context)))
    given = give_task(task, Given(person, Why("task_passed", context.actor.name)), context)
    detail = {"task": task.kind, "to": str(person.id)}
    context.uow.audit.record(context.actor, "task.pass", lead.subject, detail)
    toast = context.text("task.passed", name=person.name, told=delivery_note(person, context))
    return Reply(update=_card_after(given, context), toast=toast)


def _tell(task: Task, lead: Lead, context: Context) -> None:
    """Notify people of a result.

    An answer goes to the person who asked and to the lead's owner, an unhappy customer to the
    leaders; everything else is only shown on the lead's card.
    """
    notice = TaskAnswered(task.id)
    if task.kind is TaskKind.SUPPORT:
        waiting = {
            person_id for person_id in (task.asked_by, lead.owner_id) if person_id is not None
        }
        for person_id in sorted(waiting - {context.actor.id}):
            context.uow.outbox.add(notice, person_id)
    if is_unhappy(task, context):
        notify_leaders(notice, lead, context)


def _task(context: Context) -> Task:
    """Find the task that a button or form carries; raises TaskNotFound for anything else."""
    task_id = record_id(context.pressed)
    if task_id is None:
        raise TaskNotFound
    return context.tasks.get(task_id)


def _held(context: Context) -> tuple[Task, Lead]:
    """Load the task to change it.

    Its lead is locked first, as everywhere, and the task is reread, since somebody else may just
    have changed it.
    """
    lead = context.leads.get(_task(context).lead_id)
    task = _task(context)
    if not may_do(task, lead, context):
        raise NotAllowed(roles=sorted({task.role or Role.REP} | LEADERS))
    return task, lead


def _settled(task: Task, context: Context) -> Reply:
    """The present state of the task, in answer to an old card or when somebody was faster."""
    return Reply(update=task_card(task, context), toast=context.text("task.no_longer_open"))


def _card_after(task: Task, context: Context) -> Card:
    """The card after a change; people who passed a task on may not see it any more."""
    try:
        return task_card(context.tasks.get(task.id), context)
    except (TaskNotFound, LeadNotFound):
        return task_gone_card(task, context)


def _refresh(task: Task, context: Context) -> None:
    context.uow.outbox.refresh(task.subject)
    context.uow.outbox.refresh(f"lead:{task.lead_id}")


def _listed(task: Task, context: Context) -> Section:
    """One task of the list, with the actions it allows."""
    lead = context.leads.get(task.lead_id)
    mine = task.assignee_id == context.actor.id
    line = " · ".join(
        part for part in (due_text(task, context), "" if mine else who(task, context)) if part
    )
    lines = (
        (line, context.text("task.quoted", words=task.question[:200])) if task.question else (line,)
    )
    value = str(task.id)
    finish_key = "button.answer" if task.kind is TaskKind.SUPPORT else "button.done"
    return Section(
        heading=f"{task_label(task.kind, context.language)} · {lead_title(lead)}",
        lines=lines,
        buttons=(
            Button("task.finish", context.text(finish_key), value, "primary" if mine else "plain"),
            Button("task.show", context.text("button.show_task"), value),
        ),
    )
