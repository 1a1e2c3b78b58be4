"""``/tasks``: what is mine to do for a lead; take it up, do it, pass it on [P13] [P14]."""

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Turn
from handlers.core.events import happened
from handlers.core.labels import home_button, lead_title
from handlers.core.recipients import how_told, tell_leaders
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Form, LongText, Section
from handlers.lead_card.card import lead_card
from handlers.tasks.cards import (
    _taken_up,
    due_text,
    is_unhappy,
    may_do,
    task_card,
    task_gone_card,
    who,
)
from handlers.tasks.forms import (
    LONGEST,
    finish_form,
    kind_label,
    pass_form,
    person_pick,
    picked,
    read_result,
)
from handlers.tasks.handover import begin_task, due_within, forget_escalation, give_task, staff
from sales.assignments import Why
from sales.errors import Conflict, InvalidInput, LeadNotFound, NotAllowed, Problem, TaskNotFound
from sales.leads import Lead, Stage, lead_id_of
from sales.notices import TaskAnswered
from sales.people import Person, Role, leaders_of
from sales.permissions import LEADERS, leads_team_of
from sales.playbook import Trigger
from sales.tasks import Given, Task, TaskKind, colleagues

HELPERS = (Role.PRODUCT, Role.SERVICE)
"""Who is pulled into a talk with a customer."""


def ask(turn: Turn) -> Reply:
    """Button on a lead's card: whom, and what?"""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    people = _helpers(lead, turn)
    if not people:
        return Reply(toast=turn.text("support.nobody"))
    if lead.stage is Stage.LOST:
        return Reply(toast=turn.text("support.lost", lead=lead.number))
    question = LongText(
        name="question",
        label=turn.text("support.question"),
        required=True,
        placeholder=turn.text("support.question_example"),
        max_length=LONGEST["question"],
    )
    return Reply(
        form=Form(
            action="support.create",
            title=turn.text("support.title"),
            intro=turn.text("support.intro", lead=lead_title(lead)),
            fields=(person_pick(people, turn.text("support.whom"), turn), question),
            submit=turn.text("support.submit"),
            cancel=turn.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def create(turn: Turn) -> Reply:
    """Form: the question becomes a task of the colleague's."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    if lead.stage is Stage.LOST:
        return Reply(toast=turn.text("support.lost", lead=lead.number))
    person = picked(_helpers(lead, turn), turn)
    question = turn.typed("question")
    if not question:
        raise InvalidInput({"question": Problem("question_missing")})
    if len(question) > LONGEST["question"]:
        raise InvalidInput({"question": Problem("too_long", n=LONGEST["question"])})
    accept_by_acting(lead, turn)
    begin_task(
        Task(
            lead_id=lead.id,
            kind=TaskKind.SUPPORT,
            role=person.role,
            assignee_id=person.id,
            why=Why("task_asked", turn.actor.name),
            asked_by=turn.actor.id,
            question=question,
            created_at=turn.now,
            due_at=due_within(turn.playbook.handover.answer_within, turn),
        ),
        turn,
    )
    turn.uow.audit.record(turn.actor, "support.create", lead.subject, {"to": str(person.id)})
    return Reply(update=lead_card(lead, turn), toast=turn.text("support.asked", name=person.name))


def _helpers(lead: Lead, turn: Turn) -> list[Person]:
    """Who is there, product first, and the lead's team."""
    here = staff(turn)
    people = [p for p in here.people if p.role in HELPERS and p.is_there(here.today)]
    return sorted(
        people, key=lambda p: (p.role is not Role.PRODUCT, p.team_id != lead.team_id, p.name)
    )


LONGEST_QUESTION = 1000


def thanks(task: Task, lead: Lead, turn: Turn) -> str:
    """What is said to who did a task: of an unhappy customer, who hears of them now."""
    if not is_unhappy(task, turn):
        return turn.text("task.thanks")
    leaders = leaders_of(lead.team_id, turn.uow.people.everyone())
    names = [person.name for person in leaders if person.id != turn.actor.id]
    if not names:
        return turn.text("task.thanks_unhappy_alone")
    return turn.text("task.thanks_unhappy", names=turn.language.listing(names))


def step_in(turn: Turn) -> Reply:
    """Button: a leader makes it their own task, due soon."""
    task_id = record_id(turn.pressed)
    if task_id is None:
        raise TaskNotFound
    lead = turn.leads.get(turn.tasks.get(task_id).lead_id)
    task = turn.tasks.get(task_id)
    if not leads_team_of(turn.actor, lead):
        raise NotAllowed(roles=sorted(LEADERS))
    if not is_unhappy(task, turn):
        raise TaskNotFound
    if mine := _taken_up(task, turn):
        return Reply(card=task_card(mine, turn), toast=turn.text("unhappy.already"))
    said = " ".join(part for part in (task.result.note, task.result.problems) if part)
    question = turn.text("unhappy.task", n=task.result.satisfaction, words=said)
    begun = begin_task(
        Task(
            lead_id=lead.id,
            kind=TaskKind.TODO,
            role=Role.MANAGER,
            assignee_id=turn.actor.id,
            why=Why("task_unhappy"),
            question=question[:LONGEST_QUESTION],
            created_at=turn.now,
            due_at=due_within(turn.playbook.handover.answer_within, turn),
        ),
        turn,
        quietly=True,
    )
    turn.uow.audit.record(turn.actor, "task.step_in", lead.subject, {"task": str(begun.id)})
    turn.uow.outbox.refresh(task.subject)
    return Reply(card=task_card(begun, turn), toast=turn.text("unhappy.yours"))


SHOWN = 8
"""So many tasks stand in each part of the list."""


def open_command(turn: Turn) -> Reply:
    """``/tasks``: mine, the first due first; a leader also sees the team's."""
    mine = turn.tasks.open_of(turn.actor.id)
    others: list[Task] = []
    if turn.actor.role in LEADERS:
        others = turn.tasks.open_of_others(turn.actor.id, SHOWN + 1)
    overdue = sum(task.is_overdue(turn.now) for task in mine)
    more = len(mine) > SHOWN or len(others) > SHOWN
    body = turn.text("task.count", n=len(mine)) if mine else turn.text("task.none")
    if overdue:
        body += turn.text("task.count_overdue", n=overdue)
    return Reply(
        card=Card(
            title=turn.text("task.list_title"),
            body=body,
            sections=(
                *(_listed(task, turn) for task in mine[:SHOWN]),
                *((Section(turn.text("task.of_team")),) if others else ()),
                *(_listed(task, turn) for task in others[:SHOWN]),
            ),
            buttons=(_elsewhere(turn),),
            footnote=turn.text("task.more") if more else "",
            tone="bad" if overdue else "plain",
        )
    )


def _elsewhere(turn: Turn) -> Button:
    """Where to go from the list: for who has nothing but tasks, it is home already."""
    if turn.actor.sells:
        return home_button(turn)
    return Button("help.open", turn.text("button.help"))


def show(turn: Turn) -> Reply:
    """Button: one task's card."""
    return Reply(card=task_card(_task(turn), turn))


def accept(turn: Turn) -> Reply:
    """Button: I'm on it; who handed it over sees so, and how long that took [P25]."""
    task, _ = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    saved = turn.tasks.save(task.answer(turn.now))
    _refresh(saved, turn)
    return Reply(update=task_card(saved, turn), toast=turn.text("task.accepted"))


def finish(turn: Turn) -> Reply:
    """Button: what came of it?"""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    return Reply(form=finish_form(task, lead, turn))


def done(turn: Turn) -> Reply:
    """Form: the task is done, with its result on the lead; who waits for it hears of it."""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    finished = turn.tasks.save(task.done(read_result(task, turn), turn.actor, turn.now))
    forget_escalation(finished, turn)
    turn.uow.audit.record(turn.actor, "task.done", lead.subject, {"task": task.kind})
    _refresh(finished, turn)
    _tell(finished, lead, turn)
    if satisfaction := finished.result.satisfaction:
        happened(Trigger.UNHAPPY, lead, turn, satisfaction=satisfaction)
    return Reply(update=task_card(finished, turn), toast=thanks(finished, lead, turn))


def pass_on(turn: Turn) -> Reply:
    """Button: to whom?"""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    people = colleagues(task, lead, staff(turn))
    if not people:
        return Reply(toast=turn.text("task.nobody_else"))
    return Reply(form=pass_form(task, lead, people, turn))


def hand(turn: Turn) -> Reply:
    """Form: passed on; what somebody else chose meanwhile stands."""
    task, lead = _held(turn)
    if not task.is_open:
        return _settled(task, turn)
    if turn.request.state.get("assignee", "") != str(task.assignee_id or ""):
        raise Conflict(number=lead.number)
    person = picked(colleagues(task, lead, staff(turn)), turn)
    given = give_task(task, Given(person, Why("task_passed", turn.actor.name)), turn)
    detail = {"task": task.kind, "to": str(person.id)}
    turn.uow.audit.record(turn.actor, "task.pass", lead.subject, detail)
    toast = turn.text("task.passed", name=person.name, told=how_told(person, turn))
    return Reply(update=_card_after(given, turn), toast=toast)


def _tell(task: Task, lead: Lead, turn: Turn) -> None:
    """An answer goes to who asked and to the lead's owner, an unhappy customer to the leaders;
    all else stands on the lead's card."""
    notice = TaskAnswered(task.id)
    if task.kind is TaskKind.SUPPORT:
        waiting = {one for one in (task.asked_by, lead.owner_id) if one is not None}
        for person_id in sorted(waiting - {turn.actor.id}):
            turn.uow.outbox.add(notice, person_id)
    if is_unhappy(task, turn):
        tell_leaders(notice, lead, turn)


def _task(turn: Turn) -> Task:
    """The task a button or form carries; raises TaskNotFound for anything else."""
    task_id = record_id(turn.pressed)
    if task_id is None:
        raise TaskNotFound
    return turn.tasks.get(task_id)


def _held(turn: Turn) -> tuple[Task, Lead]:
    """The same, to be changed: its lead is locked first, as everywhere, and the task is read
    again, since somebody else may just have changed it."""
    lead = turn.leads.get(_task(turn).lead_id)
    task = _task(turn)
    if not may_do(task, lead, turn):
        raise NotAllowed(roles=sorted({task.role or Role.REP} | LEADERS))
    return task, lead


def _settled(task: Task, turn: Turn) -> Reply:
    """An old card, or somebody was faster: it shows how the task stands."""
    return Reply(update=task_card(task, turn), toast=turn.text("task.no_longer_open"))


def _card_after(task: Task, turn: Turn) -> Card:
    """Who passed a task on may not see it any more."""
    try:
        return task_card(turn.tasks.get(task.id), turn)
    except (TaskNotFound, LeadNotFound):
        return task_gone_card(task, turn)


def _refresh(task: Task, turn: Turn) -> None:
    turn.uow.outbox.refresh(task.subject)
    turn.uow.outbox.refresh(f"lead:{task.lead_id}")


def _listed(task: Task, turn: Turn) -> Section:
    """One task of the list with what can be done about it."""
    lead = turn.leads.get(task.lead_id)
    mine = task.assignee_id == turn.actor.id
    line = " · ".join(
        part for part in (due_text(task, turn), "" if mine else who(task, turn)) if part
    )
    lines = (
        (line, turn.text("task.quoted", words=task.question[:200])) if task.question else (line,)
    )
    value = str(task.id)
    finish_key = "button.answer" if task.kind is TaskKind.SUPPORT else "button.done"
    return Section(
        heading=f"{kind_label(task.kind, turn.language)} · {lead_title(lead)}",
        lines=lines,
        buttons=(
            Button("task.finish", turn.text(finish_key), value, "primary" if mine else "plain"),
            Button("task.show", turn.text("button.show_task"), value),
        ),
    )
