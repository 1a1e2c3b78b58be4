"""Which actions come first for a lead, stage by stage, and the order of the rest."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sales.leads import Lead, Stage
from sales.next_actions import AT_ONCE, BY_STAGE, BY_USE, Situation, in_order
from sales.permissions import ACTIONS

NOW = datetime(2024, 3, 1, tzinfo=UTC)
LEAD = Lead(
    source="ads",
    customer="Acme Sample",
    stage_since=NOW,
    owner_id=1,
    team_id=1,
    created_at=NOW,
    created_by=1,
)
EVERYTHING = (
    *BY_USE, "offer.accept", "offer.decline", "pool.claim", "task.show",
)  # fmt: skip
AN_ORDINARY_DAY = tuple(
    one for one in BY_USE if one not in ("reminder.reschedule", "pool.pick")
)  # fmt: skip


def first(lead: Lead, can: tuple[str, ...] = AN_ORDINARY_DAY, **situation: bool) -> tuple[str, ...]:
    return in_order(lead, Situation(**situation), can)[:AT_ONCE]


class TestFirst:
    @pytest.mark.parametrize(
        ("stage", "action"),
        [
            (Stage.CAPTURED, "followup.log"),
            (Stage.DISCOVERY, "discovery.log"),
            (Stage.PROPOSAL, "proposal.write"),
            (Stage.NEGOTIATION, "followup.log"),
            (Stage.LOST, "stage.advance"),
        ],
    )
    def test_is_what_the_stage_is_for(self, stage: Stage, action: str) -> None:
        assert first(replace(LEAD, stage=stage))[0] == action

    def test_of_a_won_lead_is_its_open_task(self) -> None:
        won = replace(LEAD, stage=Stage.WON)
        assert first(won, (*AN_ORDINARY_DAY, "task.show"))[0] == "task.show"
        assert first(won)[0] == "followup.log"

    def test_is_the_answer_to_an_offer(self) -> None:
        asked = first(replace(LEAD, stage=Stage.DISCOVERY), EVERYTHING, asked=True)
        assert asked == ("offer.accept", "offer.decline", "followup.log")

    def test_of_a_pooled_lead_is_to_give_it_an_owner(self) -> None:
        pooled = replace(LEAD, owner_id=None, pooled_at=NOW)
        assert first(pooled, EVERYTHING)[:2] == ("pool.claim", "pool.pick")

    def test_after_a_missed_day_is_what_happened_or_another_day(self) -> None:
        late = first(replace(LEAD, stage=Stage.DISCOVERY), EVERYTHING, overdue=True)
        assert late == ("followup.log", "reminder.reschedule", "discovery.log")

    def test_of_a_proposal_that_is_out_is_what_the_customer_said(self) -> None:
        out = first(replace(LEAD, stage=Stage.PROPOSAL), feedback=True)
        assert out == ("followup.log", "stage.advance", "proposal.write")


class TestOrder:
    @pytest.mark.parametrize("stage", list(Stage))
    def test_loses_nothing_and_repeats_nothing(self, stage: Stage) -> None:
        found = in_order(replace(LEAD, stage=stage), Situation(), (*EVERYTHING, "new.action"))
        assert sorted(found) == sorted({*EVERYTHING, "new.action"})

    def test_of_the_rest_is_by_use(self) -> None:
        rest = in_order(LEAD, Situation(), EVERYTHING)[AT_ONCE:]
        assert rest.index("lead.edit") < rest.index("support.ask") < rest.index("merge.ask")

    def test_of_anothers_lead_begins_with_handing_it_over(self) -> None:
        rest = in_order(LEAD, Situation(of_others=True), EVERYTHING)[AT_ONCE:]
        assert rest[0] == "lead.reassign"


def test_every_stage_has_a_full_row_of_actions_that_exist() -> None:
    assert set(BY_STAGE) == set(Stage)
    assert all(len(actions) == AT_ONCE for actions in BY_STAGE.values())
    assert {one for actions in BY_STAGE.values() for one in actions} | set(EVERYTHING) <= set(
        ACTIONS
    )
