"""Charts that Slack draws itself, and what it gets where it cannot."""

from dataclasses import replace

import pytest

from bot.platforms.slack import render
from bot.platforms.slack.charts import chart_block
from handlers.core.charts import ComparisonChart, Figure, TrendChart
from handlers.core.language import LOCALES
from handlers.core.ui import Card, DrawnChart, Section
from tests.chart_samples import all_samples
from tests.doubles.slack import blocks
from tests.platforms.slack.test_render import ENGLISH

NATIVE = {"funnel": "bar", "comparison": "bar", "forecast": "bar", "plain": "bar"}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NATIVE)
def test_are_blocks_that_slack_takes(name: str, locale: str) -> None:
    chart = all_samples(locale)[name]
    block = chart_block(chart)
    assert block is not None
    assert block["chart"]["type"] == NATIVE[name]
    drawing = render.card(Card("Digest", chart=chart), ENGLISH)
    assert drawing.pictures == ()
    assert blocks.message(drawing.text, drawing.blocks) == []


@pytest.mark.parametrize("name", ["bridge", "heat", "trend"])
def test_are_pictures_and_words_where_slack_has_no_such_kind(name: str) -> None:
    """The trend has a hidden figure, which Slack could only draw as a false one."""
    chart = all_samples("en")[name]
    drawing = render.card(Card("Digest", chart=chart), ENGLISH)
    assert drawing.pictures == (chart,)
    assert isinstance(chart, DrawnChart)
    shown = str(drawing.blocks)
    assert chart.alt in shown
    assert all(cell in shown for row in chart.table.rows for cell in row)


def test_a_whole_trend_is_a_line() -> None:
    chart = all_samples("en")["trend"]
    assert isinstance(chart, TrendChart)
    block = chart_block(replace(chart, lines=chart.lines[:2]))
    assert block is not None
    assert block["chart"]["type"] == "line"
    assert [one["name"] for one in block["chart"]["series"]] == ["New", "Won"]


def test_targets_and_averages_stand_beside_the_bars() -> None:
    block = chart_block(all_samples("en")["comparison"])
    assert block is not None
    series = {
        one["name"]: [point["value"] for point in one["data"]] for one in block["chart"]["series"]
    }
    assert series == {
        "Won": [62, 48, 31.5, 12],
        "Target": [50, 50, 40, 40],
        "Team average": [38.4] * 4,
    }


def test_more_bars_than_slack_holds_are_a_picture() -> None:
    chart = all_samples("en")["comparison"]
    assert isinstance(chart, ComparisonChart)
    [bar, *_] = chart.bars
    many = tuple(replace(bar, name=f"Person {at}") for at in range(21))
    assert chart_block(replace(chart, bars=many)) is None
    odd = replace(bar, figure=Figure(float("nan"), "–"))
    assert chart_block(replace(chart, bars=(odd,))) is None


def test_two_of_a_message_are_slacks_own_and_the_others_pictures() -> None:
    samples = all_samples("en")
    charts = [samples[name] for name in ("funnel", "comparison", "forecast")]
    card = Card("Review", sections=tuple(Section("Part", chart=chart) for chart in charts))
    drawing = render.card(card, ENGLISH)
    assert drawing.pictures == (charts[2],)
    assert blocks.message(drawing.text, drawing.blocks) == []
    [*_, last] = render.drafts(card, ENGLISH)
    assert list(last.pictures) == charts
