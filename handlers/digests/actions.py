"""The weekly digest: when it is due, for whom it is put in the outbox, and what it tells.

A team's week is told once: the key of the work says which. After downtime the last missed
week is told, late; weeks before that are left to the reports.
"""

from dataclasses import replace
from datetime import timedelta

from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.digests import noise
from handlers.digests.cards import Weekly, digest_card
from handlers.digests.records import SHOWN, Opened, parse_button_value, records_card
from handlers.reminders import ledger
from handlers.targets.cards import team_section
from sales.calendar import week_after
from sales.errors import LeadNotFound, UnknownAction
from sales.leads import Lead
from sales.notices import DigestReady
from sales.reports import EARLIER_WEEKS, Period, WeekFacts, period_of
from storage.jobs import Work


def ensure_digests(turn: Turn) -> None:
    """Every team has its next digest scheduled. Harmless when repeated."""
    due_at, week = turn.calendar.next_digest(turn.now, turn.playbook.digest)
    for team in turn.uow.people.teams():
        turn.uow.schedule.add(Work(f"digest:{team.id}:{week}", "digest", f"team:{team.id}", due_at))


def publish(work: Work, turn: Turn) -> None:
    """Put a team's digest in the outbox for every channel bound to it, and schedule the next."""
    _, team, week = work.key.split(":")
    calendar, rule = turn.calendar, turn.playbook.digest
    newest = week_after(calendar.next_digest(turn.now, rule)[1], -1)
    if week < newest:
        # Missed for weeks: what is due now is the last of them.
        following = newest
    else:
        following = week_after(week)
        for binding in turn.uow.bindings.of_team(int(team)):
            notice = DigestReady(int(team), week)
            turn.uow.outbox.add(notice, (binding.platform, binding.conversation))
    due_at = calendar.digest_due(following, rule)
    turn.uow.schedule.add(Work(f"digest:{team}:{following}", "digest", work.subject, due_at))


def weekly_card(
    team_id: int, week: str, turn: Turn, *, totals_only: bool = False, because: str = ""
) -> Card | None:
    """A team's digest as of now; None when there is no such team any more. ``because`` says why
    it has totals only."""
    team = next((team for team in turn.uow.people.teams() if team.id == team_id), None)
    if team is None:
        return None
    calendar, period = turn.calendar, _period(team_id, week, turn)
    weekly = Weekly(
        team=team.name,
        period=period,
        due_at=calendar.digest_due(week, turn.playbook.digest),
        facts=turn.uow.figures.week(team_id, period.start, period.end),
        earlier=tuple(
            _facts(team_id, week_after(week, -back), turn) for back in range(EARLIER_WEEKS, 0, -1)
        ),
        outlook=turn.uow.figures.outlook(period),
        names=_names(turn),
    )
    card = digest_card(
        weekly, turn.language, turn.playbook, totals_only=totals_only, because=because
    )
    last_day = period.end.astimezone(turn.timezone).date() - timedelta(days=1)
    more = (
        *team_section(team, last_day, turn),
        *ledger.digest_section(team, period.start, period.end, turn),
        *noise.digest_section(team, period, turn),
    )
    return replace(card, sections=(*card.sections, *more))


def show(turn: Turn) -> Reply:
    """Button on a digest: the records behind a number, as far as the asker may see them."""
    opened = parse_button_value(turn.pressed)
    try:
        period = _period(opened.team_id, opened.week, turn)
    except ValueError:
        raise UnknownAction(action="digest.show") from None
    leads, more = _visible(opened, period, turn)
    names, language = _names(turn), turn.language
    return Reply(
        card=records_card(
            opened,
            period,
            leads,
            more=more,
            names=names,
            language=language,
            playbook=turn.playbook,
        )
    )


def _visible(opened: Opened, period: Period, turn: Turn) -> tuple[list[Lead], int]:
    """The first leads behind the number that the actor may see, and how many more there are.

    Nothing is counted for somebody who may not see them all.
    """
    behind = turn.uow.figures.behind(opened.number, period, person_id=opened.person_id, limit=SHOWN)
    leads = []
    for lead_id in behind.lead_ids:
        try:
            leads.append(turn.leads.get(lead_id))
        except LeadNotFound:
            continue
    sees_all = len(leads) == len(behind.lead_ids)
    return leads, behind.total - len(leads) if sees_all else 0


def _facts(team_id: int, week: str, turn: Turn) -> WeekFacts:
    return turn.uow.figures.week(team_id, *turn.calendar.week(week))


def _period(team_id: int, week: str, turn: Turn) -> Period:
    stalled_days = turn.playbook.reminders.stalled_days
    return period_of(team_id, week, turn.calendar, turn.now, stalled_days)


def _names(turn: Turn) -> dict[int, str]:
    return {person.id: person.name for person in turn.uow.people.everyone()}
