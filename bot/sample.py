"""A plainly invented company for the first hour: a team, leads and what was said with them.

Only the local demo database gets it; a company's own database starts empty.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from handlers.turns import Turn
from sales.assignments import Offer, OfferState, Why
from sales.followups import FollowUp, Method
from sales.leads import Authority, Clarity, Lead, Stage, Timeframe
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.ports import Binding, UnitOfWork
from sales.scoring import scored

PLATFORM = "web"
MANAGERS, SALES = "managers", "sales"
"""The demo's channels."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """A lead ``days`` old. ``steps`` are (stage, days after creation); ``next_in`` is in days
    from today, negative for overdue."""

    customer: str
    source: str
    industry: str
    region: str
    contact: str
    title: str
    need: str
    budget: tuple[int, int] | None
    bant: tuple[Authority, Clarity, Timeframe]
    owner: int
    days: int
    steps: tuple[tuple[Stage, int], ...] = ()
    said: str = ""
    next_step: str = ""
    next_in: int | None = None
    amount: int | None = None
    lost: str = ""


_SURE = (Authority.MANAGER, Clarity.CLEAR, Timeframe.MONTH)
_LIKELY = (Authority.DECIDER, Clarity.CLEAR, Timeframe.QUARTER)
_EARLY = (Authority.STAFF, Clarity.VAGUE, Timeframe.UNKNOWN)
_OPEN = (Authority.MANAGER, Clarity.UNKNOWN, Timeframe.UNKNOWN)
_DISCOVERY = ((Stage.SCREENED, 1), (Stage.DISCOVERY, 3))
_PROPOSAL = (*_DISCOVERY, (Stage.PROPOSAL, 7))
_WON = (*_PROPOSAL, (Stage.NEGOTIATION, 11), (Stage.WON, 15))

_CHINESE = (
    _Sample("甲示例科技有限公司", "ads-SEM", "it", "east", "张样例", "采购经理", "需要客户管理工具",
            (150_000, 200_000), _SURE, 0, 9, _DISCOVERY, "需要同行业案例", "发送案例和方案", 1),
    _Sample("乙示例培训学校", "exhibition-春季教育展", "education", "north", "李样例", "校长",
            "提升招生效率", (80_000, 100_000), _LIKELY, 1, 12, _PROPOSAL, "对演示感兴趣",
            "约产品演示", 0),
    _Sample("丙示例机械厂", "website", "manufacturing", "south", "", "", "想了解报价", None, _EARLY,
            2, 4, (), "先了解一下", "发送产品介绍", -1),
    _Sample("丁示例连锁超市", "partner-样例渠道", "retail", "east", "陈样例", "信息部经理",
            "统一门店客户数据", (300_000, 400_000), _SURE, 0, 26, _WON, "合同已寄出", "", None,
            350_000),
    _Sample("戊示例口腔诊所", "referral", "health", "southwest", "赵样例", "院长", "预约与回访",
            (50_000, 60_000), _LIKELY, 1, 21, _PROPOSAL, "觉得价格偏高", "", None, None, "价格"),
    _Sample("己示例金融服务", "ads-信息流", "finance", "east", "孙样例", "运营总监", "合规留痕",
            (500_000, 600_000), _OPEN, 2, 15, _DISCOVERY, "等内部立项", "询问立项结果", 3),
    _Sample("庚示例出版社", "form", "education", "north", "周样例", "发行主管", "经销商管理",
            (100_000, 120_000), _LIKELY, 1, 6, ((Stage.SCREENED, 2),), "预算已批", "确认需求清单", 2),
    _Sample("辛示例物流", "exhibition-物流展", "other", "central", "吴样例", "总经理", "司机与客户沟通",
            (200_000, 200_000), _SURE, 0, 33, _WON, "已上线", "", None, 180_000),
)  # fmt: skip

_ENGLISH = (
    _Sample("Alder Sample Software", "ads-SEM", "it", "east", "Zoe Sample", "Purchasing manager",
            "A tool to keep track of customers", (150_000, 200_000), _SURE, 0, 9, _DISCOVERY,
            "Wants a case from its own industry", "Send case and proposal", 1),
    _Sample("Birch Example School", "exhibition-spring education fair", "education", "north",
            "Liam Sample", "Headmaster", "Win more students", (80_000, 100_000), _LIKELY, 1, 12,
            _PROPOSAL, "Liked the demo", "Arrange a product demo", 0),
    _Sample("Cedar Example Works", "website", "manufacturing", "south", "", "", "Asks for a quote",
            None, _EARLY, 2, 4, (), "Only looking around for now", "Send the product tour", -1),
    _Sample("Dogwood Sample Stores", "partner-sample channel", "retail", "east", "Chen Sample",
            "IT manager", "One customer record for all stores", (300_000, 400_000), _SURE, 0, 26,
            _WON, "Contract is in the post", "", None, 350_000),
    _Sample("Elm Example Dental", "referral", "health", "southwest", "Zara Sample", "Director",
            "Appointments and recalls", (50_000, 60_000), _LIKELY, 1, 21, _PROPOSAL,
            "Finds it too dear", "", None, None, "price"),
    _Sample("Fir Sample Finance", "ads-newsfeed", "finance", "east", "Sam Example", "Head of ops",
            "A compliant record of every call", (500_000, 600_000), _OPEN, 2, 15, _DISCOVERY,
            "Waits for the internal go-ahead", "Ask for the decision", 3),
    _Sample("Ginkgo Example Press", "form", "education", "north", "Joe Sample", "Sales lead",
            "Manage resellers", (100_000, 120_000), _LIKELY, 1, 6, ((Stage.SCREENED, 2),),
            "Budget is approved", "Confirm the list of needs", 2),
    _Sample("Hazel Sample Freight", "exhibition-freight fair", "other", "central", "Will Sample",
            "General manager", "Drivers and customers in one place", (200_000, 200_000), _SURE, 0, 33,
            _WON, "Went live", "", None, 180_000),
)  # fmt: skip

_NAMES = {
    "zh_CN": ("罗小样", "林小例", "何小演", "方经理（样例）", "管理员（样例）"),
    "en": ("Robin Sample", "Dana Example", "Kim Demo", "Max Manager", "Ada Admin"),
}


def is_empty(uow: UnitOfWork) -> bool:
    return not uow.people.everyone()


def fill(uow: UnitOfWork, turn: Turn) -> None:
    """Put the invented company into an empty database, seen from ``turn.now``."""
    language = turn.language
    team = uow.people.add_team(Team(name=language.text("team.first")))
    roles = (Role.REP, Role.REP, Role.REP, Role.MANAGER, Role.ADMIN)
    accounts = ("rep-1", "rep-2", "rep-3", "manager", "admin")
    people = []
    for name, role, account in zip(_NAMES[language.locale], roles, accounts, strict=True):
        person = uow.people.add(
            Person(name=name, role=role, team_id=team.id, locale=language.locale)
        )
        uow.people.link(Identity(PLATFORM, account, person.id), turn.now)
        people.append(person)
    uow.bindings.bind(Binding(PLATFORM, MANAGERS, team.id, language.locale, people[3].id))
    for sample in _CHINESE if language.locale == "zh_CN" else _ENGLISH:
        _log(sample, people[sample.owner], turn)


def _log(sample: _Sample, owner: Person, turn: Turn) -> None:
    created = _at(-sample.days, turn)
    low, high = sample.budget or (None, None)
    authority, clarity, timeframe = sample.bant
    lead = turn.uow.leads(SYSTEM).add(
        scored(
            Lead(
                source=sample.source,
                customer=sample.customer,
                industry=sample.industry,
                contact=sample.contact,
                title=sample.title,
                budget_low=Decimal(low) if low else None,
                budget_high=Decimal(high) if high else None,
                need=sample.need,
                region=sample.region,
                product="undecided",
                authority=authority,
                clarity=clarity,
                timeframe=timeframe,
                stage_since=created,
                owner_id=owner.id,
                team_id=owner.team_id,
                created_at=created,
                created_by=owner.id,
            ),
            turn.playbook.scoring,
        )
    )
    turn.uow.offers.add(
        Offer(
            lead_id=lead.id,
            person_id=owner.id,
            why=Why("pool"),
            offered_at=created,
            state=OfferState.ACCEPTED,
            answered_at=created,
        )
    )
    lead = _advance(lead, sample, turn)
    _follow_up(lead, sample, owner, turn)


def _advance(lead: Lead, sample: _Sample, turn: Turn) -> Lead:
    leads = turn.uow.leads(SYSTEM)
    for stage, day in sample.steps:
        since = lead.created_at + timedelta(days=day)
        closed = since if stage is Stage.WON else None
        amount = Decimal(sample.amount) if closed and sample.amount else None
        lead = leads.save(
            replace(lead, stage=stage, stage_since=since, closed_at=closed, amount=amount)
        )
    if sample.lost:
        since = _at(-3, turn)
        lost = replace(lead, stage=Stage.LOST, stage_since=since, closed_at=since)
        lead = leads.save(replace(lost, lost_reason=sample.lost))
    return lead


def _follow_up(lead: Lead, sample: _Sample, owner: Person, turn: Turn) -> None:
    at = min(_at(-2, turn), turn.now - timedelta(hours=1))
    due = None if sample.next_in is None else _at(sample.next_in, turn)
    turn.uow.followups(SYSTEM).add(
        FollowUp(
            lead_id=lead.id,
            person_id=owner.id,
            at=at,
            method=Method.CALL if lead.id % 2 else Method.DEMO,
            summary=sample.said,
            next_step=sample.next_step,
            next_at=due,
        )
    )
    turn.uow.leads(SYSTEM).save(
        replace(lead, last_contact_at=at, next_at=due, next_step=sample.next_step)
    )


def _at(days: int, turn: Turn) -> datetime:
    """The due time of a company day, ``days`` from today."""
    hour: time = turn.playbook.reminders.due_time
    return datetime.combine(turn.today + timedelta(days=days), hour, turn.timezone)
