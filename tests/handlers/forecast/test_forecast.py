"""The forecast through the front door: what is expected of deals, and what `/target` shows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from handlers.core.charts import ForecastChart
from handlers.core.replies import Reply
from handlers.core.ui import Card, Field, Form
from sales.leads import ForecastCategory, Stage
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, words_of

WEDNESDAY = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(WEDNESDAY, after=two_leads) as office:
        yield office


def two_leads(office: Office) -> None:
    for account in ("robin", "dana"):
        office.log_lead(
            account, customer=f"{account} Ltd", phone="", email="", owner="keep", budget="10万-12万"
        )


def expect(office: Office, lead_id: int, day: date | None, **known: Any) -> None:
    stage = known.pop("stage", Stage.PROPOSAL)
    expected = {"expected_close": day, "expected_by": 1, "expected_at": WEDNESDAY}
    office.change_lead(lead_id, lambda lead: replace(lead, stage=stage, **expected, **known))


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


def card_of(reply: Reply) -> Card:
    card = reply.card or reply.update
    assert card is not None, reply
    return card


def field(form: Form, name: str) -> Field:
    return next(one for one in form.fields if one.name == name)


def value(form: Form, name: str) -> str:
    return str(getattr(field(form, name), "value", ""))


class TestAsking:
    def test_a_line_says_all_and_the_form_shows_it(self, office: Office) -> None:
        form = form_of(office.ask("robin", "stage.open", text="LX001 方案 11万 预计3月20日"))
        assert value(form, "expected_amount") == "11万"
        assert value(form, "expected_close") == "2024-03-20"
        reply = office.submit("robin", form, criteria=(), reason="They asked for it")
        assert not reply.errors, reply.errors
        lead = office.lead()
        assert (lead.stage, lead.amount) == (Stage.PROPOSAL, Decimal(110_000))
        assert lead.expected_close == date(2024, 3, 20)
        assert (lead.expected_by, lead.expected_at) == (office.people["robin"].id, WEDNESDAY)
        assert office.language.day(date(2024, 3, 20)) in words_of(card_of(reply))

    def test_a_proposal_asks_with_the_budget_and_a_likely_day(self, office: Office) -> None:
        form = form_of(office.ask("robin", "stage.open", text="LX001 proposal"))
        assert value(form, "expected_amount") in ("12万", "120,000")
        assert date.fromisoformat(value(form, "expected_close")) > WEDNESDAY.date()
        screened = form_of(office.ask("robin", "stage.open", text="LX001 screened"))
        assert "expected_close" not in {one.name for one in screened.fields}

    def test_an_emptied_field_of_a_move_changes_nothing(self, office: Office) -> None:
        expect(office, 1, date(2024, 3, 20), stage=Stage.DISCOVERY, amount=Decimal(5))
        form = form_of(office.ask("robin", "stage.open", text="LX001 proposal"))
        reply = office.submit("robin", form, expected_amount="", expected_close="", reason="x")
        assert not reply.errors
        lead = office.lead()
        assert (lead.amount, lead.expected_close) == (Decimal(5), date(2024, 3, 20))

    def test_the_card_changes_and_removes_it(self, office: Office) -> None:
        expect(office, 1, date(2024, 3, 1), amount=Decimal(110_000))
        card = card_of(office.ask("robin", "lead.show", pressed="LX001"))
        assert office.say(
            "forecast.overdue", day=office.language.day(date(2024, 3, 1))
        ) in words_of(card)
        form = form_of(office.press("robin", card, "button.forecast"))
        assert value(form, "expected_close") == ""
        bad = office.submit("robin", form, expected_close="2024-03-01", expected_amount="abc")
        assert set(bad.errors) == {"expected_close", "expected_amount"}
        saved = office.submit(
            "robin", form, expected_close="2024-04-02", category="commit", expected_amount="9万"
        )
        assert not saved.errors
        lead = office.lead()
        assert (lead.amount, lead.category) == (Decimal(90_000), ForecastCategory.COMMIT)
        assert office.rows("close_change")[0]["to_day"] == date(2024, 4, 2)
        again = form_of(office.press("robin", card_of(saved), "button.forecast"))
        assert not office.submit(
            "robin", again, expected_close="", expected_amount="", category=""
        ).errors
        lead = office.lead()
        assert (lead.amount, lead.expected_close, lead.category) == (None, None, None)

    def test_nobody_changes_a_lead_of_others(self, office: Office) -> None:
        for account in ("dana", "kim"):
            reply = office.ask(account, "forecast.edit", pressed="LX001")
            assert reply.form is None

    def test_a_reopened_signature_keeps_its_amount_as_expected(self, office: Office) -> None:
        office.change_lead(
            1,
            lambda lead: replace(lead, stage=Stage.WON, closed_at=WEDNESDAY, amount=Decimal(7)),
        )
        form = form_of(office.ask("robin", "stage.open", text="LX001 negotiation"))
        reply = office.submit("robin", form, reason="The signature does not hold")
        assert not reply.errors, reply.errors
        assert office.lead().amount == Decimal(7)


class TestTarget:
    def goal(self, office: Office, revenue: str = "20万") -> None:
        team = f"2024-Q1/team:{office.teams['East'].id}"
        form = form_of(office.ask("max", "target.edit", pressed=team))
        assert not office.submit("max", form, revenue=revenue).errors

    def test_shows_forecast_coverage_and_money_by_stage(self, office: Office) -> None:
        self.goal(office)
        expect(office, 1, date(2024, 3, 20), amount=Decimal(100_000))
        expect(office, 2, date(2024, 3, 29), stage=Stage.NEGOTIATION, amount=Decimal(160_000))
        card = card_of(office.ask("max", "target.open"))
        words = words_of(card)
        # 10万 × 50 % and 16万 × 75 %: the playbook's odds.
        money = office.language.money
        assert money(Decimal(170_000)) in words
        assert money(Decimal(160_000)) in words
        assert money(Decimal(260_000)) in words
        assert (
            office.say(
                "forecast.covered",
                times=office.language.number(1.3),
                open=money(Decimal(260_000)),
                missing=money(Decimal(200_000)),
            )
            in words
        )
        (chart,) = [part.chart for part in card.sections if part.chart]
        assert isinstance(chart, ForecastChart)
        assert chart.rows[0].name == "East"
        assert len(chart.rows) == 3

    def test_every_number_opens_its_deals(self, office: Office) -> None:
        self.goal(office)
        expect(office, 1, date(2024, 3, 1), amount=Decimal(100_000))
        expect(office, 2, None, stage=Stage.NEGOTIATION)
        card = card_of(office.ask("max", "target.open"))
        rows = {row.text: row.button for part in card.sections for row in part.rows}
        shown = {
            name: rows[office.say(f"forecast.deals_{name}", n=1)]
            for name in ("within", "passed", "undated")
        }
        for name, button in shown.items():
            found = card_of(office.ask("max", button.action, pressed=button.value))
            [table] = [part.table for part in found.sections if part.table]
            assert len(table.rows) == 1, name
            assert ("LX002" if name == "undated" else "LX001") in words_of(found)
        stages = next(part.table for part in card.sections if part.table and part.table.opens)
        assert len(stages.rows) == 2

    def test_a_rep_sees_their_own(self, office: Office) -> None:
        expect(office, 1, date(2024, 3, 20), amount=Decimal(100_000))
        expect(office, 2, date(2024, 3, 29), amount=Decimal(990_000))
        card = card_of(office.ask("robin", "target.open"))
        assert office.language.money(Decimal(50_000)) in words_of(card)
        assert office.language.money(Decimal(990_000)) not in words_of(card)

    async def test_a_quarter_that_is_over_says_how_right_it_was(self, office: Office) -> None:
        self.goal(office)
        expect(office, 1, date(2024, 5, 20), amount=Decimal(100_000))
        await office.travel(2024, 4, 1, 1)
        office.change_lead(
            1,
            lambda lead: replace(
                lead, stage=Stage.WON, closed_at=WEDNESDAY + timedelta(days=60),
                stage_since=WEDNESDAY + timedelta(days=60), amount=Decimal(40_000),
            ),
        )  # fmt: skip
        await office.travel(2024, 7, 2, 9)
        last = f"2024-Q2/team:{office.teams['East'].id}"
        words = words_of(card_of(office.ask("max", "target.open", pressed=last)))
        money = office.language.money
        assert (
            office.say(
                "forecast.then",
                forecast=money(Decimal(50_000)),
                won=money(Decimal(40_000)),
                share=office.language.percent(0.75),
            )
            in words
        )


class TestSnapshots:
    async def test_are_taken_once_a_week_and_a_month(self, office: Office) -> None:
        expect(office, 1, date(2024, 3, 20), amount=Decimal(100_000))
        await office.travel(2024, 3, 6, 11)
        await office.travel(2024, 3, 11, 1)
        await office.travel(2024, 3, 18, 1)
        office.world.prepare_database()
        await office.travel(2024, 3, 18, 2)
        await office.travel(2024, 4, 9, 9)  # after downtime, the newest alone
        days = [row["day"] for row in office.rows("forecast_day")]
        assert days == [date(2024, 3, day) for day in (4, 11, 18)] + [date(2024, 4, 8)]
        taken = [row["day"] for row in office.rows("forecast_snapshot") if row["n"] == 1]
        assert set(taken) == set(days)
        assert {row["month"] for row in office.rows("stage_outcome")} >= {date(2024, 3, 1)}


class TestLists:
    def test_show_and_filter_the_day(self, office: Office) -> None:
        expect(office, 1, date(2024, 3, 20), amount=Decimal(100_000))
        found = card_of(office.ask("max", "lead_list.open", text="closing this month"))
        assert "LX001" in words_of(found)
        assert "LX002" not in words_of(found)
        [table] = [part.table for part in found.sections if part.table]
        assert office.say("list.column_close") in table.columns
        none = card_of(office.ask("max", "lead_list.open", text="no close date"))
        assert "LX002" in words_of(none)
        assert "LX001" not in words_of(none)
        assert button_of(none, office.say("button.filter"))
