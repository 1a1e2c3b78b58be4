"""What somebody has and to whom it would go, as a form and a preview [P1]."""

from collections import defaultdict
from datetime import timedelta
from zlib import crc32

from handlers.assignment.service import open_leads_of
from handlers.core.button_values import pack, unpack
from handlers.core.choices import assignable, person_option
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, lead_title, task_label
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Choice, Form, Option, PersonPick, Section
from handlers.people.forms import changeable
from sales.errors import InvalidInput, Problem
from sales.jobs import HandOverWork, Job
from sales.people import SYSTEM, Person
from sales.permissions import may, may_decide_on
from sales.routing import Candidates
from sales.transfers import ClientRequest, OwnedWork, Part, TransferRule, plan

SHOWN = 12
"""So many leads stand in the preview for each who gets some."""


def ask(context: Context) -> Reply:
    """Button: by which rule?"""
    person = changeable(context.pressed, context)
    estate = estate_of(person, context)
    if not estate.leads and not estate.tasks:
        return Reply(toast=context.text("leaver.nothing", name=person.name))
    rules = tuple(Option(rule, context.text(f"leaver.rule_{rule}")) for rule in TransferRule)
    people = tuple(person_option(p, context) for p in assignable(context) if p.id != person.id)
    count = len(estate.leads)
    return Reply(
        form=Form(
            action="leaver.preview",
            title=context.text("leaver.title"),
            intro=context.text("leaver.intro", name=person.name, n=count),
            fields=(
                Choice(name="rule", label=context.text("leaver.rule"), required=True,
                       value=TransferRule.RULES, options=rules),
                PersonPick(name="person", label=context.text("leaver.receiver"), options=people,
                           hint=context.text("leaver.receiver_hint")),
            ),
            submit=context.text("leaver.preview"),
            cancel=context.text("button.cancel"),
            state={"value": str(person.id)},
        )
    )  # fmt: skip


def preview(context: Context) -> Reply:
    """Form: what would go to whom; nothing has happened yet."""
    person = changeable(context.pressed, context)
    with FormReader(context) as form:
        rule = form.one_of("rule", TransferRule)
        receiver = None
        if rule == TransferRule.PERSON:
            receiver = form.person(_receivers(person, context))
    return Reply(
        card=preview_card(
            ClientRequest(person, TransferRule(rule), receiver, context.actor), context
        )
    )


def preview_card(wish: ClientRequest, context: Context) -> Card:
    estate = estate_of(wish.person, context)
    parts = planned(wish, estate, context)
    by_receiver: dict[int | None, list[Part]] = defaultdict(list)
    for part in parts:
        by_receiver[part.to_id].append(part)
    return Card(
        title=context.text("leaver.preview_title", name=wish.person.name, n=len(estate.leads)),
        body="" if parts else context.text("leaver.nothing", name=wish.person.name),
        sections=tuple(
            _section(to_id, of_one, estate, context) for to_id, of_one in by_receiver.items()
        ),
        buttons=(
            Button("leaver.carry_out", context.text("leaver.submit"),
                   _value_of(wish, parts), "primary"),
            Button("leaver.ask", context.text("leaver.choose_again"), str(wish.person.id)),
        ),
        footnote=context.text("leaver.preview_why"),
    )  # fmt: skip


def estate_of(person: Person, context: Context) -> OwnedWork:
    """What the actor may hand over of a person's; for SYSTEM, all of it."""
    every = context.uow.leads(SYSTEM)
    own = {task.id: task for task in context.tasks.open_of(person.id)}
    # An owner's tasks that a leader holds since the owner left go on with the lead.
    held = {task.id: task for task in context.tasks.open_for_leads_of(person.id) if not task.role}
    tasks = sorted((own | held).values(), key=lambda task: task.lead_id)
    return OwnedWork(
        leads=[
            one for one in context.leads.held_by(person.id) if may_decide_on(context.actor, one)
        ],
        tasks=tasks,
        task_leads={task.lead_id: every.get(task.lead_id) for task in tasks},
    )


def planned(wish: ClientRequest, estate: OwnedWork, context: Context) -> tuple[Part, ...]:
    uow, playbook = context.uow, context.playbook
    people = uow.people.everyone()
    lately = context.now - timedelta(days=playbook.assignment.fair_over)
    among = Candidates(
        people=people,
        teams=uow.people.teams(),
        shares=uow.offers.counts_since(lately),
        passed={},
        today=context.today,
        open_leads=open_leads_of(people, context),
    )
    open_tasks = uow.tasks(SYSTEM).open_counts()
    return plan(estate, wish, playbook, among, open_tasks)


def _value_of(wish: ClientRequest, parts: tuple[Part, ...]) -> str:
    receiver = wish.receiver.id if wish.receiver else 0
    return pack(wish.person.id, wish.rule, receiver, mark(parts))


def parse_wish(value: str, context: Context) -> tuple[ClientRequest, str]:
    """The wish on a button with the mark of the plan that was shown. Raises PersonNotFound,
    NotAllowed, or InvalidInput for a receiver who is not there any more."""
    person_id, rule, to_id, told = unpack(value, str, str, record_id, str)
    person = changeable(person_id, context)
    if rule not in set(TransferRule):
        raise InvalidInput({"rule": Problem("choose_one")})
    receiver = next((one for one in _receivers(person, context) if one.id == to_id), None)
    if rule == TransferRule.PERSON and receiver is None:
        raise InvalidInput({"person": Problem("choose_one")})
    return ClientRequest(person, TransferRule(rule), receiver, context.actor), told


def mark(parts: tuple[Part, ...]) -> str:
    """Tells one plan from another."""
    return f"{crc32(repr([(p.lead_id, p.task_id, p.to_id) for p in parts]).encode()):08x}"


def _receivers(leaver: Person, context: Context) -> list[Person]:
    return [person for person in assignable(context) if person.id != leaver.id]


def _section(to_id: int | None, parts: list[Part], estate: OwnedWork, context: Context) -> Section:
    leads = {lead.id: lead for lead in estate.leads}
    tasks = {task.id: task for task in estate.tasks}
    lines = []
    for part in parts:
        if part.task_id is None:
            lead = leads[part.lead_id]
            lines.append(f"{lead_title(lead)} · {enum_label(lead.stage, context.language)}")
        else:
            title = lead_title(estate.task_leads[part.lead_id])
            lines.append(f"{task_label(tasks[part.task_id].kind, context.language)} · {title}")
    if len(lines) > SHOWN:
        lines[SHOWN:] = [context.text("board.more", n=len(lines) - SHOWN)]
    name = context.uow.people.get(to_id).name if to_id else context.text("leaver.to_pool")
    return Section(context.text("leaver.gets", name=name, n=len(parts)), tuple(lines))


def expect_hand_over(person: Person, context: Context) -> int:
    """How many open leads somebody has who can have none any more. If no leader chooses in
    time, the routing rules do; who can have leads again keeps them."""
    context.uow.schedule.cancel(HandOverWork, person.id)
    if person.active and person.sells:
        return 0
    left = context.uow.leads(SYSTEM).open_of(person.id)
    if left:
        due_at = context.calendar.add(context.now, context.playbook.assignment.hand_over_within)
        key = f"leaver:{person.id}:{context.now.timestamp():.0f}"
        context.uow.schedule.add(Job(HandOverWork(person.id), due_at, key))
    return left


def hand_over_button(person: Person, context: Context) -> tuple[Button, ...]:
    """For somebody who is not there and has leads."""
    if person.is_there(context.today) and person.sells:
        return ()
    if not may(context.actor, "leaver.ask") or not context.leads.open_of(person.id):
        return ()
    label = context.text("button.hand_over_all", name=person.name)
    return (Button("leaver.ask", label, str(person.id)),)


def left_card(person: Person, left: int, context: Context) -> Card:
    """What a leader sees who has just closed an account."""
    due_at = context.calendar.add(context.now, context.playbook.assignment.hand_over_within)
    return Card(
        title=context.text("leaver.left_title", name=person.name, n=left),
        body=context.text("leaver.left_body", at=context.language.moment(due_at)),
        buttons=(Button("leaver.ask", context.text("leaver.title"), str(person.id), "primary"),),
    )
