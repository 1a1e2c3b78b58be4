"""Rules about customers: duplicates, lookups of contacts, signals, handover, proposals, targets,
forecasts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sales.intake import LocalText
from sales.leads import Stage
from sales.people import Role
from sales.playbook.vocabulary import NameOf, Rules, WorkTime, misfit
from sales.signals import Effect, SignalKind
from sales.tasks import TaskKind


class Duplicates(Rules):
    """Rules for duplicates and merges.

    Names that are ``alike_from`` of 100 or more are asked about before a lead is saved [P8]. People
    who were refused access to a customer may ask again after ``ask_again_days``; a merge of two
    leads can be undone for ``undo_merge_days``.
    """

    alike_from: Annotated[int, Field(ge=50, le=100)] = 85
    ask_again_days: Annotated[int, Field(ge=0)] = 7
    undo_merge_days: Annotated[int, Field(ge=1, le=90)] = 7


class Bounds(Rules):
    """What one person usually does in an hour, and in a day, at most."""

    per_hour: Annotated[int, Field(ge=1)]
    per_day: Annotated[int, Field(ge=1)]


class Reveals(Bounds):
    """Limits for lookups of contacts.

    When one person looks up more contacts than this in an hour, or in a day, the admins and the
    person's managers are notified [P1].
    """

    per_hour: Annotated[int, Field(ge=1)] = 20
    per_day: Annotated[int, Field(ge=1)] = 50


class Probing(Bounds):
    """Limits for learning that a colleague has a customer.

    A person who is told so more often than this, in an hour or in a day, may be probing who is
    known: the admins and the person's managers are notified [P8].
    """

    per_hour: Annotated[int, Field(ge=1)] = 10
    per_day: Annotated[int, Field(ge=1)] = 30


class SignalRule(Rules):
    """``effect`` applies once the kind came ``times`` times within ``within_days`` days."""

    effect: Effect
    times: Annotated[int, Field(ge=1, le=1000)] = 1
    within_days: Annotated[int, Field(ge=1, le=365)] = 7


SHIPPED: Mapping[SignalKind, SignalRule] = {
    SignalKind.PROPOSAL_OPENED: SignalRule(effect=Effect.HOT),
    SignalKind.PRICING_VIEWED: SignalRule(effect=Effect.HOT, times=2),
    SignalKind.EMAIL_OPENED: SignalRule(effect=Effect.COUNT),
    SignalKind.PRODUCT_USED: SignalRule(effect=Effect.HOT, times=3),
    SignalKind.USAGE_UP: SignalRule(effect=Effect.OPPORTUNITY),
    SignalKind.EDITION_MONTHS: SignalRule(effect=Effect.OPPORTUNITY),
    SignalKind.RENEWAL_DUE: SignalRule(effect=Effect.OPPORTUNITY),
}


class Signals(Rules):
    """Rules for signals.

    ``kinds`` overrides the shipped rule of every kind that it names. A lead stays hot for
    ``hot_days`` days; ``per_minute`` limits signed events for each source.
    """

    kinds: dict[SignalKind, SignalRule] = Field(default_factory=lambda: dict(SHIPPED))
    hot_days: Annotated[int, Field(ge=1, le=365)] = 14
    per_minute: Annotated[int, Field(ge=1)] = 600

    def rule(self, kind: SignalKind) -> SignalRule:
        return self.kinds.get(kind, SHIPPED[kind])


Share = Annotated[int, Field(ge=0, le=1000)]


class Recommendation(Rules):
    """A product to recommend to a customer.

    A customer with ``edition`` ("" for any) for ``after_months`` months is recommended ``product``,
    estimated at ``share`` percent of what they signed; both are keys of the vocabulary's products.
    """

    edition: Annotated[str, NameOf("products")] = ""
    after_months: Annotated[int, Field(ge=1, le=120)]
    product: Annotated[str, NameOf("products")]
    share: Share = 30

    def fits(self, edition: str, months: int | None) -> bool:
        """Whether it fits a customer; ``months`` is None when nobody counted."""
        return self.edition in ("", edition) and (months is None or months >= self.after_months)


class Repeat(Rules):
    """Rules for repeat business.

    ``recommendations``: the first that fits is made. A term lasts ``renewal_months`` months (0:
    none), and its renewal is raised ``renewal_before`` days ahead. More usage is estimated at
    ``usage_share`` percent of what was signed.
    """

    recommendations: tuple[Recommendation, ...] = (
        Recommendation(edition="advanced", after_months=3, product="analytics"),
    )
    renewal_months: Annotated[int, Field(ge=0, le=120)] = 12
    renewal_before: Annotated[int, Field(ge=1, le=300)] = 30
    usage_share: Share = 20


class TaskRule(Rules):
    """A task that a signature starts.

    It is for a person of ``role``, or the lead's owner (null), and due ``within`` working minutes.
    """

    kind: Literal[TaskKind.WELCOME, TaskKind.INVOICE, TaskKind.VISIT]
    role: Role | None
    within: Annotated[int, Field(ge=1), WorkTime()]


class Handover(Rules):
    """Tasks when a lead is won [P13] [P14], and their limits.

    ``answer_within`` is how long a question to a colleague may wait. Past due, the assignee is
    notified after ``overdue_after`` working minutes and the leaders after ``escalate_after``; the
    leaders are also notified of a customer whose satisfaction is ``unhappy_until`` or less.
    """

    won: tuple[TaskRule, ...] = (
        TaskRule(kind=TaskKind.WELCOME, role=Role.SERVICE, within=480),
        TaskRule(kind=TaskKind.INVOICE, role=Role.FINANCE, within=1440),
        TaskRule(kind=TaskKind.VISIT, role=None, within=1440),
    )
    answer_within: Annotated[int, Field(ge=1), WorkTime()] = 480
    overdue_after: Annotated[int, Field(ge=0), WorkTime()] = 0
    escalate_after: Annotated[int, Field(ge=1), WorkTime()] = 480
    unhappy_until: Annotated[int, Field(ge=0, le=5)] = 2

    @field_validator("won")
    @classmethod
    def _each_once(cls, won: tuple[TaskRule, ...]) -> tuple[TaskRule, ...]:
        if len({rule.kind for rule in won}) != len(won):
            raise misfit("each_once", "each kind of task can start only once")
        return won


class Proposals(Rules):
    """Rules for proposals.

    ``seller`` is the company's name at the top of the page and ``terms`` the text at its end (""
    for the shipped words); an offer is valid for ``valid_days``, its link works for ``link_days``.
    A page counts as opened when it was visible for ``seen_seconds`` and a person was detected.
    ``show_phone``: the page shows the phone of who is asked.
    """

    seller: LocalText = LocalText()
    terms: LocalText = LocalText()
    valid_days: Annotated[int, Field(ge=1, le=365)] = 30
    link_days: Annotated[int, Field(ge=1, le=365)] = 60
    seen_seconds: Annotated[int, Field(ge=1, le=60)] = 3
    show_phone: bool = True


class Targets(Rules):
    """Examples below the fields of a team's target for a quarter [P22].

    Nothing is a target before a leader has set it. Money in whole currency units, ``conversion`` in
    percent; null suggests nothing.
    """

    revenue: Annotated[Decimal, Field(gt=0)] | None = Decimal(1_000_000)
    customers: Annotated[int, Field(ge=1)] | None = 50
    leads: Annotated[int, Field(ge=1)] | None = None
    conversion: Annotated[int, Field(ge=1, le=100)] | None = None
    average_deal: Annotated[Decimal, Field(gt=0)] | None = Decimal(20_000)


Odds = Annotated[int, Field(ge=0, le=100)]
OpenStage = Literal[
    Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION
]


class Forecasting(Rules):
    """Rules for the forecast [P22].

    ``captured`` to ``negotiation``: how many of a hundred deals that reach the stage are won, while
    the company's own deals do not tell; they count like ``weight`` closed deals. Deals closed in
    the last ``months`` complete months are looked at. A deal counts as promised from the stage
    ``commit_from`` on, as possible from ``best_case_from``, unless its owner says otherwise.
    """

    captured: Odds = 5
    screened: Odds = 15
    discovery: Odds = 30
    proposal: Odds = 50
    negotiation: Odds = 75
    weight: Annotated[int, Field(ge=0, le=1000)] = 10
    months: Annotated[int, Field(ge=1, le=36)] = 12
    commit_from: OpenStage = Stage.NEGOTIATION
    best_case_from: OpenStage = Stage.PROPOSAL

    def prior(self, stage: Stage) -> float:
        """The playbook's odds of an open stage, from 0 to 1; 0 for any other."""
        odds = {
            Stage.CAPTURED: self.captured,
            Stage.SCREENED: self.screened,
            Stage.DISCOVERY: self.discovery,
            Stage.PROPOSAL: self.proposal,
            Stage.NEGOTIATION: self.negotiation,
        }
        return odds.get(stage, 0) / 100
