"""Follow-ups, people, offers, work, bindings, requests, rules and memory on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from sales.assignments import Offer, OfferState, Why
from sales.errors import (
    Conflict,
    FollowUpNotFound,
    LeadNotFound,
    OfferClosed,
    PersonNotFound,
    StorageUnavailable,
)
from sales.followups import FollowUp, Method
from sales.jobs import EscalateFollowUp, Job, PublishDigest, RemindOwner
from sales.leads import Lead
from sales.people import SYSTEM, Identity
from sales.playbook import Playbook, Scoring
from sales.scheduling import NoticeChoice
from storage.channels import BoundChannel
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.outbox import lane_of_person
from storage.platform_memory import MemoryStore
from storage.tables import audit, identity
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

HOUR = timedelta(hours=1)
EMPLOYED = 5


@pytest.fixture
def lead(units: UnitOfWorkFactory, company: Company) -> Lead:
    with units() as uow:
        added = uow.leads(SYSTEM).add(company.lead())
        uow.commit()
    return added


class TestFollowUps:
    def called(self, lead: Lead) -> FollowUp:
        return FollowUp(
            lead_id=lead.id,
            person_id=lead.owner_id or 0,
            at=MONDAY,
            method=Method.CALL,
            summary="Wants a demo",
            next_step="Demo",
            next_at=MONDAY + HOUR,
        )

    def test_keeps_what_was_said(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            first = uow.followups(company.robin).add(self.called(lead))
            second = uow.followups(company.robin).add(
                replace(self.called(lead), at=MONDAY + HOUR, method=Method.DEMO)
            )
            uow.commit()
        with units(read_only=True) as uow:
            followups = uow.followups(company.boss)
            assert followups.get(first.id) == first
            assert followups.of_lead(lead.id, 10) == [second, first]
            assert followups.of_lead(lead.id, 1) == [second]

    def test_waits_for_the_open_next_step(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            followups = uow.followups(company.robin)
            first = followups.add(self.called(lead))
            assert followups.waiting_on(lead.id) == first
            closed = followups.save(first.close(MONDAY))
            assert followups.waiting_on(lead.id) is None
            assert followups.get(first.id) == closed
            assert closed.version == 1

    def test_refuses_what_somebody_saved_in_between(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            followups = uow.followups(company.robin)
            first = followups.add(self.called(lead))
            followups.save(first.close(MONDAY))
            with pytest.raises(Conflict):
                followups.save(first.reschedule(MONDAY))

    def test_shows_nothing_to_those_who_may_not_see_the_lead(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            followup = uow.followups(company.robin).add(self.called(lead))
            for stranger in (company.kim, company.other_boss):
                theirs = uow.followups(stranger)
                assert theirs.of_lead(lead.id, 10) == []
                assert theirs.waiting_on(lead.id) is None
                with pytest.raises(FollowUpNotFound):
                    theirs.get(followup.id)
                with pytest.raises(FollowUpNotFound):
                    theirs.save(followup)
                with pytest.raises(LeadNotFound):
                    theirs.add(self.called(lead))


class TestPeople:
    def test_finds_a_person_by_any_account(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            for platform in ("slack", "dingtalk"):
                uow.people.link(Identity(platform, "U1", company.robin.id), MONDAY)
            assert uow.people.find("slack", "U1") == company.robin
            assert uow.people.find("dingtalk", "U1") == company.robin
            assert uow.people.find("web", "U1") is None

    def test_an_account_can_move_to_another_person(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            uow.people.link(Identity("slack", "U1", company.robin.id), MONDAY)
            uow.people.link(Identity("slack", "U1", company.kim.id), MONDAY)
            assert uow.people.find("slack", "U1") == company.kim

    def test_what_changes_in_a_unit_of_work_is_read_anew(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        robin, kim = company.robin, company.kim
        with units() as uow:
            assert (uow.people.get(robin.id), uow.people.everyone()[0]) == (robin, company.admin)
            uow.people.save(replace(robin, name="Robin Renamed"))
            assert uow.people.get(robin.id).name == "Robin Renamed"
            uow.notification_preferences.save(
                NoticeChoice(person_id=kim.id, timezone="Europe/Paris")
            )
            assert uow.notification_preferences.of(kim.id).timezone == "Europe/Paris"
            assert uow.notification_preferences.of(robin.id).timezone == ""
            uow.contacts.absorb(robin, kim)
            assert uow.notification_preferences.of(robin.id).timezone == "Europe/Paris"

    def test_an_account_in_use_is_noted_once_in_five_minutes(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        account = Identity("slack", "U1", company.robin.id)

        def use(at: datetime) -> datetime:
            with units() as uow:
                uow.people.find("slack", "U1")
                uow.people.link(account, at)
                uow.commit()
            with units.database.read() as connection:
                used = connection.scalar(select(identity.c.last_used_at))
            assert isinstance(used, datetime)
            return used

        assert use(MONDAY) == MONDAY
        assert use(MONDAY + timedelta(minutes=4)) == MONDAY
        assert use(MONDAY + timedelta(minutes=5)) == MONDAY + timedelta(minutes=5)
        assert use(MONDAY) == MONDAY  # the clock was set back

    def test_of_two_accounts_the_one_used_last_is_noted_at_once(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        minutes = iter(MONDAY + timedelta(minutes=n) for n in range(3))
        for platform in ("slack", "dingtalk", "slack"):
            with units() as uow:
                uow.people.find(platform, "U1")
                uow.people.link(Identity(platform, "U1", company.robin.id), next(minutes))
                uow.commit()
        with units.database.read() as connection:
            assert lane_of_person(connection, company.robin.id) == "slack:person:U1"

    def test_is_told_where_the_account_used_last_is(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        robin = company.robin.id
        with units() as uow:
            assert uow.outbox.lane_of(robin) is None
            uow.people.link(Identity("slack", "U1", robin), MONDAY)
            assert uow.outbox.lane_of(robin) == "slack:person:U1"
            uow.people.link(Identity("dingtalk", "D1", robin), MONDAY + HOUR)
            assert uow.outbox.lane_of(robin) == "dingtalk:person:D1"
            uow.people.unlink(Identity("dingtalk", "D1", robin))
            assert uow.outbox.lane_of(robin) == "slack:person:U1"

    def test_shows_what_this_unit_of_work_changed(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            assert company.robin in uow.people.everyone()
            moved = uow.people.save(replace(company.robin, weight=7))
            assert uow.people.get(moved.id) == moved
            assert moved in uow.people.everyone()
            assert uow.people.get(moved.id) == moved

    def test_lists_by_team_then_name(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            gone = uow.people.save(replace(company.robin, active=False))
            east = [company.admin, company.boss, gone]
            assert uow.people.everyone() == [*east, company.kim, company.other_boss]
            assert uow.people.members(company.east.id) == [company.admin, company.boss]
            assert uow.people.teams() == [company.east, company.west]

    def test_keeps_absence_and_weight(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            away = replace(company.kim, away_until=MONDAY.date(), weight=3, locale="zh_CN")
            uow.people.save(away)
            assert uow.people.get(away.id) == away

    def test_tells_that_somebody_is_not_there(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            with pytest.raises(PersonNotFound):
                uow.people.get(77)
            with pytest.raises(PersonNotFound):
                uow.people.save(replace(SYSTEM, id=77))


class TestOffers:
    def offer(self, lead: Lead, person_id: int) -> Offer:
        why = Why("rule", "East", (("Kim Sample", "absent"),))
        return Offer(lead_id=lead.id, person_id=person_id, why=why, offered_at=MONDAY)

    def test_keeps_why_and_the_order(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            first = uow.offers.add(self.offer(lead, company.robin.id))
            passed = uow.offers.save(replace(first, state=OfferState.DECLINED, answered_at=MONDAY))
            second = uow.offers.add(
                replace(self.offer(lead, company.kim.id), expires_at=MONDAY + HOUR)
            )
            assert uow.offers.get(second.id) == second
            assert uow.offers.open_for(lead.id) == second
            assert uow.offers.history(lead.id) == [passed, second]
            assert uow.offers.counts_since(MONDAY) == {company.kim.id: 1}
            assert uow.offers.counts_since(MONDAY + 24 * HOUR) == {}

    def test_counts_a_lead_once_for_each_person(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            for state in (OfferState.ACCEPTED, OfferState.OPEN, OfferState.EXPIRED):
                uow.offers.add(replace(self.offer(lead, company.robin.id), state=state))
            assert uow.offers.counts_since(MONDAY) == {company.robin.id: 1}

    def test_a_lead_counts_on_the_day_of_its_newest_offer(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        robin = company.robin.id
        with units() as uow:
            uow.offers.add(replace(self.offer(lead, robin), state=OfferState.ACCEPTED))
            uow.commit()
        with units() as uow:
            later = replace(self.offer(lead, robin), offered_at=MONDAY + 48 * HOUR)
            again = uow.offers.add(later)
            uow.commit()
        with units() as uow:
            assert uow.offers.counts_since(MONDAY + 48 * HOUR) == {robin: 1}
            assert uow.offers.counts_since(MONDAY) == {robin: 1}
            uow.offers.save(replace(again, state=OfferState.WITHDRAWN))
            uow.commit()
        with units(read_only=True) as uow:
            assert uow.offers.counts_since(MONDAY) == {robin: 1}
            assert uow.offers.counts_since(MONDAY + 48 * HOUR) == {}

    @pytest.mark.parametrize("state", ["declined", "expired", "withdrawn"])
    def test_what_was_passed_on_counts_no_more(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead, state: str
    ) -> None:
        with units() as uow:
            offer = uow.offers.add(self.offer(lead, company.robin.id))
            uow.commit()
        with units() as uow:
            uow.offers.save(replace(offer, state=OfferState(state)))
            uow.commit()
        with units(read_only=True) as uow:
            assert uow.offers.counts_since(MONDAY) == {}

    def test_a_new_lead_counts_from_its_first_offer(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            new = uow.leads(SYSTEM).add(company.lead())
            for _ in range(2):
                uow.offers.add(self.offer(new, company.kim.id))
            assert uow.offers.counts_since(MONDAY) == {company.kim.id: 1}
            uow.commit()
        with units(read_only=True) as uow:
            assert uow.offers.counts_since(MONDAY) == {company.kim.id: 1}

    def test_what_is_undone_was_never_counted(
        self, units: UnitOfWorkFactory, company: Company, lead: Lead
    ) -> None:
        with units() as uow:
            uow.offers.add(self.offer(lead, company.kim.id))
        with units(read_only=True) as uow:
            assert uow.offers.counts_since(MONDAY) == {}

    def test_an_unknown_offer_is_closed(self, units: UnitOfWorkFactory, lead: Lead) -> None:
        with units() as uow:
            assert uow.offers.open_for(lead.id) is None
            with pytest.raises(OfferClosed):
                uow.offers.get(5)


class TestSchedule:
    WORK = Job(RemindOwner(1), MONDAY, "reminder:1:09")

    def test_takes_a_key_once(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            assert uow.jobs.add(self.WORK)
            assert not uow.jobs.add(replace(self.WORK, due_at=MONDAY + HOUR))

    def test_a_done_key_is_never_taken_again(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            uow.jobs.add(self.WORK)
            claimed = uow.jobs.claim(MONDAY)
            assert claimed is not None
            uow.jobs.done(claimed, MONDAY)
            uow.jobs.cancel(RemindOwner, 1)
            assert not uow.jobs.add(self.WORK)
            assert uow.jobs.claim(MONDAY + HOUR) is None

    def test_a_cancelled_key_can_be_set_anew(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            uow.jobs.add(self.WORK)
            uow.jobs.add(Job(EscalateFollowUp(1, 1), MONDAY, "overdue:1"))
            uow.jobs.cancel(RemindOwner, 1)
            claimed = uow.jobs.claim(MONDAY)
            assert claimed is not None
            assert claimed.unique_key == "overdue:1"
            assert uow.jobs.add(self.WORK)

    def test_gives_the_earliest_due_and_nothing_early(self, units: UnitOfWorkFactory) -> None:
        digest = Job(PublishDigest(1, "2026-W47"), MONDAY - HOUR, "digest:1")
        with units() as uow:
            uow.jobs.add(self.WORK)
            uow.jobs.add(digest)
            assert uow.jobs.claim(MONDAY - 2 * HOUR) is None
            claimed = uow.jobs.claim(MONDAY)
            assert claimed is not None
            assert claimed.job == digest


class TestBindings:
    def test_replaces_lists_and_forgets(self, units: UnitOfWorkFactory, company: Company) -> None:
        binding = BoundChannel("slack", "C1", company.east.id, "en", company.boss.id)
        moved = replace(binding, team_id=company.west.id, locale="zh_CN")
        with units() as uow:
            uow.channels.bind(binding)
            uow.channels.bind(moved)
            assert uow.channels.of_channel("slack", "C1") == moved
            assert uow.channels.of_team(company.east.id) == []
            assert uow.channels.of_team(company.west.id) == [moved]
            uow.channels.unbind("slack", "C1")
            assert uow.channels.of_channel("slack", "C1") is None


class TestInbound:
    def test_knows_a_request_again(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            assert uow.seen_requests.is_new("slack:1", MONDAY)
            assert not uow.seen_requests.is_new("slack:1", MONDAY)
            uow.commit()
        with units() as uow:
            assert not uow.seen_requests.is_new("slack:1", MONDAY)

    def test_forgets_what_was_undone(self, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            assert uow.seen_requests.is_new("slack:1", MONDAY)
        with units() as uow:
            assert uow.seen_requests.is_new("slack:1", MONDAY)


class TestAudit:
    def test_says_who_did_what_when(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            uow.audit.record(company.robin, "contact.reveal", "lead:1", {"field": "phone"})
            uow.commit()
        with units.database.read() as connection:
            row = connection.execute(select(audit)).one()
        assert tuple(row)[1:-1] == (
            MONDAY,
            company.robin.id,
            "contact.reveal",
            "lead:1",
            {"field": "phone"},
        )


class TestPlaybooks:
    def test_the_newest_is_in_force(self, units: UnitOfWorkFactory, company: Company) -> None:
        stricter = Playbook(scoring=Scoring(high_from=9))
        with units() as uow:
            assert uow.playbooks.current() == Playbook()
            assert uow.playbooks.store(Playbook(), company.admin, MONDAY) == 1
            assert uow.playbooks.store(stricter, company.admin, MONDAY) == 2
            uow.commit()
        with units(read_only=True) as uow:
            assert uow.playbooks.current() == stricter

    def test_what_another_replica_stored_is_in_force_at_once(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        replica = UnitOfWorkFactory(units.database, units.fields, now=units.now)
        with units(read_only=True) as uow:
            assert uow.playbooks.current() == Playbook()
        for points in (9, 8):
            stricter = Playbook(scoring=Scoring(high_from=points))
            with replica() as uow:
                uow.playbooks.store(stricter, company.admin, MONDAY)
                uow.commit()
            with units(read_only=True) as uow:
                assert uow.playbooks.current() == stricter

    def test_what_was_undone_is_not_in_force(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            uow.playbooks.store(Playbook(scoring=Scoring(high_from=9)), company.admin, MONDAY)
            assert uow.playbooks.current().scoring.high_from == 9
        with units(read_only=True) as uow:
            assert uow.playbooks.current() == Playbook()


class TestMemory:
    @pytest.fixture
    def memory(self, database: Database, fields: Fields) -> MemoryStore:
        return MemoryStore(database, fields)

    def test_keeps_replaces_and_forgets(self, memory: MemoryStore) -> None:
        memory.put("slack:form:1", {"phone": "1"}, MONDAY + HOUR)
        memory.put("slack:form:1", {"phone": "2", "名": ["x"]}, MONDAY + HOUR)
        assert memory.get("slack:form:1", MONDAY) == {"phone": "2", "名": ["x"]}
        assert memory.get("slack:form:1", MONDAY + HOUR) is None
        assert memory.get("slack:form:2", MONDAY) is None

    def test_is_taken_once(self, memory: MemoryStore) -> None:
        memory.put("k", {"a": 1}, MONDAY + HOUR)
        assert memory.take("k", MONDAY) == {"a": 1}
        assert memory.take("k", MONDAY) is None
        memory.put("k", {"a": 1}, MONDAY)
        assert memory.take("k", MONDAY + HOUR) is None

    def test_counts_from_nothing_after_it_was_forgotten(self, memory: MemoryStore) -> None:
        assert memory.count("n", 2, MONDAY, MONDAY + HOUR) == 2
        assert memory.count("n", 3, MONDAY, MONDAY + HOUR) == 5
        assert memory.count("n", 1, MONDAY + HOUR, MONDAY + 2 * HOUR) == 1
        assert memory.get("n", MONDAY) is None


class TestUnitOfWork:
    def test_a_reading_one_refuses_to_write(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with pytest.raises(DBAPIError, match=r"(?i)read.?only"), units(read_only=True) as uow:
            uow.people.save(company.robin)

    def test_a_reading_one_does_not_wait_for_a_writer(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as writing, units(read_only=True) as reading:
            writing.people.save(replace(company.robin, name="Robin Renamed"))
            assert reading.people.get(company.robin.id) == company.robin


class TestTrouble:
    """What a full disk or a stopped server looks like: told as such, and nothing half-saved."""

    def hire_many(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            for number in range(1000):
                uow.people.add(replace(company.robin, id=0, name=f"{number} " + "x" * 70))
            uow.commit()

    def rename_while_cut_off(self, units: UnitOfWorkFactory, company: Company) -> None:
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with units() as uow:
            uow.people.save(replace(company.robin, name="Robin Renamed"))
            with units.database.read() as connection:
                connection.execute(text(cut))
            uow.commit()

    @pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
    def test_a_full_disk(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units.database.write() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))  # No more than there are.
        with pytest.raises(StorageUnavailable):
            self.hire_many(units, company)
        with units(read_only=True) as uow:
            assert len(uow.people.everyone()) == EMPLOYED

    @pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
    def test_a_connection_cut_in_the_middle(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with pytest.raises(StorageUnavailable):
            self.rename_while_cut_off(units, company)
        with units(read_only=True) as uow:
            assert uow.people.get(company.robin.id) == company.robin
        self.hire_many(units, company)
        with units(read_only=True) as uow:
            assert len(uow.people.everyone()) == EMPLOYED + 1000
