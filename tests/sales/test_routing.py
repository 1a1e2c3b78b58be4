from collections import Counter
from datetime import date

import pytest

from sales.leads import Grade
from sales.people import Person, Role, Team
from sales.playbook import Playbook, PoolMember, RoutingRule
from sales.routing import Candidates, choose, matches
from tests.sales.leads import a_lead

TODAY = date(2026, 11, 23)
EAST, NORTH = Team(id=1, name="East"), Team(id=2, name="North")


def person(number: int, name: str, role: Role = Role.REP, team: int = 1, **more: object) -> Person:
    return Person(id=number, name=name, role=role, team_id=team, **more)  # type: ignore[arg-type]


ROBIN, DANA, KIM = person(1, "Robin"), person(2, "Dana"), person(3, "Kim", team=2)
MAX, ADA = person(8, "Max", Role.MANAGER), person(9, "Ada", Role.ADMIN)
EVERYONE = [ROBIN, DANA, KIM, MAX, ADA]


def among(people: list[Person] | None = None, **more: object) -> Candidates:
    given: dict[str, object] = {"shares": {}, "passed": {}, "today": TODAY} | more
    return Candidates(people=people or EVERYONE, teams=[EAST, NORTH], **given)  # type: ignore[arg-type]


def playbook(*rules: RoutingRule) -> Playbook:
    return Playbook(routing=rules)


EAST_IT = RoutingRule(
    name="华东 × IT", region=("east",), industry=("it",), pool=(PoolMember(person="Dana"),)
)


class TestMatches:
    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            ({}, True),
            ({"source": ("ads",)}, True),
            ({"source": ("website",)}, False),
            ({"region": ("east",), "industry": ("it",)}, True),
            ({"region": ("east",), "industry": ("retail",)}, False),
            ({"product": ("basic",)}, False),
            ({"grade": (Grade.HIGH,)}, True),
        ],
    )
    def test_all_conditions_must_hold(self, rule: dict[str, object], expected: bool) -> None:
        lead = a_lead(source="ads-SEM", region="east", industry="it", grade=Grade.HIGH)
        given = RoutingRule(name="r", team="East", **rule)  # type: ignore[arg-type]
        assert matches(given, lead) is expected


class TestNamesThatNobodyBears:
    def test_who_is_not_there_is_named_in_why(self) -> None:
        rule = RoutingRule(name="r", pool=(PoolMember(person="小样"), PoolMember(person="Dana")))
        chosen = choose(a_lead(), playbook(rule), among())
        assert chosen is not None
        assert chosen.person == DANA
        assert chosen.why.skipped == (("小样", "unknown"),)

    def test_a_rule_that_names_nobody_who_is_there(self) -> None:
        rule = RoutingRule(name="r", pool=(PoolMember(person="小样"),))
        chosen = choose(a_lead(), playbook(rule), among())
        assert chosen is not None
        assert (chosen.person, chosen.why.rule) == (MAX, "r")
        assert chosen.why.skipped == (("小样", "unknown"),)

    def test_a_team_that_is_not_there(self) -> None:
        chosen = choose(a_lead(), playbook(RoutingRule(name="r", team="South")), among())
        assert chosen is not None
        assert chosen.why.skipped == (("South", "no_team"),)


class TestChoose:
    def test_first_matching_rule_decides_and_is_named(self) -> None:
        chosen = choose(a_lead(region="east", industry="it"), playbook(EAST_IT), among())
        assert chosen
        assert chosen.person == DANA
        assert (chosen.why.reason, chosen.why.rule) == ("rule_only", "华东 × IT")

    def test_without_a_rule_the_own_teams_reps_share(self) -> None:
        chosen = choose(a_lead(), playbook(EAST_IT), among())
        assert chosen
        assert chosen.person == ROBIN
        assert chosen.why.reason == "pool"

    def test_a_rule_can_send_to_another_team(self) -> None:
        rule = RoutingRule(name="north", region=("north",), team="North")
        chosen = choose(a_lead(region="north"), playbook(rule), among())
        assert chosen
        assert chosen.person == KIM

    def test_weights_come_true_over_time(self) -> None:
        heavy = person(2, "Dana", weight=3)
        shares: Counter[int] = Counter()
        for _ in range(40):
            chosen = choose(a_lead(), playbook(), among([ROBIN, heavy], shares=shares))
            assert chosen
            shares[chosen.person.id] += 1
        assert shares == {1: 10, 2: 30}

    def test_skips_the_absent_inactive_and_full_and_says_so(self) -> None:
        away = person(1, "Robin", away_until=date(2026, 11, 30))
        gone = person(2, "Dana", active=False)
        full = person(4, "Sam", weight=0)
        free = person(5, "Kit")
        chosen = choose(a_lead(), playbook(), among([away, gone, full, free]))
        assert chosen
        assert chosen.person == free
        assert set(chosen.why.skipped) == {
            ("Robin", "absent"),
            ("Dana", "inactive"),
            ("Sam", "full"),
        }

    def test_is_back_on_the_day_named(self) -> None:
        back = person(1, "Robin", away_until=TODAY)
        chosen = choose(a_lead(), playbook(), among([back, MAX]))
        assert chosen
        assert chosen.person == back

    def test_who_passed_is_not_asked_again(self) -> None:
        chosen = choose(a_lead(), playbook(), among(passed={1: "declined"}))
        assert chosen
        assert chosen.person == DANA
        assert chosen.why.skipped == (("Robin", "declined"),)

    def test_nobody_left_goes_to_the_teams_manager_as_the_last(self) -> None:
        passed = {1: "declined", 2: "no_answer"}
        chosen = choose(a_lead(), playbook(), among(passed=passed))
        assert chosen
        assert (chosen.person, chosen.last, chosen.why.reason) == (MAX, True, "manager")

    def test_without_a_manager_an_admin(self) -> None:
        chosen = choose(a_lead(), playbook(), among([ADA]))
        assert chosen
        assert chosen.person == ADA

    def test_nobody_at_all(self) -> None:
        assert choose(a_lead(), playbook(), among([person(1, "Robin", active=False)])) is None

    def test_a_rule_naming_unknown_people_falls_to_the_manager(self) -> None:
        rule = RoutingRule(name="gone", pool=(PoolMember(person="Nobody"),))
        chosen = choose(a_lead(), playbook(rule), among())
        assert chosen
        assert (chosen.person, chosen.why.rule) == (MAX, "gone")

    def test_a_rule_needs_exactly_one_target(self) -> None:
        with pytest.raises(ValueError, match="either pool or team"):
            RoutingRule(name="none")
