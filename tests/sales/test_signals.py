"""What a signal does to a lead, by its rule and by what came before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sales.leads import OPEN_STAGES, Stage
from sales.playbook import Playbook, SignalRule, Signals
from sales.signals import Effect, Recent, SignalKind, cools_at, effect_on, heated
from tests.sales.leads import a_lead

NOW = datetime(2024, 3, 1, tzinfo=UTC)
NEVER = Recent(0, acted=False)


class TestEffect:
    @pytest.mark.parametrize("stage", Stage)
    def test_heats_only_what_is_open(self, stage: Stage) -> None:
        told = effect_on(a_lead(stage=stage), Effect.HOT, 1, NEVER)
        lost = Effect.TELL if stage is Stage.LOST else Effect.COUNT
        assert told is (Effect.HOT if stage in OPEN_STAGES else lost)

    def test_heats_once(self) -> None:
        hot = heated(a_lead(), NOW)
        assert effect_on(hot, Effect.HOT, 1, NEVER) is Effect.COUNT
        assert effect_on(hot, Effect.TELL, 1, NEVER) is Effect.TELL

    @pytest.mark.parametrize(("before", "effect"), [(1, Effect.COUNT), (2, Effect.HOT)])
    def test_waits_until_it_came_often_enough(self, before: int, effect: Effect) -> None:
        assert effect_on(a_lead(), Effect.HOT, 3, Recent(before, acted=False)) is effect

    def test_what_acted_lately_stays_quiet(self) -> None:
        assert effect_on(a_lead(), Effect.HOT, 1, Recent(1, acted=True)) is Effect.COUNT

    def test_opportunities_are_with_customers(self) -> None:
        assert effect_on(a_lead(), Effect.OPPORTUNITY, 1, NEVER) is Effect.COUNT
        customer = a_lead(stage=Stage.AFTERSALES)
        assert effect_on(customer, Effect.OPPORTUNITY, 1, NEVER) is Effect.OPPORTUNITY


class TestCooling:
    def test_is_so_many_days_later(self) -> None:
        assert cools_at(heated(a_lead(), NOW), 14) == NOW + timedelta(days=14)
        assert cools_at(replace(heated(a_lead(), NOW), hot_since=None), 14) is None


class TestRules:
    def test_every_kind_has_one(self) -> None:
        rules = Playbook().signals
        assert rules.rule(SignalKind.PROPOSAL_OPENED).effect is Effect.HOT
        assert all(rules.rule(kind) for kind in SignalKind)

    def test_a_document_overrules_only_what_it_names(self) -> None:
        quiet = SignalRule(effect=Effect.COUNT)
        rules = Signals(kinds={SignalKind.PROPOSAL_OPENED: quiet})
        assert rules.rule(SignalKind.PROPOSAL_OPENED) == quiet
        assert rules.rule(SignalKind.PRODUCT_USED).times == 3
