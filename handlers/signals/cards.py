"""Signals in words: that a lead is hot, what its customer did, and what to do about it."""

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Fact, Section
from sales.leads import Lead
from sales.notices import CustomerSignalled
from sales.people import SYSTEM
from sales.signals import Effect, Signal, cools_at

SHOWN = 3
"""Number of kinds of signals on a card."""


def intent_mark(lead: Lead, context: Context) -> str:
    """``High intent`` for a list; empty for other leads."""
    return context.text("signal.hot") if lead.hot_since else ""


def intent_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """Facts that the lead is hot, since when and for how long."""
    until = cools_at(lead, context.playbook.signals.hot_days)
    if lead.hot_since is None or until is None:
        return ()
    since = context.language.moment(lead.hot_since)
    end = context.language.day_of(until)
    return (
        Fact(context.text("signal.intent"), context.text("signal.hot_since", at=since, until=end)),
    )


def intent_buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    if lead.hot_since is None:
        return ()
    return (Button("signal.dismiss", context.text("signal.not_hot"), lead.number),)


def signals_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """Section of what the customer did by themselves, latest first."""
    tallies = context.uow.signals(context.actor).tallies(lead.id)
    tallies.sort(key=lambda tally: tally.last_at, reverse=True)
    lines = tuple(
        context.text(
            "signal.tally",
            day=context.language.moment(tally.last_at),
            what=enum_label(tally.kind, context.language),
            n=tally.times,
        )
        for tally in tallies[:SHOWN]
    )
    return (Section(heading=context.text("signal.heading"), lines=lines),) if lines else ()


def signal_card(signal: Signal, lead: Lead, context: Context) -> Card:
    """Card of a signal: what happened, why the owner is notified now, and what to do next."""
    hot = signal.effect is Effect.HOT
    log = Button("followup.log", context.text("button.log"), lead.number, "primary")
    buttons = [log, Button("lead.show", context.text("button.open"), lead.number)]
    if lead.is_reachable:
        buttons.append(Button("contact.ask", context.text("button.contact"), lead.number))
    title = "signal.hot_title" if hot else "signal.told_title"
    return Card(
        title=context.text(title, lead=lead_title(lead)),
        facts=(
            Fact(context.text("signal.what"), what_happened(signal, context)),
            Fact(context.text("lead.stage"), enum_label(lead.stage, context.language)),
        ),
        body=context.text(f"signal.next_{signal.kind}"),
        buttons=(*buttons, *intent_buttons(lead, context)),
        footnote=_why(signal, context),
        tone="good",
        subject=lead.subject,
    )


def what_happened(signal: Signal, context: Context) -> str:
    """``Opened the proposal · Nov 24, Tue 10:00``, with the kind's figure where it has one."""
    what = enum_label(signal.kind, context.language)
    if signal.value is not None:
        what = context.text(f"signal.figure_{signal.kind}", n=signal.value)
    return " · ".join((what, context.language.moment(signal.at)))


def _why(signal: Signal, context: Context) -> str:
    rules = context.playbook.signals
    rule = rules.rule(signal.kind)
    often = context.text("signal.why_times", n=rule.times, days=rule.within_days)
    because = often if rule.times > 1 else context.text("signal.why_once")
    if signal.effect is not Effect.HOT:
        return because
    return because + context.text("signal.why_hot", n=rules.hot_days)


def signal_notice(notice: CustomerSignalled, context: Context, *, again: bool) -> Card | None:
    """Card of the signal while it still holds; once the lead cooled down, the lead's card."""
    signal = context.uow.signals(SYSTEM).get(notice.signal_id)

    def draw(lead: Lead) -> Card | None:
        if signal.effect is Effect.HOT and lead.hot_since is None:
            return context.lead_card(lead) if again else None
        return signal_card(signal, lead, context)

    return card_of_lead(signal.lead_id, context, draw, again=again)
