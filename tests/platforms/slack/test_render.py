"""Every part of a card, up to and past Slack's limits, against the limit checker."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.slack import render
from handlers.core.language import Language
from handlers.core.ui import (
    Button,
    Card,
    Chart,
    Confirm,
    Fact,
    Link,
    Option,
    Row,
    Section,
    Series,
    SortedBy,
    Table,
)
from tests.doubles.slack import blocks

ENGLISH = Language("en", ZoneInfo("Asia/Shanghai"))
LONG = "长😀<!channel>&" * 800
TWO = (Option("a", "A"), Option("b", "B"))
MANY = tuple(Option(f"v{n}", f"Option {n} {'x' * 100}") for n in range(250))


def drawn(card: Card, *, charts: bool = True, tables: bool = True) -> render.Drawing:
    found = render.card(card, ENGLISH, charts=charts, tables=tables)
    assert blocks.message(found.text, found.blocks) == []
    return found


BUTTON = Button("lead.take", "Take", "1")
CHART = Chart("bar", "Won", ("Mon", "Tue"), (Series("Robin", (1, 2.5)),), "Robin won most.")

ROWS = Table(
    ("Number", "Step", "Value"),
    (("LX001", "Overdue", "¥12"), ("LX002", "", "¥3")),
    caption="Leads",
    numbers=frozenset({2}),
    opens=(Button("lead.show", "Open LX001", "LX001"), Button("lead.show", "Open LX002", "LX002")),
    sorts=(None, None, Button("lead_list.show", "By value", "0")),
    sorted_by=SortedBy(2, descending=True),
    emphasized=frozenset({(0, 1)}),
)


class TestCards:
    def test_shows_every_part(self) -> None:
        card = Card(
            "LX001",
            (Fact("Stage", "new"),),
            "See https://example.com/p/1, please",
            (
                Section(
                    "Today", ("09:30 call",), Table(("Who", "What"), (("Robin", ""),)), (BUTTON,)
                ),
            ),
            CHART,
            (BUTTON,),
            "Because it is yours",
            "warning",
            "lead:1",
            "LX001 is new",
        )
        found = drawn(card)
        kinds = [block["type"] for block in found.blocks]
        assert kinds == [
            "header",
            "rich_text",
            "rich_text",
            "data_visualization",
            "context",
            "divider",
            "rich_text",
            "table",
            "actions",
            "actions",
            "context",
        ]
        assert found.text == "LX001 is new"
        assert found.pictures == ()
        link = found.blocks[2]["elements"][0]["elements"][1]
        assert link == {"type": "link", "url": "https://example.com/p/1"}

    def test_an_address_to_pass_on_is_drawn_in_full(self) -> None:
        found = drawn(Card("x", links=(Link("Page", "https://a.example/p/1"),)))
        elements = found.blocks[-1]["elements"][0]["elements"]
        assert elements[0]["text"] == "Page "
        assert elements[1] == {"type": "link", "url": "https://a.example/p/1"}

    def test_buttons_carry_their_action_and_differ(self) -> None:
        found = drawn(Card("x", buttons=(BUTTON, BUTTON), sections=(Section(buttons=(BUTTON,)),)))
        ids = [
            e["action_id"] for b in found.blocks if b["type"] == "actions" for e in b["elements"]
        ]
        assert ids == ["lead.take#0", "lead.take#1", "lead.take#2"]

    def test_rarer_actions_are_in_a_menu_at_the_end_of_the_row(self) -> None:
        more = (Button("lead.edit", "Edit", "LX1"), Button("remark.open", "Conversation", "LX1"))
        row = drawn(Card("x", buttons=(BUTTON,), more=more)).blocks[-1]["elements"]
        assert [element["type"] for element in row] == ["button", "overflow"]
        assert [one["text"]["text"] for one in row[1]["options"]] == ["Edit", "Conversation"]

    def test_many_rarer_actions_are_in_menus_that_say_what_they_hold(self) -> None:
        more = tuple(Button("a.b", f"Do {n}", str(n)) for n in range(11))
        lines = drawn(Card("x", buttons=(BUTTON,), more=more)).blocks[-3:]
        assert [len(line["accessory"]["options"]) for line in lines] == [4, 4, 3]
        assert lines[0]["text"]["text"] == "Do 0 · Do 1 · Do 2 · Do 3"
        assert len({line["accessory"]["action_id"] for line in lines}) == 3

    def test_what_no_menu_can_carry_stays_a_button(self) -> None:
        asks = Button("a.b", "Ask", "1", confirm=Confirm("Sure?", "It goes.", "Yes", "No"))
        long = Button("a.b", "Long", "v" * 150)
        two = (Button("a.b", "One", "1"), Button("a.b", "Two", "2"))
        row = drawn(Card("x", more=(asks, *two, long))).blocks[-1]["elements"]
        assert [element["type"] for element in row] == ["button", "button", "overflow"]
        assert row[0]["confirm"]["title"]["text"] == "Sure?"
        alone = drawn(Card("x", more=two[:1])).blocks[-1]["elements"]
        assert [element["type"] for element in alone] == ["button"]

    def test_facts_are_lines_and_a_value_to_press_is_a_link(self) -> None:
        facts = tuple(Fact(f"F{n}", f"*v{n}*") for n in range(6))
        phone = Fact("Phone", "138 <0000>", "tel:+861380000")
        [_, lines, pressed, last] = drawn(Card("x", (*facts, phone, facts[0]))).blocks
        [section] = lines["elements"]
        said = "".join(part["text"] for part in section["elements"])
        assert said.split("\n") == [f"F{n}\u2002*v{n}*" for n in range(6)]
        assert pressed["text"]["text"] == "*Phone*\u2002<tel:+861380000|138 &lt;0000&gt;>"
        assert "v0" in str(last)

    def test_what_people_typed_neither_pings_nor_formats(self) -> None:
        evil = "<!channel> *bold* _it_ `code` <@U1> & </x>"
        found = drawn(
            Card(evil, (Fact(evil, evil),), evil, (Section(evil, (evil,)),), footnote=evil)
        )
        assert found.text == "&lt;!channel&gt; *bold* _it_ `code` &lt;@U1&gt; &amp; &lt;/x&gt;"
        kinds = {block["type"] for block in found.blocks}
        assert kinds == {"header", "rich_text", "divider", "context"}
        assert found.blocks[-1]["elements"][0]["type"] == "plain_text"

    def test_everything_too_long_is_cut(self) -> None:
        confirm = Confirm(LONG, LONG, LONG, LONG)
        button = Button("a.b", LONG, "v", "danger", confirm)
        table = Table(tuple(f"c{n}" for n in range(30)), tuple((LONG,) * 30 for _ in range(150)))
        chart = Chart(
            "line",
            LONG,
            tuple(LONG for _ in range(20)),
            tuple(Series(LONG, tuple(range(20))) for _ in range(12)),
            LONG,
        )
        sections = tuple(Section(LONG, (LONG,) * 3, table, (button,) * 30) for _ in range(40))
        card = Card(
            LONG,
            tuple(Fact(LONG, LONG) for _ in range(33)),
            LONG,
            sections,
            chart,
            (button,) * 60,
            LONG,
            "bad",
            "s",
            LONG,
        )
        found = drawn(card)
        assert len(found.blocks) == 50
        assert sum(block["type"] == "actions" for block in found.blocks[-4:]) == 3
        for draft in render.drafts(card, ENGLISH):
            assert blocks.message(draft.text, draft.blocks) == []

    def test_says_what_does_not_fit(self) -> None:
        sections = tuple(Section(lines=(f"line {n}",)) for n in range(60))
        found = drawn(Card("x", sections=sections, buttons=(BUTTON,)))
        assert "parts that do not fit" in found.blocks[-2]["elements"][0]["text"]
        assert found.blocks[-1]["type"] == "actions"

    def test_only_long_cells_are_wrapped_within_their_column(self) -> None:
        rows = (
            ("示例制造有限公司", "线索获取", "把方案发给采购总监，并请他约技术负责人一起看演示"),
        )
        found = drawn(Card("x", sections=(Section(table=Table(("客户", "阶段", "下一步"), rows)),)))
        settings = found.blocks[-1]["column_settings"]
        assert [one["is_wrapped"] for one in settings] == [False, False, True]

    def test_a_second_table_is_written_as_lines(self) -> None:
        table = Table(("Who", "Won"), (("Robin", "2"),))
        found = drawn(Card("x", sections=(Section(table=table), Section(table=table))))
        assert [block["type"] for block in found.blocks].count("table") == 1
        assert "Robin · 2" in str(found.blocks[-1])

    def test_rows_that_open_have_buttons_below_the_table(self) -> None:
        found = drawn(Card("x", sections=(Section(table=ROWS),)))
        table, below = found.blocks[-2:]
        assert [one["value"] for one in below["elements"]] == ["LX001", "LX002"]
        assert below["elements"][0]["accessibility_label"] == "Open LX001 · Overdue"
        assert [one["align"] for one in table["column_settings"]] == ["left", "left", "right"]
        (_, emphasized, _), (_, plain, _) = table["rows"][1:]
        assert emphasized["type"] == "rich_text"
        assert emphasized["elements"][0]["elements"][0]["style"] == {"bold": True}
        assert plain == {"type": "raw_text", "text": "–"}

    def test_rows_that_open_have_their_button_beside_them_without_tables(self) -> None:
        found = drawn(Card("x", sections=(Section(table=ROWS),)), tables=False)
        lines = [block for block in found.blocks if block["type"] == "section"]
        assert [line["accessory"]["value"] for line in lines] == ["LX001", "LX002"]
        said = [line["accessory"]["accessibility_label"] for line in lines]
        assert len(set(said)) == 2, "a screen reader tells them apart"
        assert lines[0]["text"]["text"] == "LX001 · Overdue · ¥12"

    @pytest.mark.parametrize(
        "chart",
        [
            Chart("bar", "t", (), (), "alt"),
            Chart("bar", "t", ("a",), (Series("s", (1, 2)),), "alt"),
            Chart("bar", "t", tuple("abcdefghijklmnopqrstu"), (Series("s", (1.0,) * 21),), "alt"),
        ],
    )
    def test_a_chart_slack_cannot_draw_becomes_a_picture(self, chart: Chart) -> None:
        found = drawn(Card("x", chart=chart))
        assert found.pictures == (chart,)
        assert "alt" in str(found.blocks)

    def test_every_row_has_its_button_beside_it(self) -> None:
        rows = (Row("LX001 · *Acme* <!here>", BUTTON), Row("LX002", Button("lead.show", "Open")))
        every = Button("lead_list.show", "All 12", "q")
        [_, heading, first, second] = drawn(
            Card("x", sections=(Section("Overdue (12)", rows=rows, opens=every),))
        ).blocks[1:]
        assert heading["text"] == {"type": "mrkdwn", "text": "*Overdue (12)*", "verbatim": True}
        assert heading["accessory"]["value"] == "q"
        assert first["text"]["text"] == "LX001 · *Acme* <!here>"
        assert [one["accessory"]["text"]["text"] for one in (first, second)] == ["Take", "Open"]

    @pytest.mark.parametrize("charts", [True, False])
    def test_a_chart_of_lists_is_below_and_opens_them(self, charts: bool) -> None:
        opens = tuple(Button("lead_list.show", f"{day} 1", day) for day in CHART.categories)
        card = Card(
            "x",
            sections=(Section("Today", ("one",)),),
            chart=replace(CHART, opens=opens),
            chart_below=True,
        )
        *_, last, chart, buttons = drawn(card, charts=charts).blocks
        assert "one" in str(last)
        assert ("data_visualization" if charts else "Won") in str(chart)
        assert [one["value"] for one in buttons["elements"]] == ["Mon", "Tue"]

    def test_labels_that_become_equal_stay_apart(self) -> None:
        names = ("Sample Works Shanghai North", "Sample Works Shanghai South")
        chart = Chart("bar", "t", names, tuple(Series(n, (1, 2)) for n in names), "alt")
        block = drawn(Card("x", chart=chart)).blocks[1]
        assert len(set(block["chart"]["axis_config"]["categories"])) == 2

    def test_drafts_end_with_blocks_every_workspace_takes(self) -> None:
        card = Card("x", chart=CHART, sections=(Section(table=Table(("a",), (("b",),))),))
        last = render.drafts(card, ENGLISH)[-1]
        assert {block["type"] for block in last.blocks} <= {
            "header",
            "context",
            "divider",
            "rich_text",
            "section",
            "actions",
        }
        assert last.pictures == (CHART,)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.text(max_size=400), st.text(max_size=4000), st.integers(0, 12))
    def test_any_text_anywhere_is_taken(self, short: str, long: str, count: int) -> None:
        table = Table((short,) * 3, ((long,) * 3,) * count)
        section = Section(short, (long,) * count, table, (Button("a.b", short, short),))
        drawn(
            Card(short, (Fact(short, long),) * count, long, (section,), footnote=long, summary=long)
        )
