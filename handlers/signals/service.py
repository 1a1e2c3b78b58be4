"""Record what a customer did by themselves, whatever the source [P11].

The single entry point for the proposal's page, signed events and the calendar. A signal stops no
clock and is no contact; it may make a lead hot, notify its owner, or become an opportunity.
"""

from datetime import timedelta

from handlers.core.automation_events import record_event
from handlers.core.context import Context
from handlers.core.events import RepeatSignalled
from handlers.core.recipients import notify_owner_and_cover
from handlers.core.replies import Reply
from sales.jobs import CoolLead, Job
from sales.leads import Lead, lead_id_of
from sales.notices import CustomerSignalled
from sales.people import SYSTEM
from sales.playbook import Trigger
from sales.signals import Effect, Signal, SignalKind, cooled, cools_at, effect_on, heated


def take_signal(
    lead: Lead, kind: SignalKind, event: str, context: Context, *, value: int | None = None
) -> Signal | None:
    """Record what happened now and do what the playbook says; None for a repeated event.

    ``event`` is the id that the source gave it, prefixed with the source's name. ``lead`` must
    come from ``context.uow.leads(SYSTEM).get`` in this unit of work, which locks it. It may be
    saved here: reread it before saving it again.
    """
    rule, signals = context.playbook.signals.rule(kind), context.uow.signals(SYSTEM)
    recent = signals.since(context.now - timedelta(days=rule.within_days), lead.id, kind)
    effect = effect_on(lead, rule.effect, rule.times, recent)
    signal = signals.record(
        Signal(
            lead_id=lead.id, kind=kind, at=context.now, event=event, value=value, effect=effect
        )
    )  # fmt: skip
    if signal is None:
        return None
    _act(signal, lead, context)
    context.uow.outbox.refresh(lead.subject)
    return signal


def dismiss(context: Context) -> Reply:
    """Button: a person overrules the signals; the lead is no longer hot."""
    lead = context.leads.get(lead_id_of(context.pressed))
    if lead.hot_since is None:
        return Reply(update=context.lead_card(lead), toast=context.text("signal.not_hot_any_more"))
    saved = context.leads.save(cooled(lead))
    context.uow.audit.record(context.actor, "signal.dismiss", lead.subject, {})
    context.uow.outbox.refresh(saved.subject)
    return Reply(
        update=context.lead_card(saved), toast=context.text("signal.dismissed", lead=saved.number)
    )


def cool(job: Job[CoolLead], context: Context) -> None:
    """Due work: cool a hot lead after the playbook's time without further signals."""
    lead = context.leads.get(job.args.lead_id)
    at = cools_at(lead, context.playbook.signals.hot_days)
    if at is None:
        return
    if at > context.now:
        _plan_cooling(lead, context)
        return
    context.uow.outbox.refresh(context.leads.save(cooled(lead)).subject)


def heat(lead: Lead, context: Context) -> Lead:
    """Make the lead hot from now on, for as long as the playbook says."""
    hot = context.uow.leads(SYSTEM).save(heated(lead, context.now))
    _plan_cooling(hot, context)
    record_event(Trigger.HOT, hot, context)
    return hot


def _act(signal: Signal, lead: Lead, context: Context) -> None:
    match signal.effect:
        case Effect.COUNT:
            return
        case Effect.HOT:
            hot = heat(lead, context)
            detail = {"kind": signal.kind.value}
            context.uow.audit.record(context.actor, "signal.hot", lead.subject, detail)
            notify_owner_and_cover(CustomerSignalled(signal.id), hot, context)
        case Effect.TELL:
            notify_owner_and_cover(CustomerSignalled(signal.id), lead, context)
        case Effect.OPPORTUNITY:
            context.publish(RepeatSignalled(signal, lead))


def _plan_cooling(lead: Lead, context: Context) -> None:
    if at := cools_at(lead, context.playbook.signals.hot_days):
        key = f"cool:{lead.id}:{at.timestamp():.0f}"
        context.uow.jobs.add(Job(CoolLead(lead.id), at, key))
