"""An obviously invented company for the first hour: a team, leads and their follow-ups.

Only the local demo database gets it; a company's own database starts empty.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from bot.sample.dealings import Dealings, Row, at, deal, remark
from handlers.core.context import Context
from handlers.digests.actions import post
from handlers.library.actions import fill_shelf
from handlers.reminders.service import plan_reminders
from handlers.targets.forms import suggestion
from sales.assignments import Offer, OfferState, Why
from sales.calendar import week_after
from sales.countries import Countries
from sales.followups import FollowUp, Method
from sales.forecast import expecting
from sales.intake import LocalText
from sales.jobs import RemindOwner
from sales.leads import Authority, Clarity, Lead, Stage, Timeframe
from sales.next_steps import until_when
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.playbook import Quiet, Term
from sales.playbook.shipped import shipped
from sales.pool import PoolReason, PoolStay
from sales.scoring import scored
from sales.targets import Holder, Quarter
from sales.weekly_reports import WeeklyReport
from storage.channels import BoundChannel
from storage.unit_of_work import UnitOfWork

PLATFORM = "web"
MANAGERS, SALES = "managers", "sales"
"""The demo's channels."""


class _SamplePerson(Row):
    account: str
    role: Role
    name: str


class _SampleLead(Dealings):
    """A lead ``days_ago`` old. ``stages`` are days after creation; ``next_in`` is in days from
    today, negative for overdue."""

    customer: str
    source: str
    industry: str
    region: str
    contact: str = ""
    email: str = ""
    title: str = ""
    need: str
    product: str = "undecided"
    budget: tuple[Decimal, Decimal] | None = None
    authority: Authority
    clarity: Clarity
    timeframe: Timeframe
    owner: str
    days_ago: int
    stages: Mapping[Stage, int] = Field(default_factory=dict)
    said: str
    next_step: str = ""
    next_in: int | None = None
    closes_in: int | None = None
    """In how many days the deal is expected to be closed."""
    amount: Decimal | None = None
    lost: str = ""
    pooled: str = ""
    """Why its owner gave it up, if it is in the public pool."""


class _PastDeal(Row):
    """A deal that is over. It came and went on days written as weeks ago and the day of the week,
    0 for Monday; ``stages`` it had been in are spread over the time between."""

    customer: str
    source: str
    industry: str
    region: str
    need: str
    owner: str
    came: tuple[int, int]
    closed: tuple[int, int]
    stages: tuple[Stage, ...] = ()
    said: str
    amount: Decimal | None = None
    lost: str = ""


class _Report(Row):
    """Somebody's report of the last week; without a focus, it is missing."""

    by: str
    focus: str = ""


class Company(Row):
    """The sample company. ``regions`` replace the playbook's; ``country`` is whose holidays apply,
    "" for none."""

    regions: tuple[Term, ...] = ()
    country: str = "CN"
    people: tuple[_SamplePerson, ...]
    leads: tuple[_SampleLead, ...]
    past: tuple[_PastDeal, ...] = ()
    reports: tuple[_Report, ...] = ()


def company(locale: str) -> Company:
    """Load the company as written in a language."""
    import yaml  # Here: the first start alone reads it.

    text = (Path(__file__).parent / f"{locale}.yaml").read_text(encoding="utf-8")
    return Company.model_validate(yaml.safe_load(text))


def is_empty(uow: UnitOfWork) -> bool:
    return not uow.people.everyone()


def fill(uow: UnitOfWork, context: Context) -> None:
    """Put the sample company into an empty database, as seen from ``context.now``."""
    language = context.language
    team = uow.people.add_team(Team(name=language.text("team.first")))
    sample_company = company(language.locale)
    people: dict[str, Person] = {}
    for row in sample_company.people:
        person = uow.people.add(
            Person(name=row.name, role=row.role, team_id=team.id, locale=language.locale)
        )
        uow.people.link(Identity(PLATFORM, row.account, person.id), context.now)
        people[row.account] = person
    bound_by = people["manager"].id
    uow.channels.bind(BoundChannel(PLATFORM, MANAGERS, team.id, language.locale, bound_by))
    fill_shelf(context, people["admin"].id)
    for sample in sample_company.leads:
        lead = _log(sample, people[sample.owner], context)
        if sample.remark:
            remark(lead, sample.remark.text, people[sample.remark.by], context)
    for past in sample_company.past:
        _remember(past, people[past.owner], context)
    _set_targets(team, people, context)
    _publish(team, sample_company, people, context)
    _set_rules(sample_company, people["admin"], context)


def _publish(
    team: Team, sample_company: Company, people: Mapping[str, Person], context: Context
) -> None:
    """Post the last digest, with the reports it rests on, as if the bot had been here."""
    calendar, rule = context.calendar, context.playbook.digest
    week = week_after(calendar.next_digest(context.now, rule)[1], -1)
    start, end = calendar.week(week)
    facts = {rep.person_id: rep for rep in context.uow.figures.week(team.id, start, end).reps}
    for report in sample_company.reports:
        person = people[report.by]
        context.uow.weekly_reports.ask(person.id, week, end)
        if not report.focus:
            context.uow.weekly_reports.remind(person.id, week, end + timedelta(hours=2))
            continue
        context.uow.weekly_reports.submit(
            WeeklyReport(
                person_id=person.id,
                week=week,
                figures=facts[person.id],
                focus=report.focus,
                submitted_at=end + timedelta(hours=10),
            )
        )
    post(team.id, week, context.uow)


def _set_rules(sample_company: Company, admin: Person, context: Context) -> None:
    """Set the company's own names and holidays, and no quiet hours.

    People who try the product at night should see what the others get.
    """
    rules = context.playbook
    vocabulary = rules.vocabulary.model_copy(
        update={"regions": sample_company.regions or rules.vocabulary.regions}
    )
    home = context.language.countries.home
    # The sample written in English works in no country until one is set.
    country = sample_company.country or (home if home != Countries().home else "")
    hours = shipped(country).working_hours
    quiet = Quiet(start=time(), end=time(), days_off=False)
    seller = LocalText(en="Sample Seller Ltd", zh="样例软件有限公司")
    rules = rules.model_copy(
        update={
            "vocabulary": vocabulary,
            "working_hours": hours,
            "quiet": quiet,
            "proposals": rules.proposals.model_copy(update={"seller": seller}),
        }
    )
    context.uow.playbooks.store(rules, admin, context.now, context.text("sample.no_quiet_hours"))


def _set_targets(team: Team, people: Mapping[str, Person], context: Context) -> None:
    """Set the playbook's numbers for the team, shared by its reps."""
    quarter, goals = Quarter.of(context.today), suggestion(context.playbook.targets)
    context.uow.targets.set(quarter, Holder.team(team.id), goals)
    reps = [person for person in people.values() if person.role is Role.REP]
    for person in reps:
        share = {
            m: (goal / len(reps)).quantize(Decimal(1)) for m, goal in goals.items() if m.adds_up
        }
        context.uow.targets.set(quarter, Holder.person(person.id), share)


def _log(sample: _SampleLead, owner: Person, context: Context) -> Lead:
    created = at(-sample.days_ago, context)
    low, high = sample.budget or (None, None)
    lead = context.uow.leads(SYSTEM).add(
        scored(
            Lead(
                source=sample.source,
                customer=sample.customer,
                industry=sample.industry,
                contact=sample.contact,
                email=sample.email,
                title=sample.title,
                budget_low=low,
                budget_high=high,
                need=sample.need,
                region=sample.region,
                product=sample.product,
                authority=sample.authority,
                clarity=sample.clarity,
                timeframe=sample.timeframe,
                stage_since=created,
                owner_id=owner.id,
                team_id=owner.team_id,
                created_at=created,
                created_by=owner.id,
            ),
            context.playbook.scoring,
        )
    )
    context.uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=owner.id,
            why=Why("pool"),
            offered_at=created,
            state=OfferState.ACCEPTED,
            answered_at=created,
        )
    )
    lead = _expect(_advance(lead, sample, context), sample, owner, context)
    lead = _follow_up(lead, sample, owner, context)
    deal(lead, sample, owner, context)
    if sample.pooled:
        _give_up(lead.id, sample.pooled, owner, context)
    return lead


def _remember(past: _PastDeal, owner: Person, context: Context) -> None:
    """Log a deal that is over, with its first and its last contact."""
    leads = context.uow.leads(SYSTEM)
    came, closed_at = (_day(*when, context) for when in (past.came, past.closed))
    lead = leads.add(
        scored(
            Lead(
                source=past.source,
                customer=past.customer,
                industry=past.industry,
                need=past.need,
                region=past.region,
                stage_since=came,
                owner_id=owner.id,
                team_id=owner.team_id,
                created_at=came,
                created_by=owner.id,
            ),
            context.playbook.scoring,
        )
    )
    step = (closed_at - came) / (len(past.stages) + 1)
    for n, stage in enumerate(past.stages, 1):
        lead = leads.save(replace(lead, stage=stage, stage_since=came + n * step))
    end = Stage.LOST if past.lost else Stage.WON
    for at_, said in ((came + timedelta(hours=1), past.need), (closed_at, past.said)):
        context.uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=lead.id, person_id=owner.id, at=at_, method=Method.CALL, summary=said
            )
        )  # fmt: skip
    lead = replace(lead, stage=end, stage_since=closed_at, closed_at=closed_at, amount=past.amount)
    leads.save(replace(lead, last_contact_at=closed_at, lost_reason=past.lost))


def _day(weeks_ago: int, weekday: int, context: Context) -> datetime:
    """A moment of a working morning, so many weeks before this one."""
    monday = context.today - timedelta(days=context.today.weekday() + 7 * weeks_ago)
    return datetime.combine(monday + timedelta(days=weekday), time(10, 30), context.timezone)


def _give_up(lead_id: int, why: str, owner: Person, context: Context) -> None:
    """Give a lead up without notices: the first hour should not begin with what happened before."""
    leads, gone_at = context.uow.leads(SYSTEM), context.now - timedelta(hours=3)
    lead = leads.save(replace(leads.get(lead_id), owner_id=None, pooled_at=gone_at))
    context.uow.stays.enter(
        PoolStay(
            lead_id=lead.id,
            team_id=lead.team_id,
            entered_at=gone_at,
            reason=PoolReason.GIVEN_UP,
            detail=why,
            former_owner_id=owner.id,
            put_by=owner.id,
        )
    )


def _advance(lead: Lead, sample: _SampleLead, context: Context) -> Lead:
    leads = context.uow.leads(SYSTEM)
    for stage, day in sample.stages.items():
        since = lead.created_at + timedelta(days=day)
        closed = since if stage is Stage.WON else None
        amount = sample.amount if closed else None
        lead = leads.save(
            replace(lead, stage=stage, stage_since=since, closed_at=closed, amount=amount)
        )
    if sample.lost:
        since = at(-3, context)
        lost = replace(lead, stage=Stage.LOST, stage_since=since, closed_at=since)
        lead = leads.save(replace(lost, lost_reason=sample.lost))
    return lead


def _expect(lead: Lead, sample: _SampleLead, owner: Person, context: Context) -> Lead:
    """Say when the deal is expected to be closed, as its owner would have."""
    if sample.closes_in is None:
        return lead
    day = context.calendar.workday_from(context.today + timedelta(days=sample.closes_in - 1), 1)
    expected = expecting(lead, lead.amount, day, by=owner.id, now=lead.stage_since)
    return context.uow.leads(SYSTEM).save(expected)


def _follow_up(lead: Lead, sample: _SampleLead, owner: Person, context: Context) -> Lead:
    spoke_at = min(at(-2, context), context.now - timedelta(hours=1))
    first_at = lead.created_at + timedelta(hours=1)
    if spoke_at - first_at > timedelta(days=1):
        context.uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=lead.id,
                person_id=owner.id,
                at=first_at,
                method=Method.CALL,
                summary=sample.need,
            )
        )
    due = None if sample.next_in is None else at(sample.next_in, context)
    calendar = context.calendar
    until = due and until_when(
        due, calendar.midnight(calendar.day_of(due) + timedelta(days=1)), has_time=False
    )
    followup = context.uow.followups(SYSTEM).add(
        FollowUp(
            lead_id=lead.id,
            person_id=owner.id,
            at=spoke_at,
            method=Method.CALL if lead.id % 2 else Method.DEMO,
            summary=sample.said,
            next_step=sample.next_step,
            next_at=due,
            next_until=until,
        )
    )
    plan_reminders(followup, context)
    if due and due < context.now:
        # They were notified when it was due; now they are told that it is overdue.
        context.uow.jobs.cancel(RemindOwner, followup.id)
    return context.uow.leads(SYSTEM).save(
        replace(
            lead,
            last_contact_at=spoke_at,
            next_at=due,
            next_until=until,
            next_step=sample.next_step,
        )
    )
