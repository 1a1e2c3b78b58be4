"""Many at once: nothing lost, nothing twice. Each test ends threads against one another."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.jobs import Jobs
from handlers.assignment.service import create_and_assign
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Languages
from handlers.pool.actions import claim
from sales.assignments import Offer, OfferState, Why
from sales.errors import Conflict, DuplicateLead
from sales.jobs import Job, JobArgs, RemindOwner
from sales.notices import LeadOffered
from sales.people import SYSTEM, Identity, Person, Role
from sales.pool import PoolReason, PoolStay
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.tables import lane
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.clock import MONDAY, MovableClock
from tests.storage.company import Company, found_company

THREADS = 8


@pytest.fixture
def replicas(
    database_url: str, fields: Fields, tmp_path: Path
) -> Iterator[list[UnitOfWorkFactory]]:
    """Three on one database, each with connections of its own as separate processes have."""
    databases = [open_database(database_url, tmp_path) for _ in range(3)]
    yield [UnitOfWorkFactory(one, fields, now=lambda: MONDAY) for one in databases]
    for one in databases:
        one.dispose()


@pytest.fixture
def units(replicas: list[UnitOfWorkFactory]) -> UnitOfWorkFactory:
    return replicas[0]


@pytest.fixture
def languages() -> Languages:
    return Languages(ZoneInfo("Asia/Shanghai"), "CNY")


@pytest.fixture
def company(units: UnitOfWorkFactory) -> Company:
    return found_company(units)


class TestTogether:
    def test_800_changes_of_one_lead_by_8_threads_are_all_kept(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            lead_id = uow.leads(SYSTEM).add(company.lead()).id
            uow.commit()

        def add_up(_: int) -> None:
            with units() as uow:
                lead = uow.leads(SYSTEM).get(lead_id)
                uow.leads(SYSTEM).save(replace(lead, score=lead.score + 1))
                uow.commit()

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(add_up, range(800)))
        with units(read_only=True) as uow:
            lead = uow.leads(SYSTEM).get(lead_id)
        assert (lead.score, lead.version) == (800, 800)

    def test_of_two_forms_opened_together_the_second_is_told(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            lead = uow.leads(SYSTEM).add(company.lead())
            uow.commit()
        together = Barrier(THREADS)

        def submit(number: int) -> str:
            together.wait()
            try:
                with units() as uow:
                    uow.leads(SYSTEM).save(replace(lead, need=str(number)))
                    uow.commit()
            except Conflict:
                return "conflict"
            return "saved"

        with ThreadPoolExecutor(THREADS) as pool:
            told = Counter(pool.map(submit, range(THREADS)))
        assert told == {"saved": 1, "conflict": THREADS - 1}

    def test_a_request_delivered_ten_times_at_once_has_one_effect(
        self, replicas: list[UnitOfWorkFactory], units: UnitOfWorkFactory, company: Company
    ) -> None:
        together = Barrier(10)

        def deliver(number: int) -> bool:
            together.wait()
            with replicas[number % 3]() as uow:
                if not uow.seen_requests.is_new("slack:Ev1", MONDAY):
                    return False
                uow.leads(SYSTEM).add(company.lead())
                uow.commit()
                return True

        with ThreadPoolExecutor(10) as pool:
            assert sum(pool.map(deliver, range(10))) == 1
        with units(read_only=True) as uow:
            assert len(uow.leads(SYSTEM).search("", 20)) == 1

    def test_a_phone_typed_by_eight_at_once_makes_one_lead(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        together = Barrier(THREADS)

        def log(number: int) -> str:
            together.wait()
            try:
                with units() as uow:
                    lead = company.lead(customer=str(number), phone="+8613800005678")
                    uow.leads(SYSTEM).add(lead)
                    uow.commit()
            except DuplicateLead:
                return "duplicate"
            return "added"

        with ThreadPoolExecutor(THREADS) as pool:
            told = Counter(pool.map(log, range(THREADS)))
        assert told == {"added": 1, "duplicate": THREADS - 1}
        with units(read_only=True) as uow:
            assert len(uow.leads(SYSTEM).search("", 20)) == 1

    def test_nobody_gets_more_than_they_take_when_leads_come_at_one_moment(
        self,
        replicas: list[UnitOfWorkFactory],
        units: UnitOfWorkFactory,
        company: Company,
        languages: Languages,
    ) -> None:
        """Two reps take three leads each; what comes after goes to their manager. Nobody waits for
        the other's place while holding their own: that would end in a deadlock."""
        with units() as uow:
            dana = Person(name="Dana Sample", role=Role.REP, team_id=company.east.id, capacity=3)
            reps = (uow.people.add(dana), uow.people.save(replace(company.robin, capacity=3)))
            for person in (*reps, company.boss):
                uow.people.link(Identity("web", person.name, person.id), MONDAY)
            uow.commit()
        together = Barrier(THREADS)

        def come(number: int) -> None:
            together.wait()
            with replicas[number % 3]() as uow:
                context = ContextFactory(languages, lambda: MONDAY, COMPOSITION).unasked(uow)
                create_and_assign(
                    company.lead(customer=f"Customer {number}", owner_id=None), context
                )
                uow.commit()

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(come, range(THREADS * 2)))
        with units(read_only=True) as uow:
            counts = uow.leads(SYSTEM).open_counts()
        assert [counts[rep.id] for rep in reps] == [3, 3]
        assert counts[company.boss.id] == THREADS * 2 - 6

    def test_of_two_claims_at_one_moment_the_last_place_takes_one(
        self,
        replicas: list[UnitOfWorkFactory],
        units: UnitOfWorkFactory,
        company: Company,
        languages: Languages,
    ) -> None:
        with units() as uow:
            robin = uow.people.save(replace(company.robin, capacity=1))
            waiting = [
                uow.leads(SYSTEM).add(
                    company.lead(customer=str(n), owner_id=None, pooled_at=MONDAY)
                )
                for n in range(4)
            ]
            stays = [
                PoolStay(lead_id=lead.id, team_id=lead.team_id, entered_at=MONDAY,
                     reason=PoolReason.RULE)
                for lead in waiting
            ]  # fmt: skip
            uow.stays.begin(stays)
            uow.commit()
        together = Barrier(len(waiting))

        def claimed(number: int) -> None:
            together.wait()
            with replicas[number % 3]() as uow:
                pressed = {"value": waiting[number].number}
                context = ContextFactory(languages, lambda: MONDAY, COMPOSITION).unasked(
                    uow, reader=robin
                )
                claim(replace(context, request=replace(context.request, state=pressed)))
                uow.commit()

        with ThreadPoolExecutor(len(waiting)) as pool:
            list(pool.map(claimed, range(len(waiting))))
        with units(read_only=True) as uow:
            assert uow.leads(SYSTEM).open_counts()[robin.id] == 1

    def test_the_tally_of_offers_is_right_after_leads_went_to_and_fro(
        self, replicas: list[UnitOfWorkFactory], units: UnitOfWorkFactory, company: Company
    ) -> None:
        """Each hands its leads on the other way round: rows locked as they come would block
        both for ever."""
        pair = (company.robin, company.kim)

        def hand_on(number: int) -> None:
            with replicas[number % 3]() as uow:
                lead = uow.leads(SYSTEM).add(company.lead(customer=str(number)))
                first, second = pair if number % 2 else pair[::-1]
                why = Why("pool")
                offer = Offer(lead_id=lead.id, person_id=first.id, why=why, offered_at=MONDAY)
                offer = uow.offers.add(offer)
                uow.commit()
            with replicas[number % 3]() as uow:
                uow.offers.save(replace(offer, state=OfferState.DECLINED))
                uow.offers.add(replace(offer, person_id=second.id))
                uow.commit()

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(hand_on, range(120)))
        with units(read_only=True) as uow:
            assert uow.offers.counts_since(MONDAY) == {company.robin.id: 60, company.kim.id: 60}

    async def test_three_replicas_do_each_piece_of_work_once(
        self, replicas: list[UnitOfWorkFactory], units: UnitOfWorkFactory
    ) -> None:
        with units() as uow:
            for number in range(150):
                due_at = MONDAY - timedelta(minutes=number)
                uow.jobs.add(Job(RemindOwner(1), due_at, f"reminder:{number}"))
            uow.commit()
        done: list[str] = []

        def perform(job: Job[JobArgs], _uow: UnitOfWork, _now: datetime) -> None:
            done.append(job.unique_key)

        jobs = [Jobs(replica, perform, MovableClock()) for replica in replicas]
        await asyncio.gather(*(job.tick() for job in jobs))
        assert Counter(done) == {f"reminder:{number}": 1 for number in range(150)}

    def test_messages_to_the_same_people_in_any_order_never_block_each_other(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        """Two units of work that write to the same two conversations, one in each order."""
        people = [company.robin.id, company.kim.id, company.boss.id, company.admin.id]
        with units() as uow:
            for person_id in people:
                uow.people.link(Identity("slack", f"U{person_id}", person_id), MONDAY)
            uow.commit()

        def tell_all(number: int) -> None:
            order = people if number % 2 else list(reversed(people))
            with units() as uow:
                for person_id in order:
                    uow.outbox.add(LeadOffered(number), person_id)
                uow.commit()

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(tell_all, range(200)))
        with units.database.read() as connection:
            assert connection.execute(select(lane.c.pending)).scalars().all() == [200] * 4
