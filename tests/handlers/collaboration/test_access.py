"""A customer a colleague already has: discovered or requested; shared, handed over or declined."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card, Form
from sales.errors import LeadNotFound
from sales.leads import Stage
from sales.opportunities import Opportunity
from sales.people import Role
from sales.playbook import Pool, PoolMember, RoutingRule
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import LEAD, Office, an_opportunity, button_of, buttons_of, words_of

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

    def test_a_wechat_id_meets_it_too(self, robins: Office) -> None:
        typed = {"phone": "", "email": "", "wechat": "Kay_sample"}
        robins.log_lead("robin", owner="keep", customer="Third", **typed)
        typed["wechat"] = "kay_SAMPLE"
        reply = robins.ask("dana", "lead.create", values=dict(LEAD, customer="Fourth", **typed))
        assert set(reply.errors) == {"wechat"}
        assert card_of(reply).title == robins.say("duplicate.cared_for")
        assert "Third" not in words_of(reply)

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
        robins.world.clock.advance(timedelta(minutes=2))
        card = await ask(robins, "dana")
        share = button_of(card, robins.say("button.share"))
        reply = robins.ask("kim", share.action, pressed=share.value)
        assert reply.toast == robins.say("error.others_decide", lead="LX001", who="Robin Sample")
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


class TestWorkingTogether:
    """Who only works on a lead does not decide on it. LX001 is Robin's, of the East team."""

    @pytest.fixture(params=["kim", "wes", "dana"])
    def beside(self, robins: Office, request: pytest.FixtureRequest) -> str:
        """A colleague of another team, her manager, a colleague of the same team."""
        account = str(request.param)
        share_with(robins, account)
        return account

    @pytest.mark.parametrize("action", ["pool.ask", "pool.extend", "merge.ask"])
    def test_offers_no_decision(self, robins: Office, beside: str, action: str) -> None:
        robins.rules(pool=Pool(return_after=10))
        reply = robins.ask(beside, action, pressed="LX001")
        assert reply.form is None
        refusal = robins.say("error.others_decide", lead="LX001", who="Robin Sample")
        assert reply.toast == refusal
        card = card_of(robins.ask(beside, "lead.show", pressed="LX001"))
        shown = {button.action for button in buttons_of(card)}
        assert not shown & {"pool.ask", "lead.reassign", "merge.ask", "access.end"}
        assert {"followup.log", "stage.advance", "lead.edit"} <= shown

    def test_puts_nothing_into_the_pool(self, robins: Office, beside: str) -> None:
        form = form_of(robins.ask("robin", "pool.ask", pressed="LX001"))
        assert robins.submit(beside, form, reason="busy").errors
        assert (robins.owner(), robins.lead().is_pooled) == ("robin", False)

    async def test_extends_nothing(self, robins: Office, beside: str) -> None:
        robins.rules(pool=Pool(return_after=10, protect_days=3, extensions=1, extend_days=5))
        form = form_of(robins.ask("robin", "pool.extend", pressed="LX001"))
        for minute in range(3):
            await robins.travel(2024, 3, 4, 10, minute)
            assert robins.submit(beside, form, reason="x", until="2024-04-01").errors
        assert robins.rows("pool_extension") == []

    def test_a_manager_of_another_team_hands_it_to_nobody(self, robins: Office) -> None:
        share_with(robins, "wes")
        assert robins.ask("wes", "lead.reassign", pressed="LX001").form is None
        form = form_of(robins.ask("max", "lead.reassign", pressed="LX001"))
        assert robins.submit("wes", form, person=str(robins.people["kim"].id)).errors
        assert robins.owner() == "robin"

    def test_a_manager_of_another_team_does_no_task_of_it(self, robins: Office) -> None:
        share_with(robins, "wes")
        robins.hire("pat", "Pat Sample", Role.PRODUCT)
        asked = {"person": str(robins.people["pat"].id), "question": "Can it?"}
        robins.ask("robin", "support.create", state={"lead": "LX001"}, values=asked)
        [task] = robins.tasks()
        assert "Can it?" in words_of(robins.ask("max", "task.list"))
        assert "Can it?" not in words_of(robins.ask("wes", "task.list"))
        for action in ("task.finish", "task.pass"):
            assert robins.ask("wes", action, pressed=str(task.id)).form is None
        typed = {"note": "yes"}
        assert robins.ask("wes", "task.done", pressed=str(task.id), values=typed).errors
        assert robins.tasks()[0].is_open

    def test_a_manager_of_another_team_takes_it_along_in_no_file(self, robins: Office) -> None:
        share_with(robins, "wes")
        reply = robins.ask("wes", "export.create", values={"kind": "csv"})
        assert reply.errors == {"stages": robins.say("problem.nothing_to_export")}

    def test_repeat_business_is_the_owners(self, robins: Office, beside: str) -> None:
        """Also while they are away."""
        opportunity = brought_up(robins)
        robins.change_person("robin", lambda one: replace(one, away_until=date(2024, 3, 10)))
        reply = robins.ask(beside, "opportunity.accept", pressed=str(opportunity.id))
        assert reply.toast == robins.say("opportunity.accepted", lead="LX002")
        assert robins.owner(2) == "robin"
        assert robins.ask(beside, "lead.show", pressed="LX002").card is None
        assert reply.card is None

    def test_repeat_business_of_who_left_goes_by_the_rules(self, robins: Office) -> None:
        share_with(robins, "kim")
        opportunity = brought_up(robins)
        robins.change_person("robin", lambda one: replace(one, active=False))
        to_dana = RoutingRule(name="all", pool=(PoolMember(person="Dana Example"),))
        robins.rules(routing=(to_dana,))
        robins.ask("kim", "opportunity.accept", pressed=str(opportunity.id))
        assert robins.owner(2) == "dana"


class TestSharingEnds:
    """With the ownership of who shared it. LX001 is Robin's, shared with Kim."""

    @pytest.fixture
    async def shared(self, robins: Office) -> Office:
        robins.press("robin", await ask(robins), "button.share")
        await robins.settle()
        assert "Acme" in words_of(robins.inbox("kim"))
        return robins

    async def test_with_a_new_owner(self, shared: Office) -> None:
        form = form_of(shared.ask("max", "lead.reassign", pressed="LX001"))
        shared.submit("max", form, person=str(shared.people["dana"].id))
        await shared.settle()
        assert not sees(shared, "kim")
        told = shared.inbox("kim")[-1]
        assert told.title == shared.say("access.over_title", lead="LX001")
        assert told.body == shared.say("access.over_owner")
        assert "Acme" not in words_of(shared.inbox("kim")[-2:])
        assert "Kim Sample" not in words_of(shared.ask("dana", "lead.show", pressed="LX001").card)
        ended = [row["detail"] for row in shared.rows("audit") if row["act"] == "access.end"]
        assert ended == [{"person": str(shared.people["kim"].id)}]

    async def test_in_the_pool(self, shared: Office) -> None:
        form = form_of(shared.ask("robin", "pool.ask", pressed="LX001"))
        shared.submit("robin", form, reason="busy")
        await shared.settle()
        assert not sees(shared, "kim")
        revealed = shared.ask(
            "kim", "contact.reveal", values={"reason": "call"}, state={"lead": "LX001"}
        )
        assert "1234" not in words_of(revealed)
        assert shared.inbox("kim")[-1].body == shared.say("access.over_pool")

    async def test_and_begins_again_with_the_new_owner(self, shared: Office) -> None:
        form = form_of(shared.ask("max", "lead.reassign", pressed="LX001"))
        shared.submit("max", form, person=str(shared.people["dana"].id))
        form = form_of(shared.press("kim", card_of(refused(shared, "kim")), "button.ask_access"))
        shared.submit("kim", form, why="They still call me")
        await shared.settle()
        shared.press("dana", shared.inbox("dana")[-1], "button.share")
        assert sees(shared, "kim")

    async def test_who_gets_it_hears_of_that_alone(self, shared: Office) -> None:
        form = form_of(shared.ask("ada", "lead.reassign", pressed="LX001"))
        shared.submit("ada", form, person=str(shared.people["kim"].id))
        await shared.settle()
        assert shared.owner() == "kim"
        assert shared.rows("collaborator") == []
        over = shared.say("access.over_title", lead="LX001")
        assert over not in [card.title for card in shared.inbox("kim")]

    async def test_not_when_the_owner_leaves(self, shared: Office) -> None:
        """Then the colleague is the one whom the customer still knows."""
        robin = str(shared.people["robin"].id)
        shared.change_person("robin", lambda one: replace(one, active=False))
        form = form_of(shared.ask("max", "leaver.ask", pressed=robin))
        dana = str(shared.people["dana"].id)
        preview = card_of(shared.submit("max", form, rule="person", person=dana))
        button = button_of(preview, shared.say("leaver.submit"))
        shared.ask("max", button.action, pressed=button.value)
        assert shared.owner() == "dana"
        assert sees(shared, "kim")


def share_with(office: Office, account: str, lead_id: int = 1) -> None:
    with office.world.new_uow() as uow:
        uow.collaborators.share(lead_id, office.people[account].id)
        uow.commit()


def brought_up(office: Office) -> Opportunity:
    """LX001 is a customer, who may want more."""
    office.change_lead(
        1,
        lambda lead: replace(
            lead, stage=Stage.WON, amount=Decimal(1000), closed_at=lead.created_at
        ),
    )
    with office.world.new_uow() as uow:
        opportunity = an_opportunity(uow, 1)
        uow.commit()
    return opportunity
