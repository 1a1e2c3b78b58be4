"""One chart of each kind in both languages, with invented figures; and odd ones.

``python -m tests.chart_samples FOLDER`` writes a picture of each, light and dark; without a folder
it writes the style sheet of the web chat's charts.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from handlers.core.charts import (
    BridgeChart,
    ComparisonChart,
    Figure,
    ForecastChart,
    ForecastNames,
    ForecastRow,
    FunnelChart,
    FunnelStage,
    HeatCell,
    HeatMap,
    NamedFigure,
    TrendChart,
    TrendLine,
)
from handlers.core.ui import AnyChart, Button, Chart, Series

Say: TypeAlias = Callable[[str, str], str]


def all_samples(locale: str) -> dict[str, AnyChart]:
    """One of each kind, in English or Chinese."""

    def say(english: str, chinese: str) -> str:
        return chinese if locale == "zh_CN" else english

    def money(amount: float) -> str:
        sign = "−" if amount < 0 else ""
        return f"{sign}¥{say(f'{abs(amount) * 10:,.0f}K', f'{abs(amount):g}万')}"

    return {
        "funnel": funnel(say),
        "trend": trend(say),
        "bridge": bridge(say, money),
        "heat": heat(say),
        "comparison": comparison(say, money),
        "forecast": forecast(say, money),
        "plain": Chart(
            "bar",
            say("Reached of the target, in percent", "目标完成率（%）"),
            (say("Revenue", "营收"), say("New customers", "新客户数"), say("Leads", "线索数")),
            (
                Series(say("Reached", "已完成"), (62.5, 48.0, 91.0)),
                Series(say("Time gone", "时间进度"), (71.0, 71.0, 71.0)),
            ),
            say("Revenue 62.5% of the target", "营收完成目标的 62.5%"),
        ),
    }


def counts(values: Sequence[float | None]) -> tuple[Figure, ...]:
    return tuple(Figure(value, "–" if value is None else f"{value:g}") for value in values)


def funnel(say: Say) -> FunnelChart:
    names = (
        say("Captured", "线索获取"),
        say("Screened", "线索筛选"),
        say("Discovery", "需求挖掘"),
        say("Proposal", "方案呈现"),
        say("Negotiation", "商务谈判"),
        say("Won", "成交"),
    )
    values = (180, 121, 74, 40, 22, 9)
    rates = ("67%", "61%", "54%", "55%", "41%", "")
    stages = zip(names, counts(values), rates, strict=True)
    return FunnelChart(
        title=say("Funnel, last week's 180 leads", "漏斗 · 上周的 180 条线索"),
        alt=say(
            "Of 180 leads 9 are won; most are lost between discovery and proposal.",
            "180 条线索成交 9 条，流失最多的是需求挖掘到方案呈现。",
        ),
        stages=tuple(FunnelStage(*stage) for stage in stages),
        measure=say("Leads", "线索"),
        rate_name=say("Go on", "进入下一阶段"),
        opens=tuple(
            Button("list.open", f"{name} {n}", name) for name, n in zip(names, values, strict=True)
        ),
    )


def trend(say: Say) -> TrendChart:
    days = (
        say("Feb 5", "2月5日"),
        say("Feb 12", "2月12日"),
        say("Feb 19", "2月19日"),
        say("Feb 26", "2月26日"),
        say("Mar 4", "3月4日"),
        say("Mar 11", "3月11日"),
        say("Mar 18", "3月18日"),
        say("Mar 25", "3月25日"),
    )
    return TrendChart(
        title=say("8 weeks: new, won and lost leads", "近 8 周：新增、成交、丢单"),
        alt=say(
            "New leads rose from 18 to 42 in eight weeks.", "8 周内新增线索从 18 条升到 42 条。"
        ),
        periods=days,
        lines=(
            TrendLine(say("New", "新增"), counts((18, 24, 21, 30, 28, 35, 33, 42))),
            TrendLine(say("Won", "成交"), counts((2, 4, 3, 5, 6, 4, 7, 9))),
            TrendLine(say("Lost", "丢单"), counts((6, 5, None, 8, 7, 9, 8, 6))),
        ),
    )


def bridge(say: Say, money: Callable[[float], str]) -> BridgeChart:
    def step(name: str, amount: float) -> NamedFigure:
        sign = "+" if amount > 0 else ""
        return NamedFigure(name, Figure(amount, f"{sign}{money(amount)}"))

    def total(name: str, amount: float) -> NamedFigure:
        return NamedFigure(name, Figure(amount, money(amount)))

    return BridgeChart(
        title=say("Open pipeline, last week", "上周在途金额变化"),
        alt=say(
            "The pipeline grew by ¥340K, mostly from new leads.",
            "在途金额增加 34 万，主要来自新增线索。",
        ),
        start=total(say("Open on Monday", "周一在途"), 320),
        changes=(
            step(say("New", "新增"), 96),
            step(say("Won", "成交"), -45),
            step(say("Lost", "丢单"), -28.5),
            step(say("Amounts raised", "金额上调"), 18),
            step(say("Amounts lowered", "金额下调"), -6.5),
        ),
        end=total(say("Open on Sunday", "周日在途"), 354),
        measure=say("Amount", "金额"),
    )


def heat(say: Say) -> HeatMap:
    rates = (
        ((42, 31), (38, 26), (29, 24), (18, 33), (9, 22), (None, 3)),
        ((35, 40), (33, 36), (22, 27), (20, 20), (11, 18), (0, 12)),
        ((28, 18), (None, 4), (25, 12), (14, 21), (6, 16), (0, 9)),
        ((55, 20), (50, 14), (44, 9), (36, 11), (20, 5), (None, 1)),
    )
    return HeatMap(
        title=say("Win rate by source and first response", "来源 × 首次响应的成交率"),
        alt=say(
            "Referrals answered within five minutes are won most often (55%).",
            "5 分钟内响应的转介绍线索成交率最高（55%）。",
        ),
        rows=(
            say("Exhibition", "展会"),
            say("Website form", "官网表单"),
            say("Cold calls and mailings", "电话与邮件陌拜"),
            say("Referral", "转介绍"),
        ),
        columns=(
            say("≤ 5 min", "≤5分钟"),
            say("≤ 1 h", "≤1小时"),
            say("≤ 4 h", "≤4小时"),
            say("≤ 24 h", "≤24小时"),
            say("> 24 h", ">24小时"),
            say("never", "未响应"),
        ),
        cells=tuple(
            tuple(
                HeatCell(
                    Figure(
                        None if rate is None else rate / 100, "–" if rate is None else f"{rate}%"
                    ),
                    f"n={n}",
                )
                for rate, n in row
            )
            for row in rates
        ),
    )


def comparison(say: Say, money: Callable[[float], str]) -> ComparisonChart:
    people = (
        (say("Robin Sample", "罗宾样例"), 62.0, 50.0),
        (say("Morgan Sample", "莫根样例"), 48.0, 50.0),
        (
            say("Noa Sample-Longlastname of the Eastern Region", "诺样例（华东大区重点客户组）"),
            31.5,
            40.0,
        ),
        (say("Alex Sample", "艾丽样例"), 12.0, 40.0),
    )
    return ComparisonChart(
        title=say("Won this quarter by person", "本季度成交 · 按人"),
        alt=say(
            "Robin leads with ¥620K; two of four are above target pace.", "罗宾样例以 62 万领先。"
        ),
        bars=tuple(
            NamedFigure(name, Figure(won, money(won)), Figure(goal, money(goal)))
            for name, won, goal in people
        ),
        measure=say("Won", "成交"),
        target_name=say("Target", "目标"),
        reference=NamedFigure(say("Team average", "团队平均"), Figure(38.4, money(38.4))),
    )


def forecast(say: Say, money: Callable[[float], str]) -> ForecastChart:
    def row(name: str, *amounts: float) -> ForecastRow:
        return ForecastRow(name, *(Figure(amount, money(amount)) for amount in amounts))

    return ForecastChart(
        title=say("Forecast against target", "业绩预测与目标"),
        alt=say(
            "July is won; September is expected to miss by ¥220K.", "7 月已达成，9 月预计差 22 万。"
        ),
        rows=(
            row(say("July", "7月"), 104, 104, 104, 100),
            row(say("August", "8月"), 46, 92, 121, 100),
            row(say("September", "9月"), 8, 78, 133, 100),
        ),
        names=ForecastNames(
            won=say("Won", "已成交"),
            expected=say("Weighted", "加权预测"),
            best=say("Best case", "最好情况"),
            target=say("Target", "目标"),
        ),
    )


def main() -> None:
    from bot.charts import draw, palette

    if len(sys.argv) < 2:
        palette.CSS.write_text(palette.css(), encoding="utf-8")
        return
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for locale in ("en", "zh_CN"):
        for name, chart in all_samples(locale).items():
            for theme in ("light", "dark"):
                path = folder / f"{name}-{locale}-{theme}.png"
                path.write_bytes(draw(chart, locale, theme))


if __name__ == "__main__":
    main()
