"""Follow-ups: log what was said, and keep the next step on the calendar [P16]."""

from dataclasses import replace

from handlers.automation.events import happened
from handlers.cleaning import one_line
from handlers.clock_card import not_counted
from handlers.clocks import contacted
from handlers.followup_form import LONGEST, Entry, followup_form, read_followup
from handlers.followup_lines import followup_line
from handlers.labels import lead_title
from handlers.next_steps import due_at, show_next_step
from handlers.offers import accept_by_acting
from handlers.reminders import plan_reminders, when_reminded
from handlers.requests import Reply
from handlers.talk.instead import take_back
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.followups import FollowUp, Method
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.oneline import parse_line
from sales.playbook import Trigger


def open_command(turn: Turn) -> Reply:
    """``/followup``: the form; with a number the form for that lead; with more, logged at once."""
    first, *rest = turn.request.text.split(maxsplit=1)[:2] or [""]
    if not first:
        return new(turn)
    lead_id = parse_lead_number(first)
    if lead_id is None:
        return _by_name(turn)
    lead = turn.leads.get(lead_id)
    if not rest or len(rest[0]) > LONGEST["summary"]:
        # What is too long for one line is cut before the eyes of who typed it.
        return Reply(form=followup_form(turn, lead=lead, summary="".join(rest)))
    return _log_line(lead, rest[0], turn)


def new(turn: Turn) -> Reply:
    """Button: the form, for any lead."""
    return Reply(form=followup_form(turn))


def log(turn: Turn) -> Reply:
    """Button: the form for one lead."""
    return Reply(form=followup_form(turn, lead=turn.leads.get(lead_id_of(turn.pressed))))


def create(turn: Turn) -> Reply:
    """Form: log a follow-up."""
    entry = read_followup(turn)
    followup = _store(turn.leads.get(entry.lead_id), entry, turn)
    take_back(turn)
    return Reply(card=logged_card(followup, turn))


def _log_line(lead: Lead, line: str, turn: Turn) -> Reply:
    """One line, logged at once; the card shows what was understood."""
    said = parse_line(line, turn.today_here)
    entry = Entry(
        lead_id=lead.id,
        method=said.method or Method.OTHER,
        summary=said.summary or line,
        feedback="",
        next_step=one_line(said.next_step)[: LONGEST["next_step"]]
        or (turn.text("followup.default_step") if said.next_on else ""),
        next_at=due_at(said.next_on, turn) if said.next_on else None,
    )
    return Reply(card=logged_card(_store(lead, entry, turn), turn))


def _store(lead: Lead, entry: Entry, turn: Turn) -> FollowUp:
    """Save it, close the next step that was open, and plan the reminders of the new one."""
    if (former := turn.followups.waiting_on(lead.id)) is not None:
        close_step(former, turn)
    followup = turn.followups.add(
        FollowUp(
            lead_id=lead.id,
            person_id=turn.actor.id,
            at=turn.now,
            method=entry.method,
            summary=entry.summary,
            feedback=entry.feedback,
            next_step=entry.next_step,
            next_at=entry.next_at,
        )
    )
    accept_by_acting(lead, turn)
    contacted(lead, followup, turn)
    show_next_step(replace(lead, last_contact_at=turn.now), turn)
    plan_reminders(followup, turn)
    if followup.feedback:
        happened(Trigger.FEEDBACK, lead, turn)
    return followup


def close_step(followup: FollowUp, turn: Turn) -> None:
    """Its next step is done with; nobody is reminded of it any more."""
    turn.followups.save(followup.close(turn.now))
    turn.uow.reminders.acted(followup.id, turn.now)
    turn.uow.schedule.cancel("reminder", str(followup.id))
    turn.uow.schedule.cancel("overdue", str(followup.id))
    turn.uow.outbox.refresh(followup.subject)


def logged_card(followup: FollowUp, turn: Turn) -> Card:
    lead = turn.leads.get(followup.lead_id)
    return Card(
        title=turn.text("followup.logged", lead=lead_title(lead)),
        body=followup_line(followup, turn),
        buttons=(
            Button("followup.correct", turn.text("button.correct"), str(followup.id)),
            Button("lead.show", turn.text("button.open"), lead.number),
        ),
        footnote=not_counted(followup, turn) or when_reminded(followup, turn),
        tone="good" if followup.is_waiting else "warning",
    )


def _by_name(turn: Turn) -> Reply:
    """``/followup A科技``: the lead is named; with one match its form opens, else the form with
    what was typed kept as the summary."""
    text = turn.request.text.strip()
    found = turn.leads.search(text, 2)
    if len(found) == 1:
        return Reply(form=followup_form(turn, lead=found[0]))
    return Reply(form=followup_form(turn, summary="" if found else text))
