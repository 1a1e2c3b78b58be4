"""What the figures of reports must be: as many as the plain count says, and as the lists they open.

Each function compares and yields what does not agree; nothing here knows when reports come.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bench.simulation.acts import Acts
from bench.simulation.records import Counted
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card
from handlers.digests.content import DigestContent
from handlers.monthly_review.service import gather_review
from sales.people import SYSTEM, Person, Team
from sales.reports import totals
from sales.reports.journeys import ALL, JourneyFilter
from sales.reports.periods import ReportPeriod
from sales.weekly_reports import WeeklyReport, reported_week

_LISTING: Final = frozenset({"digest.show", "lead_list.show"})
_COUNTED: Final = re.compile(r"(?P<of>[^\d]{1,40}?)[:：]? ?(?P<n>\d{1,3}(?:,\d{3})*)")
_TITLED: Final = re.compile(r" · (?:more than |超过)?(?P<n>\d{1,3}(?:,\d{3})*)(?: ?条| leads?)")
_BRIDGE: Final = re.compile(
    r"(\d+)\D{1,20}\+\D{0,12}(\d+)\D{0,12}−\D{0,12}(\d+)\D{0,12}−\D{0,12}(\d+)"
)
_BRIDGE_END: Final = re.compile(r"= ?\D{0,12}(\d+)")
_DAY: Final = timedelta(days=1)


def numbers_on(card: Card) -> Iterator[tuple[Button, int]]:
    """The buttons that say how many leads they open."""
    for button in dict.fromkeys(card.every_button):
        if button.action in _LISTING and (found := _COUNTED.fullmatch(button.label)):
            yield button, int(found["n"].replace(",", ""))


def rows_of(reply: Reply) -> int:
    """How many leads a list says that it has."""
    card = reply.card or reply.update
    found = _TITLED.search(card.title) if card else None
    return int(found["n"].replace(",", "")) if found else 0


def unlike_lists(acts: Acts, account: str, card: Card) -> Iterator[str]:
    """Numbers of a card just shown that are not as many as the leads that they open."""
    for button, n in numbers_on(card):
        rows = rows_of(acts.ask(account, button.action, pressed=button.value))
        if rows != n:
            yield f"{card.title!r} of {account} says {button.label!r}, its list has {rows}"


def open_bridges(card: Card) -> Iterator[str]:
    """Pipeline bridges of a digest that do not add up."""
    for line in card.body.splitlines():
        began, ended = _BRIDGE.search(line), _BRIDGE_END.search(line)
        if began and ended:
            start, entered, won, lost = map(int, began.groups())
            if start + entered - won - lost != int(ended[1]):
                yield f"{card.title!r}: {line}"


def wrong_weekly_reports(acts: Acts, context: Context, person: Person) -> Iterator[str]:
    """What a report that this person submitted this moment says otherwise than was counted."""
    week = reported_week(context.today)
    report = context.uow.weekly_reports.of_people([person.id], week).get(person.id)
    if report is None or context.now not in (report.submitted_at, report.corrected_at):
        return
    for name, told, counted in _of_report(acts, context, person, report):
        if told != counted:
            yield f"report of {person.name} {week}, {name}: {told}, counted were {counted}"


def _of_report(
    acts: Acts, context: Context, person: Person, report: WeeklyReport
) -> Iterator[tuple[str, Any, Any]]:
    start, end = context.calendar.week(report.week)
    team = acts.rows("SELECT id, owner_id FROM lead WHERE team_id = :t", t=person.team_id)
    own = acts.tally.count([row[0] for row in team if row[1] == person.id], start, end)
    figures = report.figures
    yield "new", figures.new_leads, own.new
    yield "won", (figures.won, figures.won_amount), (own.won, own.won_amount)
    account = next(one for one, known in acts.office.people.items() if known.id == person.id)
    contacts = acts.tally.contacted([row[0] for row in team], start, end)
    yield "followed up", figures.followed_up, contacts[account]


def wrong_forecast(team: Team | None, week: str, context: Context) -> Iterator[str]:
    """A forecast below what is won already."""
    content = DigestContent(team, week, context)
    if content.likely and content.likely.now < (won := content.standing.sold.revenue):
        yield f"forecast of {content.name} {week}: {content.likely.now}, won are {won}"


def wrong_month(
    acts: Acts, month: ReportPeriod, team: Team | None, context: Context
) -> Iterator[str]:
    """Where a month's review or its totals are not what was counted, day by day or in all."""
    team_id = None if team is None else team.id
    where, values = ("", {}) if team is None else (" WHERE team_id = :t", {"t": team_id})
    leads = [row[0] for row in acts.rows(f"SELECT id FROM lead{where}", **values)]  # noqa: S608
    start, end = month.window(context.calendar)
    counted = _sums(acts.tally.count(leads, start, end))
    only = ALL if team_id is None else JourneyFilter(team_ids=frozenset({team_id}))
    added = totals(context.uow.journeys(SYSTEM).of_period(start, end, only), start, end)
    review = gather_review(month, team_id, context).sums
    for name, told in (
        ("totals", (added.new, added.won, added.won_amount, added.lost)),
        ("review", (review.new, review.won, review.amount, review.lost)),
    ):
        if told != counted:
            yield f"{name} of {team_id} {month.key}: {told}, counted were {counted}"
    days = [acts.tally.count(leads, *_day(day, context)) for day in _days(month)]
    if sum(day.new for day in days) != counted[0] or sum(day.won for day in days) < counted[1]:
        yield f"the days of {team_id} {month.key} do not add up to {counted}"


def _sums(counted: Counted) -> tuple[int, int, Decimal, int]:
    return counted.new, counted.won, counted.won_amount, counted.lost


def _days(month: ReportPeriod) -> Iterable[date]:
    return (month.first + n * _DAY for n in range((month.last - month.first).days + 1))


def _day(day: date, context: Context) -> tuple[datetime, datetime]:
    return context.midnight(day), context.midnight(day + _DAY)
