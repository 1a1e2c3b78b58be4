"""Leads on both databases: stored whole, found by people who may, lost by nobody."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from sales.errors import Conflict, DuplicateLead, LeadNotFound
from sales.leads import Authority, Clarity, Grade, Lead, Stage, Timeframe, wechat_key
from sales.people import SYSTEM, Person
from storage.leads.repository import LeadRepository
from storage.tables import stage_interval
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

PHONE, EMAIL = "+8613800005678", "robin@acme.example"


def add(units: UnitOfWorkFactory, lead: Lead, actor: Person = SYSTEM) -> Lead:
    with units() as uow:
        added = uow.leads(actor).add(lead)
        uow.commit()
    return added


def numbers(leads: list[Lead]) -> list[str]:
    return [lead.number for lead in leads]


class TestAddAndGet:
    def test_keeps_every_field(self, units: UnitOfWorkFactory, company: Company) -> None:
        whole = company.lead(
            industry="it",
            contact="Lee Sample",
            title="CTO",
            phone=PHONE,
            email=EMAIL,
            budget_low=Decimal("100000.50"),
            budget_high=Decimal("99999999999.99"),
            need="40 seats; 需要同行案例",
            region="east",
            product="basic",
            authority=Authority.DECIDER,
            clarity=Clarity.CLEAR,
            timeframe=Timeframe.MONTH,
            score=9,
            grade=Grade.HIGH,
            stage=Stage.WON,
            last_contact_at=MONDAY,
            next_at=MONDAY + timedelta(microseconds=1),
            next_step="Send the offer",
            amount=Decimal("0.10"),
            closed_at=MONDAY,
            lost_reason="none",
        )
        added = add(units, whole)
        assert added == replace(whole, id=added.id)
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).get(added.id) == added

    def test_anyone_may_add_for_somebody_else(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        theirs = company.lead(owner_id=company.kim.id, team_id=company.west.id)
        lead = add(units, theirs, actor=company.robin)
        with units(read_only=True) as uow:
            assert uow.leads(company.kim).get(lead.id) == lead

    def test_is_undone_without_commit(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            lead = uow.leads(SYSTEM).add(company.lead())
        with units(read_only=True) as uow, pytest.raises(LeadNotFound):
            uow.leads(SYSTEM).get(lead.id)


class TestScope:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("robin", {"mine", "pool"}),
            ("kim", {"theirs"}),
            ("boss", {"mine", "nobodys"}),
            ("other_boss", {"theirs", "pool"}),
            ("admin", {"mine", "theirs", "nobodys", "pool"}),
        ],
    )
    def test_bounds_every_question(
        self, units: UnitOfWorkFactory, company: Company, who: str, sees: set[str]
    ) -> None:
        owners = {
            "mine": company.lead(),
            "theirs": company.lead(owner_id=company.kim.id, team_id=company.west.id),
            "nobodys": company.lead(owner_id=None),
            "pool": company.lead(team_id=company.west.id),
        }
        with units() as uow:
            for name, lead in owners.items():
                known = replace(lead, customer=name, need="seats", next_at=MONDAY)
                uow.leads(SYSTEM).add(known)
            uow.commit()
        with units(read_only=True) as uow:
            leads = uow.leads(getattr(company, who))
            every = [lead.id for lead in uow.leads(SYSTEM).search("", 10)]
            answers = [
                leads.search("seats", 10),
                leads.search("", 10),
                leads.most_urgent("", 10),
                [one for lead_id in every if (one := found(leads, lead_id)) is not None],
            ]
            assert [{lead.customer for lead in answer} for answer in answers] == [sees] * 4
            assert {lead.customer for lead in leads.some(range(1, 100)).values()} == sees

    def test_refuses_to_save_what_is_not_seen(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        with units() as uow, pytest.raises(LeadNotFound):
            uow.leads(company.kim).save(replace(lead, customer="Taken"))

    def test_the_own_lead_moves_out_of_sight_when_given_away(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        with units() as uow:
            uow.leads(company.robin).save(replace(lead, owner_id=company.kim.id))
            with pytest.raises(LeadNotFound):
                uow.leads(company.robin).get(lead.id)


def found(leads: LeadRepository, lead_id: int) -> Lead | None:
    try:
        return leads.get(lead_id)
    except LeadNotFound:
        return None


class TestSave:
    def test_counts_versions(self, units: UnitOfWorkFactory, company: Company) -> None:
        lead = add(units, company.lead())
        with units() as uow:
            saved = uow.leads(company.robin).save(replace(lead, need="more"))
            uow.commit()
        assert saved.version == lead.version + 1
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).get(lead.id) == saved

    def test_saves_on_what_was_saved_before_with_other_rights(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        """A row read before is not taken for the stored one."""
        lead = add(units, company.lead())
        with units() as uow:
            own, every = uow.leads(company.robin), uow.leads(SYSTEM)
            first = own.get(lead.id)
            moved = every.save(replace(every.get(lead.id), stage=Stage.SCREENED))
            with pytest.raises(Conflict):
                own.save(replace(first, need="from before"))
            again = own.save(replace(moved, need="after"))
            saved = own.save(replace(again, need="and after that"))
            uow.commit()
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).get(lead.id) == saved
            with units.database.read() as connection:
                stages = connection.scalars(select(stage_interval.c.stage)).all()
        assert sorted(stages) == sorted([lead.stage.value, Stage.SCREENED.value])

    def test_a_lead_seen_by_all_is_not_saved_by_somebody_who_may_not_see_it(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        with units() as uow:
            read = uow.leads(SYSTEM).get(lead.id)
            with pytest.raises(LeadNotFound):
                uow.leads(company.kim).save(replace(read, need="not theirs"))

    def test_refuses_what_somebody_saved_in_between(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        with units() as uow:
            uow.leads(SYSTEM).save(replace(lead, need="theirs"))
            uow.commit()
        with units() as uow, pytest.raises(Conflict):
            uow.leads(company.robin).save(replace(lead, need="mine"))

    def test_a_changed_stage_closes_one_interval_and_opens_the_next(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        later = MONDAY + timedelta(hours=3)
        with units() as uow:
            moved = replace(lead, stage=Stage.SCREENED, stage_since=later)
            saved = uow.leads(SYSTEM).save(moved)
            uow.leads(SYSTEM).save(replace(saved, need="the stage stays"))
            uow.commit()
        with units.database.read() as connection:
            rows = connection.execute(
                select(
                    stage_interval.c.stage, stage_interval.c.entered_at, stage_interval.c.left_at
                ).order_by(stage_interval.c.id)
            )
            assert [tuple(row) for row in rows] == [
                ("captured", MONDAY, later),
                ("screened", later, None),
            ]


class TestDuplicates:
    @pytest.mark.parametrize("contact", [{"phone": PHONE}, {"email": EMAIL}])
    def test_refuses_a_second_lead_with_the_same_contact(
        self, units: UnitOfWorkFactory, company: Company, contact: dict[str, Any]
    ) -> None:
        add(units, company.lead(**contact))
        with units() as uow:
            with pytest.raises(DuplicateLead):
                uow.leads(company.kim).add(company.lead(customer="Again", **contact))
            second = uow.leads(SYSTEM).add(company.lead(customer="Other"))
            with pytest.raises(DuplicateLead):
                uow.leads(SYSTEM).save(replace(second, **contact))
            uow.commit()  # What went wrong did not spoil the rest.
        with units(read_only=True) as uow:
            customers = [lead.customer for lead in uow.leads(SYSTEM).search("", 10)]
            assert customers == ["Other", "Acme"]

    def test_finds_by_contact_whoever_owns_it(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead(phone=PHONE, email=EMAIL))
        with units(read_only=True) as uow:
            assert uow.duplicates.by_contact(PHONE, "") == lead
            assert uow.duplicates.by_contact("+8613800000000", EMAIL.upper()) == lead
            assert uow.duplicates.by_contact(PHONE, EMAIL, but=lead.id) is None
            assert uow.duplicates.by_contact("", "") is None

    def test_finds_by_wechat(self, units: UnitOfWorkFactory, company: Company) -> None:
        lead = add(units, company.lead(wechat="Kay_sample"))
        mobile = add(units, company.lead(customer="Other", wechat="13800001111"))

        def found(contact: str) -> Lead | None:
            with units(read_only=True) as uow:
                return uow.duplicates.by_contact("", "", (contact,))

        assert found(wechat_key("kay_SAMPLE")) == lead
        assert found("+8613800001111") == mobile
        with units() as uow:
            uow.leads(SYSTEM).save(replace(lead, wechat="kay_new"))
            uow.commit()
        assert found(wechat_key("Kay_sample")) is None
        assert found(wechat_key("kay_new")) is not None

    def test_finds_colleagues_by_company_domain(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        one = add(units, company.lead(customer="One", email=EMAIL))
        two = add(units, company.lead(customer="Two", email="kim@acme.example"))
        add(units, company.lead(customer="Three", email="kim@qq.com"))

        def found(email: str, but: int = 0) -> list[int]:
            with units(read_only=True) as uow:
                return [same.lead_id for same in uow.duplicates.namesakes("", email, but=but)]

        assert found("new@ACME.example") == [two.id, one.id]
        assert found(EMAIL, but=one.id) == [two.id]
        assert found("new@qq.com") == []

    def test_finds_names_that_begin_alike(self, units: UnitOfWorkFactory, company: Company) -> None:
        known = add(units, company.lead(customer="上海甲示例科技有限公司"))
        add(units, company.lead(customer="乙样本公司"))
        with units(read_only=True) as uow:
            [same] = uow.duplicates.namesakes("甲示例", "")
        assert (same.lead_id, same.customer) == (known.id, known.customer)

    def test_a_reference_serves_one_person_alone(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead())
        with units(read_only=True) as uow:
            reference = uow.duplicates.refer(lead.id, 7)
            assert uow.duplicates.referred(reference, 7) == lead
            broken = (reference[:-4], reference[4:], "", "x", "1:7", lead.number, "é")
            for asker, forged in ((8, reference), *((7, one) for one in broken)):
                with pytest.raises(LeadNotFound):
                    uow.duplicates.referred(forged, asker)


class TestSearch:
    @pytest.mark.parametrize(
        "typed",
        [
            "acme",
            "ACME",
            "案例",
            "lee s",
            "LX001",
            "lx-1",
            "1",
            "001",
            EMAIL.upper(),
            "138 0000 5678",
            "+86 138-0000-5678",
        ],
    )
    def test_finds(self, units: UnitOfWorkFactory, company: Company, typed: str) -> None:
        lead = add(
            units,
            company.lead(contact="Lee Sample", need="需要同行案例", phone=PHONE, email=EMAIL),
        )
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).search(typed, 5) == [lead]

    @pytest.mark.parametrize("typed", ["%", "_", "a%e", "\\", "/", "'", "13800", "acme.example"])
    def test_takes_every_letter_as_it_is(
        self, units: UnitOfWorkFactory, company: Company, typed: str
    ) -> None:
        add(units, company.lead(phone=PHONE, email=EMAIL))
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).search(typed, 5) == []

    def test_finds_wildcards_that_are_there(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        lead = add(units, company.lead(customer="100%_/Sure"))
        with units(read_only=True) as uow:
            assert uow.leads(company.robin).search("100%_/s", 5) == [lead]

    def test_gives_the_newest_first_and_no_more_than_asked(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        for _ in range(3):
            add(units, company.lead())
        with units(read_only=True) as uow:
            assert numbers(uow.leads(company.robin).search("acme", 2)) == ["LX003", "LX002"]


class TestUrgency:
    def test_orders_by_next_step_then_the_newest_and_leaves_out_the_closed(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        for days in (None, 2, 1, None):
            next_at = None if days is None else MONDAY + timedelta(days=days)
            add(units, company.lead(next_at=next_at))
        add(units, company.lead(next_at=MONDAY, stage=Stage.LOST))
        with units(read_only=True) as uow:
            leads = uow.leads(company.robin)
            assert numbers(leads.most_urgent("", 10)) == ["LX003", "LX002", "LX004", "LX001"]
