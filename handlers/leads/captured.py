"""A message becomes a lead: the form filled from its text, with what it leaves open as typed, and a
question."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.ui import Form, Money, Phone
from handlers.leads.duplicates import known_reply
from handlers.leads.forms import LONGEST, lead_form
from sales.amounts import NotAnAmount, parse_budget
from sales.capture import Captured, read_message
from sales.contacts import NotAPhone
from sales.errors import Problem
from sales.lead_lines import name_before_need
from sales.leads import Lead, wechat_key
from sales.playbook import Term
from sales.readings import with_readings

_AT_LEAST = 2
_LOOKED_UP = 5
_SHORT = 4


def capture(context: Context) -> Reply:
    """A message, quoted or pasted: the lead form filled from its text. A known customer's lead is
    shown instead, or the person is told whom to ask for it."""
    text = (context.request.text or context.pressed).strip()
    message = read_message(text, context.country, _ours(context))
    if not message.customer and (name := name_before_need(text)) != message.contact:
        message = replace(message, customer=name)
    if known := _known_customer(message, context):
        return known
    return Reply(form=as_typed(_filled(text, message, context), message, context))


def _ours(context: Context) -> frozenset[str]:
    """Colleagues' names, and the actor's own phone and e-mail: never a customer's."""
    names = (person.name for person in context.uow.people.everyone())
    return frozenset((*names, *context.uow.contacts.get(context.actor.id))) - {""}


def _known_customer(message: Captured, context: Context) -> Reply | None:
    phones, emails = message.phones[:_LOOKED_UP], message.emails[:_LOOKED_UP]
    contacts = [*((phone, "") for phone in phones), *(("", email) for email in emails)]
    for phone, email in contacts:
        if existing := context.uow.duplicates.by_contact(phone, email):
            return known_reply(existing, context)
    existing = context.uow.duplicates.by_contact("", "", (wechat_key(message.wechat),))
    if existing:
        return known_reply(existing, context)
    return None


def _filled(text: str, message: Captured, context: Context) -> Form:
    words = context.playbook.vocabulary
    budget = captured_budget(message, context)
    draft = Lead(
        source=_mentioned(words.sources, text) or _known_key(message.source, words.sources),
        customer=message.customer[: LONGEST["customer"]],
        contact=message.contact[: LONGEST["contact"]],
        title=message.title[: LONGEST["title"]],
        phone=next(iter(message.phones), ""),
        email=next(iter(message.emails), ""),
        wechat=message.wechat,
        others=(*message.phones[1:], *message.emails[1:]),
        budget_low=budget[0],
        budget_high=budget[1],
        need=message.need[: LONGEST["need"]],
        industry=_mentioned(words.industries, text),
        region=_mentioned(words.regions, text),
        product=_mentioned(words.products, text),
        stage_since=context.now,
        team_id=context.actor.team_id,
        created_at=context.now,
        created_by=context.actor.id,
    )
    draft = with_readings(draft, context.today, message=message.said)
    form = lead_form(context, draft, ask_owner=True)
    return replace(form, intro=_intro(text, context))


def _intro(text: str, context: Context) -> str:
    if not text:
        return context.text("capture.nothing")
    return context.text("capture.intro")


def _known_key(key: str, terms: Iterable[Term]) -> str:
    return key if any(term.key == key for term in terms) else ""


def _mentioned(terms: Iterable[Term], text: str) -> str:
    """The key of the term that the text mentions; "" when it mentions none or several."""
    lowered = text.lower()
    named = {
        term.key
        for term in terms
        if any(len(word) >= _AT_LEAST and word.lower() in lowered for word in _words_of(term))
    }
    return named.pop() if len(named) == 1 else ""


def _words_of(term: Term) -> tuple[str, ...]:
    """The words to look for. Short English ones are left out, since they occur inside others
    (``it`` in ``with``)."""
    return (term.zh if not term.zh.isascii() else "", term.en if len(term.en) > _SHORT else "")


def captured_budget(
    message: Captured, context: Context
) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """The budget if it has one reading in the company's currency."""
    try:
        return parse_budget(message.budget, 1, context.language.amount_style)
    except NotAnAmount:
        return None, None


def as_typed(form: Form, message: Captured, context: Context) -> Form:
    """The form with what was not understood as it was typed, and the questions above the fields.

    They come again beside the fields when the form is saved as it is.
    """
    values, problems = dict[str, str](), dict[str, Problem]()
    if message.budget and (problem := _about_budget(message.budget, context)):
        values["budget"], problems["budget"] = message.budget, problem
    if message.doubtful and (problem := _about_phone(message.doubtful[0], context)):
        problems["phone"] = problem
        if not message.phones:
            values["phone"] = message.doubtful[0]
    fields = tuple(
        replace(field, value=values[field.name])
        if isinstance(field, Money | Phone) and field.name in values
        else field
        for field in form.fields
    )
    questions = (
        context.text(f"problem.{problem.key}", **problem.params) for problem in problems.values()
    )
    return replace(form, fields=fields, intro="\n".join((form.intro, *questions)))


def _about_budget(typed: str, context: Context) -> Problem | None:
    try:
        parse_budget(typed, 1, context.language.amount_style)
    except NotAnAmount as error:
        return FormReader(context).question(error, typed[:30]) or error.problem
    return None


def _about_phone(typed: str, context: Context) -> Problem | None:
    try:
        FormReader(context).parse_phone(typed)
    except NotAPhone as error:
        return FormReader(context).question(error, typed[:30]) or Problem("phone", typed=typed[:30])
    return None
