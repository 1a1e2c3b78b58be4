"""How a response clock stands, in words: on the lead's card, on the board, in its notices."""

from collections.abc import Mapping

from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.recipients import leaders_beside_owner
from handlers.core.ui import Button, Card, Fact, Section, Tone
from sales.clocks import Clock, ClockKind, ClockLevel, ClockState, level_due, satisfies, time_left
from sales.followups import FollowUp
from sales.leads import Lead
from sales.people import Role
from sales.permissions import may
from storage.response_clocks import WaitingClocks

SHOWN = 6
"""So many clocks stand on the board."""
_TONES: Mapping[ClockLevel, Tone] = {
    ClockLevel.WARNING: "warning",
    ClockLevel.BREACH: "bad",
    ClockLevel.MANAGER: "bad",
}


def clock_facts(lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    """The lead's clocks as they stand, and who hears of them next; none when there is nothing
    to tell."""
    both = turn.uow.clocks(turn.actor).newest(lead.id)
    return tuple(_fact(one, lead, turn) for one in both if one.stopped_at is None)


def _fact(clock: Clock, lead: Lead, turn: Turn) -> Fact:
    said = [clock_text(clock, turn)]
    if clock.is_waiting and (after := _who_is_next(clock, lead, turn)):
        said.append(after)
    return Fact(turn.text(f"clock.{clock.kind}"), " · ".join(said))


def clock_text(clock: Clock, turn: Turn) -> str:
    """``by Nov 24, Tue 10:00 · 3 hours of working time left``, ``… · paused until …``."""
    language, due = turn.language, turn.language.moment(clock.due_at)
    calendar = turn.calendar_of(clock.owner_id)
    if clock.met_at is not None:
        at = language.moment(clock.met_at)
        if clock.state is ClockState.MET:
            return turn.text("clock.met", at=at)
        late = int(calendar.between(clock.due_at, clock.met_at).total_seconds() // 60)
        return turn.text("clock.met_late", at=at, late=language.duration(late))
    if clock.state is ClockState.BREACHED or clock.due_at <= turn.now:
        return turn.text("clock.missed", due=due)
    opens = calendar.next_opening(turn.now)
    if opens > turn.now:
        return turn.text("clock.paused", due=due, at=language.moment(opens))
    left = time_left(clock, calendar, turn.now)
    return turn.text("clock.running", due=due, left=language.duration(left))


def clock_card(clock: Clock, lead: Lead, level: ClockLevel, late: int, turn: Turn) -> Card:
    """The notice of a level, as things stand now."""
    waits = clock.is_waiting and lead.is_open
    missed = clock.state is ClockState.BREACHED or clock.due_at <= turn.now
    if missed and level is ClockLevel.WARNING:
        level = ClockLevel.BREACH
    title = f"clock.{'missed' if missed else 'near'}_{clock.kind}" if waits else "clock.over"
    facts = list(clock_facts(lead, turn))
    if lead.owner_id and lead.owner_id != turn.actor.id:
        facts.append(Fact(turn.text("lead.owner"), turn.uow.people.get(lead.owner_id).name))
    why = turn.text(f"clock.why_{level.value}", n=turn.playbook.clocks.warn_at)
    if late:
        why += turn.text("reminder.late", duration=turn.language.duration(late))
    return Card(
        title=turn.text(title, lead=lead_title(lead)),
        facts=tuple(facts),
        body=lead.need,
        buttons=_buttons(lead, turn),
        footnote=why if waits else "",
        tone=_TONES[level] if waits else "good",
        subject=lead.subject,
    )


def record_card(clock: Clock, lead: Lead, late: int, turn: Turn) -> Card:
    """The question how a call went, half an hour after its number was looked up."""
    why = turn.text("clock.why_record", n=turn.playbook.clocks.record_within)
    if late:
        why += turn.text("reminder.late", duration=turn.language.duration(late))
    return Card(
        title=turn.text(
            "clock.record" if clock.is_waiting else "clock.over", lead=lead_title(lead)
        ),
        facts=clock_facts(lead, turn),
        body=turn.text("clock.record_body") if clock.is_waiting else "",
        buttons=_buttons(lead, turn),
        footnote=why if clock.is_waiting else "",
        subject=lead.subject,
    )


def clocks_section(waiting: WaitingClocks, turn: Turn) -> tuple[Section, ...]:
    """The clocks of the board: nearest first, and how many there are."""
    nearest = waiting.nearest[:SHOWN]
    if not nearest:
        return ()
    known = turn.leads.some({clock.lead_id for clock in nearest})
    leads = [known[clock.lead_id] for clock in nearest]
    lines = [_line(clock, lead, turn) for clock, lead in zip(nearest, leads, strict=True)]
    total = waiting.running + waiting.breached
    if total > SHOWN:
        lines.append(turn.text("board.more", n=total - SHOWN))
    heading = turn.text("clock.board", running=waiting.running, missed=waiting.breached)
    buttons = tuple(
        Button("lead.show", turn.text("button.open_lead", lead=lead.number), lead.number)
        for lead in leads
    )
    return (Section(heading, tuple(lines), buttons=buttons),)


def not_counted(contact: FollowUp, turn: Turn) -> str:
    """Why a follow-up that was just logged leaves a clock of the lead running; empty otherwise."""
    for clock in turn.uow.clocks(turn.actor).waiting_on(contact.lead_id):
        if not satisfies(contact, clock, turn.playbook.clocks):
            return turn.text(f"clock.not_{clock.kind}", due=turn.language.moment(clock.due_at))
    return ""


def _line(clock: Clock, lead: Lead, turn: Turn) -> str:
    parts = [lead_title(lead), turn.text(f"clock.{clock.kind}"), clock_text(clock, turn)]
    if turn.actor.role is not Role.REP and lead.owner_id:
        parts.append(turn.uow.people.get(lead.owner_id).name)
    return " · ".join(parts)


def _who_is_next(clock: Clock, lead: Lead, turn: Turn) -> str:
    if clock.kind is ClockKind.TOUCH:
        return ""
    names = turn.language.listing([person.name for person in leaders_beside_owner(lead, turn)])
    if not names:
        return ""
    calendar = turn.calendar_of(clock.owner_id)
    at = level_due(clock, ClockLevel.MANAGER, turn.playbook.clocks, calendar)
    key = "clock.then" if at > turn.now else "clock.told"
    return turn.text(key, names=names, at=turn.language.moment(at))


def _buttons(lead: Lead, turn: Turn) -> tuple[Button, ...]:
    buttons = [
        Button("followup.log", turn.text("button.log"), lead.number, "primary"),
        Button("lead.show", turn.text("button.open"), lead.number),
    ]
    if lead.phone or lead.email:
        buttons.append(Button("contact.ask", turn.text("button.contact"), lead.number))
    if may(turn.actor, "lead.reassign"):
        buttons.append(Button("lead.reassign", turn.text("button.reassign"), lead.number))
    return tuple(buttons)
