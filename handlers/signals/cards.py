"""Signals in words: that a lead is hot, what its customer did, and what to do about it."""

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Fact, Section
from sales.leads import Lead
from sales.signals import Effect, Signal, cools_at

SHOWN = 3
"""So many kinds of signals stand on a card."""


def intent_mark(lead: Lead, turn: Turn) -> str:
    """``High intent`` for a list; empty for others."""
    return turn.text("signal.hot") if lead.hot_since else ""


def intent_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """That the lead is hot, since when and for how long."""
    until = cools_at(lead, turn.playbook.signals.hot_days)
    if lead.hot_since is None or until is None:
        return ()
    since = turn.language.moment(lead.hot_since)
    end = turn.language.day_of(until)
    return (Fact(turn.text("signal.intent"), turn.text("signal.hot_since", at=since, until=end)),)


def intent_buttons(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    if lead.hot_since is None:
        return ()
    return (Button("signal.dismiss", turn.text("signal.not_hot"), lead.number),)


def signals_section(lead: Lead, turn: Turn) -> tuple[Section, ...]:
    """What the customer did by themselves, the latest first."""
    tallies = turn.uow.signals(turn.actor).tallies(lead.id)
    tallies.sort(key=lambda tally: tally.last_at, reverse=True)
    lines = tuple(
        turn.text(
            "signal.tally",
            day=turn.language.moment(tally.last_at),
            what=enum_label(tally.kind, turn.language),
            n=tally.times,
        )
        for tally in tallies[:SHOWN]
    )
    return (Section(heading=turn.text("signal.heading"), lines=lines),) if lines else ()


def signal_card(signal: Signal, lead: Lead, turn: Turn) -> Card:
    """What the customer did, why this is told now, and what to do next."""
    hot = signal.effect is Effect.HOT
    log = Button("followup.log", turn.text("button.log"), lead.number, "primary")
    buttons = [log, Button("lead.show", turn.text("button.open"), lead.number)]
    if lead.phone or lead.email:
        buttons.append(Button("contact.ask", turn.text("button.contact"), lead.number))
    title = "signal.hot_title" if hot else "signal.told_title"
    return Card(
        title=turn.text(title, lead=lead_title(lead)),
        facts=(
            Fact(turn.text("signal.what"), what_happened(signal, turn)),
            Fact(turn.text("lead.stage"), enum_label(lead.stage, turn.language)),
        ),
        body=turn.text(f"signal.next_{signal.kind}"),
        buttons=(*buttons, *intent_buttons(lead, turn)),
        footnote=_why(signal, turn),
        tone="good",
        subject=lead.subject,
    )


def what_happened(signal: Signal, turn: Turn) -> str:
    """``Opened the proposal · Nov 24, Tue 10:00``, with the kind's figure where it has one."""
    what = enum_label(signal.kind, turn.language)
    if signal.value is not None:
        what = turn.text(f"signal.figure_{signal.kind}", n=signal.value)
    return " · ".join((what, turn.language.moment(signal.at)))


def _why(signal: Signal, turn: Turn) -> str:
    rules = turn.playbook.signals
    rule = rules.rule(signal.kind)
    often = turn.text("signal.why_times", n=rule.times, days=rule.within_days)
    because = often if rule.times > 1 else turn.text("signal.why_once")
    if signal.effect is not Effect.HOT:
        return because
    return because + turn.text("signal.why_hot", n=rules.hot_days)
