"""Asking a colleague of product or service about a lead: they see it, answer, and the owner
hears of it."""

from handlers.handover import begin_task, due_within, staff
from handlers.labels import lead_title
from handlers.lead_card import lead_card
from handlers.offers import accept_by_acting
from handlers.requests import Reply
from handlers.task_form import LONGEST, person_pick, picked
from handlers.turns import Turn
from handlers.ui import Form, LongText
from sales.assignments import Why
from sales.errors import InvalidInput, Problem
from sales.leads import Lead, Stage, lead_id_of
from sales.people import Person, Role
from sales.tasks import Task, TaskKind

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
