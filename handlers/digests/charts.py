"""The charts of the weekly digest, from its figures. Knows no database."""

from collections.abc import Mapping, Sequence

from handlers.core.charts import (
    BridgeChart,
    ComparisonChart,
    Figure,
    FunnelChart,
    FunnelStage,
    NamedFigure,
    TrendChart,
    TrendLine,
)
from handlers.core.labels import enum_label, list_button
from handlers.core.language import Language
from handlers.core.ui import Button
from handlers.digests.records import Opened
from handlers.targets.progress import Standing
from sales.calendar import iso_week, week_after
from sales.lead_lists import LeadQuery, Status
from sales.reports import Number, WeekFacts
from sales.reports.digest import FUNNEL_WEEKS, StageFlow, TrendWeek, weakest
from sales.targets import Measure


def funnel_chart(
    flows: Sequence[StageFlow], team_id: int | None, language: Language
) -> FunnelChart | None:
    """What is open now by stage, and how many of the last weeks' leads went on; None when nothing
    is open."""
    if not any(flow.open for flow in flows):
        return None
    names = {flow.stage: enum_label(flow.stage, language) for flow in flows}
    weak = weakest(flows)
    counts = language.listing([f"{names[flow.stage]} {flow.open}" for flow in flows])
    alt = language.text("digest.funnel_alt", counts=counts)
    if weak and weak.rate:
        share = language.percent(weak.rate.share)
        stage = names[weak.stage]
        alt = language.text("digest.funnel_weak", counts=counts, stage=stage, share=share)
    teams = () if team_id is None else (team_id,)
    return FunnelChart(
        title=language.text("digest.funnel", weeks=FUNNEL_WEEKS),
        alt=alt,
        stages=tuple(
            FunnelStage(
                names[flow.stage],
                Figure(flow.open, str(flow.open)),
                language.percent(flow.rate.share) if flow.rate else "",
            )
            for flow in flows
        ),
        measure=language.text("digest.funnel_open"),
        rate_name=language.text("digest.funnel_rate"),
        opens=tuple(
            list_button(
                LeadQuery(status=Status.WORKED, stages=(flow.stage,), teams=teams),
                f"{names[flow.stage]} {flow.open}",
            )
            if flow.open
            else None
            for flow in flows
        ),
    )


def trend_chart(
    weeks: Sequence[TrendWeek], team_id: int | None, language: Language
) -> TrendChart | None:
    """New, won and lost week by week; None before there are two weeks to compare."""
    if len(weeks) < 2:
        return None
    firsts = [week.start.astimezone(language.timezone).date() for week in weeks]
    days = tuple(language.short_day(first) for first in firsts)
    counted = {
        language.text("digest.chart_new"): [week.new_leads for week in weeks],
        language.text("digest.chart_won"): [week.won for week in weeks],
        language.text("digest.chart_lost"): [week.lost for week in weeks],
    }
    figures = [
        f"{name} {' → '.join(map(str, counts))}" for name, counts in counted.items() if any(counts)
    ]
    title = language.text("digest.chart", n=len(weeks))
    said = language.text("digest.chart_alt", figures=language.listing(figures))
    return TrendChart(
        title=title,
        alt=said if figures else title,
        periods=days,
        lines=tuple(
            TrendLine(name, tuple(Figure(count, str(count)) for count in counts))
            for name, counts in counted.items()
        ),
        opens=tuple(
            Button(
                "digest.show",
                language.text("digest.chart_new_of", days=day, n=week.new_leads),
                Opened(Number.NEW, team_id, iso_week(first)).value,
            )
            if week.new_leads
            else None
            for week, first, day in zip(weeks, firsts, days, strict=True)
        ),
    )


def bridge_chart(
    facts: WeekFacts, team_id: int | None, week: str, language: Language
) -> BridgeChart | None:
    """How the number of open leads became another one; None when none were open or came in."""
    if facts.is_empty:
        return None

    def bar(key: str, count: int, sign: str = "") -> NamedFigure:
        value = -count if sign == "−" else count
        label = f"{sign}{count}" if count else "0"
        return NamedFigure(language.text(f"digest.bridge_{key}"), Figure(value, label))

    def opener(number: Number, bar: NamedFigure, of: str = week) -> Button | None:
        if not bar.figure.value:
            return None
        label = f"{bar.name} {bar.figure.label}"
        return Button("digest.show", label, Opened(number, team_id, of).value)

    entered = bar("entered", facts.entered, "+")
    won, lost = bar("won", facts.won, "−"), bar("lost", facts.lost, "−")
    changes = (entered, won, lost)
    start, end = bar("start", facts.open_at_start), bar("end", facts.open_at_end)
    steps = language.listing([f"{one.name} {one.figure.label}" for one in (start, *changes, end)])
    return BridgeChart(
        title=language.text("digest.bridge_title"),
        alt=steps,
        start=start,
        changes=changes,
        end=end,
        measure=language.text("digest.bridge_measure"),
        opens=(
            opener(Number.OPEN, start, week_after(week, -1)), None, opener(Number.WON, won),
            opener(Number.LOST, lost), opener(Number.OPEN, end),
        ),
    )  # fmt: skip


def teams_chart(
    standings: Mapping[int, Standing], title: str, language: Language
) -> ComparisonChart | None:
    """Each team's revenue of the quarter beside its target; None when nobody sold anything."""
    if not any(standing.sold.revenue for standing in standings.values()):
        return None
    ranked = sorted(standings.values(), key=lambda one: (-one.sold.revenue, one.name))
    bars = []
    for standing in ranked:
        revenue, goal = standing.sold.revenue, standing.goals.get(Measure.REVENUE)
        target = None if goal is None else Figure(float(goal), language.money(goal))
        bars.append(
            NamedFigure(standing.name, Figure(float(revenue), language.money(revenue)), target)
        )
    return ComparisonChart(
        title=title,
        alt=language.listing([f"{bar.name} {bar.figure.label}" for bar in bars]),
        bars=tuple(bars),
        measure=enum_label(Measure.REVENUE, language),
        target_name=language.text("digest.target_name"),
    )
