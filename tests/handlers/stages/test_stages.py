"""Moving leads through the front door: criteria, reasons, closing, and reopening."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from handlers.core.ui import Form, LeadPick
from sales.leads import Lead, Stage
from storage.tables import stage_interval, work
from tests.office import Office


def log(office: Office) -> Lead:
    """A lead of Robin's, in the first stage."""
    lead = office.log_lead("robin", owner="keep")
    assert office.owner(lead.id) == "robin"
    return lead


def choose(office: Office, to: Stage, account: str = "robin") -> Form:
    reply = office.ask(account, "stage.open", text="LX001")
    assert reply.form
    reply = office.submit(account, reply.form, to=to)
    assert reply.form, reply.errors
    return reply.form


def move(office: Office, to: Stage, **typed: str | tuple[str, ...]) -> None:
    reply = office.submit("robin", choose(office, to), **typed)
    assert not reply.errors, reply.errors
    assert office.lead().stage is to


ALL = ("budget", "decision", "urgent")


class TestMove:
    def test_offers_the_next_stage_and_asks_for_its_criteria(self, office: Office) -> None:
        log(office)
        form = office.ask("robin", "stage.open", text="LX001").form
        assert form
        assert form.fields[0].value == Stage.SCREENED
        move(office, Stage.SCREENED, criteria=ALL)
        with office.world.database.read() as connection:
            rows = connection.execute(
                select(stage_interval.c.stage, stage_interval.c.left_at.is_(None)).order_by(
                    stage_interval.c.id
                )
            )
            assert [tuple(row) for row in rows] == [("captured", False), ("screened", True)]

    def test_an_unticked_box_wants_a_reason(self, office: Office) -> None:
        log(office)
        form = choose(office, Stage.SCREENED)
        reply = office.submit("robin", form, criteria=("budget",))
        assert set(reply.errors) == {"reason"}
        assert office.lead().stage is Stage.CAPTURED
        assert not office.submit("robin", form, criteria=("budget",), reason="They insist").errors
        assert office.lead().stage is Stage.SCREENED

    def test_skipping_and_going_back_want_a_reason(self, office: Office) -> None:
        log(office)
        form = choose(office, Stage.PROPOSAL)
        assert set(office.submit("robin", form, criteria=("pain", "decider")).errors) == {"reason"}
        move(office, Stage.PROPOSAL, criteria=("pain", "decider"), reason="Known customer")
        back = choose(office, Stage.DISCOVERY)
        assert set(office.submit("robin", back, criteria=("talk",)).errors) == {"reason"}
        assert "Known customer" not in repr(office.rows("audit"))
        assert "Known customer" in repr(office.rows("remark"))

    def test_nothing_is_no_worth(self, office: Office) -> None:
        log(office)
        form = choose(office, Stage.WON)
        said = office.submit("robin", form, amount="0").errors
        assert said["amount"] == office.say("problem.amount_nothing", typed="0")
        assert set(said) == {"amount", "reason"}

    def test_a_form_that_was_overtaken_changes_nothing(self, office: Office) -> None:
        log(office)
        form = choose(office, Stage.SCREENED)
        move(office, Stage.SCREENED, criteria=ALL)
        assert office.submit("robin", form, criteria=ALL).errors
        assert office.lead().stage is Stage.SCREENED

    @pytest.mark.parametrize("to", ["", "captured", "aftersales", "moon", "won'--"])
    def test_refuses_a_stage_that_cannot_be_next(self, office: Office, to: str) -> None:
        log(office)
        form = office.ask("robin", "stage.open", text="LX001").form
        assert form
        assert set(office.submit("robin", form, to=to).errors) == {"to"}

    def test_somebody_elses_lead_is_not_found(self, office: Office) -> None:
        log(office)
        reply = office.ask("dana", "stage.open", text="LX001")
        assert reply.form is None
        assert "Acme" not in repr(reply)
        state = {"lead": "LX001", "to": "screened", "version": str(office.lead().version)}
        reply = office.ask("dana", "stage.move", state=state, values={"criteria": ALL})
        assert "Acme" not in repr(reply)
        assert office.lead().stage is Stage.CAPTURED


class TestClose:
    def test_won_needs_an_amount_and_ends_reminders(self, office: Office) -> None:
        log(office)
        said = {"lead": "LX001", "method": "call", "summary": "yes", "next_step": "sign"}
        office.ask("robin", "followup.create", values=said | {"next_on": "2024-03-05"})
        form = choose(office, Stage.WON)
        reply = office.submit("robin", form, criteria=("signed",), reason="x", amount="much")
        assert set(reply.errors) == {"amount"}
        move(office, Stage.WON, criteria=("signed",), reason="Fast", amount="12.5万")
        lead = office.lead()
        assert (lead.amount, lead.next_at, lead.closed_at) == (
            Decimal(125_000),
            None,
            lead.stage_since,
        )
        reminders = ("reminder", "overdue")
        waiting = select(work.c.kind).where(work.c.done_at.is_(None), work.c.kind.in_(reminders))
        with office.world.database.read() as connection:
            assert connection.execute(waiting).all() == []

    async def test_lost_needs_a_reason_and_is_looked_at_again(self, office: Office) -> None:
        log(office)
        form = choose(office, Stage.LOST)
        assert set(office.submit("robin", form, lost="").errors) == {"lost"}
        move(office, Stage.LOST, lost="price", reason="too dear", look_again="2024-06-03")
        assert office.lead().lost_reason == "price-too dear"
        why = office.say("move.reason_note", reason="Price", note="too dear")
        card = office.ask("robin", "lead.open", text="LX001").card
        assert card
        assert any(fact.value == why for fact in card.facts)
        past = office.ask("robin", "lead.history", pressed="LX001").card
        assert past
        told = office.say("history.because", reason=why)
        assert any(told in line for line in past.sections[0].lines)
        again = office.say("move.look_again_title", lead="LX001 · Acme Sample Ltd")
        await office.travel(2024, 6, 3, 8, 59)
        assert again not in [card.title for card in office.inbox("robin")]
        await office.travel(2024, 6, 3, 9)
        [card] = [card for card in office.inbox("robin") if card.title == again]
        assert "Price: too dear" in [fact.value for fact in card.facts]

    async def test_coming_back_forgets_the_second_look(self, office: Office) -> None:
        log(office)
        move(office, Stage.NURTURE, look_again="2024-06-03")
        move(office, Stage.SCREENED, criteria=ALL)
        assert office.lead().closed_at is None
        await office.travel(2024, 6, 3, 10)
        again = office.say("move.look_again_title", lead="LX001 · Acme Sample Ltd")
        assert again not in [card.title for card in office.inbox("robin")]

    def test_after_the_last_stage_says_so(self, office: Office) -> None:
        log(office)
        move(office, Stage.WON, criteria=("signed",), reason="Fast", amount="10万")
        move(office, Stage.AFTERSALES)
        reply = office.ask("robin", "stage.open", text="LX001")
        assert reply.toast == office.say("move.at_the_end", lead="LX001")


def values_of(form: Form | None) -> dict[str, object]:
    assert form
    return {field.name: getattr(field, "value", "") for field in form.fields}


class TestSaidInOneLine:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("LX001 won 120k", {"amount": "120k", "reason": ""}),
            ("lx1，成交了，12万，合同号 HT-1，下周付款",
             {"amount": "12万", "contract": "HT-1", "reason": "下周付款"}),
            ("Acme Sample 成交 12万", {"amount": "12万"}),
            ("Acme Sample成交12万", {"amount": "12万"}),
            ("won LX001 120k", {"amount": "120k"}),
            ("LX001 流失 价格太高", {"lost": "price", "reason": "价格太高"}),
            ("LX001 lost too expensive", {"lost": "price", "reason": "too expensive"}),
            ("LX001 lost their boss left", {"lost": "", "reason": "their boss left"}),
            ("LX001 price too high, lost", {"lost": "price", "reason": "price too high"}),
            ("LX001 筛选 预算清楚", {"reason": "预算清楚"}),
        ],
    )  # fmt: skip
    def test_the_form_of_the_move_is_filled(
        self, office: Office, line: str, expected: dict[str, str]
    ) -> None:
        log(office)
        form = office.ask("robin", "stage.open", text=line).form
        assert form
        assert form.action == "stage.move"
        assert values_of(form).items() >= expected.items()

    def test_it_can_be_submitted_as_it_came(self, office: Office) -> None:
        log(office)
        form = office.ask("robin", "stage.open", text="LX001 流失 价格太高").form
        assert form
        assert not office.submit("robin", form).errors
        assert (office.lead().stage, office.lead().lost_reason) == (Stage.LOST, "price-价格太高")

    @pytest.mark.parametrize(
        ("line", "key", "params"),
        [
            ("LX001 foo bar", "no_stage", {"words": "foo bar"}),
            ("LX001 售后", "not_from_here", {"stage": "aftersales"}),
            ("LX001 captured", "there_already", {"stage": "captured"}),
            ("Nobody Known won 120k", "no_lead", {"words": "Nobody Known"}),
        ],
    )
    def test_what_was_not_understood_is_named_and_kept(
        self, office: Office, line: str, key: str, params: dict[str, str]
    ) -> None:
        log(office)
        form = office.ask("robin", "stage.open", text=line).form
        assert form
        if stage := params.get("stage"):
            params = {"stage": office.say(f"stage.{stage}"), "now": office.say("stage.captured")}
            if key == "there_already":
                del params["now"]
        assert office.say(f"move.{key}", **params) in form.intro
        more = {"lead": "LX001"} if key == "no_lead" else {}
        chosen = office.submit("robin", form, to=Stage.WON, **more).form
        words = {"no_stage": "foo bar", "no_lead": "Nobody Known"}.get(key, "")
        assert values_of(chosen)["reason"] == words
        assert (values_of(chosen)["amount"] == "120k") is (key == "no_lead")

    def test_what_a_deal_is_worth_is_kept_where_its_stage_has_no_field_for_it(
        self, office: Office
    ) -> None:
        log(office)
        won = office.ask("robin", "stage.open", text="LX001 won 120k").form
        assert won
        assert not office.submit("robin", won, reason="They signed.").errors
        form = office.ask("robin", "stage.open", text="LX001 proposal 120k closing Dec 20").form
        assert form
        assert office.say("stage.won") in form.intro
        chosen = office.submit("robin", form, to=Stage.AFTERSALES).form
        note = str(values_of(chosen)["reason"])
        assert "120k" in note
        assert "Dec 20" in note

    def test_of_two_leads_one_is_chosen_and_the_words_stay(self, office: Office) -> None:
        log(office)
        office.log_lead("robin", owner="keep", customer="Acme West", phone="", email="")
        form = office.ask("robin", "stage.open", text="Acme won 120k").form
        assert form
        options = next(field for field in form.fields if isinstance(field, LeadPick)).options
        assert {option.value for option in options} == {"LX001", "LX002"}
        chosen = office.submit("robin", form, lead="LX002").form
        assert values_of(chosen)["amount"] == "120k"
