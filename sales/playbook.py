"""The playbook: every rule of the process as one typed document, with its shipped default.

Numbers are defaults from the process description ([P2], [P5], [P6], [P7], [P17], [P18]) and
belong to the company from then on. Reading and storing it is not done here.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

import holidays
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sales.followups import Method
from sales.intake import Intake
from sales.leads import Grade, Stage
from sales.people import Role
from sales.tasks import TaskKind

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(_Rules):
    """A word of the company's own vocabulary: a stable key and how it reads."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")]
    en: str
    zh: str

    def label(self, locale: str) -> str:
        return self.zh if locale == "zh_CN" else self.en


def _terms(*rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(key=key, en=en, zh=zh) for key, en, zh in rows)


class Scoring(_Rules):
    """BANT points and thresholds [P5]. ``budget_from`` is in whole currency units."""

    budget_from: Decimal = Decimal(100_000)
    budget_points: int = 2
    authority_points: int = 3
    need_points: int = 2
    timeframe_points: int = 3
    high_from: int = 8
    medium_from: int = 5

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> "Scoring":
        if self.medium_from > self.high_from:
            raise ValueError("medium_from must not be above high_from")
        return self


class PoolMember(_Rules):
    """A person in a pool, by name; ``weight`` relative to the other members'."""

    person: str
    weight: Annotated[int, Field(ge=0, le=100)] = 1


class RoutingRule(_Rules):
    """Leads that match go to the pool's members, or to the reps of ``team``.

    An empty condition matches everything; several must all match. ``source`` holds channel
    keys, the others keys of the vocabulary.
    """

    name: str
    source: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    grade: tuple[Grade, ...] = ()
    pool: tuple[PoolMember, ...] = ()
    team: str = ""

    @model_validator(mode="after")
    def _has_one_target(self) -> "RoutingRule":
        if bool(self.pool) == bool(self.team):
            raise ValueError("give either pool or team")
        return self


class Assignment(_Rules):
    """``accept_within`` is in working minutes [P6]; ``fair_over`` days are looked back on."""

    accept_within: Annotated[int, Field(ge=1)] = 120
    fair_over: Annotated[int, Field(ge=1)] = 30


class Reminders(_Rules):
    """``before`` hours ahead of the next step [P17]; ``due_time`` is when a step that has only
    a date is due; past due, the owner hears of it after ``overdue_after`` working minutes and
    the manager after ``escalate_after``."""

    before: Annotated[int, Field(ge=1)] = 24
    due_time: time = time(9, 0)
    overdue_after: Annotated[int, Field(ge=1)] = 480
    escalate_after: Annotated[int, Field(ge=1)] = 960
    stalled_days: Annotated[int, Field(ge=1)] = 7


class ClockRule(_Rules):
    """``within`` so many working minutes, by contact of one of the ``methods`` (none: any)."""

    within: Annotated[int, Field(ge=1)]
    methods: tuple[Method, ...] = ()


_IN_PERSON = tuple(method for method in Method if method is not Method.EMAIL)


class Clocks(_Rules):
    """How soon a lead's owner reaches the customer, by grade [P7]: the process's 24 and 48 hours
    are one and two working days. ``low`` is the rhythm for leads of low value and in nurture.
    The owner is warned at ``warn_at`` percent of the time; the manager hears of a breach
    ``escalate_after`` working minutes later; a call is recorded ``record_within`` minutes."""

    high: ClockRule = ClockRule(within=480, methods=_IN_PERSON)
    medium: ClockRule = ClockRule(within=960)
    low: ClockRule = ClockRule(within=9600)
    warn_at: Annotated[int, Field(ge=1, le=99)] = 75
    escalate_after: Annotated[int, Field(ge=1)] = 120
    record_within: Annotated[int, Field(ge=1)] = 30


class Digest(_Rules):
    """When last week's digest is posted, in the company's timezone [P19]."""

    weekday: Weekday = "mon"
    at: time = time(9, 0)


class Block(_Rules):
    """Working time from ``start`` to ``end`` on one day."""

    start: time
    end: time

    @model_validator(mode="after")
    def _starts_before_it_ends(self) -> "Block":
        if self.start >= self.end:
            raise ValueError("a block must start before it ends")
        return self


_OFFICE = (Block(start=time(9), end=time(12)), Block(start=time(13), end=time(18)))


class WorkingHours(_Rules):
    """The company calendar. ``country`` brings public holidays and make-up days ("" for
    none); ``closed`` and ``open`` overrule them for single days."""

    blocks: dict[Weekday, tuple[Block, ...]] = {
        "mon": _OFFICE,
        "tue": _OFFICE,
        "wed": _OFFICE,
        "thu": _OFFICE,
        "fri": _OFFICE,
    }
    country: str = "CN"
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()

    @field_validator("country")
    @classmethod
    def _a_calendar_we_have(cls, country: str) -> str:
        if country and country not in holidays.list_supported_countries():
            raise ValueError(f"no calendar of public holidays for {country!r}; for example CN")
        return country

    @model_validator(mode="after")
    def _some_work(self) -> "WorkingHours":
        if not any(self.blocks.values()):
            raise ValueError("at least one weekday needs a block of working time")
        return self


class StageRules(_Rules):
    """What a person ticks when a lead enters the stage, and how many working days it is
    expected to stay at most (0: no expectation)."""

    criteria: tuple[Term, ...] = ()
    days: Annotated[int, Field(ge=0)] = 0


def _stages() -> dict[Stage, StageRules]:
    return {
        Stage.CAPTURED: StageRules(days=2),
        Stage.SCREENED: StageRules(
            days=2,
            criteria=_terms(
                ("budget", "The budget is clear", "预算明确"),
                ("decision", "The decision chain is clear", "决策链清晰"),
                ("urgent", "The need is urgent", "需求紧迫"),
            ),
        ),
        Stage.DISCOVERY: StageRules(
            days=5,
            criteria=_terms(("talk", "A first conversation is recorded", "已记录首次沟通")),
        ),
        Stage.PROPOSAL: StageRules(
            days=5,
            criteria=_terms(
                ("pain", "Their pain points are written down", "痛点已记录"),
                ("decider", "The decider knows of us", "决策人已了解我们"),
            ),
        ),
        Stage.NEGOTIATION: StageRules(
            days=10,
            criteria=_terms(
                ("feedback", "There is feedback on the proposal", "方案已有反馈"),
                ("scope", "What they buy is agreed", "采购内容已确认"),
            ),
        ),
        Stage.WON: StageRules(
            criteria=_terms(("signed", "The contract is signed", "合同已签署")),
        ),
    }


class Revival(_Rules):
    """After how many days a nurtured lead is looked at again [P7], and a lost one at first."""

    nurture_days: Annotated[int, Field(ge=1)] = 90
    lost_days: Annotated[int, Field(ge=1)] = 180


class TaskRule(_Rules):
    """A task that a signature starts: for somebody of ``role``, or the lead's owner (null), due
    ``within`` working minutes."""

    kind: Literal[TaskKind.WELCOME, TaskKind.INVOICE, TaskKind.VISIT]
    role: Role | None
    within: Annotated[int, Field(ge=1)]


class Handover(_Rules):
    """What starts when a lead is won [P13] [P14], and how long a question to a colleague may
    wait (``answer_within``). Past due, the assignee hears of it after ``overdue_after`` working
    minutes and the leaders after ``escalate_after``; they also hear of a customer whose
    satisfaction is ``unhappy_until`` or less."""

    won: tuple[TaskRule, ...] = (
        TaskRule(kind=TaskKind.WELCOME, role=Role.SERVICE, within=480),
        TaskRule(kind=TaskKind.INVOICE, role=Role.FINANCE, within=1440),
        TaskRule(kind=TaskKind.VISIT, role=None, within=1440),
    )
    answer_within: Annotated[int, Field(ge=1)] = 480
    overdue_after: Annotated[int, Field(ge=0)] = 0
    escalate_after: Annotated[int, Field(ge=1)] = 480
    unhappy_until: Annotated[int, Field(ge=0, le=5)] = 2

    @field_validator("won")
    @classmethod
    def _each_once(cls, won: tuple[TaskRule, ...]) -> tuple[TaskRule, ...]:
        if len({rule.kind for rule in won}) != len(won):
            raise ValueError("each kind of task can start only once")
        return won


class Vocabulary(_Rules):
    """The choices that forms offer [P3] [P4]."""

    sources: tuple[Term, ...] = _terms(
        ("form", "Online form", "在线表单"),
        ("exhibition", "Exhibition", "展会"),
        ("website", "Website enquiry", "官网咨询"),
        ("partner", "Channel partner", "渠道伙伴"),
        ("ads", "Online advertising", "线上广告"),
        ("referral", "Referral", "客户转介绍"),
        ("other", "Other", "其他"),
    )
    industries: tuple[Term, ...] = _terms(
        ("it", "IT", "IT"),
        ("education", "Education", "教育"),
        ("manufacturing", "Manufacturing", "制造"),
        ("retail", "Retail", "零售"),
        ("finance", "Finance", "金融"),
        ("health", "Health care", "医疗"),
        ("other", "Other", "其他"),
    )
    regions: tuple[Term, ...] = _terms(
        ("east", "East China", "华东"),
        ("north", "North China", "华北"),
        ("south", "South China", "华南"),
        ("central", "Central China", "华中"),
        ("southwest", "Southwest China", "西南"),
        ("northwest", "Northwest China", "西北"),
        ("northeast", "Northeast China", "东北"),
        ("abroad", "Abroad", "海外"),
    )
    lost_reasons: tuple[Term, ...] = _terms(
        ("price", "Price", "价格"),
        ("competitor", "Chose a competitor", "选择了竞品"),
        ("budget", "No budget", "没有预算"),
        ("need", "No need any more", "需求消失"),
        ("timing", "Not now", "时机不对"),
        ("silent", "No answer any more", "联系不上"),
        ("other", "Other", "其他"),
    )
    products: tuple[Term, ...] = _terms(
        ("basic", "Basic edition", "基础版"),
        ("advanced", "Advanced edition", "高级版"),
        ("analytics", "Analytics module", "数据分析模块"),
        ("undecided", "Not decided", "待定"),
    )


class Playbook(_Rules):
    """All rules. ``routing`` is tried from the top; with no match the team's own reps share
    the lead."""

    scoring: Scoring = Scoring()
    routing: tuple[RoutingRule, ...] = ()
    assignment: Assignment = Assignment()
    reminders: Reminders = Reminders()
    clocks: Clocks = Clocks()
    digest: Digest = Digest()
    working_hours: WorkingHours = WorkingHours()
    vocabulary: Vocabulary = Vocabulary()
    stages: dict[Stage, StageRules] = Field(default_factory=_stages)
    revival: Revival = Revival()
    intake: Intake = Intake()
    handover: Handover = Handover()

    @model_validator(mode="after")
    def _forms_of_known_sources(self) -> "Playbook":
        known = {term.key for term in self.vocabulary.sources}
        if strange := sorted(set(self.intake.forms) - known):
            raise ValueError(f"intake.forms: {strange[0]} is no source of the vocabulary")
        return self

    def stage(self, stage: Stage) -> StageRules:
        """The stage's rules; none for one the document does not name."""
        return self.stages.get(stage, StageRules())
