"""Where a sent proposal moves a lead: forward to that stage, and never back [P10]."""

import pytest

from sales.leads import Stage
from sales.pipeline import stage_once_sent
from tests.sales.leads import a_lead

FORWARD = {Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY, Stage.NURTURE}


@pytest.mark.parametrize("stage", Stage)
def test_a_sent_proposal_moves_a_lead_forward_only(stage: Stage) -> None:
    expected = Stage.PROPOSAL if stage in FORWARD else None
    assert stage_once_sent(a_lead(stage=stage)) is expected
