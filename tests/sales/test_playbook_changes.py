"""What counts as a change of the playbook, and what only looks like one."""

from decimal import Decimal
from typing import Any

import pytest

from sales.playbook import Playbook, RoutingRule, Targets
from sales.playbook.changes import differences, document_of


def changed(old: Playbook, new: Playbook) -> list[tuple[str, Any, Any]]:
    return [
        (".".join(one.path), one.old, one.new)
        for one in differences(document_of(old), document_of(new))
    ]


@pytest.mark.parametrize("typed", ["100000", "100000.00", "1E+5", "10.0E+4", "1.000E5"])
def test_an_amount_is_the_same_however_it_was_typed(typed: str) -> None:
    usual, same = (Playbook(targets=Targets(revenue=Decimal(t))) for t in ("100000", typed))
    assert changed(usual, same) == []
    assert changed(same, usual) == []


@pytest.mark.parametrize(
    ("typed", "stored"), [("100040", "100040"), ("99999.99", "99999.99"), ("2E+5", "200000")]
)
def test_another_amount_is_a_change(typed: str, stored: str) -> None:
    usual, other = (Playbook(targets=Targets(revenue=Decimal(t))) for t in ("100000", typed))
    assert changed(usual, other) == [("targets.revenue", "100000", stored)]


def test_choices_in_another_order_are_the_same() -> None:
    def rule(*regions: str) -> Playbook:
        return Playbook(routing=(RoutingRule(name="rest", region=regions, team="East"),))

    assert changed(rule("east", "south"), rule("south", "east")) == []
    assert changed(rule("east", "south"), rule("south")) == [
        ("routing.rest.region", ["east", "south"], ["south"])
    ]


def test_nothing_is_nothing_however_it_is_stored() -> None:
    assert list(differences({"a": None, "b": ""}, {"a": "", "b": None})) == []
    assert len(list(differences({"a": 0}, {"a": None}))) == 1
