from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from sales.leads import Grade
from sales.people import Person, Role, Team
from sales.playbook import Playbook, PoolMember, RoutingRule
from sales.routing import Candidates, Membership, choose, entered, matches, pool_for
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


D1, D2 = date(2026, 11, 20), date(2026, 11, 23)


class TestEntered:
    """Who comes to a pool begins at its level."""

    def test_a_newcomer_begins_where_the_least_loaded_is(self) -> None:
        known = {1: Membership(), 2: Membership()}
        daily = {1: {D1: 6, D2: 2}, 2: {D1: 5, D2: 4}}
        changed = entered({1: 1, 2: 1, 3: 1}, known, daily)
        assert changed == {3: Membership(True, {D1: 6, D2: 2})}
        assert changed[3].leads_since(D1) == 8
        assert changed[3].leads_since(D2) == 2

    def test_their_weight_counts(self) -> None:
        known = {1: Membership(), 2: Membership()}
        changed = entered({1: 2, 2: 1, 3: 3}, known, {1: {D1: 8}, 2: {D1: 5}})
        assert changed == {3: Membership(True, {D1: 12.0})}

    def test_who_comes_back_owes_nothing_and_is_owed_nothing(self) -> None:
        known = {1: Membership(), 2: Membership(present=False)}
        assert entered({1: 1, 2: 1}, known, {1: {D1: 6}, 2: {D1: 2}}) == {
            2: Membership(True, {D1: 4})
        }
        assert entered({1: 1, 2: 1}, known, {1: {D1: 2}, 2: {D1: 6}}) == {2: Membership()}

    def test_who_is_gone_is_remembered(self) -> None:
        known = {1: Membership(), 2: Membership(True, {D1: 3})}
        assert entered({1: 1}, known, {}) == {2: Membership(False, {D1: 3})}

    def test_a_head_start_is_part_of_the_level(self) -> None:
        known = {1: Membership(True, {D1: 6})}
        assert entered({1: 1, 2: 1}, known, {1: {D2: 1}}) == {2: Membership(True, {D1: 6, D2: 1})}

    def test_of_a_pool_seen_first_those_with_leads_are_the_members(self) -> None:
        assert entered({1: 1, 2: 1}, {}, {1: {D1: 5}}) == {
            1: Membership(),
            2: Membership(True, {D1: 5}),
        }
        assert entered({1: 1, 2: 1}, {}, {}) == {1: Membership(), 2: Membership()}

    def test_nothing_changes_while_nobody_comes_or_goes(self) -> None:
        known = {1: Membership(), 2: Membership(present=False)}
        assert entered({1: 1}, known, {1: {D1: 5}}) == {}


@pytest.mark.parametrize("weights", [(1, 1, 1), (2, 1, 1), (1, 1, 3)])
def test_from_the_day_they_come_shares_follow_the_weights(weights: tuple[int, ...]) -> None:
    people = [replace(one, weight=w) for one, w in zip((ROBIN, DANA), weights, strict=False)]
    newcomer = person(4, "Noor", weight=weights[2])
    known: dict[int, Membership] = {}
    daily: dict[int, dict[date, float]] = {}
    got: Counter[str] = Counter()
    for turn in range(40 + 10 * sum(weights)):
        present = [*people, newcomer] if turn >= 40 else people
        given = among(present)
        pool = pool_for(a_lead(), playbook(), given)
        known |= entered(pool.present, known, daily)
        shares = {one: int(sum(days.values())) for one, days in daily.items()}
        heads = {one: place.leads_since(D1) for one, place in known.items()}
        chosen = choose(a_lead(), playbook(), replace(given, shares=shares, head_starts=heads))
        assert chosen
        day = daily.setdefault(chosen.person.id, {})
        day[TODAY] = day.get(TODAY, 0) + 1
        got[chosen.person.name] += turn >= 40
    expected = dict(zip(("Robin", "Dana", "Noor"), weights, strict=True))
    assert all(abs(got[name] - 10 * weight) <= 1 for name, weight in expected.items()), got
