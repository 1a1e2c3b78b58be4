from dataclasses import replace

import pytest

from handlers.routes import ROUTES
from sales.people import Person, Role
from sales.permissions import ACTIONS, may, scope_of

REP = Person(id=1, name="Robin", role=Role.REP, team_id=7)


class TestMay:
    def test_every_route_has_its_roles_and_every_role_its_route(self) -> None:
        assert set(ROUTES) == set(ACTIONS)

    def test_what_is_not_listed_is_refused(self) -> None:
        assert not may(replace(REP, role=Role.ADMIN), "lead.destroy")

    @pytest.mark.parametrize("action", ["lead.assign", "people.save", "channel.bind"])
    def test_reps_may_not_lead(self, action: str) -> None:
        assert not may(REP, action)
        assert may(replace(REP, role=Role.MANAGER), action)

    def test_the_inactive_may_nothing(self) -> None:
        assert not any(may(replace(REP, active=False, role=Role.ADMIN), a) for a in ACTIONS)


class TestScope:
    @pytest.mark.parametrize(
        ("role", "reach"), [(Role.REP, "own"), (Role.MANAGER, "team"), (Role.ADMIN, "all")]
    )
    def test_reaches_by_role(self, role: Role, reach: str) -> None:
        scope = scope_of(replace(REP, role=role))
        assert (scope.reach, scope.person_id, scope.team_id) == (reach, 1, 7)
