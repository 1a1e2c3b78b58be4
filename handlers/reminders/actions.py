"""Reminders of next steps: planned, sent, answered, and escalated when overdue [P17]."""

from datetime import datetime, timedelta

from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.recipients import (
    ON_TIME,
    late_minutes,
    tell_leaders,
    tell_owner,
    who_answers_for,
)
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Choice, Date, Fact, Form, Option, Section, Tone
from handlers.followups.cards import followup_line
from handlers.followups.next_step import (
    due_at,
    followup_of,
    held_followup,
    read_day,
    show_next_step,
)
from handlers.notifications.scheduling import peace_of
from sales.errors import InvalidInput, Problem
from sales.followups import FollowUp
from sales.leads import Lead
from sales.notices import FollowUpOverdue, ReminderDue
from sales.people import SYSTEM
from sales.reminders import Reminder
from storage.jobs import Work

OWNER_HEARS, MANAGER_HEARS = 1, 2
"""The levels of an overdue step."""
_SETTLED: Tone = "good"
_NEAR: Tone = "warning"
_OVERDUE: Tone = "bad"
SNOOZES = {"hour": timedelta(hours=1), "three_hours": timedelta(hours=3), "day": timedelta(days=1)}


def plan_reminders(followup: FollowUp, turn: Turn) -> None:
    """Plan the reminder ahead of the next step and the two escalations past it.

    A step that is nearer than the reminder's lead time is reminded of when it is due, one that
    is due already not at all: the person has only just planned it.
    """
    schedule, subject = turn.uow.schedule, str(followup.id)
    schedule.cancel("reminder", subject)
    schedule.cancel("overdue", subject)
    if followup.next_at is None or not followup.is_waiting:
        return
    due, rules = followup.next_at, turn.playbook.reminders
    if due > turn.now:
        _remind_at(followup, _when_to_remind(followup, due, turn), turn)
    calendar = turn.calendar_of(followup.person_id)
    for level, minutes in ((1, rules.overdue_after), (2, rules.escalate_after)):
        key = f"overdue:{followup.id}:{due.timestamp():.0f}:{level}:{followup.version}"
        schedule.add(Work(key, "overdue", subject, calendar.add(due, minutes)))


def when_reminded(followup: FollowUp, turn: Turn) -> str:
    """In words, when its person is reminded of the next step; "" once it is due."""
    due, hours = followup.next_at, turn.playbook.reminders.before
    if due is None or not followup.is_waiting:
        return turn.text("followup.no_next_step")
    if due - timedelta(hours=hours) > turn.now:
        return turn.text("followup.will_remind", n=hours)
    return (
        turn.text("followup.will_remind_at", at=turn.language.moment(due)) if due > turn.now else ""
    )


def _when_to_remind(followup: FollowUp, due: datetime, turn: Turn) -> datetime:
    """The playbook's hours ahead, or earlier when the owner is left in peace then."""
    ahead = due - timedelta(hours=turn.playbook.reminders.before)
    if ahead <= turn.now:
        return due
    owner_id = turn.uow.leads(SYSTEM).get(followup.lead_id).owner_id
    if owner_id is None:
        return ahead
    earlier = peace_of(turn.uow.notice_choices.of(owner_id), turn).before(ahead)
    return earlier if earlier > turn.now else ahead


def remind(work: Work, turn: Turn) -> None:
    """Due work: tell the owner of the lead."""
    followup, lead = _still_waiting(work, turn)
    if not followup or not lead:
        return
    notice = ReminderDue(followup.id, late_minutes(work.due_at, turn.now))
    for person in who_answers_for(lead, turn):
        turn.uow.outbox.add(notice, person.id)
        turn.uow.reminders.add(
            Reminder(followup_id=followup.id, person_id=person.id, due_at=work.due_at)
        )


def escalate(work: Work, turn: Turn) -> None:
    """Due work: the step was not done; first the owner hears of it, then the manager."""
    followup, lead = _still_waiting(work, turn)
    if not followup or not lead:
        return
    level = int(work.key.split(":")[3])
    notice = FollowUpOverdue(followup.id, level, late_minutes(work.due_at, turn.now))
    if level == OWNER_HEARS:
        turn.uow.reminders.missed(followup.id, turn.now)
        tell_owner(notice, lead, turn)
    else:
        tell_leaders(notice, lead, turn)


def _still_waiting(work: Work, turn: Turn) -> tuple[FollowUp, Lead] | tuple[None, None]:
    followup, lead = held_followup(work.subject, turn)
    return (followup, lead) if followup.is_waiting and lead.is_open else (None, None)


def reminder_card(followup: FollowUp, turn: Turn, *, level: int = 0, late: int = 0) -> Card:
    """The reminder as it stands now. ``level`` 0 is the reminder, 1 and 2 its escalations."""
    lead = turn.leads.get(followup.lead_id)
    language = turn.language
    if not followup.is_waiting or followup.next_at is None:
        title, tone = turn.text("reminder.settled", lead=lead_title(lead)), _SETTLED
        buttons: tuple[Button, ...] = (
            Button("followup.log", turn.text("button.log"), lead.number),
        )
    else:
        key = "reminder.overdue" if followup.next_at < turn.now and level else "reminder.title"
        title, tone = turn.text(key, lead=lead_title(lead)), _OVERDUE if level else _NEAR
        buttons = _buttons(followup, lead.number, turn)
    due = language.moment(followup.next_at) if followup.next_at else "—"
    facts = [
        Fact(turn.text("reminder.step"), followup.next_step or "—"),
        Fact(turn.text("reminder.due"), due),
    ]
    if level == MANAGER_HEARS and lead.owner_id:
        facts.append(Fact(turn.text("lead.owner"), turn.uow.people.get(lead.owner_id).name))
    return Card(
        title=title,
        facts=tuple(facts),
        sections=(Section(turn.text("reminder.last"), (followup_line(followup, turn),)),),
        buttons=buttons,
        footnote=_why_now(followup, level, late, turn),
        tone=tone,
        subject=followup.subject,
    )


def done(turn: Turn) -> Reply:
    """Button: the step is done; what came of it can be logged from the card."""
    followup, lead = held_followup(turn.pressed, turn)
    if not followup.is_waiting:
        return _already_settled(followup, turn)
    closed = turn.followups.save(followup.close(turn.now))
    turn.uow.reminders.acted(closed.id, turn.now)
    plan_reminders(closed, turn)
    _settle(closed, lead, turn)
    return Reply(update=reminder_card(closed, turn), toast=turn.text("reminder.done"))


def snooze(turn: Turn) -> Reply:
    """Button: for how long?"""
    followup = followup_of(turn.pressed, turn)
    if not followup.is_waiting:
        return _already_settled(followup, turn)
    options = tuple(Option(key, turn.text(f"reminder.snooze_{key}")) for key in SNOOZES)
    field = Choice(
        name="until",
        label=turn.text("reminder.snooze_for"),
        required=True,
        value="hour",
        options=options,
    )
    return Reply(form=_form("reminder.later", "reminder.snooze_title", (field,), followup, turn))


def later(turn: Turn) -> Reply:
    """Form: remind again later; the step's own date stays."""
    followup, _ = held_followup(turn.pressed, turn)
    turn.uow.reminders.seen(turn.actor.id, followup.subject, turn.now)
    if not followup.is_waiting:
        return _already_settled(followup, turn)
    pause = SNOOZES.get(turn.typed("until"))
    if pause is None:
        raise InvalidInput({"until": Problem("choose_one")})
    at = turn.now + pause
    turn.uow.schedule.cancel("reminder", str(followup.id))
    _remind_at(followup, at, turn)
    return Reply(toast=turn.text("reminder.snoozed", at=turn.language.moment(at)))


def reschedule(turn: Turn) -> Reply:
    """Button: to when?"""
    followup = followup_of(turn.pressed, turn)
    if not followup.is_waiting:
        return _already_settled(followup, turn)
    field = Date(name="next_on", label=turn.text("followup.next_on"), required=True)
    return Reply(form=_form("reminder.move", "reminder.move_title", (field,), followup, turn))


def move(turn: Turn) -> Reply:
    """Form: the step gets a new date, and new reminders with it."""
    followup, lead = held_followup(turn.pressed, turn)
    if not followup.is_waiting:
        return _already_settled(followup, turn)
    day = read_day("next_on", turn)
    if day is None:
        raise InvalidInput({"next_on": Problem("next_on_missing")})
    moved = turn.followups.save(followup.reschedule(due_at(day, turn)))
    turn.uow.reminders.acted(moved.id, turn.now)
    plan_reminders(moved, turn)
    _settle(moved, lead, turn)
    toast = turn.text("reminder.moved", day=turn.language.day(day))
    return Reply(update=reminder_card(moved, turn), toast=toast)


def _remind_at(followup: FollowUp, at: datetime, turn: Turn) -> None:
    key = f"reminder:{followup.id}:{at.timestamp():.0f}:{followup.version}"
    turn.uow.schedule.add(Work(key, "reminder", str(followup.id), at))


def _settle(followup: FollowUp, lead: Lead, turn: Turn) -> None:
    """The lead's cards and the other reminders of this step show what became of it."""
    show_next_step(lead, turn)
    turn.uow.outbox.refresh(followup.subject)


def _already_settled(followup: FollowUp, turn: Turn) -> Reply:
    """An old card, or somebody was faster: it shows how the step stands."""
    return Reply(update=reminder_card(followup, turn), toast=turn.text("reminder.no_longer_open"))


def _buttons(followup: FollowUp, number: str, turn: Turn) -> tuple[Button, ...]:
    value = str(followup.id)
    return (
        Button("reminder.done", turn.text("button.done"), value, "primary"),
        Button("followup.log", turn.text("button.log"), number),
        Button("reminder.snooze", turn.text("button.snooze"), value),
        Button("reminder.reschedule", turn.text("button.reschedule"), value),
    )


def _why_now(followup: FollowUp, level: int, late: int, turn: Turn) -> str:
    """Why this comes, and why it comes now."""
    hours = turn.playbook.reminders.before
    if level:
        why = turn.text(f"reminder.why_{level}")
    elif followup.next_at and followup.next_at - turn.now < timedelta(hours=hours) - ON_TIME:
        why = turn.text("reminder.why_due")
    else:
        why = turn.text("reminder.why_ahead", n=hours)
    return why + turn.text("reminder.late", duration=turn.language.duration(late)) if late else why


def _form(
    action: str, title: str, fields: tuple[Choice | Date, ...], followup: FollowUp, turn: Turn
) -> Form:
    lead = turn.leads.get(followup.lead_id)
    return Form(
        action=action,
        title=turn.text(title),
        intro=f"{lead_title(lead)}: {followup.next_step}",
        fields=fields,
        submit=turn.text("button.save"),
        cancel=turn.text("button.cancel"),
        state={"value": str(followup.id)},
    )
