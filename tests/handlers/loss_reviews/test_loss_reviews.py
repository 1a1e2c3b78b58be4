"""The owner of a big lost deal is asked once what was learnt; leaders read what they wrote."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card, Form
from sales.leads import Stage
from sales.loss_reviews import LossReview
from sales.people import SYSTEM
from sales.playbook import LossReviewRules
from sales.reports import JourneyFilter
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

MARCH = (datetime(2024, 3, 1, tzinfo=SHANGHAI), datetime(2024, 4, 1, tzinfo=SHANGHAI))
WHY = "The IT manager decided, and we only knew purchasing"
BETTER = "Ask in the first call who signs"


def lose(office: Office, account: str = "robin", lead_id: int = 1, reason: str = "price") -> Reply:
    return move(office, "lost", account, lead_id, lost=reason)


def move(office: Office, to: str, account: str, lead_id: int = 1, **typed: str) -> Reply:
    lead = office.lead(lead_id)
    state = {"lead": lead.number, "to": to, "version": str(lead.version)}
    values = {"reason": "so it is", **typed}
    reply = office.ask(account, "stage.move", state=state, values=values)
    assert not reply.errors, reply.errors
    return reply


def asked(office: Office, account: str = "robin") -> list[Card]:
    question = office.say("loss_review.asked")
    return [card for card in office.inbox(account) if card.body == question]


def form_of(office: Office, account: str = "robin", number: str = "LX001") -> Form:
    form = office.ask(account, "loss_review.write", pressed=number).form
    assert form
    return form


def write(office: Office, account: str = "robin", number: str = "LX001", **typed: str) -> Reply:
    reply = office.submit(account, form_of(office, account, number), **{"learnt": WHY, **typed})
    assert not reply.errors, reply.errors
    return reply


def review(office: Office, lead_id: int = 1) -> LossReview:
    with office.world.new_uow(read_only=True) as uow:
        found = uow.loss_reviews(SYSTEM).latest(lead_id)
    assert found
    return found


def reviews(office: Office, only: JourneyFilter = JourneyFilter()) -> list[int]:  # noqa: B008
    with office.world.new_uow(read_only=True) as uow:
        found = uow.loss_reviews(SYSTEM).of_period(*MARCH, only)
    return [one.lead_id for one in found]


def listed(office: Office, account: str) -> Card:
    card = office.ask(account, "loss_review.list").card
    assert card
    return card


class TestAsking:
    async def test_the_next_working_morning_once(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        await office.travel(2024, 3, 1, 18)
        assert asked(office) == []
        await office.travel(2024, 3, 4, 9)
        [card] = asked(office)
        assert office.say("button.write_review") in words_of(card)
        await office.travel(2024, 3, 12, 9)
        assert asked(office) == [card]

    async def test_not_when_it_is_written_already(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        write(office)
        await office.travel(2024, 3, 5, 9)
        assert asked(office) == []

    async def test_silent_when_it_goes_on_and_asked_when_lost_again(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        move(office, "screened", "robin")
        await office.travel(2024, 3, 4, 9)
        assert asked(office) == []
        lose(office, reason="other")
        await office.travel(2024, 3, 5, 9)
        assert len(asked(office)) == 1
        move(office, "screened", "robin")
        lose(office)
        await office.travel(2024, 3, 8, 9)
        assert len(asked(office)) == 1

    @pytest.mark.parametrize(
        ("rules", "budget"),
        [
            (LossReviewRules(), "5-9万"),
            (LossReviewRules(), ""),
            (LossReviewRules(ask=False), "15-20万"),
        ],
    )
    async def test_nothing_about_small_ones_or_when_switched_off(
        self, office: Office, rules: LossReviewRules, budget: str
    ) -> None:
        office.rules(loss_review=rules)
        office.log_lead("robin", owner="keep", budget=budget)
        lose(office)
        await office.travel(2024, 3, 5, 9)
        assert asked(office) == []

    async def test_the_card_becomes_the_answer(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        await office.travel(2024, 3, 4, 9)
        [card] = asked(office)
        form = office.press("robin", card, "button.write_review").form
        assert form
        assert not office.submit("robin", form, learnt=WHY, would_have_helped=BETTER).errors
        await office.settle()
        assert asked(office) == []
        assert any(WHY in words_of(one) for one in office.inbox("robin"))


class TestWriting:
    def test_on_the_lead_and_in_its_history(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        reply = write(office, would_have_helped=BETTER, competitor="Rival Sample")
        assert reply.update
        assert WHY in words_of(reply.update)
        history = office.ask("max", "lead.history", pressed="LX001").card
        assert WHY in words_of(history)
        whole = office.ask("max", "loss_review.show", pressed="LX001").card
        assert {BETTER, "Rival Sample"} <= {
            *(line for section in whole.sections for line in section.lines),
            *(fact.value for fact in whole.facts),
        } if whole else False  # fmt: skip
        assert WHY.encode() not in b"".join(office.sealed("loss_review", "learnt"))

    def test_says_what_is_missing_and_hides_contacts(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        form = form_of(office)
        assert office.submit("robin", form).errors == {
            "learnt": office.say("problem.learnt_missing")
        }
        write(office, learnt="Call 138 1234 5678 and ask")
        assert "1234 5678" not in review(office).learnt

    def test_changed_by_its_writer_and_leaders_alone(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        write(office)
        write(office, "max", learnt="Too late with the offer")
        assert review(office).written_by == office.people["robin"].id
        assert review(office).changed_by == office.people["max"].id
        dana = office.people["dana"].id
        office.change_lead(1, lambda lead: replace(lead, owner_id=dana))
        refused = office.ask("dana", "loss_review.write", pressed="LX001")
        assert refused.form is None
        assert "Robin Sample" in refused.toast
        assert office.ask("dana", "loss_review.show", pressed="LX001").card
        assert office.ask("kim", "loss_review.write", pressed="LX001").form is None

    def test_words_of_a_colleague_are_not_lost(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        mine, theirs = form_of(office, "max"), form_of(office, "ada")
        assert not office.submit("ada", theirs, learnt="The first words").errors
        reply = office.submit("max", mine, learnt="Other words")
        assert reply.form
        assert "The first words" in "".join(reply.errors.values())
        assert review(office).learnt == "The first words"
        assert not office.submit("max", reply.form).errors
        assert review(office).learnt == "Other words"

    def test_of_a_deal_that_goes_on_nothing_is_asked(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        form = form_of(office)
        move(office, "screened", "robin")
        reply = office.submit("robin", form, learnt=WHY)
        assert reply.toast == office.say("loss_review.goes_on", lead="LX001")
        assert office.ask("robin", "loss_review.write", pressed="LX001").form is None

    def test_shared_without_the_customers_name_and_once(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        words = "Acme Sample Ltd wanted a pilot"
        form = form_of(office)
        office.submit("robin", form, learnt=words, share=("share",))
        item_id = review(office).item_id
        assert item_id
        item = office.ask("max", "library.show", pressed=str(item_id)).card
        assert office.say("loss_review.the_customer") in words_of(item)
        assert "Acme" not in words_of(item)
        assert "share" not in [one.name for one in form_of(office).fields]


class TestMonth:
    def test_open_and_written_by_reason_for_the_leader(self, office: Office) -> None:
        for n in range(3):
            phone, mail = f"138 0000 100{n}", f"a{n}@sample{n}.example"
            office.log_lead("robin", owner="keep", customer=f"Sample {n}", phone=phone, email=mail)
        lose(office, lead_id=1)
        lose(office, lead_id=2)
        lose(office, lead_id=3)
        write(office, number="LX001")
        write(office, number="LX002", competitor="Rival Sample")
        card = listed(office, "max")
        assert card.body == office.say("loss_review.month", n=2, waiting=1)
        assert "Rival Sample" in words_of(card)
        opens = button_of(card, office.say("button.write_review_of", lead="LX003"))
        assert office.ask("max", opens.action, pressed=opens.value).form
        assert listed(office, "robin").body == card.body
        assert listed(office, "kim").body == office.say("loss_review.nothing")
        assert reviews(office) == [1, 2]
        assert reviews(office, JourneyFilter(owner_ids=frozenset({999}))) == []
        robin = frozenset({office.people["robin"].id})
        assert reviews(office, JourneyFilter(owner_ids=robin)) == [1, 2]

    def test_other_months_and_nonsense(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        write(office)
        for key in ("2024-02", "2024-99", "", "2024-W09"):
            card = office.ask("max", "loss_review.month", pressed=key).update
            assert card
        before = office.ask("max", "loss_review.month", pressed="2024-02").update
        assert before
        assert before.body == office.say("loss_review.nothing")
        months = [one.value for one in buttons_of(before) if one.action == "loss_review.month"]
        assert months == ["2024-01", "2024-03"]

    def test_reopened_deals_are_not_in_it(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        lose(office)
        write(office)
        assert reviews(office) == [1]
        move(office, "screened", "robin")
        assert reviews(office) == []
        assert office.lead().stage is Stage.SCREENED
        assert review(office).learnt == WHY

    @pytest.mark.parametrize("line", ["复盘丢单", "丢单复盘", "/loss reviews", "loss reviews"])
    def test_by_its_words(self, office: Office, line: str) -> None:
        reply = office.ask("max", "command.run", pressed=line)
        assert reply.card
        assert reply.card.title.startswith(office.say("loss_review.month_title", month="")[:5])


def test_lost_at_is_an_instant() -> None:
    at = datetime(2024, 3, 1, tzinfo=UTC)
    assert LossReview(lead_id=1, lost_at=at).lost_again(at) == LossReview(lead_id=1, lost_at=at)
