"""The form to hand over a person's work, and the preview of who would get what [P1]."""

from handlers.core.choices import assignable, person_option
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.guards import changeable
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Form, Option, PersonPick
from handlers.handover_of_work.cards import preview_card
from handlers.handover_of_work.service import owned_work_of, receivers_of
from sales.transfers import TransferRequest, TransferRule


def ask(context: Context) -> Reply:
    """Button: ask for the rule by which to hand over."""
    person = changeable(context.pressed, context)
    estate = owned_work_of(person, context)
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
    """Form: preview who would get what; nothing is changed yet."""
    person = changeable(context.pressed, context)
    with FormReader(context) as form:
        rule = form.one_of("rule", TransferRule)
        receiver = None
        if rule == TransferRule.PERSON:
            receiver = form.person(receivers_of(person, context))
    return Reply(
        card=preview_card(
            TransferRequest(person, TransferRule(rule), receiver, context.actor), context
        )
    )
