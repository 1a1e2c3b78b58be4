"""The ledger of reminders: due, sent, seen, acted on or missed; per person and per team."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.recipients import led_teams
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section, Table
from sales.errors import FollowUpNotFound, LeadNotFound
from sales.people import Role, Team
from sales.permissions import may
from sales.reminders import Reminder, ReminderTally, summed

SHOWN = 10
"""Number of the actor's reminders, and of a team's people, on the card."""
_DAY = timedelta(days=1)
_COUNTS = ("due", "sent", "late", "seen", "acted", "missed")


def open_ledger(context: Context) -> Reply:
    """Button: show the actor's last reminders and outcomes; a leader also sees team counts."""
    start, end = _seven_days(context)
    mine = context.uow.reminders.tally(start, end, person_id=context.actor.id).get(context.actor.id)
    teams = [_team(team, start, end, context) for team in led_teams(context)]
    return Reply(
        card=Card(
            title=context.text("ledger.title"),
            body=tally_line(mine, context) if mine else context.text("ledger.none"),
            sections=(*_own(context), *(part for section in teams for part in section)),
            buttons=(
                Button("board.open", context.text("button.my_board")),
                Button("quiet.choose", context.text("button.my_notices")),
            ),
            footnote=context.text("ledger.means"),
        )
    )


def board_section(context: Context) -> tuple[Section, ...]:
    """Board line for the last seven days: reminders sent against reminders acted on. Everybody's
    own; what the bot does with all others is told to admins (decision 33)."""
    start, end = _seven_days(context)
    if context.actor.role is Role.ADMIN:
        teams = led_teams(context)
        counted = [context.uow.reminders.tally(start, end, team_id=team.id) for team in teams]
        tally = summed(tally for team in counted for tally in team.values())
    else:
        own = context.uow.reminders.tally(start, end, person_id=context.actor.id)
        tally = summed(own.values())
    if not tally.due:
        return ()
    button = Button("reminder.list", context.text("button.ledger"))
    line = tally_line(tally, context)
    return (Section(context.text("ledger.board"), (line,), buttons=(button,)),)


def team_line(team: Team, start: datetime, end: datetime, context: Context) -> str:
    """``Reminders: 12 sent, 9 acted on (75%), 2 missed``, of a team; empty when none was due."""
    tally = summed(context.uow.reminders.tally(start, end, team_id=team.id).values())
    if not tally.due:
        return ""
    return context.text("ledger.of_team", line=tally_line(tally, context))


def _seven_days(context: Context) -> tuple[datetime, datetime]:
    """Today and the six days before."""
    tomorrow = context.today + _DAY
    return context.midnight(tomorrow - 7 * _DAY), context.midnight(tomorrow)


def tally_line(tally: ReminderTally, context: Context) -> str:
    """``12 sent (1 late), 9 acted on (75%), 2 missed``."""
    share = "—" if tally.share is None else context.language.percent(tally.share)
    counts = {name: getattr(tally, name) for name in _COUNTS}
    key = "ledger.line_late" if tally.late else "ledger.line"
    return context.text(key, share=share, **counts)


def _own(context: Context) -> tuple[Section, ...]:
    rows = [
        row
        for reminder in context.uow.reminders.of_person(context.actor.id, SHOWN)
        if (row := _row(reminder, context))
    ]
    if not rows or not may(context.actor, "board.open"):
        return ()
    columns = tuple(
        context.text(f"ledger.column_{name}") for name in ("lead", "due", "sent", "fate")
    )
    return (Section(context.text("ledger.mine"), table=Table(columns, tuple(rows))),)


def _row(reminder: Reminder, context: Context) -> tuple[str, ...] | None:
    """One row of the ledger; None for a lead that belongs to somebody else by now."""
    try:
        followup = context.followups.get(reminder.followup_id)
        lead = context.leads.get(followup.lead_id)
    except (FollowUpNotFound, LeadNotFound):
        return None
    language = context.language
    sent = language.moment(reminder.sent_at) if reminder.sent_at else "—"
    if reminder.late:
        sent = context.text("ledger.sent_late", at=sent)
    return (
        lead_title(lead),
        language.moment(reminder.due_at),
        sent,
        enum_label(reminder.fate, language),
    )


def _team(team: Team, start: datetime, end: datetime, context: Context) -> Sequence[Section]:
    counted = context.uow.reminders.tally(start, end, team_id=team.id)
    names = {person.id: person.name for person in context.uow.people.members(team.id)}
    named = [(names[key], tally) for key, tally in counted.items() if key in names]
    if not named:
        return ()
    columns = tuple(context.text(f"ledger.column_{name}") for name in ("person", *_COUNTS))
    rows = tuple(
        (name, *(str(getattr(tally, count)) for count in _COUNTS))
        for name, tally in sorted(named, key=lambda item: (-item[1].missed, item[0]))[:SHOWN]
    )
    return (Section(context.text("ledger.team", team=team.name), table=Table(columns, rows)),)
