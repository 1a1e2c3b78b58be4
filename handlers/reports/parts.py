"""The charts and tables of a report, each row of which opens its records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from handlers.core.charts import (
    ComparisonChart,
    Figure,
    FunnelChart,
    FunnelStage,
    NamedFigure,
    TrendChart,
    TrendLine,
)
from handlers.core.context import Context
from handlers.core.figure_labels import number_label
from handlers.core.labels import enum_label, list_button, lost_reason_label
from handlers.core.ui import AnyChart, Button, Section, Table
from handlers.reports.labels import (
    before_label,
    dimension_label,
    focus_label,
    group_label,
    noun,
    rate_cell,
    step_label,
    value_label,
    wait_cell,
)
from handlers.reports.service import focus_of, now_list, number_list, of_group
from sales.lead_lists import LeadSort
from sales.reports import Number
from sales.reports.conversion import StageConversion
from sales.reports.measures import Rate
from sales.reports.overview import (
    Figures,
    Group,
    GroupKey,
    OpenNow,
    Overview,
    lost_reasons,
    value_of,
)
from sales.reports.periods import ReportPeriod
from sales.reports.queries import Dimension, Focus, ReportQuery
from sales.reports.velocity import time_in_stage

ROWS_SHOWN = 20
"""Rows of a comparison; a chart has ``BARS_SHOWN`` of them."""
BARS_SHOWN = 10
_LISTED: Mapping[Focus, Number] = {
    Focus.NEW: Number.NEW,
    Focus.WON: Number.WON,
    Focus.AMOUNT: Number.WON,
    Focus.LOST: Number.LOST,
    Focus.WIN_RATE: Number.DECIDED,
    Focus.CONVERSION: Number.ENTERED_CAPTURED,
    Focus.RESPONSE: Number.NEW,
    Focus.CLOCKS: Number.BREACHED,
}
"""The list that a row opens, by the figure that the table is ordered by."""
_COLUMNS: Mapping[Focus, tuple[Focus, ...]] = {
    Focus.CONVERSION: (Focus.NEW, Focus.CONVERSION, Focus.WON, Focus.WIN_RATE),
    Focus.RESPONSE: (Focus.NEW, Focus.RESPONSE, Focus.WON, Focus.WIN_RATE),
    Focus.CLOCKS: (Focus.NEW, Focus.CLOCKS, Focus.RESPONSE, Focus.WON),
    Focus.DISCIPLINE: (Focus.PIPELINE, Focus.DISCIPLINE, Focus.NEW, Focus.WON),
    Focus.PIPELINE: (Focus.PIPELINE, Focus.NEW, Focus.WON, Focus.AMOUNT),
}
_OF_STEPS = (Focus.NEW, Focus.WON, Focus.AMOUNT, Focus.LOST, Focus.WIN_RATE)
_USUAL_COLUMNS = (Focus.NEW, Focus.WON, Focus.AMOUNT, Focus.LOST, Focus.WIN_RATE, Focus.PIPELINE)
_SORTS = {Number.WON: LeadSort.VALUE, Number.NEW: LeadSort.NEWEST}


class ReportParts:
    """The parts of one report for one reader; ``title`` says what the tables are of."""

    def __init__(
        self, query: ReportQuery, overview: Overview, title: str, context: Context
    ) -> None:
        self.query, self.overview, self.title, self.context = query, overview, title, context
        self.text, self.language = context.text, context.language
        self.figures, self.earlier = overview.figures, overview.earlier
        self.focus = focus_of(query, overview.figures)

    def list_of(
        self, query: ReportQuery, number: Number, period: ReportPeriod, label: str
    ) -> Button:
        sort = _SORTS.get(number, LeadSort.PRESSING)
        return list_button(number_list(query, number, period), label[:75], sort)

    def funnel(self, *, folded_table: bool) -> Section | None:
        stages = tuple(one for one in self.figures.conversion if one.entered)
        if not stages:
            return None
        chart = self._funnel_chart(stages)
        if not folded_table:
            return Section(chart=chart)
        return Section(lines=(chart.alt,), chart=chart, table=self._stage_table(stages))

    def _funnel_chart(self, stages: Sequence[StageConversion]) -> FunnelChart:
        opens = tuple(
            self.list_of(
                self.query, Number.of_stage("entered", one.stage), self.query.period,
                self.text("report.opens", what=self._stage(one), n=one.entered),
            )
            for one in stages
        )  # fmt: skip
        shown = tuple(
            FunnelStage(
                self._stage(one),
                Figure(one.entered, str(one.entered)),
                self.language.percent(one.rate.share) if one.rate.is_shown else "",
            )
            for one in stages
        )
        return FunnelChart(
            title=self.text("report.funnel"),
            alt=self._weakest_line(stages),
            opens=opens,
            stages=shown,
            measure=self.text("report.funnel_measure"),
            rate_name=self.text("report.funnel_rate"),
        )

    def _weakest_line(self, stages: Sequence[StageConversion]) -> str:
        """After which stage the smallest share goes on."""
        known = [one for one in stages if one.rate.is_shown]
        if not known:
            return self.text("report.funnel_none")
        weakest = min(known, key=lambda one: one.rate.share)
        return self.text(
            "report.funnel_alt",
            stage=self._stage(weakest),
            share=self.language.percent(weakest.rate.share),
            n=weakest.entered,
        )

    def _stage_table(self, stages: Sequence[StageConversion]) -> Table:
        """How many went on from each stage, were lost or are still open, and how long they
        stayed."""
        figures = self.figures
        stays = time_in_stage(figures.journeys, figures.start, figures.end)
        columns = ("stage", "entered", "went_on", "lost_there", "still_open", "stay")
        rows = tuple(
            (
                self._stage(one),
                str(one.entered),
                *(
                    rate_cell(rate, self.context)
                    for rate in (one.rate, one.loss_rate, one.open_rate)
                ),
                wait_cell(stays[one.stage], self.context) if one.stage in stays else "—",
            )
            for one in stages
        )
        return self._table(tuple(self.text(f"report.stage_{name}") for name in columns), rows)

    def _stage(self, conversion: StageConversion) -> str:
        return enum_label(conversion.stage, self.language)

    def lost_reasons(self) -> Section | None:
        counts, worth = lost_reasons(self.figures), self.figures.lost_worth_by_reason
        before = self.earlier.totals.lost_by_reason
        total = sum(counts.values())
        if not total:
            return Section(lines=(self.text("report.none_lost"),))
        columns = ("reason", "lost", "share", "worth", "before")
        rows = tuple(
            (
                lost_reason_label(key, self.language, self.context.playbook),
                str(n),
                self.language.percent(n / total) if Rate(n, total).is_shown else "—",
                self.language.money(worth[key]) if worth.get(key) else "—",
                str(before.get(key, 0)),
            )
            for key, n in counts.items()
        )
        bars = [
            NamedFigure(
                lost_reason_label(key, self.language, self.context.playbook),
                Figure(n, str(n)),
                Figure(before.get(key, 0), str(before.get(key, 0)))
                if self.earlier.journeys
                else None,
            )
            for key, n in list(counts.items())[:BARS_SHOWN]
        ]
        chart = self._bars(bars, (), focus_label(Focus.LOST, self.context))
        label = self.text("report.opens", what=number_label(Number.LOST, self.language), n=total)
        return Section(
            dimension_label(Dimension.REASON, self.context),
            chart=chart,
            table=self._table(tuple(self.text(f"report.reason_{name}") for name in columns), rows),
            opens=self.list_of(self.query, Number.LOST, self.query.period, label),
        )

    def comparison(self, by: Dimension) -> Iterator[Section]:
        groups = self.overview.groups
        if not groups:
            yield Section(lines=(self.text("report.nothing_by"),))
            return
        names = {group.key: group_label(by, group.key, self.context) for group in groups}
        columns = self._columns()
        shown = groups[:ROWS_SHOWN]
        rows = tuple(
            (names[group.key], *self._cells(group.figures, group.open_now, columns))
            for group in shown
        )
        opens = tuple(self._row_button(group, names[group.key]) for group in shown)
        headings = self._headings(by, columns)
        rest = len(groups) - len(shown)
        lines = (self.text("report.more_rows", n=rest),) if rest else ()
        yield Section(
            self.text(
                "report.ordered",
                by=dimension_label(by, self.context),
                focus=focus_label(self.focus, self.context),
            ),
            lines=lines,
            chart=self._group_chart(shown, names, opens),
            table=self._table(headings, rows, opens),
        )

    def _columns(self) -> tuple[Focus, ...]:
        """The figures of a row, that by which rows are ordered first."""
        columns = _COLUMNS.get(self.focus, _USUAL_COLUMNS)
        has_clocks = any(group.figures.clocks for group in self.overview.groups)
        known = [one for one in columns if one is not Focus.CLOCKS or has_clocks]
        return tuple(dict.fromkeys((self.focus, *known)))

    def _headings(self, of: Dimension, columns: tuple[Focus, ...]) -> tuple[str, ...]:
        figures = (focus_label(one, self.context) for one in columns)
        return noun(of, self.context), *figures

    def _cells(
        self, figures: Figures, open_now: OpenNow, columns: tuple[Focus, ...]
    ) -> Iterator[str]:
        for focus in columns:
            yield value_label(focus, figures, open_now, self.context)

    def _row_button(self, group: Group, name: str) -> Button:
        """Opens the records of a row: of the figure that rows are ordered by, or another
        that it has."""
        query = of_group(self.query, group.key, self.context)
        if self.focus is Focus.PIPELINE:
            return list_button(now_list(query), name[:75], LeadSort.VALUE)
        if self.focus is Focus.DISCIPLINE:
            return list_button(now_list(query, overdue=True), name[:75])
        sums = group.figures.totals
        counts = {Number.WON: sums.won, Number.NEW: sums.new, Number.LOST: sums.lost}
        wanted = (_LISTED[self.focus], *counts)
        number = next((one for one in wanted if counts.get(one, 1)), None)
        if number is None:
            return list_button(now_list(query), name[:75], LeadSort.VALUE)
        return self.list_of(query, number, self.query.period, name)

    def _group_chart(
        self, groups: Iterable[Group], names: Mapping[GroupKey, str], opens: tuple[Button, ...]
    ) -> AnyChart | None:
        some = [group for group in groups if group.value(self.focus) > 0][:BARS_SHOWN]
        if len(some) < 2:
            return None
        shown = {group.key: opens[at] for at, group in enumerate(groups) if at < len(opens)}
        bars = [
            NamedFigure(
                names[group.key],
                self._figure(group.figures, group.open_now),
                self._figure_before(group),
            )
            for group in some
        ]
        return self._bars(
            bars, tuple(shown[group.key] for group in some), focus_label(self.focus, self.context)
        )

    def _figure(self, figures: Figures, open_now: OpenNow) -> Figure:
        value = value_of(self.focus, figures, open_now)
        label = value_label(self.focus, figures, open_now, self.context)
        if self.focus is Focus.RESPONSE and value >= 0:
            value = value / 3600
        if self.focus is Focus.PIPELINE:
            label = self.language.money(open_now.worth)
        return Figure(value if value >= 0 else None, label)

    def _figure_before(self, group: Group) -> Figure | None:
        of_now = self.focus in (Focus.PIPELINE, Focus.DISCIPLINE, Focus.CLOCKS)
        if of_now or not self.earlier.journeys:
            return None
        return self._figure(group.earlier, OpenNow((), self.context.now))

    def _bars(
        self, bars: list[NamedFigure], opens: tuple[Button, ...], measure: str
    ) -> ComparisonChart:
        first = bars[0]
        return ComparisonChart(
            title=measure,
            alt=self.text(
                "report.bars_alt", name=first.name, figure=first.figure.label, measure=measure
            ),
            opens=opens,
            bars=tuple(bars),
            measure=measure,
            target_name=before_label(self.overview.before, self.context),
        )

    def trend(self) -> Section | None:
        steps = self.overview.steps
        if len(steps) < 2 or not any(step.figures.journeys for step in steps):
            return None
        lines: tuple[Focus, ...] = (Focus.NEW, Focus.WON, Focus.LOST)
        focus = self.query.focus
        if focus in (Focus.AMOUNT, Focus.WIN_RATE, Focus.RESPONSE):
            lines = (focus,)
        nothing = OpenNow((), self.context.now)
        if not any(value_of(one, step.figures, nothing) > 0 for one in lines for step in steps):
            return None
        drawn = tuple(
            TrendLine(
                focus_label(focus, self.context),
                tuple(self._point(focus, step.figures, nothing) for step in steps),
            )
            for focus in lines
        )
        periods = tuple(step_label(step.period, self.context, short=True) for step in steps)
        said = [words for line in drawn if (words := self._peak(line, periods))]
        title = self.text(f"report.trend_{self.overview.step.value}")
        chart = TrendChart(
            title=title,
            alt=self.language.listing(said) or title,
            periods=periods,
            lines=drawn,
        )
        return Section(chart=chart)

    def _peak(self, line: TrendLine, periods: Sequence[str]) -> str:
        """Where a line is highest, in words; empty for one that never leaves zero."""
        highest, period = max(
            zip(line.figures, periods, strict=True),
            key=lambda point: point[0].value or 0 if point[0] else 0,
        )
        if not highest or not highest.value:
            return ""
        return self.text("report.trend_line", name=line.name, most=highest.label, period=period)

    def _point(self, focus: Focus, figures: Figures, nothing: OpenNow) -> Figure:
        value = value_of(focus, figures, nothing)
        if focus is Focus.RESPONSE and value >= 0:
            value = value / 3600
        label = value_label(focus, figures, nothing, self.context)
        return Figure(value if value >= 0 else None, label)

    def steps(self) -> Section | None:
        """A table of the steps in which anything happened, of which each opens its records."""
        steps = [step for step in self.overview.steps if step.figures.journeys]
        if not steps:
            return None
        first = self.query.focus if self.query.focus in _OF_STEPS else Focus.NEW
        columns = tuple(dict.fromkeys((first or Focus.NEW, *_OF_STEPS)))
        nothing = OpenNow((), self.context.now)
        rows = tuple(
            (
                step_label(step.period, self.context),
                *self._cells(step.figures, nothing, columns),
            )
            for step in steps
        )
        number = _LISTED[columns[0]]
        opens = tuple(
            self.list_of(self.query, number, step.period, step_label(step.period, self.context))
            for step in steps
        )
        headings = self._headings(self.overview.step, columns)
        heading = self.text("report.steps", what=number_label(number, self.language))
        return Section(heading, table=self._table(headings, rows, opens))

    def _table(
        self,
        columns: tuple[str, ...],
        rows: tuple[tuple[str, ...], ...],
        opens: tuple[Button, ...] = (),
    ) -> Table:
        return Table(
            columns,
            rows,
            caption=self.title,
            numbers=frozenset(range(1, len(columns))),
            opens=opens,
        )
