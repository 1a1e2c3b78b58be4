"""What a monthly review is made of: figures as cells, parts, and the review for its reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.figure_labels import number_label
from handlers.core.labels import (
    enum_label,
    list_button,
    lost_reason_label,
    team_label,
    term_label,
)
from handlers.core.ui import Button, DrawnChart
from handlers.monthly_review.service import gather_review
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort, Status
from sales.leads import Stage
from sales.loss_reviews import LossReview
from sales.reports import Number
from sales.reports.journeys import ALL, JourneyFilter
from sales.reports.measures import Rate, shown
from sales.reports.periods import ReportPeriod
from sales.reports.response import ResponseBucket
from sales.reports.review import TRAILING, MonthReview


@dataclass(frozen=True, slots=True)
class Share:
    """A fraction, shown in percent; None where it is of too few cases."""

    value: float | None

    @classmethod
    def of(cls, rate: Rate | None) -> "Share":
        known = shown(rate)
        return cls(known.share if known else None)


@dataclass(frozen=True, slots=True)
class Times:
    """A ratio, such as 1.4 times."""

    value: float


@dataclass(frozen=True, slots=True)
class OneDecimal:
    """A number that is no count, such as days or a mean."""

    value: float


ReviewCell: TypeAlias = str | int | Decimal | Share | Times | OneDecimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPart:
    """A part; ``opens`` is empty or has a button for each row."""

    key: str
    heading: str
    lines: tuple[str, ...] = ()
    chart: DrawnChart | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[ReviewCell, ...], ...] = ()
    opens: tuple[Button, ...] = ()
    buttons: tuple[Button, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review for its reader. ``team_id`` None is the company. Without ``names``, people and what
    was learnt from single deals stay unsaid. ``learnt`` are written loss reviews."""

    review: MonthReview
    team_id: int | None
    context: Context
    people: Mapping[int, str]
    teams: Mapping[int, str]
    names: bool = True
    learnt: Sequence[LossReview] = ()

    def text(self, key: str, **params: object) -> str:
        return self.context.text(key, **params)

    @property
    def value(self) -> str:
        """What buttons of the review carry: the month and the team."""
        return pack(self.review.month.key, self.team_id or 0)

    @property
    def month(self) -> str:
        return self.context.language.month(self.review.month.first)

    def percent(self, rate: Rate) -> str:
        return self.context.language.percent(rate.share)

    def source(self, key: str) -> str:
        if not key:
            return self.text("review.no_source")
        terms = self.context.playbook.vocabulary.sources
        return term_label(terms, key, self.context.language)

    def reason(self, key: str) -> str:
        return lost_reason_label(key, self.context.language, self.context.playbook)

    def stage(self, stage: Stage) -> str:
        return enum_label(stage, self.context.language)

    def bucket(self, bucket: ResponseBucket) -> str:
        return self.text(f"review.bucket_{bucket.value}")

    def money(self, amount: Decimal) -> str:
        return self.context.language.whole_money(amount)

    def person(self, person_id: int) -> str:
        return self.people.get(person_id, "—")

    @property
    def team(self) -> str:
        """The team's name, or what the whole company is called."""
        return team_label(self.team_id, self.context)

    @property
    def months(self) -> str:
        """The key of the month and those before it, of which rates are."""
        month = first = self.review.month
        for _ in range(TRAILING):
            first = first.previous
        return ReportPeriod.days(first.first, month.last).key

    def lists(self, number: Number, label: str, sources: tuple[str, ...] = ()) -> Button:
        """Opens the leads that a number of the month and those before it counts."""
        query = LeadQuery.of_figure(LeadFigure(number, self.team_id, self.months))
        return list_button(replace(query, sources=sources), label)

    def figure(self, number: Number, person_id: int | None = None) -> LeadQuery:
        month = self.review.month.key
        return LeadQuery.of_figure(LeadFigure(number, self.team_id, month, person_id))

    def opens(self, number: Number, count: int, person_id: int | None = None) -> Button:
        label = self.context.text(
            "review.opens", what=number_label(number, self.context.language), n=count
        )
        sort = LeadSort.VALUE if number is Number.WON else LeadSort.PRESSING
        return list_button(self.figure(number, person_id), label, sort)

    def open_in(self, stage: Stage) -> Button:
        """Opens the leads that are in a stage now."""
        teams = () if self.team_id is None else (self.team_id,)
        query = LeadQuery(status=Status.WORKED, stages=(stage,), teams=teams)
        count = self.review.open_in.get(stage, 0)
        return list_button(query, self.text("review.open_in", stage=self.stage(stage), n=count))


def shown_review(
    month: ReportPeriod, team_id: int | None, context: Context, *, names: bool = True
) -> Shown:
    """A review for its reader, who may see the team."""
    review = gather_review(month, team_id, context)
    only = ALL if team_id is None else JourneyFilter(team_ids=frozenset({team_id}))
    start, end = review.window.start, review.window.end
    learnt = context.uow.loss_reviews(context.actor).of_period(start, end, only) if names else ()
    return Shown(
        review=review,
        team_id=team_id,
        context=context,
        people={person.id: person.name for person in context.uow.people.everyone()},
        teams={team.id: team.name for team in context.uow.people.teams()},
        names=names,
        learnt=learnt,
    )


def about(amount: Decimal) -> Decimal:
    """A calculated amount with three significant digits: more of them would only look exact."""
    return amount.quantize(Decimal(1).scaleb(max(amount.adjusted() - 2, 0)), ROUND_HALF_UP)


def whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


def cell_label(cell: ReviewCell, shown_to: Shown) -> str:
    """A figure as cards show it."""
    language = shown_to.context.language
    match cell:
        case None | Share(None):
            return "–"
        case str():
            return cell
        case Share():
            return language.percent(cell.value or 0.0)
        case Times():
            return f"{language.number(round(cell.value, 2))}×"
        case OneDecimal():
            return language.number(round(cell.value, 1))
        case Decimal():
            return language.whole_money(cell)
        case int():
            return language.number(cell)
