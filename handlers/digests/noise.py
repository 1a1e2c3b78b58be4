"""The week of the bot itself: notices sent and acted on, reminders kept. For the admins alone.

Managers read about their deals, not about the bot (decision 33).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from handlers.core.button_values import pack, strict_id, unpack
from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.recipients import led_teams
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section, Table
from handlers.digests.records import a_week
from handlers.reminders import ledger
from sales.errors import UnknownAction
from sales.noise import NoticeTally, noisiest
from sales.notices import BotWeek, KeptNotices
from sales.people import Role, Team

_COLUMNS = ("kind", "told", "acted", "muted")


def tell_admins(week: str, context: Context) -> None:
    """Send every admin the bot's week."""
    for person in context.uow.people.everyone():
        if person.active and person.role is Role.ADMIN:
            context.uow.outbox.add(BotWeek(week), person.id)


def bot_week_card(notice: BotWeek, context: Context, **_again: bool) -> Card | None:
    """What the bot sent to each team in the week, and what came of it; None when that is
    nothing."""
    language = context.language
    start, end = context.calendar.week(notice.week)
    sections = [
        section
        for team in context.uow.people.teams()
        if (section := _of_team(team, notice.week, context))
    ]
    sections = [*_broken_audit(context), *sections]
    if not sections:
        return None
    sections += _last_backup(context)
    first = context.calendar.day_of(start)
    days = language.days(first, context.calendar.day_of(end) - timedelta(days=1))
    return Card(
        title=context.text("noise.week", days=days),
        sections=tuple(sections),
        buttons=(home_button(context),),
        footnote=context.text("noise.why"),
    )


def _broken_audit(context: Context) -> Iterator[Section]:
    """That the audit log was tampered with, while that lasts: the alerts may have been missed."""
    if (params := context.uow.audit.known_break()) is not None:
        yield Section(
            heading=context.text("doctor.audit"),
            lines=(
                context.text("health.audit_broken", **params),
                context.text("health.audit_broken.advice"),
            ),
        )


def _last_backup(context: Context) -> Iterator[Section]:
    """When a backup was last restored and compared, where backups are taken."""
    state = context.uow.backup_runs.state()
    if state.since is None:
        return
    line = context.text("noise.backup_none")
    if state.verified_at:
        line = context.text("noise.backup", at=context.language.moment(state.verified_at))
    yield Section(heading=context.text("doctor.backups"), lines=(line,))


def _of_team(team: Team, week: str, context: Context) -> Section | None:
    """How many notices were sent, how many were acted on, which kind was noisiest, and what became
    of the reminders."""
    start, end = context.calendar.week(week)
    tallies = context.uow.noise.tally(team.id, start, end)
    lines, buttons = [], []
    if any(tally.told for tally in tallies):
        lines.append(_line(tallies, context))
        if loud := noisiest(_notices(tallies)):
            kind = context.text(f"notice.{loud.kind}")
            lines.append(context.text("noise.noisiest", kind=kind, told=loud.told, idle=loud.idle))
        buttons.append(Button("notice.noise", context.text("button.noise"), pack(team.id, week)))
    if kept := ledger.team_line(team, start, end, context):
        lines.append(kept)
    return Section(team.name, tuple(lines), buttons=tuple(buttons)) if lines else None


def show(context: Context) -> Reply:
    """Button under that line: every kind of notice, for a team that the person leads."""
    team_id, week = unpack(context.pressed, strict_id, a_week)
    team = next((team for team in led_teams(context) if team.id == team_id), None)
    if team is None:
        raise UnknownAction(action="notice.noise")
    tallies = context.uow.noise.tally(team.id, *context.calendar.week(week))
    return Reply(card=_table_card(team, week, tallies, context))


def _table_card(team: Team, week: str, tallies: Sequence[NoticeTally], context: Context) -> Card:
    rows = tuple(
        (context.text(f"notice.{tally.kind}"), str(tally.told), str(tally.acted), str(tally.muted))
        for tally in sorted(
            _notices(tallies), key=lambda tally: (-tally.idle, -tally.told, tally.kind)
        )
    )
    columns = tuple(context.text(f"noise.column_{name}") for name in _COLUMNS)
    return Card(
        title=context.text("noise.title", team=team.name, week=week),
        body=_line(tallies, context) if rows else context.text("noise.none"),
        sections=(Section(table=Table(columns, rows)),) if rows else (),
        buttons=(Button("board.open", context.text("button.my_board")),),
        footnote=context.text("noise.means"),
    )


def _line(tallies: Sequence[NoticeTally], context: Context) -> str:
    """``120 messages with 150 notices, 90 acted on (60%)``."""
    notices = _notices(tallies)
    sent, acted = (sum(getattr(tally, name) for tally in notices) for name in ("told", "acted"))
    share = context.language.percent(acted / sent) if sent else "—"
    messages = sum(tally.messages for tally in tallies)
    return context.text("noise.line", messages=messages, told=sent, acted=acted, share=share)


def _notices(tallies: Sequence[NoticeTally]) -> list[NoticeTally]:
    """The tallies without notice bundles: a bundle is a message, not another notice beside those in
    it."""
    return [tally for tally in tallies if tally.kind != KeptNotices.kind]
