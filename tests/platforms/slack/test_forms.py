"""Every kind of field, up to and past Slack's limits, against the limit checker."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.slack import forms
from bot.platforms.slack.forms import FormContext, unpack
from bot.platforms.slack.markup import cut, distinct, mentioned, named, typed, width
from handlers.core.language import Language
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    DateTime,
    Email,
    Field,
    File,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Text,
)
from tests.doubles.slack import blocks
from tests.doubles.slack.elements import every_option

ENGLISH = Language("en", ZoneInfo("Asia/Shanghai"))
LONG = "长😀<!channel>&" * 800
TWO = (Option("a", "A"), Option("b", "B"))
MANY = tuple(Option(f"v{n}", f"Option {n} {'x' * 100}") for n in range(250))


def form(*fields: Field, **more: Any) -> Form:
    return Form("lead.create", more.pop("title", "T"), fields, "Save", "Cancel", **more)


def view(*fields: Field, **more: Any) -> dict[str, Any]:
    drawn = forms.form_view(form(*fields, **more), "{}", ENGLISH)
    assert blocks.view(drawn) == []
    return drawn


def element(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = view(field)["blocks"][0]["element"]
    return found


class TestFocus:
    def test_is_on_the_first_line_that_is_empty(self) -> None:
        filled, first, second = (
            Text(name=n, label="L", value=v) for n, v in (("a", "x"), ("b", ""), ("c", ""))
        )
        blocks = view(Date(name="d", label="L"), filled, first, second)["blocks"]
        focused = [b["element"]["action_id"] for b in blocks if "focus_on_load" in b["element"]]
        assert focused == ["b"]

    def test_stays_where_somebody_types(self) -> None:
        drawn = view(Text(name="a", label="L"))
        state = {drawn["blocks"][0]["block_id"]: {"a": {"type": "plain_text_input", "value": "x"}}}
        again = forms.unfolded(drawn | {"state": {"values": state}}, drawn["blocks"])
        assert "focus_on_load" not in str(again)

    def test_is_nowhere_when_something_is_wrong(self) -> None:
        wrong = form(Text(name="a", label="L"))
        assert "focus" not in str(forms.form_view(wrong, "{}", ENGLISH, {"a": "Wrong"}))


class TestFields:
    @pytest.mark.parametrize(
        ("field", "kind", "initial"),
        [
            (Text(name="f", label="L", value="x"), "plain_text_input", ("initial_value", "x")),
            (LongText(name="f", label="L", value="x"), "plain_text_input", ("multiline", True)),
            (Number(name="f", label="L", value="1"), "plain_text_input", ("initial_value", "1")),
            (Money(name="f", label="L", value="1万"), "plain_text_input", ("initial_value", "1万")),
            (Phone(name="f", label="L", value="1"), "plain_text_input", ("initial_value", "1")),
            (Email(name="f", label="L", value="no"), "plain_text_input", ("initial_value", "no")),
            (
                Date(name="f", label="L", value="2026-11-24"),
                "datepicker",
                ("initial_date", "2026-11-24"),
            ),
            (
                DateTime(name="f", label="L", value="2026-11-24T09:00"),
                "datetimepicker",
                ("initial_date_time", 1795482000),
            ),
            (
                Choice(name="f", label="L", options=TWO, value="b"),
                "static_select",
                ("initial_option", forms.option(TWO[1])),
            ),
            (
                PersonPick(name="f", label="L", options=TWO, value="b"),
                "static_select",
                ("initial_option", forms.option(TWO[1])),
            ),
            (
                MultiChoice(name="f", label="L", options=TWO, value=("b",)),
                "multi_static_select",
                ("initial_options", [forms.option(TWO[1])]),
            ),
            (
                Checklist(name="f", label="L", options=TWO, value=("a",)),
                "checkboxes",
                ("initial_options", [forms.option(TWO[0])]),
            ),
            (
                LeadPick(name="f", label="L", options=TWO, value="a"),
                "external_select",
                ("initial_option", forms.option(TWO[0])),
            ),
            (File(name="f", label="L", kinds=("csv",)), "file_input", ("filetypes", ["csv"])),
        ],
    )
    def test_is_drawn_with_its_value(
        self, field: Field, kind: str, initial: tuple[str, object]
    ) -> None:
        drawn = element(field)
        assert drawn["type"] == kind
        assert drawn[initial[0]] == initial[1]
        assert drawn["action_id"] == "f"

    @pytest.mark.parametrize(
        "field",
        [
            Text(name="f", label=LONG, value=LONG, hint=LONG, placeholder=LONG),
            LongText(name="f", label=LONG, value=LONG, max_length=99_999),
            Money(name="f", label="", value=LONG),
            Date(name="f", label="L", value="tomorrow", placeholder="When"),
            DateTime(name="f", label="L", value="someday", placeholder="When"),
            Choice(name="f", label="L", options=(), value="x"),
            Choice(name="f", label="L", options=MANY, value="v249", placeholder=LONG),
            Choice(name="f", label="L", options=(Option("e", ""),), value="gone"),
            MultiChoice(name="f", label="L", options=MANY, value=("v120", "v249")),
            MultiChoice(name="f", label="L", options=()),
            Checklist(name="f", label="L", options=MANY, value=("v249",), placeholder="x"),
            Checklist(name="f", label="L", options=TWO, placeholder="x"),
            PersonPick(name="f", label="L", options=()),
            LeadPick(name="f", label="L", options=(), value="LX001"),
            File(name="f", label="L", kinds=("csv",), placeholder="x", hint=LONG),
        ],
    )
    def test_never_passes_a_limit(self, field: Field) -> None:
        assert view(field, title=LONG, intro=LONG)["blocks"]

    @pytest.mark.parametrize("kind", [Choice, MultiChoice, Checklist, PersonPick])
    def test_more_than_a_hundred_options_can_all_be_chosen(self, kind: Any) -> None:
        value = "v249" if kind in (Choice, PersonPick) else ("v249",)
        drawn = element(kind(name="f", label="L", options=MANY, value=value))
        initial = drawn.get("initial_option") or drawn["initial_options"][0]
        assert initial["value"] == "v249"
        assert [one["value"] for one in every_option(drawn)] == [one.value for one in MANY]
        assert len(drawn["option_groups"]) == 3

    def test_what_no_view_holds_is_said_and_what_is_chosen_is_there(self) -> None:
        options = tuple(Option(f"v{n}" * 10, f"长选项 {n} {'长' * 70}") for n in range(3_000))
        fields = [
            MultiChoice(name=f"f{n}", label="L", options=options, value=(options[-1].value,))
            for n in range(3)
        ]
        for block in view(*fields)["blocks"]:
            assert block["element"]["initial_options"]
            shown = len(every_option(block["element"]))
            assert f"Only {shown} of 3000 fit" in block["hint"]["text"]

    def test_a_lead_is_searched_from_the_first_letter_on(self) -> None:
        assert element(LeadPick(name="f", label="L", options=TWO))["min_query_length"] == 0

    def test_only_optional_fields_may_stay_empty(self) -> None:
        drawn = view(Text(name="a", label="A", required=True), Text(name="b", label="B"))
        assert [block["optional"] for block in drawn["blocks"]] == [False, True]

    def test_a_hundred_fields_and_their_errors_fit(self) -> None:
        fields = tuple(Text(name=f"f{n}", label="L") for n in range(120))
        errors = {field.name: "wrong" for field in fields}
        drawn = forms.form_view(form(*fields, intro="x"), "{}", ENGLISH, errors)
        assert blocks.view(drawn) == []


class TestBlockIds:
    def test_the_same_form_keeps_what_was_typed(self) -> None:
        first, again = view(Text(name="a", label="A")), view(Text(name="a", label="A"))
        assert first["blocks"][0]["block_id"] == again["blocks"][0]["block_id"]

    def test_another_value_gets_another_id_so_that_slack_shows_it(self) -> None:
        first, other = view(Text(name="a", label="A")), view(Text(name="a", label="A", value="x"))
        assert first["blocks"][0]["block_id"] != other["blocks"][0]["block_id"]


class TestFieldErrors:
    def test_strays_go_to_the_first_field_and_none_is_lost(self) -> None:
        drawn = view(Text(name="a", label="A"), Text(name="b", label="B"))
        found = forms.field_errors(drawn, {"b": "wrong", "x": "also", "y": "this"})
        first, second = (block["block_id"] for block in drawn["blocks"])
        assert found == {second: "wrong", first: "also this"}

    def test_a_view_without_fields_takes_none(self) -> None:
        assert forms.field_errors({"blocks": []}, {"a": "wrong"}) == {}


class TestContext:
    def test_comes_back_whole(self) -> None:
        context = FormContext(
            "a.b", {"k": "值"}, "C1", True, "t", "1.1", "2.2", search={"lead": "x.y"}
        )
        assert unpack(context.pack(), "other") == context

    @pytest.mark.parametrize("metadata", ["", "not json", '{"stranger": 1}'])
    def test_broken_metadata_leaves_the_action(self, metadata: str) -> None:
        assert unpack(metadata, "a.b") == FormContext("a.b")


class TestAnyText:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.text(max_size=400), st.text(max_size=4000))
    def test_anywhere_in_a_form_is_taken(self, short: str, long: str) -> None:
        field = LongText(name="f", label=short, value=long, hint=short, placeholder=short)
        pick = Choice(name="g", label=short, options=(Option("v", short),), value="v")
        assert view(field, pick, title=short, intro=long)["blocks"]


class TestWording:
    def test_cuts_by_the_strictest_count(self) -> None:
        assert cut("abc", 3) == "abc"
        assert cut("abcd", 3) == "ab…"
        assert width(cut("😀" * 30, 24)) <= 24
        assert cut("  ", 5) == "–"

    def test_reads_what_slack_made_of_a_line(self) -> None:
        said = "&lt;A&amp;B&gt; <tel:+8613800000000|+86 138 0000 0000> <https://x.example> <#C1|ab>"
        assert typed(said) == "<A&B> +86 138 0000 0000 https://x.example #ab"

    @pytest.mark.parametrize(
        ("sent", "read"),
        [
            ("R&amp;D &lt;5 &gt;3", "R&D <5 >3"),
            ("&amp;lt; stays as typed", "&lt; stays as typed"),
            ("&quot; &copy; &#39;", "&quot; &copy; &#39;"),
            ("ask <@U123|ann> in <#C1|sales>", "ask @ann in #sales"),
            ("<#C123> <#C123|>", "#C123 #C123"),
            ("<!here> <!channel> <!subteam^S1|@sales>", "@here @channel @sales"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            (
                "<mailto:a@b.example|a@b.example> <http://x.example|x.example>",
                "a@b.example x.example",
            ),
            ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
            ("&lt;@U1&gt; <@U2>", "<@U1> <@U2>"),
            ("a < b > c <", "a < b > c <"),
        ],
    )
    def test_reads_each_of_slacks_signs_once(self, sent: str, read: str) -> None:
        assert typed(sent) == read

    def test_names_who_was_mentioned(self) -> None:
        text = "ask <@U1> and <@W2>, then <@U1>"
        assert mentioned(text) == ["U1", "W2"]
        assert named(text, {"U1": "Robin"}) == "ask @Robin and @W2, then @Robin"

    def test_an_answer_is_read_as_it_was_typed(self) -> None:
        given = {"type": "plain_text_input", "value": "R&amp;D &lt;3"}
        assert forms.read_answer(given, UTC) == "R&D <3"

    def test_distinct_numbers_only_what_is_equal(self) -> None:
        assert distinct(("aaaaaa", "aaaaab", "b"), 5) == ("aaaa…", "aa… 2", "b")

    def test_a_date_without_timezone_database_needs_none(self) -> None:
        plain = Language("en", UTC)
        assert forms.form_view(form(Date(name="a", label="A")), "", plain)["blocks"]
