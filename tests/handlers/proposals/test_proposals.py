"""Proposals through the front door: composed from the library, sent once, replaced, withdrawn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from handlers.core.requests import WHOLE_FORM
from handlers.proposals.customer_page import Closed, Page, ProposalReader
from handlers.proposals.links import reach_of
from sales.leads import Stage
from sales.library import Content, Item, ItemKind, ItemState, Tags, Wording
from sales.people import SYSTEM
from sales.playbook import Playbook, Proposals
from sales.proposals import ProposalState
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.reseal import Resealed, reseal
from tests.furnished import Offices
from tests.handlers.proposals.drafted import (
    SITE,
    compose,
    form_for,
    path_of,
    press,
    send,
    stock,
    values,
)
from tests.office import SHANGHAI, Office, buttons_of, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead_of_robins, public_url=f"{SITE}/") as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    office.log_lead("robin", owner="keep", product="advanced")


@pytest.fixture
def items(office: Office) -> dict[str, int]:
    return stock(office)


def note(office: Office, **typed: object) -> None:
    form = office.ask("robin", "discovery.open", text="LX001").form
    assert form
    assert not office.submit("robin", form, **typed).errors  # type: ignore[arg-type]


class TestCompose:
    def test_suggests_what_solves_their_pains_and_who_is_like_them(
        self, office: Office, items: dict[str, int]
    ) -> None:
        note(office, pains=("slow_response",))
        known = values(form_for(office))
        assert known["solutions"] == (str(items["clock"]),)
        assert set(known["modules"]) == {str(items["core"]), str(items["reports"])}
        assert known["cases"] == (str(items["software"]),)
        assert known["valid_until"] == "2024-03-31"
        assert known["opening"] == office.say("proposal.default_opening")

    def test_the_sums_are_exact_for_both_editions(
        self, office: Office, items: dict[str, int]
    ) -> None:
        card = compose(office, discount="7.5")
        facts = {fact.label: fact.value for fact in card.facts}
        assert facts["Basic, after discount"] == "¥27,750"
        # 45000.50 + 9999.99 = 55000.49; 7.5 % are 4125.04 (half up).
        assert facts["Advanced, after discount"] == "¥50,875.45"

    def test_a_proposal_in_own_words_needs_no_library(self, office: Office) -> None:
        card = compose(
            office,
            own_solutions="slow answers → a clock\nlost cards -> one list",
            own_modules="Import: 8,000 / 1.2万\nTraining：3000\nReports: - / 500",
        )
        [table] = [section.table for section in card.sections if section.table]
        assert table.rows == (
            ("Import", "1", "¥8,000", "¥12,000"),
            ("Training", "1", "¥3,000", "¥3,000"),
            ("Reports", "1", "—", "¥500"),
        )
        again = values(form_for(office))
        assert again["own_solutions"] == "slow answers → a clock\nlost cards → one list"
        assert (
            again["own_modules"]
            == "Import: 8,000 / 12,000\nTraining: 3,000 / 3,000\nReports: - / 500"
        )

    def test_quantities_multiply_and_zero_takes_out(
        self, office: Office, items: dict[str, int]
    ) -> None:
        form = press(office, compose(office), "proposal.count").form
        assert form
        reply = office.submit("robin", form, quantity_0="3", quantity_1="0")
        assert reply.update, reply.errors
        assert "¥90,000" in words_of(reply.update)
        assert "¥135,001.50" in words_of(reply.update)
        assert len(values(form_for(office))["modules"]) == 1
        # Written on, the quantity stays.
        assert "3" in words_of(compose(office).sections)

    @pytest.mark.parametrize("typed", ["", "-1", "1.5", "many", "10000", "٣"])
    def test_a_quantity_is_a_whole_number(
        self, office: Office, items: dict[str, int], typed: str
    ) -> None:
        form = press(office, compose(office), "proposal.count").form
        assert form
        assert set(office.submit("robin", form, quantity_0=typed).errors) == {"quantity_0"}

    def test_what_is_wrong_is_said_beside_each_field(self, office: Office) -> None:
        reply = office.submit(
            "robin",
            form_for(office),
            own_solutions="no arrow here",
            own_modules="Import 8000",
            discount="100",
            valid_until="2024-02-01",
            language="fr",
            opening="x" * 1201,
        )
        assert set(reply.errors) == {
            "own_solutions", "own_modules", "discount", "valid_until", "language", "opening",
        }  # fmt: skip
        assert office.rows("proposal") == []

    def test_an_empty_one_is_refused_with_an_example(self, office: Office) -> None:
        reply = office.submit("robin", form_for(office))
        assert set(reply.errors) == {"own_solutions"}

    def test_the_language_of_the_page_is_the_customers(
        self, office: Office, items: dict[str, int]
    ) -> None:
        note(office, pains=("slow_response",))
        compose(office, language="zh_CN")
        with office.world.new_uow(read_only=True) as uow:
            [draft] = uow.proposals(SYSTEM).of_lead(1)
        chinese = office.world.languages("zh_CN")
        assert draft.offering.solutions[0].pain == "响应不及时"
        assert draft.offering.opening == chinese.text("proposal.default_opening")
        assert draft.offering.terms == chinese.text("proposal.default_terms")

    def test_one_draft_at_a_time_and_nobody_overwrites_unseen(
        self, office: Office, items: dict[str, int]
    ) -> None:
        mine, theirs = form_for(office), form_for(office, "max")
        assert not office.submit("max", theirs, opening="theirs").errors
        reply = office.submit("robin", mine, opening="mine")
        assert set(reply.errors) == {WHOLE_FORM}
        assert reply.form
        assert values(reply.form)["opening"] == "mine"
        assert not office.submit("robin", reply.form).errors
        [row] = office.rows("proposal")
        assert (row["number"], row["version"]) == (1, 1)

    def test_the_command_asks_for_the_lead_or_shows_what_there_is(
        self, office: Office, items: dict[str, int]
    ) -> None:
        pick = office.ask("robin", "proposal.open").form
        assert pick
        assert office.submit("robin", pick, lead="LX001").form
        compose(office)
        card = office.ask("robin", "proposal.open", text="Acme").card
        assert card
        assert card.title == office.say("proposal.title", number=1, lead="LX001 · Acme Sample Ltd")


class TestSend:
    def test_gives_the_link_to_who_sends_and_to_nobody_else(
        self, office: Office, items: dict[str, int]
    ) -> None:
        path = send(office)
        token = path.removeprefix("/p/")
        for table in ("proposal", "proposal_link", "audit", "message", "work"):
            assert token not in repr(office.rows(table)), table
        [row] = office.rows("proposal")
        assert row["state"] == ProposalState.SENT
        assert {one["purpose"] for one in office.rows("library_use")} == {"proposal"}

    def test_moves_the_stage_and_says_so(self, office: Office, items: dict[str, int]) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.DISCOVERY))
        card = press(office, compose(office), "proposal.send").card
        assert card
        stages = {"before": office.say("stage.discovery"), "after": office.say("stage.proposal")}
        assert office.say("proposal.moved", **stages) in card.body
        assert office.lead().stage is Stage.PROPOSAL
        with office.world.new_uow(read_only=True) as uow:
            offered = uow.proposals(SYSTEM).get(1).offering.worth
        assert offered
        assert office.lead().amount == offered
        why = office.say("history.because", reason=office.say("history.proposal_sent"))
        past = office.ask("robin", "lead.history", pressed="LX001").card
        assert past
        assert any(why in line for line in past.sections[0].lines)
        undo = office.press("robin", card, "button.undo_move")
        assert office.lead().stage is Stage.DISCOVERY, undo
        assert office.press("robin", card, "button.undo_move").toast == office.say("move.changed")

    def test_never_moves_it_back(self, office: Office, items: dict[str, int]) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.NEGOTIATION))
        card = press(office, compose(office), "proposal.send").card
        assert card
        assert "stage.undo" not in {button.action for button in buttons_of(card)}
        assert office.lead().stage is Stage.NEGOTIATION

    def test_without_a_public_address_it_says_what_to_do(
        self, database: Database, fields: Fields
    ) -> None:
        with open_office(database, fields, FRIDAY) as office:
            office.log_lead("robin", owner="keep")
            card = compose(office, own_solutions="a → b")
            reply = press(office, card, "proposal.send")
            assert "PUBLIC_URL" in reply.toast
            [row] = office.rows("proposal")
            assert row["state"] == ProposalState.DRAFT

    def test_what_one_has_not_seen_is_not_sent(self, office: Office, items: dict[str, int]) -> None:
        seen = compose(office)
        compose(office, "max", discount="50")
        reply = press(office, seen, "proposal.send")
        assert reply.toast == office.say("proposal.changed")
        assert office.rows("proposal_link") == []
        assert reply.update
        assert press(office, reply.update, "proposal.send").card

    def test_an_offer_that_has_ended_is_not_sent(
        self, office: Office, items: dict[str, int]
    ) -> None:
        card = compose(office, valid_until="2024-03-04")
        office.world.clock.set_wall(datetime(2024, 3, 5, 10, tzinfo=SHANGHAI))
        assert press(office, card, "proposal.send").toast == office.say("proposal.out_of_date")

    def test_what_was_sent_keeps_its_words(self, office: Office, items: dict[str, int]) -> None:
        send(office)
        before = office.rows("proposal")[0]["offering"]
        with office.world.new_uow() as uow:
            library = uow.library(SYSTEM)
            item = library.get(items["core"])
            library.save(item.retire(office.person("max"), FRIDAY))
            uow.commit()
        again = form_for(office)
        assert str(items["core"]) in values(again)["modules"]
        assert office.rows("proposal")[0]["offering"] == before

    def test_a_new_version_takes_the_place_of_the_old(
        self, office: Office, items: dict[str, int]
    ) -> None:
        send(office)
        send(office, discount="10")
        states = [(row["number"], row["state"]) for row in office.rows("proposal")]
        assert states == [(1, "replaced"), (2, "sent")]
        card = office.ask("robin", "lead.show", pressed="LX001").card
        assert office.say("proposal.unopened") in words_of(card)

    def test_another_link_ends_with_the_first(self, office: Office, items: dict[str, int]) -> None:
        send(office)
        office.world.clock.advance(86_400)
        card = office.ask("robin", "proposal.open", text="LX001").card
        assert card
        reply = press(office, card, "proposal.link")
        assert reply.card
        path_of(reply.card)
        ends = {row["expires_at"] for row in office.rows("proposal_link")}
        assert len(office.rows("proposal_link")) == 2
        assert len(ends) == 1

    def test_sealed_and_sealed_anew(self, office: Office, items: dict[str, int]) -> None:
        send(office)
        assert b"Pipeline" not in office.sealed("proposal", "offering")[0]
        assert reseal(office.world.database, office.world.fields) == Resealed()
        with office.world.new_uow(read_only=True) as uow:
            [proposal] = uow.proposals(SYSTEM).of_lead(1)
        lines = {line.name: line for line in proposal.offering.quote.lines}
        assert lines["Pipeline"].advanced == Decimal("45000.50")
        assert lines["Reports"].basic is None


class TestRights:
    @pytest.mark.parametrize(
        "action", ["proposal.show", "proposal.preview", "proposal.link", "proposal.write"]
    )
    def test_somebody_elses_is_not_there(
        self, office: Office, items: dict[str, int], action: str
    ) -> None:
        send(office)
        value = "LX001" if action == "proposal.write" else "1"
        reply = office.ask("dana", action, pressed=value)
        gone = {office.say("error.proposal_not_found"), office.say("error.lead_not_found")}
        assert reply.toast in gone
        assert len(office.rows("proposal_link")) == 1

    def test_who_lost_the_lead_looks_at_nothing_any_more(
        self, office: Office, items: dict[str, int]
    ) -> None:
        """A preview link of before shows nothing; what customers have works on."""
        customers = send(office).rpartition("/")[2]
        card = office.ask("robin", "proposal.show", pressed="1").card
        assert card
        looked = press(office, card, "proposal.preview").card
        assert looked
        assert not looked.sections, "the link alone, not the whole proposal again"
        previewed = path_of(looked).rpartition("/")[2]
        room = ProposalReader(office.world.new_uow, office.world.contexts)
        assert isinstance(room.page(previewed), Page)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        assert isinstance(room.page(previewed), Closed)
        assert isinstance(room.page(customers), Page)


class TestFeedback:
    def test_is_due_in_the_owners_own_hours(self, office: Office, items: dict[str, int]) -> None:
        office.change_person("robin", lambda one: replace(one, hours="mon 09:00-12:00"))
        send(office)
        [clock] = [row for row in office.rows("clock") if row["for_feedback"]]
        assert clock["due_at"].astimezone(SHANGHAI).hour in range(9, 13)
        assert clock["due_at"].astimezone(SHANGHAI).weekday() == 0

    def test_goes_to_who_gets_it_from_a_leaver(self, office: Office, items: dict[str, int]) -> None:
        send(office)
        office.change_person("robin", lambda one: replace(one, active=False))
        robin, dana = office.people["robin"].id, office.people["dana"].id
        form = office.ask("max", "leaver.ask", pressed=str(robin)).form
        assert form
        preview = office.submit("max", form, rule="person", person=str(dana)).card
        assert preview
        press(office, preview, "leaver.carry_out", "max")
        clocks = [row for row in office.rows("clock") if row["for_feedback"]]
        assert [(one["owner_id"], one["stopped_at"] is None) for one in clocks] == [
            (robin, False),
            (dana, True),
        ]

    async def test_sending_starts_a_clock_that_only_people_stop(
        self, office: Office, items: dict[str, int]
    ) -> None:
        office.ask("robin", "followup.open", text="LX001 call likes it")
        send(office)
        [clock] = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert clock["due_at"] == datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)
        card = office.ask("robin", "lead.show", pressed="LX001").card
        assert office.say("clock.feedback") in [fact.label for fact in card.facts] if card else 0
        board = office.ask("robin", "board.open").card
        assert office.say("clock.please_feedback", due="Mon 10:00") in words_of(board)
        reply = office.ask("robin", "followup.open", text="LX001 email sent it")
        assert reply.card
        assert office.say("clock.feedback") not in reply.card.footnote
        assert reply.card.footnote.startswith(
            office.say("clock.not_feedback", due="").split(":")[0]
        )
        office.ask("robin", "followup.open", text="LX001 call wants a discount")
        [clock] = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert clock["met_at"] is not None
        await office.travel(2024, 3, 8, 10)
        missed = office.say("clock.missed_feedback", lead="LX001 · Acme Sample Ltd")
        assert missed not in [one.title for one in office.inbox("robin")]

    async def test_warns_breaches_and_tells_the_manager(
        self, office: Office, items: dict[str, int]
    ) -> None:
        office.ask("robin", "followup.open", text="LX001 call likes it")
        send(office)
        await office.travel(2024, 3, 4, 9, 30)
        near = office.say("clock.near_feedback", lead="LX001 · Acme Sample Ltd")
        missed = office.say("clock.missed_feedback", lead="LX001 · Acme Sample Ltd")
        assert near in [card.title for card in office.inbox("robin")]
        await office.travel(2024, 3, 4, 10, 1)
        assert missed in [card.title for card in office.inbox("robin")]
        await office.travel(2024, 3, 4, 14)
        assert missed in [card.title for card in office.inbox("max")]

    def test_feedback_in_words_counts_by_whatever_way_it_came(
        self, office: Office, items: dict[str, int]
    ) -> None:
        send(office)
        said = {"lead": "LX001", "method": "email", "summary": "wrote", "feedback": "too dear"}
        office.ask("robin", "followup.create", values=said)
        [clock] = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert clock["met_at"] is not None
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to="negotiation").form
        assert form
        assert values(form)["criteria"] == ("feedback",)

    def test_who_gets_the_lead_asks_in_their_own_time(
        self, office: Office, items: dict[str, int]
    ) -> None:
        send(office)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.world.clock.advance(3600)
        assert not office.submit("max", form, person=str(office.people["dana"].id)).errors
        clocks = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert [one["owner_id"] for one in clocks] == [
            office.people["robin"].id,
            office.people["dana"].id,
        ]
        assert clocks[0]["stopped_at"] is not None
        assert clocks[1]["due_at"] > clocks[0]["due_at"]

    def test_taken_back_or_lost_there_is_nothing_to_ask(
        self, office: Office, items: dict[str, int]
    ) -> None:
        send(office)
        card = office.ask("robin", "proposal.open", text="LX001").card
        assert card
        office.world.clock.advance(timedelta(hours=3))
        revoked = press(office, card, "proposal.revoke")
        assert revoked.toast == office.say("proposal.revoked")
        assert office.language.moment(office.world.clock.now()) in words_of(revoked.update)
        [clock] = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert clock["stopped_at"] is not None

    def test_how_long_it_runs_is_a_rule(self, office: Office, items: dict[str, int]) -> None:
        office.world.rules(
            Playbook.model_validate(
                {"clocks": {"feedback": {"within": 60}}, "proposals": {"valid_days": 7}}
            )
        )
        assert Proposals().valid_days == 30
        send(office)
        [clock] = [row for row in office.rows("clock") if row["kind"] == "feedback"]
        assert clock["due_at"] == datetime(2024, 3, 1, 11, tzinfo=SHANGHAI)


class TestTimeSpent:
    def test_below_a_minute_it_is_told_in_seconds(self, office: Office) -> None:
        said = [office.language.time_spent(seconds) for seconds in (0, 8, 60, 150)]
        assert said == ["1 second", "8 seconds", "1 minute", "2 minutes"]


class TestPassingOn:
    def test_comes_with_a_text_in_the_customers_language(
        self, office: Office, items: dict[str, int]
    ) -> None:
        card = press(office, compose(office, language="zh_CN"), "proposal.send").card
        assert card
        [text] = [section for section in card.sections if section.copies]
        assert card.links[0].url in text.lines
        assert "您好，这是我们为Acme Sample Ltd准备的方案：" in text.lines
        assert text.lines[-1] == "Robin Sample"

    @pytest.mark.parametrize(
        ("url", "reach"),
        [("http://127.0.0.1:8700", "machine"), ("http://localhost", "machine"),
         ("http://[::1]:8700", "machine"), ("http://192.168.1.7", "network"),
         ("http://sales-pc:8700", "network"), ("https://10.0.0.1", "network"),
         ("https://offers.example", "everybody"), ("https://8.8.8.8", "everybody"),
         ("http://printer.local", "network"), ("nonsense", "network")],
    )  # fmt: skip
    def test_who_can_open_an_address(self, url: str, reach: str) -> None:
        assert reach_of(url) == reach

    def test_an_address_of_this_machine_is_warned_of(self, offices: Offices) -> None:
        here = "http://127.0.0.1:8700"
        with offices.open(FRIDAY, after=a_lead_of_robins, public_url=here) as office:
            card = press(office, compose(office, own_solutions="a → b"), "proposal.send").card
            assert card
            assert office.say("proposal.link_machine", setting="PUBLIC_URL") in card.body
            assert card.tone == "warning"


class TestPains:
    def test_come_from_the_need_and_the_industry_not_from_others(self, office: Office) -> None:
        ids = {
            name: solution(office, title, industry)
            for name, title, industry in (
                ("stock", "Stock is counted by hand", ""),
                ("schools", "Enquiries at term start pile up", "education"),
                ("other", "Stock is counted by hand in classes", "finance"),
                ("own", "Licences expire unseen", "it"),
                ("any", "Figures come late", ""),
            )
        }
        office.change_lead(1, lambda lead: replace(lead, need="Our stock is counted by hand"))
        assert values(form_for(office))["solutions"] == (str(ids["stock"]), str(ids["own"]))

    def test_do_not_depend_on_a_product_that_is_not_decided(self, office: Office) -> None:
        late = solution(office, "Figures come late", "", product="analytics")
        office.change_lead(1, lambda lead: replace(lead, product="undecided"))
        assert values(form_for(office))["solutions"] == (str(late),)

    def test_of_no_industry_are_for_who_has_none(self, office: Office) -> None:
        general = solution(office, "Figures come late", "")
        solution(office, "Enquiries at term start pile up", "education")
        assert values(form_for(office))["solutions"] == (str(general),)


def solution(office: Office, title: str, industry: str, product: str = "") -> int:
    tags = Tags(industry=industry, product=product)
    content = Content(words={"en": Wording(title=title, text="Solved")}, tags=tags)
    with office.world.new_uow() as uow:
        item = Item(
            kind=ItemKind.SOLUTION, content=content, author_id=1, changed_by=1,
            changed_at=FRIDAY, state=ItemState.APPROVED,
        )  # fmt: skip
        added = uow.library(SYSTEM).add(item)
        uow.commit()
    return added.id
