"""People and channels that a chat accepts no messages for: nobody waits for them, leaders know."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.platforms import AddressRefused, Suspended, Unrecognised
from handlers.core.ui import Card
from sales.assignments import OfferState
from sales.notices import AccountLinked
from sales.people import Identity
from sales.playbook import PoolMember, RoutingRule
from sales.refusals import Reason
from storage.channels import BoundChannel
from storage.outbox.refusals import Refusals
from tests.furnished import Offices
from tests.office import EAST, LEAD, PLATFORM, SHANGHAI, Office, button_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
LEFT = AddressRefused("user_disabled", reason=Reason.GONE)
QUOTA = Suspended("90020", reason=Reason.QUOTA)
TO_TWO = RoutingRule(
    name="two", pool=(PoolMember(person="Robin Sample"), PoolMember(person="Dana Example"))
)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        office.rules(routing=(TO_TWO,), quiet={"batch_seconds": 0})
        yield office


def titles(office: Office, account: str) -> list[str]:
    return [card.title for card in office.inbox(account)]


def of_title(office: Office, account: str, key: str, **params: str) -> list[Card]:
    wanted = office.say(key, **params)
    return [card for card in office.inbox(account) if card.title == wanted]


class TestSomebodyWhoLeft:
    async def test_an_offer_goes_to_the_next_at_once(self, office: Office) -> None:
        office.desk.refuses["robin"] = LEFT
        office.log_lead()
        assert office.owner() == "robin"
        await office.settle()
        assert office.owner() == "dana"
        assert any("LX001" in title for title in titles(office, "dana"))
        assert [offer.state for offer in office.offers()] == [
            OfferState.WITHDRAWN,
            OfferState.OPEN,
        ]

    async def test_routing_passes_them_over_and_says_why(self, office: Office) -> None:
        office.desk.refuses["robin"] = LEFT
        office.log_lead()
        await office.settle()
        for number in range(4):
            office.log_lead(customer=f"Other {number}", phone="", email="")
            assert office.owner(number + 2) == "dana"
        [*_, offer] = office.offers(5)
        assert ("Robin Sample", "unreachable") in offer.why.skipped

    async def test_with_nobody_else_the_manager_gets_it(self, office: Office) -> None:
        office.desk.refuses |= {"robin": LEFT, "dana": LEFT}
        office.log_lead()
        await office.settle()
        assert office.owner() == "max"

    async def test_who_is_told_that_somebody_is_notified_is_told_the_truth(
        self, office: Office
    ) -> None:
        now = office.say("told.now", name="Robin Sample")
        first = office.ask("max", "lead.create", values=_typed("One"))
        assert first.card
        assert now in first.card.body
        office.desk.refuses["*"] = QUOTA
        await office.settle()
        office.rules(routing=(), quiet={"batch_seconds": 0})
        second = office.ask("max", "lead.create", values=_typed("Two"))
        assert second.card
        name = office.people[office.owner(2)].name
        assert office.say("told.waits", name=name) in second.card.body

    async def test_the_manager_hands_their_work_over_with_one_button(self, office: Office) -> None:
        office.log_lead()
        office.ask("robin", "offer.accept", pressed="LX001")
        await office.settle()
        office.desk.refuses["robin"] = LEFT
        line = "LX001 call likes it by 3/4 send the case"
        office.ask("robin", "followup.open", text=line)
        await office.travel(2024, 3, 4, 12)
        [card] = of_title(office, "max", "unreachable.title", name="Robin Sample")
        reply = office.press("max", card, "leaver.submit")
        assert reply.toast
        assert office.owner() == "dana"

    async def test_leaders_hear_in_their_place(self, office: Office) -> None:
        office.log_lead()
        office.ask("robin", "offer.accept", pressed="LX001")
        office.ask("robin", "followup.open", text="LX001 call likes it by 3/4 send the case")
        await office.settle()
        refuse(office, "robin")
        before = len(office.inbox("max"))
        await office.travel(2024, 3, 4, 12)
        assert any("LX001" in title for title in titles(office, "max")[before:])

    async def test_it_is_over_when_they_write_and_what_waited_comes_late(
        self, office: Office
    ) -> None:
        office.log_lead()
        office.ask("robin", "offer.accept", pressed="LX001")
        await office.settle()
        seen = len(office.inbox("robin"))
        office.desk.refuses["robin"] = LEFT
        put_notice(office, "robin")
        await office.settle()
        assert office.person("robin").unreachable
        office.desk.refuses.clear()
        office.world.clock.advance(timedelta(hours=5))
        office.ask("robin", "help.open")  # Reads only, and still shows that they are there.
        assert not office.person("robin").unreachable
        await office.settle()
        [late] = office.inbox("robin")[seen:]
        assert office.say("delivery.late", at=office.language.moment(FRIDAY)) in late.footnote

    async def test_another_account_takes_over(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            robin = office.people["robin"].id
            earlier = FRIDAY - timedelta(days=9)
            uow.people.link(Identity(PLATFORM, "robin-2", robin), earlier)
            uow.commit()
        office.desk.refuses["robin"] = LEFT
        office.log_lead()
        await office.settle()
        assert office.owner() == "robin"
        assert any("LX001" in title for title in titles(office, "robin-2"))

    async def test_a_word_that_nobody_knows_passes_nobody_over(self, office: Office) -> None:
        office.desk.refuses["robin"] = Unrecognised("new_word")
        office.log_lead()
        await office.settle()
        assert office.owner() == "robin"
        assert not office.person("robin").unreachable

    async def test_a_manager_whom_nothing_reaches_leads_nobody(self, office: Office) -> None:
        refuse(office, "max")
        refuse(office, "robin")
        refuse(office, "dana")
        office.log_lead("ada")
        await office.settle()
        assert office.owner() == "ada"

    async def test_is_shown_in_the_list_of_people(self, office: Office) -> None:
        refuse(office, "robin")
        card = office.ask("max", "people.open").card
        assert office.say("people.unreachable") in repr(card)

    async def test_leaders_hear_as_soon_as_anything_is_refused(self, office: Office) -> None:
        office.log_lead()
        office.ask("robin", "offer.accept", pressed="LX001")
        office.desk.refuses["robin"] = LEFT
        put_notice(office, "robin")
        await office.settle()
        [card] = of_title(office, "max", "unreachable.title", name="Robin Sample")
        assert "LX001" in repr(card)


class TestInChinese:
    async def test_every_card_is_sound(self, offices: Offices) -> None:
        with offices.open(FRIDAY, "zh_CN") as office:
            office.rules(routing=(TO_TWO,), quiet={"batch_seconds": 0})
            with office.world.new_uow() as uow:
                team, max_ = office.teams[EAST].id, office.people["max"].id
                uow.channels.bind(BoundChannel(PLATFORM, "C1", team, "zh_CN", max_))
                uow.commit()
            office.log_lead()
            office.ask("robin", "offer.accept", pressed="LX001")
            office.desk.refuses["C1"] = AddressRefused("is_archived", reason=Reason.ARCHIVED)
            await office.settle()
            office.desk.refuses["robin"] = LEFT
            put_notice(office, "robin")
            await office.travel(2024, 3, 4, 12)
            assert of_title(office, "max", "unreachable.title", name="Robin Sample")
            assert of_title(office, "max", "channel_refused.title", team=EAST)
            office.desk.refuses.clear()
            office.ask("robin", "help.open")
            await office.settle()
            late = office.language.text("delivery.late", at="|").partition("|")[0]
            assert any(late in card.footnote for card in office.inbox("robin"))


class TestAChannel:
    @pytest.fixture(autouse=True)
    def bound(self, office: Office) -> None:
        with office.world.new_uow() as uow:
            team, max_ = office.teams[EAST].id, office.people["max"].id
            uow.channels.bind(BoundChannel(PLATFORM, "C1", team, "en", max_))
            uow.commit()

    @pytest.mark.parametrize(
        "reason", [Reason.ARCHIVED, Reason.NOT_MEMBER, Reason.MISSING, Reason.NOT_ALLOWED]
    )
    async def test_its_digest_goes_to_the_leaders_with_what_to_do(
        self, office: Office, reason: Reason
    ) -> None:
        office.desk.refuses["C1"] = AddressRefused("is_archived", reason=reason)
        await office.travel(2024, 3, 4, 14, 30)
        [told] = of_title(office, "max", "channel_refused.title", team=EAST)
        assert told.body == office.say(f"channel_refused.{reason}", code="is_archived")
        weekly = [title for title in titles(office, "max") if title.startswith(f"{EAST}: ")]
        # The digest with its details, the sync's agenda, and why they come here.
        assert len(weekly) == 4, weekly
        assert office.inbox("C1") == []

    async def test_leaders_hear_once_a_day_until_it_works(self, office: Office) -> None:
        office.desk.refuses["C1"] = AddressRefused("is_archived", reason=Reason.ARCHIVED)
        await office.travel(2024, 3, 4, 12)
        for day in (5, 6, 7):
            await office.travel(2024, 3, day, 12)
        assert len(of_title(office, "max", "channel_refused.title", team=EAST)) == 4
        office.desk.refuses.clear()
        office.ask("max", "channel.bind", pressed="C1", channel="C1")
        assert Refusals(office.world.database).all() == {}
        await office.travel(2024, 3, 8, 12)
        assert len(of_title(office, "max", "channel_refused.title", team=EAST)) == 4
        await office.travel(2024, 3, 11, 15)
        assert office.inbox("C1")

    async def test_is_left_alone_once_nobody_wants_it(self, office: Office) -> None:
        office.desk.refuses["C1"] = AddressRefused("is_archived", reason=Reason.ARCHIVED)
        await office.travel(2024, 3, 4, 12)
        [told] = of_title(office, "max", "channel_refused.title", team=EAST)
        button = button_of(told, office.say("button.unbind"))
        assert not office.ask("max", button.action, pressed=button.value).errors
        await office.travel(2024, 3, 6, 12)
        assert len(of_title(office, "max", "channel_refused.title", team=EAST)) == 1
        assert Refusals(office.world.database).all() == {}


def _typed(customer: str) -> dict[str, str]:
    return dict(LEAD) | {"customer": customer, "phone": "", "email": ""}


def refuse(office: Office, account: str) -> None:
    """Something was refused to them earlier."""
    office.desk.refuses[account] = LEFT
    Refusals(office.world.database).record(
        f"{PLATFORM}:person:{account}",
        "person",
        Reason.GONE,
        code="user_disabled",
        detail="",
        now=office.world.clock.now(),
    )


def put_notice(office: Office, account: str) -> None:
    with office.world.new_uow() as uow:
        person = office.people[account].id
        uow.outbox.add(AccountLinked(person, "slack"), person)
        uow.commit()
