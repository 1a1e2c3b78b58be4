"""Delivery on both databases: order, pace, and what becomes of failures."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.platforms import Refused, Throttled, Unavailable, Unchangeable, Unclear
from sales.notices import DigestDetails, DigestReady, LeadOffered, LeadUnclaimed, NewcomerJoined
from sales.people import Identity
from storage.outbox.lanes import Lanes
from storage.tables import lane, message, posting
from tests.clock import MONDAY
from tests.delivery.conftest import Post

DIGEST = DigestReady(team_id=1, week="2026-W47")
DETAILS = DigestDetails(team_id=1, week="2026-W47")


def offers(*numbers: int) -> list[LeadOffered]:
    return [LeadOffered(number) for number in numbers]


def titles(*numbers: int) -> list[str]:
    return [f"lead_offered {number}" for number in numbers]


class TestOrderAndPace:
    async def test_keeps_the_order_of_commits(self, post: Post) -> None:
        post.put(*offers(1, 2))
        post.put(*offers(3))
        assert await post.delivery().drain() == 3
        assert post.titles == titles(1, 2, 3)

    async def test_keeps_the_pace_of_a_conversation_but_not_of_others(self, post: Post) -> None:
        post.platform.seconds_between_sends = 1.0
        post.put(*offers(1, 2))
        post.put(*offers(3), to=post.company.boss.id)
        delivery = post.delivery()
        assert await delivery.drain() == 2
        post.clock.advance(0.9)
        assert await delivery.drain() == 0
        post.clock.advance(0.2)
        assert await delivery.drain() == 1
        assert [at for at, title in post.platform.posts if title == titles(2)[0]] == ["U-ROBIN"]

    async def test_sends_what_is_committed_and_nothing_else(self, post: Post) -> None:
        with post.units() as uow:
            uow.outbox.add(LeadOffered(1), post.company.robin.id)
        assert await post.delivery().drain() == 0

    async def test_reaches_a_person_where_they_were_last(self, post: Post) -> None:
        with post.units() as uow:
            uow.people.link(
                Identity("slack", "U-NEW", post.company.robin.id), MONDAY + timedelta(days=1)
            )
            uow.commit()
        post.put(*offers(1))
        await post.delivery().drain()
        assert post.platform.posts == [("U-NEW", *titles(1))]

    async def test_reaches_a_channel(self, post: Post) -> None:
        post.put(DIGEST, to=("slack", "C:1"))
        await post.delivery().drain()
        assert post.platform.posts == [("C:1", "digest_ready")]


class TestDetails:
    """What does not fit on a card is posted in its thread, or not at all."""

    async def test_are_posted_under_the_card_that_starts_their_thread(self, post: Post) -> None:
        post.put(DIGEST, DETAILS, to=("slack", "C:1"))
        await post.delivery().drain()
        assert post.titles == ["digest_ready", "digest_details"]
        assert post.platform.threads == ["", "ref-1"]
        assert post.platform.edits == []

    async def test_are_left_out_where_there_are_no_threads(self, post: Post) -> None:
        post.platform.has_threads = False
        post.put(DIGEST, DETAILS, to=("slack", "C:1"))
        await post.delivery().drain()
        assert post.titles == ["digest_ready"]
        assert post.letters.tally().waiting == 0

    async def test_are_not_posted_alone(self, post: Post) -> None:
        post.platform.failures = [Refused("msg_too_long")]
        post.put(DIGEST, DETAILS, to=("slack", "C:1"))
        await post.delivery().drain()
        assert post.titles == []


class TestRunning:
    async def test_sends_as_soon_as_it_is_woken(self, post: Post) -> None:
        arrived = asyncio.Event()

        async def tell() -> None:
            arrived.set()

        delivery = post.delivery(poll=3600.0)
        post.units.committed = delivery.wake
        await delivery.start()
        await asyncio.sleep(0.05)  # It has looked once, and now waits for its next look.
        post.platform.failures = [tell]
        await asyncio.to_thread(post.put, *offers(1))
        async with asyncio.timeout(10):
            await arrived.wait()
        await delivery.stop()
        assert post.titles == titles(1)

    async def test_stops_after_what_is_on_its_way(self, post: Post) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def hang() -> None:
            begun.set()
            await go_on.wait()

        post.platform.failures = [hang]
        post.put(*offers(1, 2))
        delivery = post.delivery()
        await delivery.start()
        await begun.wait()
        stopping = asyncio.create_task(delivery.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        go_on.set()
        await stopping
        assert post.titles == titles(1)
        assert post.letters.tally().waiting == 1

    async def test_several_conversations_do_not_wait_for_each_other(self, post: Post) -> None:
        begun: list[int] = []
        both = asyncio.Event()

        async def meet() -> None:
            begun.append(1)
            if len(begun) == 2:
                both.set()
            await both.wait()

        post.platform.failures = [meet, meet]
        post.put(*offers(1))
        post.put(*offers(2), to=post.company.boss.id)
        delivery = post.delivery()
        await delivery.start()
        async with asyncio.timeout(5):
            await both.wait()
        await delivery.stop()
        assert len(post.titles) == 2


class TestFailures:
    async def test_waits_as_long_as_the_platform_asks(self, post: Post) -> None:
        post.platform.failures = [Throttled(30)]
        post.put(*offers(1, 2))
        delivery = post.delivery()
        await delivery.drain()
        post.clock.advance(29)
        assert await delivery.drain() == 0
        post.clock.advance(2)
        await delivery.drain()
        assert post.titles == titles(1, 2)

    @pytest.mark.parametrize("failure", [Unavailable("down"), Unclear("cut"), OSError("x")])
    async def test_repeats_what_must_arrive_before_what_comes_after(
        self, post: Post, failure: Exception
    ) -> None:
        post.platform.failures = [failure, failure]
        post.put(*offers(1, 2))
        delivery = post.delivery()
        for _ in range(3):
            await delivery.drain()
            post.clock.advance(5)
        assert post.titles == titles(1, 2)

    async def test_outlives_an_outage_of_an_hour(self, post: Post) -> None:
        post.put(*offers(1, 2))
        delivery = post.delivery()
        for _ in range(60):
            post.platform.failures = [Unavailable("down")]
            await delivery.drain()
            post.clock.advance(60)
        post.platform.failures = []
        post.clock.advance(300)
        await delivery.drain()
        assert post.titles == titles(1, 2)

    async def test_puts_aside_what_the_platform_refuses_and_goes_on(self, post: Post) -> None:
        post.platform.failures = [Refused("msg_too_long")]
        post.put(*offers(1, 2))
        await post.delivery().drain()
        assert post.titles == titles(2)
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("dead", "refused: msg_too_long")

    async def test_puts_aside_a_card_it_cannot_compose_and_goes_on(self, post: Post) -> None:
        post.words.trouble = [ZeroDivisionError("secret")] * 5
        post.put(*offers(1, 2))
        delivery = post.delivery()
        for _ in range(6):
            await delivery.drain()
            post.clock.advance(60)
        assert post.titles == titles(2)
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("dead", "bug: ZeroDivisionError")
        assert letter.attempts == 5

    @pytest.mark.parametrize(
        "column", [{"kind": "of_tomorrow"}, {"fields": {"offer_id": 1, "of_tomorrow": 2}}]
    )
    async def test_leaves_what_only_a_newer_version_knows_to_it(
        self, post: Post, column: dict[str, Any]
    ) -> None:
        """During an upgrade old and new replicas serve side by side."""
        post.put(*offers(1, 2))
        first = select(func.min(message.c.id)).scalar_subquery()
        before: dict[str, Any] = {"kind": "lead_offered", "fields": {"offer_id": 1}}
        with post.units.database.write() as connection:
            connection.execute(message.update().where(message.c.id == first).values(column))
        old = post.delivery()
        for _ in range(60):
            await old.drain()
            post.clock.advance(10)
        assert post.titles == []
        assert post.letters.tally().waiting == 2
        with post.units.database.write() as connection:  # a newer version knows it
            connection.execute(message.update().where(message.c.id == first).values(before))
        await post.delivery().drain()
        assert post.titles == titles(1, 2)

    async def test_gives_up_what_no_replica_knows(self, post: Post) -> None:
        """After a downgrade nobody ever will."""
        post.put(*offers(1))
        with post.units.database.write() as connection:
            connection.execute(message.update().values(kind="of_tomorrow"))
        post.clock.advance(timedelta(hours=13))
        post.put(*offers(2))
        await post.delivery().drain()
        assert post.titles == titles(2)
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("dead", "another_version")

    async def test_says_nothing_when_there_is_nothing_to_say(self, post: Post) -> None:
        post.words.trouble = [None]
        post.put(*offers(1, 2))
        await post.delivery().drain()
        assert post.titles == titles(2)
        assert post.letters.tally().waiting == 0

    async def test_waits_for_a_platform_that_is_not_running_here(self, post: Post) -> None:
        post.put(DIGEST, to=("dingtalk", "C1"))
        delivery = post.delivery()
        for _ in range(30):
            await delivery.drain()
            post.clock.advance(timedelta(hours=1))
        assert (post.letters.listed(10), post.letters.tally().waiting) == ([], 1)
        post.platform.name = "dingtalk"
        post.clock.advance(timedelta(hours=1))
        await post.delivery().drain()
        assert post.platform.posts == [("C1", "digest_ready")]

    async def test_what_is_old_before_its_first_attempt_is_not_given_up_at_it(
        self, post: Post
    ) -> None:
        post.put(*offers(1))
        post.clock.advance(timedelta(days=3))  # The process was down.
        post.platform.failures = [Unavailable("down"), Unclear("cut")]
        delivery = post.delivery()
        for _ in range(3):
            await delivery.drain()
            post.clock.advance(5)
        assert post.titles == titles(1)

    async def test_is_given_up_after_days_of_attempts(self, post: Post) -> None:
        async def down() -> None:
            raise Unavailable("down")

        post.put(*offers(1))
        delivery = post.delivery()
        attempts = 0
        while not post.letters.listed(1):
            post.platform.failures = [down]
            attempts += await delivery.drain()
            post.clock.advance(301)
        assert attempts == 600

    async def test_a_send_that_hangs_is_given_up(self, post: Post) -> None:
        async def hang() -> None:
            await asyncio.Event().wait()

        post.platform.failures = [hang]
        post.put(*offers(1))
        delivery = post.delivery(send=0.05, lease=60)
        await delivery.drain()
        post.clock.advance(60)
        await delivery.drain()
        assert post.titles == titles(1)


class TestAtMostOnce:
    @pytest.mark.parametrize("failure", [Unclear("cut"), OSError("x")])
    async def test_is_never_repeated_when_it_may_have_arrived(
        self, post: Post, failure: Exception
    ) -> None:
        post.platform.failures = [failure]
        post.put(DIGEST, *offers(1))
        delivery = post.delivery()
        for _ in range(5):
            await delivery.drain()
            post.clock.advance(3600)
        assert post.titles == titles(1)
        (letter,) = post.letters.listed(10)
        assert letter.state == "unknown"

    @pytest.mark.parametrize("failure", [Unavailable("down"), Throttled(1)])
    async def test_is_repeated_when_it_surely_did_not_arrive(
        self, post: Post, failure: Exception
    ) -> None:
        post.platform.failures = [failure]
        post.put(DIGEST)
        delivery = post.delivery()
        await delivery.drain()
        post.clock.advance(5)
        await delivery.drain()
        assert post.titles == ["digest_ready"]

    async def test_is_unknown_when_the_process_died_while_sending(self, post: Post) -> None:
        post.put(DIGEST, *offers(1))
        lanes = Lanes(post.units.database, timedelta(seconds=60))
        leased = lanes.lease(post.clock.now())
        assert leased is not None
        assert lanes.mark_sending(leased)
        post.clock.advance(61)
        await post.delivery().drain()
        assert post.titles == titles(1)
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("unknown", "broke_off")


class TestLeases:
    async def test_a_lane_has_one_sender(self, post: Post) -> None:
        post.put(*offers(1, 2))
        first, second = (Lanes(post.units.database, timedelta(seconds=60)) for _ in range(2))
        assert first.lease(post.clock.now()) is not None
        assert second.lease(post.clock.now()) is None
        assert second.next_ready_at(post.clock.now()) is None

    async def test_who_lost_the_lease_changes_nothing(self, post: Post) -> None:
        post.put(*offers(1))
        lanes = Lanes(post.units.database, timedelta(seconds=60))
        late = lanes.lease(post.clock.now())
        post.clock.advance(61)
        now = post.clock.now()
        new = lanes.lease(now)
        assert late is not None
        assert new is not None
        assert new.message_id == late.message_id
        dead = post.outcome("dead")
        assert not lanes.mark_sending(late)
        assert not lanes.settle(late, dead, now, now)
        assert lanes.settle(new, post.outcome("sent"), now, now)
        assert post.letters.listed(10) == []

    async def test_a_sender_slower_than_its_lease_loses_no_later_message(self, post: Post) -> None:
        """Another one declares unknown what this one is still sending, and finds nothing else."""
        post.put(DIGEST)
        slow, other = (Lanes(post.units.database, timedelta(seconds=60)) for _ in range(2))
        leased = slow.lease(post.clock.now())
        assert leased is not None
        assert slow.mark_sending(leased)
        post.clock.advance(61)
        now = post.clock.now()
        assert other.lease(now) is None
        assert not slow.settle(leased, post.outcome("sent"), now, now)
        post.put(*offers(2))
        await post.delivery().drain()
        assert post.titles == titles(2)

    async def test_a_sender_slower_than_its_lease_gives_back_nothing_withdrawn(
        self, post: Post
    ) -> None:
        post.put(*offers(1))
        lanes = Lanes(post.units.database, timedelta(seconds=60))
        slow = lanes.lease(post.clock.now())
        assert slow is not None
        post.clock.advance(61)
        with post.units() as uow:
            waiting = uow.outbox.waiting(slow.lane)
            uow.outbox.move(slow.lane, waiting, [post.company.boss.id])
            uow.commit()
        now = post.clock.now()
        assert not lanes.settle(slow, post.outcome("sent"), now, now)
        post.put(*offers(2))
        await post.delivery().drain()
        assert sorted(post.titles) == titles(1, 2)

    async def test_what_an_earlier_version_no_longer_counts_is_sent(self, post: Post) -> None:
        post.put(*offers(1, 2))
        with post.units.database.write() as connection:
            connection.execute(lane.update().values(pending=-1))
        assert Lanes(post.units.database, timedelta(seconds=60)).recount() == 1
        await post.delivery().drain()
        assert post.titles == titles(1, 2)
        assert Lanes(post.units.database, timedelta(seconds=60)).recount() == 0

    async def test_an_outcome_recorded_twice_counts_once(self, post: Post) -> None:
        """A server that stops during the commit leaves it open whether it was recorded."""
        post.put(*offers(1))
        lanes = Lanes(post.units.database, timedelta(seconds=60))
        leased = lanes.lease(post.clock.now())
        assert leased is not None
        now = post.clock.now()
        assert lanes.settle(leased, post.outcome("sent"), now, now)
        assert not lanes.settle(leased, post.outcome("sent"), now, now)
        post.put(*offers(2))
        await post.delivery().drain()
        assert post.titles == titles(2)

    async def test_does_not_send_with_a_lease_about_to_end(self, post: Post) -> None:
        post.put(*offers(1))
        post.words.meanwhile = [lambda: post.clock.advance(45)]
        assert await post.delivery().drain() == 2  # Composed anew, with a fresh lease.
        assert post.titles == titles(1)
        assert post.letters.tally().waiting == 0

    async def test_a_clock_set_back_an_hour_stops_nothing(self, post: Post) -> None:
        post.platform.seconds_between_sends = 1.0
        post.put(*offers(1, 2))
        lanes = Lanes(post.units.database, timedelta(seconds=60))
        delivery = post.delivery()
        await delivery.drain()
        post.put(*offers(3), to=post.company.boss.id)
        assert lanes.lease(post.clock.now()) is not None  # Somebody who will not come back.
        post.clock.set_wall(MONDAY - timedelta(hours=1))
        await delivery.drain()
        assert sorted(post.titles) == titles(1, 2, 3)


class TestLivingCards:
    async def posted(self, post: Post) -> None:
        post.words.subject = "lead:1"
        post.put(*offers(1))
        await post.delivery().drain()

    async def test_draws_every_posted_card_anew(self, post: Post) -> None:
        post.words.subject = "lead:1"
        post.put(*offers(1))
        post.put(*offers(2), to=post.company.boss.id)
        await post.delivery().drain()
        post.words.version = " changed"
        post.refresh("lead:1")
        await post.delivery().drain()
        assert sorted(post.platform.edits) == [
            ("ref-1", "lead_offered 1 changed"),
            ("ref-2", "lead_offered 2 changed"),
        ]
        assert len(post.platform.posts) == 2

    async def test_several_changes_are_drawn_once(self, post: Post) -> None:
        await self.posted(post)
        for _ in range(3):
            post.refresh("lead:1")
        assert post.letters.tally().waiting == 1
        await post.delivery().drain()
        assert len(post.platform.edits) == 1
        post.refresh("lead:1")
        await post.delivery().drain()
        assert len(post.platform.edits) == 2

    async def test_a_change_while_it_is_drawn_is_drawn_too(self, post: Post) -> None:
        await self.posted(post)
        post.refresh("lead:1")

        def change() -> None:
            post.words.version = " newest"
            post.refresh("lead:1")

        post.words.meanwhile = [change]
        await post.delivery().drain()
        assert [title for _, title in post.platform.edits][-1] == "lead_offered 1 newest"

    async def test_a_change_while_it_is_posted_is_drawn_too(self, post: Post) -> None:
        post.words.subject = "lead:1"

        def change() -> None:
            post.words.version = " newest"
            post.refresh("lead:1")  # Finds no posted card yet.

        post.words.meanwhile = [change]
        post.put(*offers(1))
        await post.delivery().drain()
        assert post.platform.edits == [("ref-1", "lead_offered 1 newest")]

    async def test_is_moot_where_cards_cannot_be_edited(self, post: Post) -> None:
        await self.posted(post)
        post.platform.can_edit = False
        post.refresh("lead:1")
        await post.delivery().drain()
        assert post.platform.edits == []
        assert post.letters.tally().waiting == 0

    async def test_forgets_a_card_that_was_deleted(self, post: Post) -> None:
        await self.posted(post)
        post.platform.failures = [Refused("message_not_found")]
        post.refresh("lead:1")
        await post.delivery().drain()
        post.refresh("lead:1")
        assert await post.delivery().drain() == 0
        assert post.letters.listed(10) == []

    async def test_keeps_a_message_that_cannot_be_redrawn_for_replies(self, post: Post) -> None:
        await self.posted(post)
        post.platform.failures = [Unchangeable("it is a message")]
        post.refresh("lead:1")
        await post.delivery().drain()
        post.refresh("lead:1")
        assert await post.delivery().drain() == 0
        with post.units.database.read() as connection:
            assert connection.scalars(select(posting.c.ref)).all() == ["ref-1"]

    async def test_is_drawn_after_what_was_said_before(self, post: Post) -> None:
        await self.posted(post)
        post.platform.failures = [Throttled(5)]
        post.put(LeadUnclaimed(9))
        post.refresh("lead:1")
        delivery = post.delivery()
        await delivery.drain()
        assert post.platform.edits == []
        post.clock.advance(6)
        await delivery.drain()
        assert post.titles[-1] == "lead_unclaimed 9"
        assert len(post.platform.edits) == 1


class TestDeadLetters:
    async def test_nobody_reachable_is_told_not_lost(self, post: Post) -> None:
        post.put(NewcomerJoined(1), to=post.company.kim.id)
        assert await post.delivery().drain() == 0
        (letter,) = post.letters.listed(10)
        assert (letter.state, letter.problem) == ("dead", "no_address")
        assert letter.person_id == post.company.kim.id
        assert not post.letters.replay(letter.id, MONDAY)
        with post.units() as uow:
            uow.people.link(Identity("slack", "U-KIM", post.company.kim.id), MONDAY)
            uow.commit()
        assert post.letters.replay(letter.id, MONDAY)
        await post.delivery().drain()
        assert post.platform.posts == [("U-KIM", "newcomer_joined")]

    async def test_are_counted_and_sent_again(self, post: Post) -> None:
        post.platform.failures = [Refused("msg_too_long"), Unclear("cut")]
        post.put(*offers(1))
        post.put(DIGEST, to=post.company.boss.id)
        delivery = post.delivery()
        await delivery.drain()
        tally = post.letters.tally()
        assert (tally.waiting, tally.dead, tally.unknown) == (0, 1, 1)
        for letter in post.letters.listed(10):
            assert post.letters.replay(letter.id, post.clock.now())
            assert not post.letters.replay(letter.id, post.clock.now())
        assert post.letters.tally().waiting == 2
        await delivery.drain()
        assert sorted(post.titles) == ["digest_ready", *titles(1)]
        assert post.letters.tally().oldest_waiting_at is None
