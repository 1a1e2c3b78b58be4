"""How many steps the commonest jobs take, played as ``bench.steps`` plays them."""

import pytest

from bench.steps import GUIDED, JOBS, steps_on
from tests.conversations.stages import STAGES, Open, Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(params=("slack", GUIDED, "web"))
def platform(request: pytest.FixtureRequest) -> Open:
    opened: Open = STAGES[request.param]
    return opened


async def test_no_job_takes_more_steps(stage: Stage, request: pytest.FixtureRequest) -> None:
    counted = await steps_on(stage)
    name = request.node.callspec.params["platform"]
    assert [job.name for job in JOBS if counted[job.name] > job.allowed(name)] == [], counted
