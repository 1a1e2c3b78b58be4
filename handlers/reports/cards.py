"""The card of a report: what changed, the figures beside those before, and the comparison.

Knows no database: figures and names come in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from handlers.core.context import Context
from handlers.core.figure_labels import number_label
from handlers.core.labels import home_button, list_button, lost_reason_label
from handlers.core.ui import Button, Card, Fact, Section
from handlers.lead_lists.wording import filter_words
from handlers.reports.labels import (
    before_label,
    dimension_label,
    focus_label,
    group_label,
    named_period,
    value_label,
)
from handlers.reports.parts import ReportParts
from handlers.reports.service import now_list
from sales.lead_lists import LeadSort
from sales.people import Role
from sales.permissions import may
from sales.reports import Number
from sales.reports.changes import Change, what_changed
from sales.reports.measures import Rate
from sales.reports.overview import Figures, Overview, lost_reasons
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import (
    FIRST_YEAR,
    Dimension,
    Focus,
    ReportQuery,
    write_query,
)

REASONS_SHOWN: Final = 3
_OFFERED = (
    Dimension.PERSON, Dimension.TEAM, Dimension.SOURCE, Dimension.PRODUCT, Dimension.REGION,
)  # fmt: skip


def report_card(
    query: ReportQuery, overview: Overview, context: Context, notes: Iterable[str] = ()
) -> Card:
    """A report; ``notes`` are said above the figures, such as what was not understood."""
    return _ReportCard(query, overview, context).card(tuple(note for note in notes if note))


def report_title(query: ReportQuery, overview: Overview, context: Context) -> str:
    return _ReportCard(query, overview, context).title


class _ReportCard:
    """One report for one reader."""

    def __init__(self, query: ReportQuery, overview: Overview, context: Context) -> None:
        self.query, self.overview, self.context = query, overview, context
        self.text, self.language = context.text, context.language
        self.figures, self.earlier = overview.figures, overview.earlier
        self.title = self._title()
        self.parts = ReportParts(query, overview, self.title, context)

    def card(self, notes: tuple[str, ...]) -> Card:
        sections = [part for part in self._sections() if part]
        return Card(
            title=self.title,
            body="\n".join((*self._changes(), *notes)),
            facts=() if self._is_ahead else tuple(fact for fact in self._facts() if fact.value),
            sections=tuple(sections),
            buttons=tuple(self._buttons()),
            more=tuple(self._more()),
            footnote=self._footnote(),
        )

    # Words

    @property
    def _is_ahead(self) -> bool:
        return self.query.period.first > self.context.today

    def _title(self) -> str:
        own = "_own" if self.context.actor.role is Role.REP else ""
        name = self.text(f"report.title_{self.query.period.kind.value}{own}")
        parts = [name, self._named(self.overview.period), *self._filters()]
        if self.query.by:
            parts.append(dimension_label(self.query.by, self.context))
        return " · ".join(parts)

    def _filters(self) -> Iterator[str]:
        said = filter_words(self.query.leads, self.context)
        for name, words in said.items():
            hidden = name == "status" or (name == "owners" and self.context.actor.role is Role.REP)
            if not hidden:
                yield words

    def _named(self, period: ReportPeriod) -> str:
        """The period; of one that is not over, that it is so far."""
        label = named_period(period, self.context)
        is_open = period.cut is not None and not self._is_ahead
        return self.text("report.so_far", period=label) if is_open else label

    @property
    def _before(self) -> str:
        return before_label(self.overview.before, self.context)

    def _changes(self) -> list[str]:
        if self._is_ahead:
            return [self.text("report.ahead")]
        changes = what_changed(self.figures, self.earlier)
        if changes:
            return [self._sentence(change) for change in changes]
        if not self.figures.journeys and not self.overview.open_now.journeys:
            return [self.text("report.empty")]
        if not self.earlier.journeys:
            return [self.text("report.nothing_before", before=self._before)]
        return [self.text("report.as_usual", before=self._before)]

    def _sentence(self, change: Change) -> str:
        """``Lost: 9, up from 3 (Oct 1 – 25), most of it Price: 6 instead of 1.``"""
        now, before = (self._value(change.focus, one) for one in (self.figures, self.earlier))
        way = "more" if change.is_more else "less"
        said = self.text(
            f"report.changed_{way}",
            figure=focus_label(change.focus, self.context),
            now=now,
            before=before,
            period=self._before,
        )
        if (cause := change.cause) is None:
            return said + self.text("report.end")
        name = (
            lost_reason_label(cause.key, self.language, self.context.playbook)
            if cause.dimension is Dimension.REASON
            else group_label(Dimension.SOURCE, cause.key, self.context)
        )
        return said + self.text("report.cause", name=name, now=cause.now, before=cause.before)

    def _value(self, focus: Focus, figures: Figures) -> str:
        sums = figures.totals
        match focus:
            case Focus.AMOUNT:
                return self.language.money(sums.won_amount)
            case Focus.WIN_RATE:
                return self.language.percent(sums.win_rate.share)
            case Focus.CLOCKS if figures.clocks:
                return self.language.percent(figures.clocks.share)
            case _:
                return value_label(focus, figures, self.overview.open_now, self.context)

    def _footnote(self) -> str:
        cut = self.overview.period.cut is not None and self.query.against is None
        key = "report.compared_so_far" if cut else "report.compared"
        said = [] if self._is_ahead else [self.text(key, before=self._before)]
        if self._hides_rates():
            said.append(self.text("report.few"))
        return " ".join((*said, self.text("report.meaning")))

    def _hides_rates(self) -> bool:
        some = (self.figures, *(group.figures for group in self.overview.groups))
        rates = [figures.totals.win_rate for figures in some]
        return any(rate.n > 0 and not rate.is_shown for rate in rates)

    # Figures

    def _facts(self) -> Iterator[Fact]:
        now, before = self.figures.totals, self.earlier.totals
        yield self._fact(Focus.NEW, str(now.new), str(before.new))
        yield self._fact(Focus.WON, self._won(self.figures), self._won(self.earlier))
        lost = self._beside(str(now.lost), str(before.lost))
        if now.lost:
            lost = self.text("report.lost_why", lost=lost, reasons=self._reasons())
        yield Fact(focus_label(Focus.LOST, self.context), lost)
        yield Fact(
            focus_label(Focus.WIN_RATE, self.context),
            self._rate(now.win_rate, before.win_rate, "report.few_closed"),
        )
        yield Fact(focus_label(Focus.RESPONSE, self.context), self._response())
        if (clocks := self.figures.clocks) and clocks.n:
            earlier = self.earlier.clocks or Rate(0, 0)
            yield Fact(
                focus_label(Focus.CLOCKS, self.context),
                self._rate(clocks, earlier, "report.few_clocks"),
            )
        yield from self._now_facts()

    def _now_facts(self) -> Iterator[Fact]:
        """What is so now, whatever the period."""
        open_now = self.overview.open_now
        worth = self.language.money(open_now.worth) if open_now.worth else "—"
        if open_now.worked:
            yield Fact(
                focus_label(Focus.PIPELINE, self.context),
                self.text("report.open_now", n=open_now.worked, worth=worth),
            )
        planned = open_now.discipline.planned
        if planned.n:
            if planned.is_shown:
                share = self.language.percent(planned.share)
                said = self.text("report.planned_rate", share=share, n=planned.n)
            else:
                said = self.text("report.planned", hits=planned.hits, n=planned.n)
            if overdue := open_now.discipline.overdue:
                said = self.text("report.planned_overdue", planned=said, overdue=overdue)
            yield Fact(self.text("report.discipline"), said)

    def _fact(self, focus: Focus, now: str, before: str) -> Fact:
        return Fact(focus_label(focus, self.context), self._beside(now, before))

    def _beside(self, now: str, before: str) -> str:
        """A figure with that before it; empty where neither is anything."""
        if now == before == "0":
            return ""
        if not self.earlier.journeys:
            return now  # Nothing was there to compare with, which the first line says.
        return self.text("report.beside", now=now, before=before)

    def _won(self, figures: Figures) -> str:
        sums = figures.totals
        if not sums.won_amount:
            return str(sums.won)
        return f"{sums.won} · {self.language.money(sums.won_amount)}"

    def _reasons(self) -> str:
        counts = list(lost_reasons(self.figures).items())
        parts = [f"{self._reason(key)} {n}" for key, n in counts[:REASONS_SHOWN]]
        if rest := sum(n for _, n in counts[REASONS_SHOWN:]):
            parts.append(self.text("digest.others", count=rest))
        return self.language.listing(parts)

    def _reason(self, key: str) -> str:
        return lost_reason_label(key, self.language, self.context.playbook)

    def _rate(self, now: Rate, before: Rate, few: str) -> str:
        if not now.n:
            return ""
        if not now.is_shown:
            return self.text(few, n=now.n, hits=now.hits)
        said = self.text(
            "report.rate", share=self.language.percent(now.share), hits=now.hits, n=now.n
        )
        return self._beside(said, self.language.percent(before.share)) if before.is_shown else said

    def _response(self) -> str:
        spread, before = self.figures.response, self.earlier.response
        if not spread.n:
            return ""
        if not spread.is_shown:
            return self.text("report.few_answered", n=spread.n)
        median = self.language.duration(round(spread.median.total_seconds() / 60))
        said = self.text("report.response", median=median, n=spread.n)
        if not before.is_shown:
            return said
        return self._beside(said, self.language.duration(round(before.median.total_seconds() / 60)))

    # Parts

    def _sections(self) -> Iterator[Section | None]:
        if self._is_ahead:
            return
        yield self._lists()
        match self.query.by:
            case None:
                yield self.parts.funnel(folded_table=False)
                yield self.parts.trend()
            case Dimension.STAGE:
                yield self.parts.funnel(folded_table=True)
            case Dimension.REASON:
                yield self.parts.lost_reasons()
            case by if by.is_time:
                yield self.parts.trend()
                yield self.parts.steps()
            case by:
                yield from self.parts.comparison(by)

    def _lists(self) -> Section | None:
        """Buttons with the records behind the figures of the report."""
        sums, clocks, open_now = self.figures.totals, self.figures.clocks, self.overview.open_now
        counts = {
            Number.NEW: sums.new,
            Number.WON: sums.won,
            Number.LOST: sums.lost,
            Number.DECIDED: sums.win_rate.n,
            Number.BREACHED: clocks.n - clocks.hits if clocks else 0,
        }
        buttons = [self._opener(number, n) for number, n in counts.items() if n]
        if open_now.worked:
            label = self._opens(focus_label(Focus.PIPELINE, self.context), open_now.worked)
            buttons.append(list_button(now_list(self.query), label, LeadSort.VALUE))
        if overdue := open_now.discipline.overdue:
            label = self._opens(focus_label(Focus.DISCIPLINE, self.context), overdue)
            buttons.append(list_button(now_list(self.query, overdue=True), label))
        return Section(self.text("report.lists"), buttons=tuple(buttons)) if buttons else None

    def _opener(self, number: Number, n: int) -> Button:
        name = number_label(number, self.language)
        # A lead may have had several clocks.
        label = name if number is Number.BREACHED else self._opens(name, n)
        return self.parts.list_of(self.query, number, self.query.period, label)

    def _opens(self, what: str, n: int) -> str:
        return self.text("report.opens", what=what, n=n)

    # Ways on

    def _buttons(self) -> Iterator[Button]:
        period = self.query.period
        if period.first.year > FIRST_YEAR:
            yield self._go(self.query.at(period.previous), "report.earlier")
        if period.last < self.context.today:
            yield self._go(self.query.at(period.next), "report.later")
        yield Button("report.choose", self.text("report.change"), write_query(self.query))
        yield home_button(self.context)

    def _go(self, query: ReportQuery, key: str) -> Button:
        label = self.text(key, period=named_period(query.period, self.context))
        return Button("report.page", label, write_query(query))

    def _more(self) -> Iterator[Button]:
        for dimension in self._dimensions():
            if dimension is not self.query.by:
                label = dimension_label(dimension, self.context)
                yield Button("report.page", label, self._changed(by=dimension))
        if self.query.by:
            yield Button(
                "report.page", self.text("report.whole"), self._changed(by=None, focus=None)
            )
        day = min(self.query.period.last, self.context.today)
        for kind in (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
            if kind is not self.query.period.kind:
                around = ReportPeriod.around(kind, day)
                label = self.text("report.see", period=named_period(around, self.context))
                yield Button("report.page", label, write_query(self.query.at(around)))
        if may(self.context.actor, "report.export") and not self._is_ahead:
            yield Button("report.export", self.text("button.as_file"), write_query(self.query))

    def _changed(self, **changed: Any) -> str:
        return write_query(replace(self.query, **changed))

    def _dimensions(self) -> Iterator[Dimension]:
        role = self.context.actor.role
        for dimension in _OFFERED:
            of_people = dimension.is_of_people and role is Role.REP
            if not (of_people or (dimension is Dimension.TEAM and role is not Role.ADMIN)):
                yield dimension
