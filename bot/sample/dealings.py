"""Sample data around a lead.

Its needs, its proposal and the objections to it, colleagues' remarks, and what it may buy next. All
of it without notices: the first hour should not begin with what happened before.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from pydantic import BaseModel, ConfigDict

from handlers.core.context import Context
from handlers.library.service import count_use
from handlers.proposals.forms import default_words
from handlers.proposals.sources import case_of, lay_out, line_of, solution_of
from sales.discovery import Discovery, Needs
from sales.discussion import Remark
from sales.leads import Lead
from sales.library import ItemKind, Purpose, Tags
from sales.objections import Objection
from sales.opportunities import opportunity_of
from sales.people import SYSTEM, Person
from sales.proposals import Offering, Proposal
from sales.quotes import Quote
from sales.signals import Effect, Signal, SignalKind

_SOLUTIONS, _CASES = 2, 1


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SampleNeeds(Row):
    """Notes in SPIN form; ``pains`` are keys of the vocabulary."""

    situation: str
    problem: str
    implication: str
    need_payoff: str
    pains: tuple[str, ...]
    decision: str


class SampleObjection(Row):
    """An objection. ``answered``: with the library's answer to its kind."""

    kind: str
    said: str
    days_ago: int
    answered: bool = False


class SampleRemark(Row):
    by: str
    text: str


class Dealings(Row):
    """What happened with a lead. ``offered`` is how many days ago a proposal was sent,
    ``more_usage`` by how many percent a customer uses more of what they have."""

    needs: SampleNeeds | None = None
    offered: int | None = None
    objections: tuple[SampleObjection, ...] = ()
    remark: SampleRemark | None = None
    more_usage: int | None = None


def deal(lead: Lead, dealings: Dealings, owner: Person, context: Context) -> None:
    """Create everything but colleagues' remarks, as the owner's actions."""
    theirs = replace(context, actor=owner)
    if dealings.needs:
        _note(lead, dealings.needs, theirs)
    if dealings.offered is not None:
        _offer(lead, dealings.offered, theirs)
    for objection in dealings.objections:
        _object(lead, objection, theirs)
    if dealings.more_usage is not None:
        _grow(lead, dealings.more_usage, context)


def remark(lead: Lead, text: str, by: Person, context: Context) -> None:
    new_remark = Remark(
        lead_id=lead.id, person_id=by.id, at=context.now - timedelta(hours=2), text=text
    )
    context.uow.discussion(SYSTEM).add(new_remark)


def at(days: int, context: Context) -> datetime:
    """The due time of a company day, ``days`` from today."""
    hour: time = context.playbook.reminders.due_time
    return datetime.combine(context.today + timedelta(days=days), hour, context.timezone)


def _note(lead: Lead, sample: SampleNeeds, context: Context) -> None:
    needs = Needs(**sample.model_dump(), budget_low=lead.budget_low, budget_high=lead.budget_high)
    written_at = lead.created_at + timedelta(days=4)
    context.discoveries.add(
        Discovery(
            lead_id=lead.id, version=1, written_by=context.actor.id, written_at=written_at,
            needs=needs,
        )
    )  # fmt: skip


def _offer(lead: Lead, days_ago: int, context: Context) -> None:
    """Send what the library suggests for the lead, in both editions, not opened yet."""
    shelf, locale, sent_at = lay_out(lead, context), context.language.locale, at(-days_ago, context)
    until = context.today + timedelta(days=context.playbook.proposals.valid_days - days_ago)
    offering = Offering(
        opening=default_words("opening", locale, context),
        solutions=tuple(solution_of(item, locale) for item in shelf.solutions[:_SOLUTIONS]),
        quote=Quote(lines=tuple(line_of(item, locale) for item in shelf.modules)),
        cases=tuple(case_of(item, locale) for item in shelf.cases[:_CASES]),
        terms=default_words("terms", locale, context),
        valid_until=until,
    )
    draft = Proposal(
        lead_id=lead.id, number=1, locale=locale, offering=offering,
        written_by=context.actor.id, written_at=sent_at,
    )  # fmt: skip
    context.proposals.add(draft.send(context.actor, sent_at))
    for item_id in offering.items:
        count_use(item_id, lead.id, Purpose.PROPOSAL, replace(context, now=sent_at))


def _object(lead: Lead, sample: SampleObjection, context: Context) -> None:
    raised_at = at(-sample.days_ago, context)
    objection = Objection(
        lead_id=lead.id, kind=sample.kind, said=sample.said, raised_by=context.actor.id,
        raised_at=raised_at,
    )  # fmt: skip
    if sample.answered:
        [item] = context.library.suited(ItemKind.ANSWER, Tags(objection=sample.kind), 1)
        words = item.wording(context.language.locale).text
        objection = objection.answered(words, item.id, context.actor, raised_at)
        count_use(item.id, lead.id, Purpose.ANSWER, replace(context, now=raised_at))
    context.objections.add(objection)


def _grow(lead: Lead, percent: int, context: Context) -> None:
    signal = context.uow.signals(SYSTEM).record(
        Signal(
            lead_id=lead.id, kind=SignalKind.USAGE_UP, at=at(-1, context),
            event=f"sample:{lead.id}", value=percent, effect=Effect.OPPORTUNITY,
        )
    )  # fmt: skip
    if signal is None:
        raise AssertionError("a sample lead has one signal")
    opportunity = opportunity_of(signal, lead, context.playbook.repeat, context.today)
    context.uow.opportunities(SYSTEM).add(opportunity)
