"""Charts that Slack draws itself, and what it gets where it cannot."""

from dataclasses import replace

import pytest

from bot.platforms.slack import render
from bot.platforms.slack.charts import chart_block
from handlers.core.charts import ComparisonChart, Figure, TrendChart
from handlers.core.language import LOCALES
from handlers.core.ui import Button, Card, DrawnChart, Section, Table
from tests.chart_samples import all_samples
from tests.doubles.slack import blocks
from tests.platforms.slack.test_render import ENGLISH

OPENS = Button("digest.show", "These three", "new:1:2026-W47")
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


@pytest.mark.parametrize("name", ["bridge", "heat"])
def test_figures_that_open_are_written_out_where_no_picture_can_follow(name: str) -> None:
    """The buttons alone lack what opens nothing, such as what came in, or a rate."""
    chart = replace(all_samples("en")[name], opens=(OPENS,))
    alone = render.card(Card("Digest", sections=(Section(chart=chart),)), ENGLISH)
    followed = render.card(Card("Digest", sections=(Section(chart=chart),)), ENGLISH, pictured=True)
    assert isinstance(chart, DrawnChart)
    cells = [cell for row in chart.table.rows for cell in row]
    assert all(cell in str(alone.blocks) for cell in cells)
    assert chart.alt in str(followed.blocks)
    assert len(followed.blocks) < len(alone.blocks)
    assert blocks.message(alone.text, alone.blocks) == []


def test_what_slack_cannot_draw_of_a_funnel_is_said() -> None:
    """How many go on from stage to stage: the bars have no room for it."""
    funnel = replace(all_samples("en")["funnel"], opens=(OPENS,))
    drawing = render.card(Card("Digest", chart=funnel), ENGLISH)
    assert funnel.alt in str(drawing.blocks)


def test_a_long_title_is_written_above_whole() -> None:
    title = "Open now by stage, and how many of the last 12 weeks moved on to the next"
    chart = replace(all_samples("en")["comparison"], title=title)
    drawing = render.card(Card("Digest", chart=chart), ENGLISH)
    assert title in str(drawing.blocks)


def test_many_figures_open_from_menus_and_not_from_a_wall_of_buttons() -> None:
    opens = tuple(
        Button("digest.show", f"Week {at}: 2 new", f"new:1:2026-W{at}") for at in range(8)
    )
    chart = replace(all_samples("en")["comparison"], opens=opens)
    drawing = render.card(Card("Digest", chart=chart), ENGLISH)
    assert blocks.message(drawing.text, drawing.blocks) == []
    rows = [len(block["elements"]) for block in drawing.blocks if block["type"] == "actions"]
    assert max(rows, default=0) <= 5
    assert all(button.label in str(drawing.blocks) for button in opens)


def test_a_chart_beside_its_table_offers_each_button_once() -> None:
    chart = replace(all_samples("en")["comparison"], opens=(OPENS,))
    table = Table(("Source", "Won"), (("Ads", "3"),), opens=(OPENS,))
    drawing = render.card(Card("x", sections=(Section(chart=chart, table=table),)), ENGLISH)
    assert str(drawing.blocks).count(f"'text': '{OPENS.label}'") == 1


def test_two_of_a_message_are_slacks_own_and_the_others_pictures() -> None:
    samples = all_samples("en")
    charts = [samples[name] for name in ("funnel", "comparison", "forecast")]
    card = Card("Review", sections=tuple(Section("Part", chart=chart) for chart in charts))
    drawing = render.card(card, ENGLISH)
    assert drawing.pictures == (charts[2],)
    assert blocks.message(drawing.text, drawing.blocks) == []
    [*_, last] = render.drafts(card, ENGLISH)
    assert list(last.pictures) == charts
