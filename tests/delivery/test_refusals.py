"""Refusals that last until somebody fixes them: nothing is lost, and no retries pile up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery import Delivery
from bot.platforms import (
    Address,
    AddressRefused,
    Refused,
    Suspended,
    Thread,
    Unavailable,
    Unrecognised,
    Unwanted,
)
from handlers.core.ui import Card
from sales.notices import DigestReady, LeadOffered, LeadUnclaimed
from sales.people import Identity
from sales.refusals import Reason
from storage.outbox.refusals import Refusals
from storage.tables import message, work
from tests.clock import MONDAY
from tests.delivery.conftest import Post
from tests.delivery.platform import ScriptedPlatform

DIGEST = DigestReady(team_id=1, week="2026-W47")
QUOTA = Suspended("ApiCountLimitForOrg", reason=Reason.QUOTA)
LEFT = AddressRefused("user_disabled", reason=Reason.GONE)
ARCHIVED = AddressRefused("is_archived", reason=Reason.ARCHIVED)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class Refusing(ScriptedPlatform):
    """Says no by ``no`` to the addresses in ``to``, or to all; counts what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.no: Refused | None = None
        self.to: frozenset[str] = frozenset()
        self.asked = 0

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        self.asked += 1
        if self.no is not None and (not self.to or to.id in self.to):
            raise self.no
        return await super().post(to, card, locale=locale, thread=thread)


@pytest.fixture
def refusing(post: Post) -> Refusing:
    platform = post.platform = Refusing()
    return platform


def standing(post: Post) -> dict[str, Reason]:
    refusals = Refusals(post.units.database).all()
    return {key: refusal.reason for key, refusal in refusals.items()}


def due(post: Post) -> int:
    """How many pieces of due work a refusal has left."""
    with post.units.database.read() as connection:
        return len(connection.execute(select(work.c.id).where(work.c.kind == "refusal")).all())


async def go_on(post: Post, delivery: Delivery, step: timedelta, until: timedelta) -> None:
    spent = timedelta()
    while spent < until:
        post.clock.advance(step)
        spent += step
        await delivery.drain()


class TestWhatAnAdminMends:
    @pytest.mark.parametrize("notice", [LeadOffered(1), DIGEST])
    async def test_waits_for_weeks_and_arrives_once(
        self, post: Post, refusing: Refusing, notice: LeadOffered | DigestReady
    ) -> None:
        refusing.no = QUOTA
        post.put(notice)
        delivery = post.delivery()
        await delivery.drain()
        assert standing(post) == {"slack": Reason.QUOTA}
        await go_on(post, delivery, timedelta(hours=6), timedelta(days=25))
        tally = post.letters.tally()
        assert (tally.waiting, tally.dead, tally.unknown) == (1, 0, 0)
        refusing.no = None
        await go_on(post, delivery, 15 * MINUTE, 45 * MINUTE)
        assert len(post.titles) == 1
        assert standing(post) == {}

    async def test_one_message_is_tried_for_all_after_growing_pauses(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = QUOTA
        for number in range(40):
            post.put(LeadOffered(number), to=("slack", f"C{number}"))
        delivery = post.delivery()
        await delivery.drain()
        assert refusing.asked == 1
        await go_on(post, delivery, MINUTE, timedelta(hours=24))
        assert refusing.asked <= 55  # 1, 2, 4, 8, 16, then every 30 minutes
        refusing.no = None
        await go_on(post, delivery, MINUTE, timedelta(minutes=31))
        assert len(post.titles) == 40

    async def test_replicas_try_one_message_between_them(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = QUOTA
        replicas = [post.delivery() for _ in range(4)]
        for number in range(20):
            post.put(LeadOffered(number), to=("slack", f"C{number}"))
        for replica in replicas:
            await replica.drain()
        assert refusing.asked == 1
        post.clock.advance(2 * MINUTE)
        for replica in replicas:
            await replica.drain()
        assert refusing.asked == 2

    async def test_what_is_new_meanwhile_waits_with_the_rest(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = QUOTA
        post.put(LeadOffered(1))
        delivery = post.delivery()
        await delivery.drain()
        post.put(LeadOffered(2), to=post.company.boss.id)
        post.put(LeadOffered(3))
        await delivery.drain()
        assert refusing.asked == 1
        refusing.no = None
        await go_on(post, delivery, MINUTE, 20 * MINUTE)
        assert sorted(post.titles) == [f"lead_offered {number}" for number in (1, 2, 3)]

    async def test_other_platforms_go_on(self, post: Post, refusing: Refusing) -> None:
        other = ScriptedPlatform("dingtalk")
        refusing.no = QUOTA
        post.put(LeadOffered(1))
        post.put(LeadOffered(2), to=("dingtalk", "C1"))
        known = {"slack": refusing, "dingtalk": other}
        delivery = Delivery(post.units.database, known, post.words, post.clock)
        await delivery.drain()
        assert [title for _, title in other.posts] == ["lead_offered 2"]

    async def test_direct_messages_switched_off_leave_channels_alone(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = Suspended("messages_tab_disabled", reason=Reason.DIRECT_OFF)
        refusing.to = frozenset({"U-ROBIN", "U-BO"})
        post.put(LeadOffered(1))
        post.put(LeadOffered(2), to=post.company.boss.id)
        post.put(DIGEST, to=("slack", "C1"))
        delivery = post.delivery()
        await delivery.drain()
        assert standing(post) == {"slack:person": Reason.DIRECT_OFF}
        assert refusing.asked == 2
        assert post.titles == ["digest_ready"]
        with post.units(read_only=True) as uow:
            assert uow.people.get(post.company.robin.id).unreachable is False

    async def test_a_changed_card_waits_too(self, post: Post, refusing: Refusing) -> None:
        post.words.subject = "lead:1"
        post.put(LeadOffered(1))
        delivery = post.delivery()
        await delivery.drain()
        refusing.failures = [QUOTA]
        post.words.version = " changed"
        post.refresh("lead:1")
        await delivery.drain()
        assert refusing.edits == []
        await go_on(post, delivery, MINUTE, 2 * MINUTE)
        assert refusing.edits == [("ref-1", "lead_offered 1 changed")]

    async def test_a_clock_set_back_by_a_year_stops_nothing(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = QUOTA
        post.put(LeadOffered(1))
        delivery = post.delivery()
        await delivery.drain()
        refusing.no = None
        post.clock.set_wall(MONDAY - timedelta(days=365))
        post.clock.advance(2)
        await delivery.drain()
        assert post.titles == ["lead_offered 1"]


class TestAnAddress:
    async def test_a_person_who_left_is_unreachable_until_something_arrives(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no, refusing.to = LEFT, frozenset({"U-ROBIN"})
        post.put(LeadOffered(1), LeadUnclaimed(2))
        post.put(LeadOffered(3), to=post.company.boss.id)
        delivery = post.delivery()
        await delivery.drain()
        assert post.titles == ["lead_offered 3"]
        assert standing(post) == {"slack:person:U-ROBIN": Reason.GONE}
        with post.units(read_only=True) as uow:
            robin = uow.people.get(post.company.robin.id)
            assert robin.why_absent(MONDAY.date()) == "unreachable"
            assert not uow.people.get(post.company.boss.id).unreachable
        await go_on(post, delivery, timedelta(hours=1), 5 * DAY)
        assert refusing.asked <= 20
        refusing.no = None
        await go_on(post, delivery, timedelta(hours=1), DAY)
        assert post.titles[1:] == ["lead_offered 1", "lead_unclaimed 2"]
        with post.units(read_only=True) as uow:
            assert not uow.people.get(post.company.robin.id).unreachable

    async def test_who_has_another_account_is_reached_there(
        self, post: Post, refusing: Refusing
    ) -> None:
        with post.units() as uow:
            earlier = MONDAY - DAY
            uow.people.link(Identity("dingtalk", "staff-1", post.company.robin.id), earlier)
            uow.commit()
        refusing.no, refusing.to = LEFT, frozenset({"U-ROBIN"})
        post.put(LeadOffered(1))
        await post.delivery().drain()
        with post.units() as uow:
            assert not uow.people.get(post.company.robin.id).unreachable
            assert uow.outbox.lane_of(post.company.robin.id) == "dingtalk:person:staff-1"

    async def test_every_message_to_a_channel_that_refuses_becomes_work(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.no = ARCHIVED
        delivery = post.delivery()
        post.put(DIGEST, to=("slack", "C1"))
        await delivery.drain()
        assert (refusing.asked, due(post)) == (1, 1)
        with post.units() as uow:
            waiting = uow.outbox.waiting("slack:channel:C1")
            uow.outbox.move("slack:channel:C1", waiting, [post.company.boss.id])
            uow.commit()
        refusing.to = frozenset({"C1"})
        await delivery.drain()
        assert refusing.posts == [("U-BO", "digest_ready")]
        post.clock.advance(7 * DAY)
        post.put(DigestReady(1, "2026-W48"), to=("slack", "C1"))
        await delivery.drain()
        assert (refusing.asked, due(post)) == (3, 2)
        refusing.no = None
        post.put(DigestReady(1, "2026-W49"), to=("slack", "C1"))
        await go_on(post, delivery, timedelta(hours=1), DAY)
        assert standing(post) == {}

    async def test_is_given_up_after_a_month(self, post: Post, refusing: Refusing) -> None:
        refusing.no = LEFT
        post.put(LeadOffered(1))
        delivery = post.delivery()
        await go_on(post, delivery, timedelta(hours=12), 32 * DAY)
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("dead", "refused: user_disabled")


class TestAWordThatNobodyKnows:
    async def test_is_waited_for_and_then_put_aside(self, post: Post, refusing: Refusing) -> None:
        refusing.failures = [Unrecognised("new_word")] * 3
        post.put(LeadOffered(1), LeadOffered(2))
        delivery = post.delivery()
        await delivery.drain()
        assert standing(post) == {"slack:person:U-ROBIN": Reason.UNKNOWN}
        with post.units(read_only=True) as uow:
            assert not uow.people.get(post.company.robin.id).unreachable
        await go_on(post, delivery, MINUTE, 10 * MINUTE)
        assert post.titles == ["lead_offered 1", "lead_offered 2"]
        refusing.no = Unrecognised("new_word")
        post.put(LeadOffered(3))
        await go_on(post, delivery, 20 * MINUTE, 4 * DAY)
        (letter,) = post.letters.listed(10)
        assert letter.problem == "refused: new_word"
        assert refusing.asked < 200

    async def test_nowhere_to_send_by_choice_is_no_loss(self, post: Post) -> None:
        post.platform.failures = [Unwanted("no address")]
        post.put(LeadOffered(1))
        await post.delivery().drain()
        assert post.letters.listed(10) == []
        with post.units.database.read() as connection:
            assert connection.scalar(select(message.c.state)) == "moot"


class TestBesideOtherTrouble:
    async def test_an_outage_while_it_is_refused_counts_as_neither(
        self, post: Post, refusing: Refusing
    ) -> None:
        refusing.failures = [QUOTA, Unavailable("down")]
        post.put(LeadOffered(1))
        delivery = post.delivery()
        await delivery.drain()
        await go_on(post, delivery, MINUTE, 10 * MINUTE)
        assert post.titles == ["lead_offered 1"]
        assert standing(post) == {}
