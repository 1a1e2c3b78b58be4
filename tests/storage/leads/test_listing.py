"""Lists of leads against the same queries read in Python, over random leads."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from sales.calendar import WorkCalendar
from sales.clocks import Clock, ClockKind
from sales.lead_lists import (
    DayRange,
    Exclusion,
    LastDays,
    LeadFigure,
    LeadQuery,
    LeadSort,
    Moments,
    NextStep,
    Period,
    QueryField,
    Status,
)
from sales.lead_lists.order import customer_order, source_key
from sales.leads import OPEN_STAGES, PIPELINE, WORKED_STAGES, Grade, Lead, Stage
from sales.people import SYSTEM, Person
from sales.playbook import Playbook
from sales.reports import Number, period_of
from sales.sync_meeting import worth
from sales.text_search import search_words
from storage.leads import search
from storage.leads.listing import MOST_COUNTED, MOST_OF_COMMON_TEXT, LeadListing, StageSum
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = MONDAY + timedelta(days=2, hours=1, minutes=17)
MOMENTS = Moments(now=NOW, timezone=SHANGHAI)
LEADS = 140
CUSTOMERS = ("Acme", "acme east", "Beta Sample", "华东电气", "安达", "中天", "Zeta", "示例学校")
CLOSED = (Stage.WON, Stage.AFTERSALES, Stage.LOST)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """What is stored: all leads, and the waiting clocks' due times by lead."""

    leads: tuple[Lead, ...]
    due: Mapping[int, tuple[datetime, ...]]
    shared: Mapping[int, frozenset[int]]


@pytest.fixture
def known(units: UnitOfWorkFactory, company: Company) -> Known:
    random = Random(11)  # noqa: S311 - chance, not a secret
    with units() as uow:
        leads = [uow.leads(SYSTEM).add(_lead(random, company, n)) for n in range(LEADS)]
        due = dict(_clocks(random, leads, uow))
        foreign = [lead for lead in leads if lead.owner_id not in (None, company.robin.id)]
        shared = {company.robin.id: frozenset(lead.id for lead in foreign[::4])}
        for lead_id in shared[company.robin.id]:
            uow.collaborators.share(lead_id, company.robin.id)
        uow.commit()
    return Known(tuple(leads), due, shared)


def _lead(random: Random, company: Company, n: int) -> Lead:
    """A lead of which every instant is its own."""

    def ago(most: int) -> datetime:
        return NOW - random.randrange(most * 24) * _HOUR - timedelta(seconds=n)

    stage = random.choice((*Stage, *OPEN_STAGES))
    pooled = stage in WORKED_STAGES and random.random() < 0.15
    owner, team = random.choice(
        ((company.robin, company.east), (company.boss, company.east), (company.kim, company.west))
    )
    due = NOW + random.randrange(-200, 600) * _HOUR + timedelta(seconds=n)
    planned = stage in OPEN_STAGES and random.random() < 0.7
    amounts = (None, Decimal(0), Decimal(50_000), Decimal(100_000), Decimal("120000.50"))
    return company.lead(
        customer=f"{random.choice(CUSTOMERS)} {n}",
        source=random.choice(("form", "ads-SEM", "exhibition-autumn", "Old text")),
        industry=random.choice(("", "it", "retail")),
        contact=random.choice(("", "Zhang Sample", "示例女士")),
        need=random.choice(("", "wants a tool")),
        region=random.choice(("", "east", "north")),
        product=random.choice(("", "basic", "advanced")),
        grade=random.choice(tuple(Grade)),
        stage=stage,
        stage_since=ago(60),
        owner_id=None if pooled or random.random() < 0.1 else owner.id,
        pooled_at=ago(20) if pooled else None,
        team_id=team.id,
        created_at=ago(120),
        last_contact_at=ago(90) if random.random() < 0.7 else None,
        next_at=due if planned else None,
        next_until=due + random.choice((0, 9)) * _HOUR if planned else None,
        next_step="call" if planned else "",
        amount=random.choice(amounts) if stage in CLOSED else None,
        budget_low=random.choice(amounts),
        budget_high=random.choice((None, Decimal(100_000), Decimal(300_000))),
        closed_at=ago(100) if stage in CLOSED else None,
        hot_since=ago(5) if stage in OPEN_STAGES and random.random() < 0.2 else None,
    )


def _clocks(
    random: Random, leads: Iterable[Lead], uow: UnitOfWork
) -> Iterator[tuple[int, tuple[datetime, ...]]]:
    for lead in leads:
        if lead.owner_id is None or random.random() < 0.8:
            continue
        due = NOW + random.randrange(-40, 60) * _HOUR
        waits = random.random() < 0.8
        uow.clocks(SYSTEM).add(
            Clock(
                lead_id=lead.id,
                kind=ClockKind.CALL,
                owner_id=lead.owner_id,
                started_at=due - _DAY,
                due_at=due,
                met_at=None if waits else due,
            )
        )
        if waits:
            yield lead.id, (due,)


def _matches(query: LeadQuery, lead: Lead, known: Known, reader: Person) -> bool:
    """Read a query in Python."""
    due = known.due.get(lead.id, ())
    checks = (
        _has_status(query.status, lead),
        _has_values(query, lead, reader),
        _has_worth(query, lead),
        _has_age(query, lead),
        _has_steps(query, lead, due),
        not any(_is(one.field, one.value, lead, due) for one in query.excluded),
        not query.hot or lead.hot_since is not None,
        _has_text(query.text, lead),
    )
    return all(checks)


def _is_at_work(lead: Lead) -> bool:
    return lead.is_open and (lead.pooled_at is None or lead.owner_id is not None)


def _has_status(status: Status, lead: Lead) -> bool:
    won = lead.stage in (Stage.WON, Stage.AFTERSALES)
    return {
        Status.OPEN: _is_at_work(lead),
        Status.WORKED: _is_at_work(lead) and lead.stage is not Stage.NURTURE,
        Status.NURTURE: _is_at_work(lead) and lead.stage is Stage.NURTURE,
        Status.POOL: lead.is_pooled,
        Status.WON: won,
        Status.LOST: lead.stage is Stage.LOST,
        Status.CLOSED: won or lead.stage is Stage.LOST,
        Status.ALL: True,
    }[status]


def _is(field: QueryField, value: str, lead: Lead, due: Iterable[datetime]) -> bool:
    if field is QueryField.STEP:
        return _has_step(NextStep(value), lead, due)
    has = {
        QueryField.STAGE: lead.stage.value,
        QueryField.GRADE: lead.grade.value,
        QueryField.SOURCE: source_key(lead.source),
        QueryField.REGION: lead.region,
        QueryField.INDUSTRY: lead.industry,
        QueryField.PRODUCT: lead.product,
        QueryField.OWNER: str(lead.owner_id),
        QueryField.TEAM: str(lead.team_id),
    }
    return has[field] == value


def _has_values(query: LeadQuery, lead: Lead, reader: Person) -> bool:
    fields = {
        QueryField.STAGE: query.stages,
        QueryField.GRADE: query.grades,
        QueryField.SOURCE: query.sources,
        QueryField.REGION: query.regions,
        QueryField.INDUSTRY: query.industries,
        QueryField.PRODUCT: query.products,
        QueryField.TEAM: query.teams,
    }
    in_all = all(
        not values or any(_is(field, str(value), lead, ()) for value in values)
        for field, values in fields.items()
    )
    owners = {*query.owners, *([reader.id] if query.mine else [])}
    if not owners and not query.nobody:
        return in_all
    return in_all and (lead.owner_id in owners or (query.nobody and lead.owner_id is None))


def _has_worth(query: LeadQuery, lead: Lead) -> bool:
    value = worth(lead)
    if query.low is None and query.high is None:
        return True
    return (
        value is not None
        and (query.low is None or value >= query.low)
        and (query.high is None or value <= query.high)
    )


def _has_age(query: LeadQuery, lead: Lead) -> bool:
    today = NOW.astimezone(SHANGHAI).date()
    age = (today - lead.created_at.astimezone(SHANGHAI).date()).days
    contact = lead.last_contact_at or lead.created_at
    created, closed = (_days_of(window) for window in (query.created, query.closed))
    return (
        (query.newer is None or age <= query.newer)
        and (query.older is None or age >= query.older)
        and (query.quiet is None or NOW - contact >= query.quiet * _DAY)
        and (not query.uncontacted or lead.last_contact_at is None)
        and (query.in_stage is None or NOW - lead.stage_since >= query.in_stage * _DAY)
        and (created is None or lead.created_at.astimezone(SHANGHAI).date() in created)
        and (
            closed is None
            or (
                lead.closed_at is not None
                and lead.stage in CLOSED
                and lead.closed_at.astimezone(SHANGHAI).date() in closed
            )
        )
    )


def _days_of(window: object) -> frozenset[object] | None:
    today = NOW.astimezone(SHANGHAI).date()
    match window:
        case None:
            return None
        case DayRange(first, last):
            days = range((last - first).days + 1)
            return frozenset(first + n * _DAY for n in days)
        case LastDays(count):
            return frozenset(today - n * _DAY for n in range(count + 1))
    near = [today + n * _DAY for n in range(-800, 400)]
    week = today - today.weekday() * _DAY
    return {
        Period.TODAY: frozenset([today]),
        Period.THIS_WEEK: frozenset(week + n * _DAY for n in range(7)),
        Period.LAST_MONTH: frozenset(day for day in near if (day.year, day.month) == (2026, 10)),
        Period.THIS_QUARTER: frozenset(day for day in near if day.year == 2026 and day.month >= 10),
    }[Period(str(window))]


def _has_steps(query: LeadQuery, lead: Lead, due: Iterable[datetime]) -> bool:
    today = NOW.astimezone(SHANGHAI).date()
    planned = lead.next_at.astimezone(SHANGHAI).date() if lead.is_open and lead.next_at else None
    due_days = _days_of(query.due)
    limit = lead.next_until or lead.next_at
    return (
        (not query.steps or any(_has_step(step, lead, due) for step in query.steps))
        and (
            query.late is None
            or (lead.is_open and limit is not None and limit < NOW - query.late * _DAY)
        )
        and (
            query.due_within is None
            or (planned is not None and planned <= today + query.due_within * _DAY)
        )
        and (due_days is None or planned in due_days)
    )


def _has_step(step: NextStep, lead: Lead, due: Iterable[datetime]) -> bool:
    today = NOW.astimezone(SHANGHAI).date()
    planned = lead.next_at.astimezone(SHANGHAI).date() if lead.is_open and lead.next_at else None
    monday = today - today.weekday() * _DAY
    tomorrow = MOMENTS.midnight(today + _DAY)
    at_work = planned if _is_at_work(lead) else None
    behind = (at_work is not None and lead.is_overdue(NOW)) or any(at <= NOW for at in due)
    for_today = (at_work is not None and at_work <= today) or any(at < tomorrow for at in due)
    in_days: dict[NextStep, Callable[[], bool]] = {
        NextStep.NONE: lambda: lead.next_at is None,
        NextStep.SET: lambda: lead.next_at is not None,
        NextStep.OVERDUE: lambda: lead.is_overdue(NOW),
        NextStep.TODAY: lambda: planned == today,
        NextStep.TOMORROW: lambda: planned == today + _DAY,
        NextStep.THIS_WEEK: lambda: planned is not None and 0 <= (planned - monday).days < 7,
        NextStep.NEXT_WEEK: lambda: planned is not None and 7 <= (planned - monday).days < 14,
        NextStep.THIS_MONTH: lambda: (
            planned is not None and (planned.year, planned.month) == (2026, 11)
        ),
        NextStep.NEXT_MONTH: lambda: (
            planned is not None and (planned.year, planned.month) == (2026, 12)
        ),
        NextStep.BEHIND: lambda: behind,
        NextStep.FOR_TODAY: lambda: for_today and not behind,
        NextStep.WAITING: lambda: bool(due) and not behind,
        NextStep.AHEAD: lambda: (
            not for_today and not behind and at_work is not None and at_work <= today + 7 * _DAY
        ),
    }
    return in_days[step]()


def _has_text(text: str, lead: Lead) -> bool:
    words = search_words(lead.customer, lead.contact, lead.need).casefold()
    return text.casefold() in words or text == lead.number


def _sees(reader: Person, lead: Lead, known: Known, company: Company) -> bool:
    if reader == company.admin:
        return True
    if reader == company.boss:
        return lead.team_id == reader.team_id
    return lead.owner_id == reader.id or lead.id in known.shared.get(reader.id, ())


_FAR = datetime.max.replace(tzinfo=NOW.tzinfo)
_GRADES = tuple(Grade)


def _order(sort: LeadSort, query: LeadQuery) -> Callable[[Lead], tuple[object, ...]]:
    """The order of a list, as its docstring says; the newest first among equals."""

    def closed_last(lead: Lead) -> float:
        return -(lead.closed_at.timestamp() if lead.closed_at else 0)

    def pressing(lead: Lead) -> tuple[object, ...]:
        if query.status in (Status.WON, Status.LOST, Status.CLOSED):
            return (closed_last(lead),)
        rank = 0 if lead.is_overdue(NOW) else 1 if lead.next_at else 2 if lead.is_open else 3
        order = (rank, lead.next_at or _FAR)
        grade = _GRADES.index(lead.grade)
        return (*order, closed_last(lead), grade) if rank == 3 else (*order, 0, grade)

    order = (*reversed(PIPELINE), Stage.NURTURE, Stage.LOST)
    keys: dict[LeadSort, Callable[[Lead], tuple[object, ...]]] = {
        LeadSort.PRESSING: pressing,
        LeadSort.NEWEST: lambda lead: (-lead.created_at.timestamp(),),
        LeadSort.OLDEST: lambda lead: (lead.created_at,),
        LeadSort.VALUE: lambda lead: (-(worth(lead) or 0),),
        LeadSort.QUIET: lambda lead: (lead.last_contact_at or lead.created_at,),
        LeadSort.STAGE_AGE: lambda lead: (lead.stage_since,),
        LeadSort.STAGE: lambda lead: (order.index(lead.stage), lead.stage_since),
        LeadSort.CUSTOMER: lambda lead: (customer_order(lead.customer),),
    }
    largest_first = sort in (LeadSort.PRESSING, LeadSort.NEWEST, LeadSort.VALUE)
    return lambda lead: (*keys[sort](lead), -lead.id if largest_first else lead.id)


def _queries(company: Company) -> list[LeadQuery]:
    """Every filter alone, and some together."""
    days = DayRange(NOW.date() - 20 * _DAY, NOW.date() - 3 * _DAY)
    windows = (
        Period.TODAY,
        Period.THIS_WEEK,
        Period.LAST_MONTH,
        Period.THIS_QUARTER,
        days,
        LastDays(9),
    )
    fields = QueryField
    return [
        *(LeadQuery(status=status) for status in Status),
        *(LeadQuery(steps=(step,)) for step in NextStep),
        *(LeadQuery(steps=(step,), status=Status.ALL) for step in NextStep),
        LeadQuery(steps=(NextStep.OVERDUE, NextStep.NONE)),
        LeadQuery(stages=(Stage.PROPOSAL, Stage.NURTURE)),
        LeadQuery(stages=(Stage.WON,), status=Status.WON),
        LeadQuery(grades=(Grade.HIGH,)),
        LeadQuery(sources=("ads", "form")),
        LeadQuery(regions=("east",)),
        LeadQuery(industries=("it",)),
        LeadQuery(products=("basic", "advanced"), status=Status.ALL),
        LeadQuery(mine=True),
        LeadQuery(nobody=True, status=Status.ALL),
        LeadQuery(nobody=True, owners=(company.kim.id,)),
        LeadQuery(teams=(company.west.id,)),
        LeadQuery(low=Decimal(100_000)),
        LeadQuery(high=Decimal(100_000), status=Status.ALL),
        LeadQuery(low=Decimal("120000.50"), high=Decimal("120000.50"), status=Status.ALL),
        LeadQuery(newer=30),
        LeadQuery(older=30),
        LeadQuery(quiet=30),
        LeadQuery(uncontacted=True),
        LeadQuery(in_stage=14),
        LeadQuery(late=2),
        LeadQuery(due_within=3),
        LeadQuery(due=DayRange(NOW.date(), NOW.date() + 2 * _DAY)),
        LeadQuery(hot=True),
        *(LeadQuery(created=window, status=Status.ALL) for window in windows),
        *(LeadQuery(closed=window) for window in windows),
        LeadQuery(closed=Period.THIS_QUARTER, status=Status.WON),
        LeadQuery(text="acme"),
        LeadQuery(text="华东", status=Status.ALL),
        LeadQuery(text="LX007", status=Status.ALL),
        LeadQuery(excluded=(Exclusion(fields.REGION, "east"), Exclusion(fields.SOURCE, "ads"))),
        LeadQuery(excluded=(Exclusion(fields.STEP, "overdue"),)),
        LeadQuery(excluded=(Exclusion(fields.STEP, "behind"),), status=Status.ALL),
        LeadQuery(excluded=(Exclusion(fields.OWNER, str(company.robin.id)),)),
        LeadQuery(excluded=(Exclusion(fields.TEAM, str(company.west.id)),)),
        LeadQuery(excluded=(Exclusion(fields.STAGE, "proposal"), Exclusion(fields.GRADE, "low"))),
        LeadQuery(regions=("east", "north"), grades=(Grade.HIGH, Grade.LOW), older=10, quiet=5),
    ]


class TestLists:
    def test_are_what_the_same_query_gives_in_python(
        self, units: UnitOfWorkFactory, company: Company, known: Known
    ) -> None:
        some = 0
        with units(read_only=True) as uow:
            for number, query in enumerate(_queries(company)):
                reader = (company.robin, company.boss, company.admin)[number % 3]
                seen = [one for one in known.leads if _sees(reader, one, known, company)]
                found = [one for one in seen if _matches(query, one, known, reader)]
                sort = tuple(LeadSort)[number % len(LeadSort)]
                _compare(uow.lead_list(reader), query, sort, found)
                some += bool(found)
        assert some > 70, "queries that find nothing prove nothing"

    def test_of_each_status_have_own_leads_and_shared_ones(
        self, units: UnitOfWorkFactory, company: Company, known: Known
    ) -> None:
        seen = [one for one in known.leads if _sees(company.robin, one, known, company)]
        with units(read_only=True) as uow:
            for status in Status:
                query = LeadQuery(status=status)
                found = [one for one in seen if _matches(query, one, known, company.robin)]
                _compare(uow.lead_list(company.robin), query, LeadSort.PRESSING, found)

    @pytest.mark.parametrize("few", [0, 1_000])
    def test_find_a_common_text_as_a_rare_one(
        self, units: UnitOfWorkFactory, company: Company, known: Known, few: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(search, "FEW", few)
        with units(read_only=True) as uow:
            for number, words in enumerate(("华东", "a", "LX00", "acme", "华", "no such text")):
                for status in (Status.ALL, Status.CLOSED, Status.WON, Status.LOST):
                    query = LeadQuery(text=words, status=status)
                    for reader in (company.robin, company.boss, company.admin):
                        seen = [one for one in known.leads if _sees(reader, one, known, company)]
                        found = [one for one in seen if _matches(query, one, known, reader)]
                        sort = tuple(LeadSort)[number % len(LeadSort)]
                        _compare(uow.lead_list(reader), query, sort, found)

    def test_count_no_further_than_asked(
        self, units: UnitOfWorkFactory, company: Company, known: Known,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(search, "FEW", 3)
        with units(read_only=True) as uow:
            listing = uow.lead_list(company.admin)
            everything = LeadQuery(status=Status.ALL)
            assert listing.count(everything, MOMENTS, 5) == 6
            assert listing.count(everything, MOMENTS, len(known.leads)) == len(known.leads)
            assert listing.most_counted(everything) == MOST_COUNTED
            common = LeadQuery(text="a", status=Status.ALL)
            assert listing.most_counted(common) == MOST_OF_COMMON_TEXT
            assert listing.most_counted(replace(common, text="no such text")) == MOST_COUNTED

    def test_are_in_order(self, units: UnitOfWorkFactory, company: Company, known: Known) -> None:
        for status in Status:
            query = LeadQuery(status=status)
            found = [one for one in known.leads if _matches(query, one, known, company.admin)]
            assert found
            with units(read_only=True) as uow:
                for sort in LeadSort:
                    _compare(uow.lead_list(company.admin), query, sort, found)

    def test_count_what_a_digest_counts(
        self, units: UnitOfWorkFactory, company: Company, known: Known
    ) -> None:
        with units(read_only=True) as uow:
            calendar = WorkCalendar(Playbook().working_hours, SHANGHAI)
            period = period_of(company.east.id, "2026-W47", calendar, NOW, 14)
            period = replace(period, stage_limits=uow.figures.stage_limits())
            moments = replace(MOMENTS, period=period)
            for number in Number:
                for person_id in (None, company.robin.id):
                    behind = uow.figures.behind(number, period, person_id=person_id, limit=500)
                    figure = LeadFigure(number, company.east.id, "2026-W47", person_id)
                    query = LeadQuery.of_figure(figure)
                    listing = uow.lead_list(company.admin)
                    assert listing.count(query, moments) == behind.total
                    ids = listing.ids(query, moments, limit=500)
                    assert sorted(ids) == sorted(behind.lead_ids)

    def test_refuse_a_figure_of_another_week(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        query = LeadQuery.of_figure(LeadFigure(Number.NEW, company.east.id, "2026-W47"))
        with units(read_only=True) as uow, pytest.raises(ValueError, match="W47"):
            uow.lead_list(company.admin).count(query, MOMENTS)


def _compare(listing: LeadListing, query: LeadQuery, sort: LeadSort, found: list[Lead]) -> None:
    expected = [lead.id for lead in sorted(found, key=_order(sort, query))]
    assert list(listing.ids(query, MOMENTS, sort, limit=500)) == expected, (query, sort)
    pages = [
        lead
        for offset in range(0, len(expected) + 1, 25)
        for lead in listing.page(query, MOMENTS, sort, offset=offset, limit=25)
    ]
    assert [lead.id for lead in pages] == expected, (query, sort)
    assert listing.count(query, MOMENTS) == len(expected), query
    sums: dict[Stage, StageSum] = {}
    for lead in found:
        known = sums.get(lead.stage, StageSum())
        sums[lead.stage] = StageSum(known.count + 1, known.value + (worth(lead) or 0))
    assert listing.sums(query, MOMENTS) == sums, query
