"""``/leads``: what is listed to whom, its pages, filters and order, on the card people see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Form, MultiChoice, Table
from handlers.lead_lists.service import ListPlace
from sales.lead_lists import LeadQuery, LeadSort, NextStep, Period, Status
from sales.lead_lists.description import label_of_period, label_of_step
from sales.leads import Grade, Stage
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.handlers.test_hostile import HOSTILE
from tests.office import Office, button_of

ROWS = 20
"""Rows on the page of a platform that does not say how many."""


@pytest.fixture
def busy(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=four_leads) as office:
        yield office


def four_leads(office: Office) -> None:
    """LX001 and LX002 are Robin's, LX003 is Dana's, LX004 Kim's of the other team."""
    for number, (account, customer, region) in enumerate(
        (
            ("robin", "Acme Sample", "east"),
            ("robin", "Birch Sample", "north"),
            ("dana", "Cedar Sample", "east"),
            ("kim", "Dune Sample", "east"),
        )
    ):
        office.log_lead(
            account,
            customer=customer,
            region=region,
            phone=f"138 1234 560{number}",
            email=f"someone{number}@sample.example",
            budget=f"{number + 1}0万",
        )


def listed(office: Office, account: str, value: str = "") -> Card:
    card = office.ask(account, "lead_list.show", pressed=value).card
    assert card is not None
    return card


def table_of(card: Card) -> Table:
    [table] = [section.table for section in card.sections if section.table]
    return table


def numbers(card: Card) -> list[str]:
    return [row[0] for row in table_of(card).rows] if card.sections else []


def value(sort: LeadSort = LeadSort.PRESSING, offset: int = 0, **filters: Any) -> str:
    return ListPlace(query=LeadQuery(**filters), sort=sort, offset=offset).value


class TestWhose:
    def test_a_rep_sees_their_own(self, busy: Office) -> None:
        card = busy.ask("robin", "lead_list.open").card
        assert card
        assert sorted(numbers(card)) == ["LX001", "LX002"]
        assert card.title.startswith(f"{busy.say('list.title_mine')} · ")

    def test_a_manager_sees_the_teams_with_owners(self, busy: Office) -> None:
        card = busy.ask("max", "lead_list.open").card
        assert card
        assert sorted(numbers(card)) == ["LX001", "LX002", "LX003"]
        owner = table_of(card).columns.index(busy.say("list.column_owner"))
        assert {row[owner] for row in table_of(card).rows} == {"Robin Sample", "Dana Example"}

    def test_an_admin_sees_all(self, busy: Office) -> None:
        assert len(numbers(listed(busy, "ada"))) == 4

    @pytest.mark.parametrize("who", ["robin", "kim", "wes"])
    def test_a_button_shows_nobody_more_than_they_see(self, busy: Office, who: str) -> None:
        everything = value(status=Status.ALL)
        mine = {"robin": ["LX001", "LX002"], "kim": ["LX004"], "wes": ["LX004"]}
        assert sorted(numbers(listed(busy, who, everything))) == mine[who]

    def test_says_that_there_are_none(self, office: Office) -> None:
        card = office.ask("kim", "lead_list.open").card
        assert card
        assert card.title == office.say("lead.mine_none")


class TestRows:
    def test_the_title_counts_and_adds_up(self, busy: Office) -> None:
        money = busy.language.money
        card = listed(busy, "robin")
        count = busy.say("list.count", n=2, number="2")
        assert card.title == " · ".join(
            (busy.say("list.title_mine"), count, money(Decimal(300_000)))
        )

    def test_each_opens_its_lead(self, busy: Office) -> None:
        card = listed(busy, "robin", value(LeadSort.CUSTOMER))
        assert [(one.action, one.value) for one in table_of(card).opens] == [
            ("lead.show", "LX001"),
            ("lead.show", "LX002"),
        ]

    def test_contacts_are_masked(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, customer="Birch 13812345678"))
        assert "13812345678" not in repr(listed(busy, "robin"))

    def test_what_is_overdue_stands_out_and_comes_first(self, busy: Office) -> None:
        busy.ask("robin", "followup.open", text="LX002 call fine by 3/4 send the case")
        busy.world.clock.advance(timedelta(days=10))
        card = listed(busy, "robin")
        assert numbers(card) == ["LX002", "LX001"]
        table = table_of(card)
        step = table.columns.index(busy.say("list.column_next_step"))
        assert table.emphasized == {(0, step)}
        assert "send the case" in table.rows[0][step]


class TestOrder:
    def test_a_heading_sorts_in_place(self, busy: Office) -> None:
        card = listed(busy, "max")
        by_customer = table_of(card).sorts[1]
        assert by_customer
        update = busy.ask("max", by_customer.action, pressed=by_customer.value).update
        assert update
        assert numbers(update) == ["LX001", "LX002", "LX003"]
        assert table_of(update).sorted_by

    def test_the_form_sorts_in_place(self, busy: Office) -> None:
        card = listed(busy, "max")
        form = busy.press("max", card, "list.sort").form
        assert form
        update = busy.submit("max", form, sort="value").update
        assert update
        assert numbers(update) == ["LX003", "LX002", "LX001"]


class TestPages:
    @pytest.fixture
    def long(self, offices: Offices) -> Iterator[Office]:
        with offices.open(FRIDAY, after=many_leads) as office:
            yield office

    def test_turn_in_place_and_show_each_lead_once(self, long: Office) -> None:
        card = listed(long, "robin", value(LeadSort.OLDEST))
        seen = numbers(card)
        while next_page := next(
            (one for one in buttons(card) if one.label == long.say("button.next_page")), None
        ):
            update = long.ask("robin", next_page.action, pressed=next_page.value).update
            assert update
            card = update
            seen += numbers(card)
        assert len(seen) == len(set(seen)) == ROWS + 3
        first = long.press("robin", card, "button.previous").update
        assert first
        assert len(numbers(first)) == ROWS

    def test_of_one_page_have_no_pager(self, busy: Office) -> None:
        card = listed(busy, "robin")
        assert not card.sections[0].buttons
        assert not card.sections[0].lines

    def test_a_page_that_is_gone_becomes_the_last(self, long: Office) -> None:
        assert len(numbers(listed(long, "robin", value(offset=400)))) == 3
        assert len(numbers(listed(long, "robin", "9999999:"))) == 3

    def test_a_platform_says_how_many_rows(self, long: Office) -> None:
        request = replace(long.request("robin", "lead_list.open"), rows=6)
        card = long.send(request).card
        assert card
        assert len(numbers(card)) == 6
        assert long.say("list.page", first=1, last=6, total="23") in card.sections[0].lines


def many_leads(office: Office) -> None:
    for number in range(ROWS + 3):
        office.log_lead(
            "robin",
            customer=f"Sample {number:02}",
            phone=f"139 1234 56{number:02}",
            email=f"sample{number}@sample.example",
        )


def buttons(card: Card) -> tuple[Button, ...]:
    return card.every_button


class TestFilters:
    def form(self, office: Office, who: str, shown: str = "") -> Form:
        form = office.press(who, listed(office, who, shown), "button.filter").form
        assert form
        return form

    def test_the_form_shows_the_list_that_is_open(self, busy: Office) -> None:
        form = self.form(busy, "max", value(regions=("east",), grades=(Grade.HIGH, Grade.MEDIUM)))
        filled = {field.name: getattr(field, "value", "") for field in form.fields}
        assert filled["regions"] == ("east",)
        assert set(filled["grades"]) == {"high", "medium"}

    def test_filters_in_place_and_says_them(self, busy: Office) -> None:
        update = busy.submit("max", self.form(busy, "max"), regions=("east",), low="20万").update
        assert update
        assert numbers(update) == ["LX003"]
        assert "200,000" in update.body or "20万" in update.body

    def test_what_it_has_no_field_for_stays_until_it_is_unticked(self, busy: Office) -> None:
        shown = value(due_within=3)
        form = self.form(busy, "max", shown)
        kept = busy.submit("max", form).update
        assert kept
        assert "within 3" in kept.body or "3天内" in kept.body
        dropped = busy.submit("max", form, kept=()).update
        assert dropped
        assert len(numbers(dropped)) == 3

    @pytest.mark.parametrize(
        ("field", "typed"),
        [("low", "much"), ("quiet", "long"), ("newer", "-3"), ("older", "100000")],
    )
    def test_an_error_is_named_beside_its_field(self, busy: Office, field: str, typed: str) -> None:
        reply = busy.submit("max", self.form(busy, "max"), **{field: typed})
        assert set(reply.errors) == {field}

    def test_an_upper_bound_below_the_lower_is_refused(self, busy: Office) -> None:
        reply = busy.submit("max", self.form(busy, "max"), low="50万", high="10万")
        assert set(reply.errors) == {"high"}

    def test_a_closed_stage_widens_the_open_list(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, stage=Stage.LOST, closed_at=FRIDAY))
        update = busy.submit("max", self.form(busy, "max"), stages=("lost",)).update
        assert update
        assert numbers(update) == ["LX002"]

    def test_days_are_read_as_they_are_typed(self, busy: Office) -> None:
        for typed in ("0", "０天", "0 days"):
            update = busy.submit("max", self.form(busy, "max"), older=typed).update
            assert update
            assert len(numbers(update)) == 3, typed

    def test_no_days_at_all_are_said_as_what_they_mean(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, next_at=FRIDAY - timedelta(days=2)))
        none = {"quiet": "0", "older": "0", "in_stage": "0"}
        for typed, count in ((none, 3), (none | {"late": "0"}, 1), ({"newer": "0"}, 3)):
            update = busy.submit("max", self.form(busy, "max"), **typed).update
            assert update
            [again] = [one for one in update.buttons if one.action == "lead_list.sort"]
            assert "=0" not in again.value
            assert len(numbers(update)) == count
        today = busy.submit("max", self.form(busy, "max"), newer="0").update
        assert today
        assert label_of_period(Period.TODAY, busy.locale) in today.body

    def test_a_rep_is_not_asked_whose(self, busy: Office) -> None:
        names = {field.name for field in self.form(busy, "robin").fields}
        assert not names & {"owners", "teams"}
        reply = busy.submit("robin", self.form(busy, "robin"), owners=("3",))
        assert reply.update

    def test_a_manager_chooses_among_the_team(self, busy: Office) -> None:
        [owners] = [field for field in self.form(busy, "max").fields if field.name == "owners"]
        assert isinstance(owners, MultiChoice)
        labels = {option.label for option in owners.options}
        assert "Robin Sample" in labels
        assert "Kim Sample" not in labels
        update = busy.submit("max", self.form(busy, "max"), owners=("nobody",)).update
        assert update
        assert not update.sections


class TestEmpty:
    def test_names_the_strictest_filter_and_drops_it(self, busy: Office) -> None:
        card = listed(busy, "max", value(regions=("east",), steps=(NextStep.NEXT_MONTH,)))
        assert not card.sections
        step = label_of_step(NextStep.NEXT_MONTH, busy.locale)
        update = busy.press("max", card, "list.drop", filter=step).update
        assert update
        assert sorted(numbers(update)) == ["LX001", "LX003"]

    def test_a_period_is_dropped_alone(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, stage=Stage.WON, closed_at=FRIDAY))
        last_month = value(status=Status.WON, closed=Period.LAST_MONTH)
        card = listed(busy, "max", last_month)
        update = busy.ask("max", card.buttons[0].action, pressed=card.buttons[0].value).update
        assert update
        assert numbers(update) == ["LX002"]

    def test_offers_the_closed_ones(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, stage=Stage.LOST, closed_at=FRIDAY))
        card = listed(busy, "max", value(text="Birch"))
        assert busy.say("list.closed_there", n=1) in card.body
        update = busy.press("max", card, "list.with_closed").update
        assert update
        assert numbers(update) == ["LX002"]

    def test_offers_all_where_no_single_filter_helps(self, busy: Office) -> None:
        card = listed(busy, "max", value(text="no such thing", low=Decimal(9_000_000)))
        assert busy.say("list.none_there") in card.body
        update = busy.press("max", card, "list.clear").update
        assert update
        assert len(numbers(update)) == 3


def assert_answered(reply: Reply) -> None:
    """A list, a form, or what is wrong with one; not an incident."""
    assert reply.card or reply.update or reply.form or reply.errors
    assert not reply.toast


class TestValues:
    @pytest.mark.parametrize(
        "action", ["lead_list.show", "lead_list.page", "lead_list.filter", "lead_list.sort"]
    )
    def test_any_value_is_answered(self, busy: Office, action: str) -> None:
        busy.typed += HOSTILE
        for sent in HOSTILE:
            assert_answered(busy.ask("robin", action, pressed=sent))

    def test_what_is_no_longer_known_is_said(self, busy: Office) -> None:
        card = listed(busy, "robin", "region=atlantis;stage=screened")
        assert "atlantis" in card.body

    @pytest.mark.parametrize("action", ["lead_list.find", "lead_list.order"])
    def test_a_form_with_a_hostile_state_is_sound(self, busy: Office, action: str) -> None:
        for sent in HOSTILE:
            values = {"sort": sent, "stages": (sent,), "low": sent, "created": sent}
            assert_answered(busy.ask("robin", action, state={"list": sent}, values=values))

    def test_a_button_of_the_card_is_where_it_says(self, busy: Office) -> None:
        card = listed(busy, "max", value(regions=("east",)))
        assert button_of(card, busy.say("button.filter")).value == value(regions=("east",))


class TestExport:
    def test_holds_what_the_list_shows_in_its_order(self, busy: Office) -> None:
        card = listed(busy, "max", value(LeadSort.VALUE, regions=("east",)))
        reply = busy.press("max", card, "button.as_file")
        assert reply.attachment
        [sheet] = load_workbook(BytesIO(reply.attachment.content)).worksheets
        rows = [*sheet.iter_rows(min_row=2, values_only=True)]
        assert [row[0] for row in rows] == ["LX003", "LX001"]
        assert "138" not in repr(rows)

    def test_is_recorded_without_the_searched_text(self, busy: Office) -> None:
        busy.ask("max", "lead_list.export", pressed=value(text="Acme", regions=("east",)))
        [row] = [row for row in busy.rows("audit") if row["act"] == "export.create"]
        assert "region=east" in str(row["detail"])
        assert "Acme" not in str(row["detail"])

    def test_is_for_leaders(self, busy: Office) -> None:
        assert "lead_list.export" not in repr(listed(busy, "robin"))
        assert busy.ask("robin", "lead_list.export", pressed="").attachment is None

    def test_of_nothing_says_so(self, busy: Office) -> None:
        reply = busy.ask("max", "lead_list.export", pressed=value(text="no such thing"))
        assert reply.toast == busy.say("list.none")


class TestWords:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("", ["LX001", "LX002", "LX003"]),
            ("east", ["LX001", "LX003"]),
            ("华东 20万以上", ["LX003"]),
            ("east or north", ["LX001", "LX002", "LX003"]),
            ("Dana Example", ["LX003"]),
            ("我的", []),
            ("Birch", ["LX002"]),
            ("没有下一步", ["LX001", "LX002", "LX003"]),
            ("overdue", []),
        ],
    )
    def test_say_what_is_listed(self, busy: Office, words: str, found: list[str]) -> None:
        card = busy.ask("max", "lead_list.open", text=words).card
        assert card
        assert sorted(numbers(card)) == found

    def test_that_are_not_understood_are_named_with_an_example(self, busy: Office) -> None:
        card = busy.ask("max", "lead_list.open", text="east 怎么没有更新 138 1234 5600 xx").card
        assert card
        assert "怎么没有更新" in card.body
        assert "1234 5600" not in repr(card)
        prefix = busy.say("list.example", words="")
        example = card.body.partition(prefix)[2].splitlines()[0]
        shown = busy.ask("max", "lead_list.open", text=example).card
        assert shown
        assert busy.say("list.example", words="") not in shown.body

    def test_another_teams_name_is_none_of_the_filters(self, busy: Office) -> None:
        card = busy.ask("max", "lead_list.open", text="Kim Sample").card
        assert card
        assert "LX004" not in repr(card)

    @pytest.mark.parametrize("words", ["high value", "高价值", "方案呈现", "east overdue", "最新"])
    def test_after_lead_are_a_list_too(self, busy: Office, words: str) -> None:
        card = busy.ask("max", "lead.open", text=words).card
        assert card
        assert "lead_list.filter" in repr(card)

    @pytest.mark.parametrize("words", ["Robin Sample", "robin sample"])
    def test_a_reps_name_after_lead_lists_theirs(self, busy: Office, words: str) -> None:
        card = busy.ask("max", "lead.open", text=words).card
        assert card
        assert sorted(numbers(card)) == ["LX001", "LX002"]

    def test_a_customer_of_that_name_is_found_instead(self, busy: Office) -> None:
        busy.log_lead("robin", customer="East", phone="137 1234 5600", email="e@east.example")
        reply = busy.ask("robin", "lead.open", text="East")
        assert "LX005" in repr(reply)
        assert "lead_list.filter" not in repr(reply)

    def test_a_leads_number_opens_its_card(self, busy: Office) -> None:
        card = busy.ask("max", "lead_list.open", text="LX002").card
        assert card
        assert card.subject == "lead:2"

    def test_a_message_after_lead_still_fills_the_form(self, busy: Office) -> None:
        text = "Zora Sample of Quince Sample Ltd, 136 1234 9876, needs a tool, budget 20万"
        assert busy.ask("robin", "lead.open", text=text).form
        assert busy.ask("robin", "lead.open").form

    def test_asks_about_a_misspelt_filter(self, busy: Office) -> None:
        typed, meant = ("逾其", "逾期") if busy.locale == "zh_CN" else ("overdu", "overdue")
        busy.change_lead(2, lambda lead: replace(lead, next_at=FRIDAY - timedelta(days=2)))
        card = listed(busy, "max", value(text=typed, regions=("north",)))
        assert busy.say("list.meant", typed=typed, word=meant, n=1) in card.body
        update = busy.press("max", card, "list.show_meant", word=meant).update
        assert update
        assert numbers(update) == ["LX002"]

    def test_shows_a_rep_the_way_to_the_pool(self, busy: Office) -> None:
        card = listed(busy, "robin", value(status=Status.POOL))
        assert card.buttons[0].action == "pool.open"

    def test_a_long_text_is_cut_in_its_button(self, busy: Office) -> None:
        card = listed(busy, "max", value(text="华" * 90))
        assert all(len(button.label) < 45 for button in card.buttons)


class TestStoredLists:
    def test_name_each_part_that_is_gone_in_words(self, busy: Office) -> None:
        """Values come from outside, and from a time before the vocabulary changed."""
        stored = (
            "step=gone;is=gone;value=gone;hot=gone;due=gone;due_within=gone;figure=gone;late=gone"
            ";uncontacted=gone;-region=atlantis;count=gone;lost_part=gone;page=gone"
        )
        body = listed(busy, "max", stored).body
        assert "{" not in body
        assert "list." not in body
        assert "atlantis" in body
        for key in ("step_label", "status", "column_value", "intent", "late", "region"):
            assert busy.say(f"list.{key}") in body


class TestClosed:
    def test_nothing_presses_of_what_is_closed(self, busy: Office) -> None:
        busy.change_lead(2, lambda lead: replace(lead, stage=Stage.LOST, closed_at=FRIDAY))
        card = listed(busy, "max", value(status=Status.LOST))
        assert busy.say("list.latest_closed_first") in card.body
