"""Which leads an act on several takes, which it leaves out and why, and who gets them."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sales.bulk_acts import (
    BY_ROLE,
    NO_FACTS,
    BulkAct,
    BulkKind,
    BulkLead,
    LeadFacts,
    LeftOut,
    judge,
    may_see_act,
    plan,
    received,
)
from sales.leads import Lead, Stage
from sales.people import Person, Role
from sales.playbook import Playbook
from sales.routing import Candidates

NOW = datetime(2024, 3, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
ADMIN = Person(id=1, name="Ada Admin", role=Role.ADMIN, team_id=1)
MANAGER = Person(id=2, name="Max Manager", role=Role.MANAGER, team_id=1)
OTHER = Person(id=3, name="Wes Manager", role=Role.MANAGER, team_id=2)
ROBIN = Person(id=4, name="Robin Sample", role=Role.REP, team_id=1)
DANA = Person(id=5, name="Dana Example", role=Role.REP, team_id=1)
PEOPLE = (ADMIN, MANAGER, OTHER, ROBIN, DANA)


def lead(lead_id: int = 1, **more: Any) -> Lead:
    known: dict[str, Any] = {"owner_id": ROBIN.id, "team_id": 1, "stage": Stage.SCREENED} | more
    return Lead(
        id=lead_id, source="ads", customer=f"Customer {lead_id}", stage_since=NOW, created_at=NOW,
        created_by=1, **known,
    )  # fmt: skip


def act(kind: BulkKind, actor: Person = MANAGER, to_id: int | None = None) -> BulkAct:
    return BulkAct(
        actor_id=actor.id, kind=kind, to_id=to_id, planned=0, created_at=NOW, shown_at=NOW,
        forget_at=NOW,
    )  # fmt: skip


def judged(
    kind: BulkKind, actor: Person = MANAGER, facts: LeadFacts = NO_FACTS, **of_lead: Any
) -> LeftOut | None:
    to_id = DANA.id if kind is BulkKind.PERSON else None
    return judge(lead(**of_lead), act(kind, actor, to_id), actor, facts, TODAY)


WITH_STEP = LeadFacts(has_step=True)


class TestRights:
    @pytest.mark.parametrize("kind", BulkKind)
    def test_leaders_of_its_team_act_on_a_lead(self, kind: BulkKind) -> None:
        for actor in (ADMIN, MANAGER):
            assert judged(kind, actor, WITH_STEP) is None
        assert judged(kind, OTHER, WITH_STEP) is LeftOut.NO_RIGHT

    @pytest.mark.parametrize("kind", BulkKind)
    def test_reps_on_their_own_and_only_as_reps_may(self, kind: BulkKind) -> None:
        expected = None if kind in BY_ROLE[Role.REP] else LeftOut.NO_RIGHT
        assert judged(kind, ROBIN, WITH_STEP) is expected
        assert judged(kind, DANA, WITH_STEP) is LeftOut.NO_RIGHT

    @pytest.mark.parametrize("role", [Role.SERVICE, Role.FINANCE, Role.PRODUCT])
    def test_nobody_else(self, role: Role) -> None:
        for kind in BulkKind:
            assert judged(kind, replace(ROBIN, role=role), WITH_STEP) is LeftOut.NO_RIGHT
            gone = replace(MANAGER, active=False)
            assert judged(kind, gone, WITH_STEP) is LeftOut.NO_RIGHT

    def test_an_act_is_seen_by_its_actor_and_their_leaders(self) -> None:
        of_robin = act(BulkKind.LOST, ROBIN)
        seen = [one.name for one in PEOPLE if may_see_act(one, of_robin, ROBIN)]
        assert seen == ["Ada Admin", "Max Manager", "Robin Sample"]
        of_ada = act(BulkKind.LOST, ADMIN)
        assert [one.name for one in PEOPLE if may_see_act(one, of_ada, ADMIN)] == ["Ada Admin"]


class TestLeavingOut:
    @pytest.mark.parametrize(
        ("kind", "of_lead", "facts", "why"),
        [
            (BulkKind.PERSON, {"owner_id": DANA.id}, NO_FACTS, LeftOut.THERE),
            (BulkKind.PERSON, {"stage": Stage.LOST}, NO_FACTS, LeftOut.CLOSED),
            (BulkKind.PERSON, {"stage": Stage.WON}, NO_FACTS, None),
            (BulkKind.PERSON, {}, LeadFacts(offered=True), LeftOut.OFFERED),
            (BulkKind.POOL, {"owner_id": None, "pooled_at": NOW}, NO_FACTS, LeftOut.THERE),
            (BulkKind.POOL, {"stage": Stage.NURTURE}, NO_FACTS, LeftOut.RESTS),
            (BulkKind.POOL, {"stage": Stage.WON}, NO_FACTS, LeftOut.CLOSED),
            (BulkKind.POOL, {}, LeadFacts(offered=True), LeftOut.OFFERED),
            (BulkKind.POOL, {}, LeadFacts(protected_until=date(2024, 3, 2)), LeftOut.PROTECTED),
            (BulkKind.POOL, {}, LeadFacts(protected_until=TODAY), None),
            (BulkKind.LOST, {"stage": Stage.LOST}, NO_FACTS, LeftOut.CLOSED),
            (BulkKind.LOST, {"stage": Stage.WON}, NO_FACTS, LeftOut.CLOSED),
            (BulkKind.LOST, {"stage": Stage.NURTURE}, NO_FACTS, None),
            (BulkKind.NURTURE, {"stage": Stage.NURTURE}, NO_FACTS, LeftOut.THERE),
            (BulkKind.NURTURE, {"stage": Stage.AFTERSALES}, NO_FACTS, LeftOut.CLOSED),
            (BulkKind.STEP, {}, NO_FACTS, LeftOut.NO_STEP),
            (BulkKind.STEP, {"stage": Stage.LOST}, WITH_STEP, LeftOut.CLOSED),
        ],
    )
    def test_says_why(
        self, kind: BulkKind, of_lead: dict[str, Any], facts: LeadFacts, why: LeftOut | None
    ) -> None:
        assert judged(kind, MANAGER, facts, **of_lead) is why

    def test_the_owners_own_time_is_protected_from_others_only(self) -> None:
        facts = LeadFacts(protected_until=date(2024, 4, 1))
        assert judged(BulkKind.POOL, ROBIN, facts) is None


class TestPlanning:
    def planned(self, kind: BulkKind, people: tuple[Person, ...], count: int) -> list[BulkLead]:
        leads = [lead(number, owner_id=MANAGER.id) for number in range(1, count + 1)]
        among = Candidates(people, (), {}, {}, TODAY)
        asked = act(kind, to_id=DANA.id if kind is BulkKind.PERSON else None)
        return plan(asked, leads, MANAGER, facts={}, playbook=Playbook(), among=among)

    def test_by_the_rules_each_lead_counts_for_the_next(self) -> None:
        entries = self.planned(BulkKind.RULES, PEOPLE, 10)
        assert received(entries) == Counter({ROBIN.id: 5, DANA.id: 5})

    def test_capacity_is_not_exceeded_and_no_manager_stands_in(self) -> None:
        people = (MANAGER, replace(ROBIN, capacity=2), replace(DANA, away_until=date(2024, 5, 1)))
        entries = self.planned(BulkKind.RULES, people, 4)
        assert received(entries) == Counter({ROBIN.id: 2})
        assert [one.left_out for one in entries] == ["", "", "nobody", "nobody"]
        assert (DANA.name, "absent") in (entries[0].why.skipped if entries[0].why else ())

    def test_to_one_person_whatever_their_capacity(self) -> None:
        entries = self.planned(BulkKind.PERSON, (MANAGER, replace(DANA, capacity=1)), 3)
        assert received(entries) == Counter({DANA.id: 3})
        assert {one.why.rule for one in entries if one.why} == {MANAGER.name}

    def test_carries_the_versions_and_owners_that_were_seen(self) -> None:
        [entry] = self.planned(BulkKind.LOST, PEOPLE, 1)
        assert (entry.version, entry.from_id, entry.state) == (0, MANAGER.id, "planned")
