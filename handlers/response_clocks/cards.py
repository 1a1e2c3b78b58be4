"""The state of a response clock in words: on the lead's card and in its notices."""

from collections.abc import Mapping

from handlers.core.cards import card_of_lead
from handlers.core.context import Context
from handlers.core.labels import capitalized, lead_title, work_label
from handlers.core.recipients import leaders_beside_owner
from handlers.core.ui import Button, Card, Fact, Tone
from sales.clocks import Clock, ClockKind, ClockLevel, ClockState, level_due
from sales.leads import Lead
from sales.notices import ClockCalls, RecordCall
from sales.people import SYSTEM
from sales.permissions import may

_TONES: Mapping[ClockLevel, Tone] = {
    ClockLevel.WARNING: "warning",
    ClockLevel.BREACH: "bad",
    ClockLevel.MANAGER: "bad",
}


def clock_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """The state of the lead's clocks, and who is notified next; empty without any to report."""
    both = context.uow.clocks(context.actor).newest(lead.id)
    return tuple(_fact(clock, lead, context) for clock in both if clock.stopped_at is None)


def _fact(clock: Clock, lead: Lead, context: Context) -> Fact:
    said = clock_text(clock, context)
    if clock.is_waiting and (after := _who_is_next(clock, lead, context)):
        said = context.text("clock.with_next", state=said, next=after)
    return Fact(context.text(f"clock.{clock.kind}"), capitalized(said))


def clock_text(clock: Clock, context: Context) -> str:
    """``please call by Tue 10:00``; once that is over, how it ended. Opening hours need no word of
    their own: the time is one at which people work."""
    language, due = context.language, context.language.moment(clock.due_at)
    calendar = context.calendar_of(clock.owner_id)
    if clock.met_at is not None:
        at = language.moment(clock.met_at)
        if clock.state is ClockState.MET:
            return context.text("clock.met", at=at)
        late = calendar.between(clock.due_at, clock.met_at)
        return context.text("clock.met_late", at=at, late=work_label(late, calendar, language))
    if clock.state is ClockState.BREACHED or clock.due_at <= context.now:
        return context.text("clock.missed", due=due)
    asked = "clock.please" if clock.owner_id == context.actor.id else "clock.should"
    soon = language.near_moment(clock.due_at, context.now)
    return context.text(f"{asked}_{clock.kind}", due=soon)


def clock_card(clock: Clock, lead: Lead, level: ClockLevel, late: int, context: Context) -> Card:
    """The notice of a level, in the clock's present state."""
    waits = clock.is_waiting and lead.is_open
    missed = clock.state is ClockState.BREACHED or clock.due_at <= context.now
    if missed and level is ClockLevel.WARNING:
        level = ClockLevel.BREACH
    title = f"clock.{'missed' if missed else 'near'}_{clock.kind}" if waits else "clock.over"
    facts = list(clock_facts(lead, context))
    if lead.owner_id and lead.owner_id != context.actor.id:
        facts.append(Fact(context.text("lead.owner"), context.uow.people.get(lead.owner_id).name))
    why = context.text(f"clock.why_{level.value}", n=context.playbook.clocks.warn_at)
    if late:
        why += context.text("reminder.late", duration=context.language.duration(late))
    return Card(
        title=context.text(title, lead=lead_title(lead)),
        facts=tuple(facts),
        body=lead.need,
        buttons=_buttons(lead, context),
        footnote=why if waits else "",
        tone=_TONES[level] if waits else "good",
        subject=lead.subject,
    )


def record_card(clock: Clock, lead: Lead, late: int, context: Context) -> Card:
    """The question how a call went, half an hour after its number was looked up."""
    why = context.text("clock.why_record", n=context.playbook.clocks.record_within)
    if late:
        why += context.text("reminder.late", duration=context.language.duration(late))
    return Card(
        title=context.text(
            "clock.record" if clock.is_waiting else "clock.over", lead=lead_title(lead)
        ),
        facts=clock_facts(lead, context),
        body=context.text("clock.record_body") if clock.is_waiting else "",
        buttons=_buttons(lead, context),
        footnote=why if clock.is_waiting else "",
        subject=lead.subject,
    )


def _who_is_next(clock: Clock, lead: Lead, context: Context) -> str:
    if clock.kind is ClockKind.TOUCH:
        return ""
    names = context.language.listing(
        [person.name for person in leaders_beside_owner(lead, context)]
    )
    if not names:
        return ""
    calendar = context.calendar_of(clock.owner_id)
    at = level_due(clock, ClockLevel.MANAGER, context.playbook.clocks, calendar)
    key = "clock.then" if at > context.now else "clock.told"
    return context.text(key, names=names, at=context.language.near_moment(at, context.now))


def _buttons(lead: Lead, context: Context) -> tuple[Button, ...]:
    buttons = [
        Button("followup.log", context.text("button.log"), lead.number, "primary"),
        Button("lead.show", context.text("button.open"), lead.number),
    ]
    if lead.is_reachable:
        buttons.append(Button("contact.ask", context.text("button.contact"), lead.number))
    if may(context.actor, "lead.reassign"):
        buttons.append(Button("lead.reassign", context.text("button.reassign"), lead.number))
    return tuple(buttons)


def clock_notice(notice: ClockCalls | RecordCall, context: Context, *, again: bool) -> Card | None:
    clock = context.uow.clocks(SYSTEM).get(notice.clock_id)

    def draw(lead: Lead) -> Card | None:
        if not clock.is_waiting and not again:
            return None
        if isinstance(notice, RecordCall):
            return record_card(clock, lead, notice.late_minutes, context)
        return clock_card(clock, lead, ClockLevel(notice.level), notice.late_minutes, context)

    return card_of_lead(clock.lead_id, context, draw, again=again)
