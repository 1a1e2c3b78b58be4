"""The JSON of every kind of field and part of a card; the browser tests see it drawn."""

from typing import get_args

import pytest

from bot.platforms.web.render import card_body, drawn_anew, field_json, form_json, reply_json
from handlers.core import ui
from handlers.core.replies import Reply

OPTIONS = (ui.Option("a", "A"), ui.Option("b", "B"))
DRAWN = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]
CASES: list[tuple[ui.Field, dict[str, object]]] = [
    (
        ui.Text(name="f", label="F", value="x", max_length=9),
        {"kind": "text", "value": "x", "max_length": 9},
    ),
    (ui.LongText(name="f", label="F"), {"kind": "long_text", "value": "", "max_length": 2000}),
    (ui.Number(name="f", label="F", value="7"), {"kind": "number", "value": "7", "max_length": 60}),
    (
        ui.Money(name="f", label="F", value="12.5万"),
        {"kind": "money", "value": "12.5万", "max_length": 60},
    ),
    (ui.Phone(name="f", label="F"), {"kind": "phone", "value": "", "max_length": 300}),
    (ui.Email(name="f", label="F"), {"kind": "email", "value": "", "max_length": 254}),
    (ui.Date(name="f", label="F", value="2026-11-23"), {"kind": "date", "value": "2026-11-23"}),
    (ui.DateTime(name="f", label="F"), {"kind": "datetime", "value": ""}),
    (
        ui.Choice(name="f", label="F", options=OPTIONS, value="b"),
        {"kind": "choice", "value": "b", "options": DRAWN},
    ),
    (
        ui.MultiChoice(name="f", label="F", options=OPTIONS, value=("a",)),
        {"kind": "multi_choice", "value": ["a"], "options": DRAWN},
    ),
    (
        ui.Checklist(name="f", label="F", options=OPTIONS),
        {"kind": "checklist", "value": [], "options": DRAWN},
    ),
    (
        ui.PersonPick(name="f", label="F", options=OPTIONS),
        {"kind": "person", "value": "", "options": DRAWN},
    ),
    (
        ui.LeadPick(name="f", label="F", options=OPTIONS, value="a"),
        {"kind": "lead", "value": "a", "options": DRAWN, "search": "lead.options"},
    ),
    (
        ui.File(name="f", label="F", kinds=("csv", "xlsx")),
        {"kind": "file", "value": "", "kinds": ["csv", "xlsx"]},
    ),
]


class TestField:
    @pytest.mark.parametrize(("field", "drawn"), CASES)
    def test_is_drawn_with_what_is_particular_to_it(
        self, field: ui.Field, drawn: dict[str, object]
    ) -> None:
        common = {
            "name": "f",
            "label": "F",
            "required": False,
            "hint": "",
            "placeholder": "",
            "folded": False,
        }
        assert field_json(field) == common | drawn

    def test_of_every_kind_is_in_these_cases(self) -> None:
        assert {type(field) for field, _ in CASES} == set(get_args(ui.Field))


class TestForm:
    def test_is_drawn_whole(self) -> None:
        form = ui.Form("lead.create", "New", (CASES[0][0],), "Save", "Cancel", {"v": "1"}, "Why")
        drawn = form_json(form)
        assert drawn | {"fields": []} == {
            "action": "lead.create",
            "title": "New",
            "intro": "Why",
            "fields": [],
            "submit": "Save",
            "cancel": "Cancel",
            "state": {"v": "1"},
        }
        assert [field["name"] for field in drawn["fields"]] == ["f"]


class TestCard:
    def test_is_drawn_whole(self) -> None:
        confirm = ui.Confirm("Sure?", "It goes.", "Yes", "No")
        button = ui.Button("lead.drop", "Drop", "LX1", "danger", confirm)
        drawn_button = {
            "action": "lead.drop",
            "label": "Drop",
            "value": "LX1",
            "style": "danger",
            "confirm": {"title": "Sure?", "text": "It goes.", "yes": "Yes", "no": "No"},
        }
        card = ui.Card(
            title="T",
            facts=(ui.Fact("L", "V"),),
            body="B",
            sections=(ui.Section("H", ("one",), ui.Table(("C",), (("1",),)), (button,)),),
            chart=ui.Chart("line", "Ch", ("Mon",), (ui.Series("S", (1.5,)),), "alt", (button,)),
            links=(ui.Link("Page", "https://a.example/p/1"),),
            buttons=(button,),
            footnote="why",
            tone="bad",
            subject="lead:12",
            more=(button,),
        )
        assert card_body(card) == {
            "kind": "card",
            "lead": "",
            "title": "T",
            "summary": "T",
            "tone": "bad",
            "body": "B",
            "facts": [{"label": "L", "value": "V"}],
            "sections": [
                {
                    "heading": "H",
                    "opens": None,
                    "rows": [],
                    "lines": ["one"],
                    "table": {"columns": ["C"], "rows": [["1"]]},
                    "chart": None,
                    "buttons": [drawn_button],
                    "folded": False,
                    "copies": False,
                }
            ],
            "chart": {
                "kind": "line",
                "title": "Ch",
                "categories": ["Mon"],
                "series": [{"name": "S", "values": [1.5]}],
                "alt": "alt",
                "opens": [drawn_button],
            },
            "chart_below": False,
            "links": [{"label": "Page", "url": "https://a.example/p/1"}],
            "buttons": [drawn_button],
            "more": [drawn_button],
            "footnote": "why",
        }

    def test_stays_where_it_is_when_drawn_anew(self) -> None:
        for place in ({"thread": 3}, {"beside": 4}, {}):
            body = drawn_anew(ui.Card("New"), card_body(ui.Card("Old")) | place)
            assert body == card_body(ui.Card("New")) | place

    def test_a_table_has_what_opens_and_sorts_its_rows(self) -> None:
        opens = ui.Button("lead.show", "Open LX001", "LX001")
        sort = ui.Button("lead_list.show", "By value", "0")
        table = ui.Table(
            ("No.", "Value"),
            (("LX001", "¥12"),),
            caption="Leads",
            numbers=frozenset({1}),
            opens=(opens,),
            sorts=(None, sort),
            sorted_by=ui.SortedBy(1, descending=True),
            emphasized=frozenset({(0, 1)}),
        )
        drawn = card_body(ui.Card("T", sections=(ui.Section(table=table),)))["sections"][0]["table"]
        assert drawn["caption"] == "Leads"
        assert drawn["numbers"] == [1]
        assert [one["value"] for one in drawn["opens"]] == ["LX001"]
        assert drawn["sorts"][0] is None
        assert drawn["sorts"][1]["action"] == "lead_list.show"
        assert drawn["sorted"] == {"column": 1, "descending": True}
        assert drawn["emphasized"] == [[0, 1]]

    def test_leaves_untrusted_text_as_it_is(self) -> None:
        title = "<img src=x onerror=alert(1)> & co"
        assert card_body(ui.Card(title))["title"] == title


class TestReply:
    def test_carries_what_goes_straight_back(self) -> None:
        reply = Reply(toast="Saved", errors={"a": "bad"}, options=OPTIONS, card=ui.Card("later"))
        assert reply_json(reply) == {
            "form": None,
            "toast": "Saved",
            "errors": {"a": "bad"},
            "options": DRAWN,
        }
