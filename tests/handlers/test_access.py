"""A customer whom a colleague has: led there, or asked for; shared, handed over or declined."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from handlers.requests import Reply
from handlers.ui import Card, Form
from sales.errors import LeadNotFound
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import LEAD, Office, button_of, words_of

SAME_PHONE = dict(LEAD) | {"customer": "Quite Another", "email": ""}
OF_THE_LEAD = ("LX001", "Acme", "Zhang", "Robin", "robin")


@pytest.fixture
def robins(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead_of_robins) as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    """LX001 is Robin's."""
    office.log_lead("robin", owner="keep")


def refused(office: Office, account: str) -> Reply:
    """What somebody gets who logs the same customer."""
    reply = office.ask(account, "lead.create", values=SAME_PHONE)
    assert set(reply.errors) == {"phone"}
    return reply


def card_of(reply: Reply) -> Card:
    assert reply.card is not None, reply
    return reply.card


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


async def ask(office: Office, account: str = "kim", why: str = "They called me") -> Card:
    """Ask for Robin's lead; gives the card that Robin gets."""
    form = form_of(office.press(account, card_of(refused(office, account)), "button.ask_access"))
    assert office.submit(account, form, why=why).toast == office.say("access.asked")
    await office.settle()
    return office.inbox("robin")[-1]


def sees(office: Office, account: str) -> bool:
    return office.ask(account, "lead.show", pressed="LX001").card is not None


class TestMetAgain:
    def test_who_may_see_it_is_led_there(self, robins: Office) -> None:
        card = card_of(refused(robins, "max"))
        assert "LX001 · Acme Sample Ltd" in card.title
        assert card_of(robins.press("max", card, "button.open")).subject == "lead:1"

    def test_others_learn_that_somebody_cares_and_no_more(self, robins: Office) -> None:
        reply = refused(robins, "kim")
        assert card_of(reply).title == robins.say("duplicate.cared_for")
        assert not [word for word in OF_THE_LEAD if word in words_of(reply)]

    def test_an_edit_meets_it_too(self, robins: Office) -> None:
        robins.log_lead("dana", owner="keep", customer="Other", phone="", email="")
        form = form_of(robins.ask("dana", "lead.edit", pressed="LX002"))
        reply = robins.submit("dana", form, phone=LEAD["phone"])
        assert card_of(reply).title == robins.say("duplicate.cared_for")
        reply = robins.submit("dana", form, customer="ACME Sample Inc")
        assert set(reply.errors) == {"different"}

    def test_saved_anyway_with_a_reason_on_record(self, robins: Office) -> None:
        typed = dict(LEAD) | {"customer": "ACME Sample Inc", "phone": "", "email": ""}
        form = form_of(robins.ask("kim", "lead.create", values=typed))
        assert not [word for word in OF_THE_LEAD if word in words_of(replace(form, fields=()))]
        assert set(robins.submit("kim", form, different="same").errors) == {"different"}
        assert not robins.submit("kim", form, different="branch").errors
        [row] = [row for row in robins.rows("audit") if row["act"] == "lead.different"]
        assert row["detail"] == {"reason": "branch", "like": "LX001"}

    def test_how_alike_is_a_rule(self, robins: Office) -> None:
        typed = dict(LEAD) | {"customer": "Acme Sampel", "phone": "", "email": ""}
        assert robins.ask("kim", "lead.create", values=typed).errors
        robins.rules(duplicates={"alike_from": 100})
        assert not robins.ask("kim", "lead.create", values=typed).errors


class TestAsking:
    async def test_owner_and_leader_hear_who_and_why(self, robins: Office) -> None:
        card = await ask(robins)
        assert "Kim Sample" in card.title
        assert "They called me" in words_of(card)
        assert robins.inbox("max")[-1].title == card.title
        [row] = [row for row in robins.rows("audit") if row["act"] == "access.ask"]
        assert row["actor_id"] == robins.people["kim"].id

    async def test_only_once_until_it_is_answered(self, robins: Office) -> None:
        await ask(robins)
        again = robins.press("kim", card_of(refused(robins, "kim")), "button.ask_access")
        assert again.form is None
        assert again.toast.startswith(robins.say("access.waiting", at="|").split("|")[0])
        assert len(robins.rows("access_request")) == 1

    async def test_a_reason_is_needed(self, robins: Office) -> None:
        button = button_of(card_of(refused(robins, "kim")), robins.say("button.ask_access"))
        form = form_of(robins.ask("kim", "access.ask", pressed=button.value))
        assert set(robins.submit("kim", form, why=" ").errors) == {"why"}
        assert set(robins.submit("kim", form, why="x" * 301).errors) == {"why"}

    def test_a_reference_of_somebody_else_is_worth_nothing(self, robins: Office) -> None:
        button = button_of(card_of(refused(robins, "kim")), robins.say("button.ask_access"))
        for action in ("access.ask", "access.request"):
            reply = robins.ask("dana", action, pressed=button.value, values={"why": "x"})
            assert robins.say("error.lead_not_found") in (reply.toast, *reply.errors.values())
        assert robins.rows("access_request") == []


class TestAnswering:
    async def test_shared_both_work_on_it(self, robins: Office) -> None:
        robins.press("robin", await ask(robins), "button.share")
        await robins.settle()
        told = robins.inbox("kim")[-1]
        assert "LX001 · Acme Sample Ltd" in told.title
        assert sees(robins, "kim")
        assert robins.owner() == "robin"
        logged = robins.ask("kim", "followup.open", text="LX001 call second site tomorrow offer")
        assert logged.card is not None
        assert len(robins.history()) == 1

    async def test_who_shares_may_not_share_on(self, robins: Office) -> None:
        robins.press("robin", await ask(robins), "button.share")
        card = await ask(robins, "dana")
        share = button_of(card, robins.say("button.share"))
        reply = robins.ask("kim", share.action, pressed=share.value)
        assert robins.say("role.manager") in reply.toast
        assert not sees(robins, "dana")

    async def test_sharing_ends(self, robins: Office) -> None:
        robins.press("robin", await ask(robins), "button.share")
        lead = card_of(robins.ask("robin", "lead.show", pressed="LX001"))
        assert "Kim Sample" in words_of(lead)
        end = button_of(lead, robins.say("button.end_share", name="Kim Sample"))
        seen_by_kim = card_of(robins.ask("kim", "lead.show", pressed="LX001"))
        assert end.label not in words_of(seen_by_kim)
        robins.ask("robin", end.action, pressed=end.value)
        assert not sees(robins, "kim")

    async def test_handed_over_it_is_theirs(self, robins: Office) -> None:
        reply = robins.press("robin", await ask(robins), "button.hand_over")
        assert "Acme" not in words_of(reply.update)
        await robins.settle()
        assert robins.owner() == "kim"
        assert not sees(robins, "robin")
        offered = robins.inbox("kim")[-1]
        assert robins.say("why.asked_for", rule="Robin Sample") in offered.footnote

    async def test_declined_they_learn_the_word_alone(self, robins: Office) -> None:
        form = form_of(robins.press("robin", await ask(robins), "button.refuse"))
        robins.submit("robin", form, word="We sign this week")
        await robins.settle()
        told = robins.inbox("kim")[-1]
        assert "We sign this week" in told.body
        assert not [word for word in OF_THE_LEAD if word in words_of(told)]
        assert not sees(robins, "kim")

    async def test_who_was_declined_waits_before_asking_again(self, robins: Office) -> None:
        form = form_of(robins.press("robin", await ask(robins), "button.refuse"))
        robins.submit("robin", form)
        button = button_of(card_of(refused(robins, "kim")), robins.say("button.ask_access"))
        assert robins.ask("kim", "access.ask", pressed=button.value).form is None
        await robins.travel(2024, 3, 8, 11)
        assert robins.ask("kim", "access.ask", pressed=button.value).form is not None

    async def test_what_was_answered_stays_answered(self, robins: Office) -> None:
        card = await ask(robins)
        robins.press("robin", card, "button.share")
        late = robins.press("max", card, "button.hand_over")
        assert late.toast == robins.say("access.settled")
        assert robins.owner() == "robin"

    async def test_a_strangers_press_is_not_found(self, robins: Office) -> None:
        card = await ask(robins)
        for account in ("dana", "wes", "kim"):
            reply = robins.press(account, card, "button.share")
            assert reply.toast == robins.say("error.lead_not_found")
        with robins.world.new_uow() as uow, pytest.raises(LeadNotFound):
            uow.leads(robins.people["kim"]).get(1)
