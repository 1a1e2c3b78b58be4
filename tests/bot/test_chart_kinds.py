"""Every kind of chart: laid out within the page, told in words, and drawn whatever it is given."""

import math
from dataclasses import replace

import pytest

from bot import fonts
from bot.charts import draw, palette
from bot.charts.layouts import BAR, lay_out
from bot.charts.scene import SMALL, WIDTH, Box, Scene, Words, cut, cut_apart, measure, two_lines
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
from handlers.core.language import LOCALES
from handlers.core.masking import masked_card
from handlers.core.ui import AnyChart, Card, DrawnChart
from tests.bot.test_charts import size
from tests.chart_samples import all_samples

NAMES = ForecastNames("Won", "Expected", "Best", "Target")
LONG = "诺样例示例科技股份有限公司华东大区重点客户组 with a long English name as well"


def of_each_kind(values: list[float | None], name: str = "Name") -> list[DrawnChart]:
    """All kinds with the same values."""
    figures = [Figure(value, f"{value}") for value in values]
    bars = tuple(NamedFigure(f"{name} {at}", figure) for at, figure in enumerate(figures))
    names = tuple(bar.name for bar in bars)
    total = NamedFigure(name, Figure(sum(value or 0 for value in values), "sum"))
    return [
        FunnelChart(
            title=name,
            alt="alt",
            stages=tuple(FunnelStage(bar.name, bar.figure, "50%") for bar in bars),
            measure=name,
            rate_name=name,
        ),
        TrendChart(title=name, alt="alt", periods=names, lines=(TrendLine(name, tuple(figures)),)),
        BridgeChart(title=name, alt="alt", start=total, changes=bars, end=total, measure=name),
        HeatMap(
            title=name,
            alt="alt",
            rows=names,
            columns=names,
            cells=tuple(tuple(HeatCell(figure, "n=7") for figure in figures) for _ in figures),
        ),
        ComparisonChart(
            title=name,
            alt="alt",
            bars=tuple(replace(bar, target=bar.figure) for bar in bars),
            measure=name,
            target_name=name,
            reference=total,
        ),
        ForecastChart(
            title=name,
            alt="alt",
            rows=tuple(
                ForecastRow(bar.name, bar.figure, bar.figure, bar.figure, bar.figure)
                for bar in bars
            ),
            names=NAMES,
        ),
    ]


ODD: dict[str, list[float | None]] = {
    "none": [],
    "one": [5.0],
    "zero": [0.0, 0.0],
    "negative": [-3.0, -1.0, -2.5],
    "mixed": [4.0, -6.0, 0.0, None],
    "no number": [math.nan, math.inf, -math.inf, None],
    "huge": [1e308, 1.0, -1e308],
    "tiny": [1e-308, 5e-324],
    "twenty": [float(value) for value in range(20)],
}
CASES = [
    pytest.param(chart, id=f"{name}-{type(chart).__name__}")
    for name, values in ODD.items()
    for chart in of_each_kind(values)
]


def words_of(scene: Scene) -> list[Words]:
    return [mark for mark in scene.marks if isinstance(mark, Words)]


def outside(scene: Scene) -> list[Words]:
    """Words that leave the page."""
    share = {"start": 0.0, "middle": 0.5, "end": 1.0}
    return [
        words
        for words in words_of(scene)
        if (left := words.x - share[words.anchor] * measure(words.text, words.size)) < -0.5
        or left + measure(words.text, words.size) > WIDTH + 0.5
        or not 0 < words.y <= scene.height
    ]


class TestLayouts:
    @pytest.mark.parametrize("chart", CASES)
    def test_lay_out_any_figures_within_the_page(self, chart: DrawnChart) -> None:
        scene = lay_out(chart)
        assert not outside(scene)
        for mark in scene.marks:
            if isinstance(mark, Box):
                assert all(map(math.isfinite, (mark.x, mark.y, mark.width, mark.height)))
                assert mark.x >= 0
                assert mark.x + mark.width <= WIDTH + 0.5

    @pytest.mark.parametrize("locale", LOCALES)
    def test_lay_out_samples_so_that_a_phone_shows_all(self, locale: str) -> None:
        for name, chart in all_samples(locale).items():
            if isinstance(chart, DrawnChart):
                scene = lay_out(chart)
                assert not outside(scene), name
                assert min(words.size for words in words_of(scene)) >= SMALL

    @pytest.mark.parametrize(
        "chart", of_each_kind([3.0, 2.0], LONG), ids=lambda one: type(one).__name__
    )
    def test_cut_long_names_and_keep_them_apart(self, chart: DrawnChart) -> None:
        scene = lay_out(chart)
        assert not outside(scene)

    def test_bars_are_as_long_as_their_figures(self) -> None:
        [*_, comparison, _] = of_each_kind([8.0, 2.0])
        first, second = (
            mark
            for mark in lay_out(replace_reference(comparison)).marks
            if isinstance(mark, Box) and mark.fill == "series-0" and mark.height == BAR
        )
        assert first.width == pytest.approx(4 * second.width)

    def test_a_bridge_ends_where_its_changes_lead(self) -> None:
        samples = all_samples("en")
        boxes = [mark for mark in lay_out(drawn(samples["bridge"])).marks if isinstance(mark, Box)]
        start, new, won, *_, end = boxes
        assert start.x + start.width == pytest.approx(new.x)
        assert won.x + won.width == pytest.approx(new.x + new.width)
        assert end.width / start.width == pytest.approx(354 / 320)

    @pytest.mark.parametrize("locale", LOCALES)
    def test_each_part_says_its_figures(self, locale: str) -> None:
        samples = all_samples(locale)
        expected = {
            "funnel": 6,
            "trend": 8,
            "bridge": 7,
            "heat": 24,
            "comparison": 4,
            "forecast": 3,
        }
        for name, parts in expected.items():
            targets = lay_out(drawn(samples[name])).targets
            assert len(targets) == parts, name
            assert all(": " in target.tip for target in targets)

    def test_a_trend_has_a_gap_where_a_figure_is_hidden(self) -> None:
        figures = tuple(Figure(value, "x") for value in (1.0, 2.0, None, 3.0, 4.0))
        chart = TrendChart(
            title="t", alt="a", periods=tuple("abcde"), lines=(TrendLine("l", figures),)
        )
        strokes = [
            mark for mark in lay_out(chart).marks if getattr(mark, "color", "") == "series-0"
        ]
        assert [len(stroke.points) for stroke in strokes if hasattr(stroke, "points")] == [2, 2]


class TestPictures:
    @pytest.mark.parametrize("chart", CASES)
    def test_are_drawn_of_any_figures(self, chart: DrawnChart) -> None:
        width, height = size(draw(chart, "en"))
        assert width == 1080
        assert height < 4300

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("locale", LOCALES)
    def test_are_drawn_of_each_kind(self, locale: str, theme: palette.Theme) -> None:
        pictures = {draw(chart, locale, theme) for chart in all_samples(locale).values()}
        assert len(pictures) == 7

    def test_number_names_that_no_font_can_write(self) -> None:
        bars = tuple(NamedFigure(name, Figure(1.0, "1")) for name in ("\U0001f3c6", "\U0001f9ca"))
        odd = ComparisonChart(title="t", alt="a", bars=bars, measure="m")
        plain = replace(
            odd, bars=tuple(replace(bar, name=n) for bar, n in zip(bars, "12", strict=True))
        )
        assert draw(odd, "en") == draw(plain, "en")

    def test_never_take_a_name_for_wider_than_it_was_reckoned(self) -> None:
        """Layouts reckon with a table of widths; the font may not need more."""
        from PIL import ImageFont

        font = ImageFont.truetype(str(fonts.FILE), 100)
        for text in (
            "Robin Sample-Longname",
            "WWW MMM @%&",
            "罗宾样例 12.5万",
            "iIl1.,:;'",
            "¥1,040K",
        ):
            assert font.getlength(text) <= measure(text, 100) * 1.02, text


class TestNames:
    def test_are_cut_at_their_end(self) -> None:
        assert cut("short", 100, 12) == "short"
        assert cut(LONG, 60, 12).endswith("…")
        assert measure(cut(LONG, 60, 12), 12) <= 60

    def test_that_begin_alike_keep_their_ends(self) -> None:
        first, second = cut_apart([f"{LONG} North", f"{LONG} South"], 120, 12)
        assert first != second
        assert first.endswith("North")
        assert max(measure(first, 12), measure(second, 12)) <= 125


class TestColors:
    def test_of_the_web_chat_are_the_same(self) -> None:
        assert palette.CSS.read_text(encoding="utf-8") == palette.css()

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_stand_out(self, theme: palette.Theme) -> None:
        """WCAG 2.2: 4.5 for text, 3 for parts of pictures."""
        colors = palette.colors(theme)
        for text in ("ink", "soft"):
            assert contrast(colors[text], colors["ground"]) >= 4.5
        for shade in range(7):
            assert contrast(colors[f"on-heat-{shade}"], colors[f"heat-{shade}"]) >= 4.5
        for name in ("series-0", "series-1", "series-2", "series-3", "good", "bad", "total"):
            assert contrast(colors[name], colors["ground"]) >= 3, name


class TestText:
    @pytest.mark.parametrize("locale", LOCALES)
    def test_of_every_chart_is_also_a_table(self, locale: str) -> None:
        for chart in all_samples(locale).values():
            assert chart.alt
            if isinstance(chart, DrawnChart):
                assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)
                assert chart.table.rows

    def test_of_a_chart_is_masked(self) -> None:
        bars = (NamedFigure("call 13812345678", Figure(1.0, "1")),)
        chart = ComparisonChart(title="13812345678", alt="a@b.example", bars=bars, measure="m")
        assert "13812345678" not in str(masked_card(Card("t", chart=chart)))


def drawn(chart: AnyChart) -> DrawnChart:
    assert isinstance(chart, DrawnChart)
    return chart


def replace_reference(chart: DrawnChart) -> DrawnChart:
    assert isinstance(chart, ComparisonChart)
    return replace(chart, reference=None)


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class TestTwoLines:
    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            ("各阶段现有线索，及近12周的进入下一阶段率",
             ["各阶段现有线索，及近", "12周的进入下一阶段率"]),
            ("成交金额对比目标Forecast预测", ["成交金额对比目标", "Forecast预测"]),
        ],
    )  # fmt: skip
    def test_break_no_number_and_no_word(self, text: str, lines: list[str]) -> None:
        assert two_lines(text, measure(text, SMALL) * 0.65, SMALL) == lines
