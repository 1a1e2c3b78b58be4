"""Whom a task is assigned to and why, and how it changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from sales.assignments import Why
from sales.leads import Stage
from sales.people import Person, Role
from sales.playbook import Handover, Playbook, TaskRule
from sales.tasks import Result, Staff, Task, TaskKind, TaskState, assign, can_keep, colleagues
from tests.sales.leads import MONDAY, a_lead

TODAY = date(2026, 11, 23)
AWAY = date(2026, 12, 1)


def person(number: int, name: str, role: Role, team: int = 1, **more: object) -> Person:
    return Person(id=number, name=name, role=role, team_id=team, **more)  # type: ignore[arg-type]


ROBIN = person(1, "Robin", Role.REP)
SAM, SUE = person(2, "Sam", Role.SERVICE), person(3, "Sue", Role.SERVICE)
FAR = person(4, "Far", Role.SERVICE, team=2)
MAX, WES = person(8, "Max", Role.MANAGER), person(7, "Wes", Role.MANAGER, team=2)
ADA = person(9, "Ada", Role.ADMIN, team=2)
LEAD = a_lead(owner_id=1, stage=Stage.WON)


def staff(*people: Person, **open_tasks: int) -> Staff:
    counts = {one.id: open_tasks.get(one.name, 0) for one in people}
    return Staff(people, counts, TODAY)


def a_task(**known: object) -> Task:
    fields: dict[str, object] = {
        "id": 5, "lead_id": 1, "kind": TaskKind.WELCOME, "role": Role.SERVICE, "assignee_id": 2,
        "why": Why("task_team"), "created_at": MONDAY, "due_at": MONDAY + timedelta(days=1),
    }  # fmt: skip
    return Task(**(fields | known))  # type: ignore[arg-type]


class TestAssign:
    @pytest.mark.parametrize(
        ("people", "expected", "reason"),
        [
            ((ROBIN, FAR, SAM, MAX, ADA), "Sam", "task_team"),
            ((ROBIN, FAR, MAX, ADA), "Far", "task_other_team"),
            ((ROBIN, replace(SAM, away_until=AWAY), FAR, MAX), "Far", "task_other_team"),
            ((ROBIN, WES, MAX, ADA), "Max", "task_leader"),
            ((ROBIN, WES, replace(MAX, away_until=AWAY), ADA), "Ada", "task_leader"),
            ((ROBIN, replace(MAX, away_until=AWAY)), "Max", "task_leader"),
            ((ROBIN, replace(SAM, active=False), ADA), "Ada", "task_leader"),
        ],
    )
    def test_prefers_the_role_then_the_team_then_a_leader(
        self, people: tuple[Person, ...], expected: str, reason: str
    ) -> None:
        given = assign(Role.SERVICE, LEAD, staff(*people))
        assert given.person
        assert (given.person.name, given.why.reason) == (expected, reason)

    def test_the_fewest_open_tasks_win(self) -> None:
        given = assign(Role.SERVICE, LEAD, staff(SAM, SUE, Sam=3, Sue=2))
        assert given.person == SUE

    def test_names_who_was_passed_over(self) -> None:
        given = assign(Role.SERVICE, LEAD, staff(replace(SAM, away_until=AWAY), SUE))
        assert given.why == Why("task_team", skipped=(("Sam", "absent"),))

    def test_the_owner_gets_what_is_the_owners(self) -> None:
        given = assign(None, LEAD, staff(ROBIN, SAM, MAX))
        assert (given.person, given.why.reason) == (ROBIN, "task_owner")

    @pytest.mark.parametrize(
        "owner", [replace(ROBIN, away_until=AWAY), replace(ROBIN, role=Role.FINANCE)]
    )
    def test_an_owner_who_cannot_is_stood_in_for(self, owner: Person) -> None:
        assert assign(None, LEAD, staff(owner, SAM, MAX)).person == MAX

    def test_with_nobody_at_all_it_is_nobodys(self) -> None:
        assert assign(Role.SERVICE, LEAD, staff(ROBIN)).person is None


class TestChange:
    def test_the_first_answer_counts(self) -> None:
        taken = a_task().answer(MONDAY).answer(MONDAY + timedelta(hours=1))
        assert taken.answered_at == MONDAY
        done = taken.done(Result(note="fine"), SAM, MONDAY + timedelta(hours=2))
        assert (done.state, done.answered_at, done.done_by) == (TaskState.DONE, MONDAY, 2)

    def test_doing_it_is_answering(self) -> None:
        assert a_task().done(Result(), SAM, MONDAY).answered_at == MONDAY

    def test_only_open_ones_are_overdue(self) -> None:
        task, later = a_task(), MONDAY + timedelta(days=2)
        assert task.is_overdue(later)
        assert not task.is_overdue(MONDAY)
        assert not task.cancel(later).is_overdue(later)

    @pytest.mark.parametrize(
        ("kind", "stage", "suits"),
        [
            (TaskKind.WELCOME, Stage.WON, True),
            (TaskKind.VISIT, Stage.AFTERSALES, True),
            (TaskKind.INVOICE, Stage.NEGOTIATION, False),
            (TaskKind.SUPPORT, Stage.NEGOTIATION, True),
            (TaskKind.SUPPORT, Stage.LOST, False),
        ],
    )
    def test_suits_stages(self, kind: TaskKind, stage: Stage, suits: bool) -> None:
        assert a_task(kind=kind).suits(stage) is suits


class TestKeep:
    def test_who_lost_the_role_or_the_account_cannot_keep_it(self) -> None:
        assert can_keep(SAM, a_task(), LEAD)
        assert not can_keep(replace(SAM, active=False), a_task(), LEAD)
        assert not can_keep(replace(SAM, role=Role.FINANCE), a_task(), LEAD)
        assert not can_keep(replace(SAM, role=Role.REP), a_task(), LEAD)

    def test_a_leader_keeps_what_the_own_team_needs(self) -> None:
        assert can_keep(MAX, a_task(), LEAD)
        assert not can_keep(WES, a_task(), LEAD)
        assert can_keep(ADA, a_task(), LEAD)

    def test_what_is_the_owners_goes_with_the_owner(self) -> None:
        visit = a_task(kind=TaskKind.VISIT, role=None, assignee_id=1)
        assert can_keep(ROBIN, visit, LEAD)
        assert not can_keep(ROBIN, visit, replace(LEAD, owner_id=6))

    def test_can_be_passed_to_the_same_role_and_leaders_who_are_there(self) -> None:
        everyone = staff(ROBIN, SAM, SUE, FAR, MAX, WES, replace(ADA, away_until=AWAY))
        names = [one.name for one in colleagues(a_task(), LEAD, everyone)]
        assert names == ["Sue", "Far", "Max"]


class TestRules:
    def test_each_kind_starts_once(self) -> None:
        rule = TaskRule(kind=TaskKind.VISIT, role=None, within=60)
        with pytest.raises(ValidationError, match="only once"):
            Handover(won=(rule, rule))

    def test_a_question_is_not_started_by_a_signature(self) -> None:
        with pytest.raises(ValidationError):
            TaskRule.model_validate({"kind": "support", "role": "product", "within": 60})

    def test_survives_being_written_down(self) -> None:
        assert Playbook.model_validate(Playbook().model_dump(mode="json")) == Playbook()
