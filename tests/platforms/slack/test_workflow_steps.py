"""The step *Create a lead* of Slack's Workflow Builder, over the real SDK."""

from datetime import UTC
from typing import Any

import pytest
import yaml

from bot.platforms.slack import manifest, workflow_steps
from handlers.core.language import Language
from handlers.workflow_steps import LEAD_TEXTS, LeadStep
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import Start, well


class Steps:
    """Takes the steps; ``result`` is what becomes of each."""

    def __init__(self, result: str) -> None:
        self.result = result
        self.taken: list[LeadStep] = []

    async def log_lead(self, step: LeadStep) -> str:
        self.taken.append(step)
        return self.result


async def ran(
    start: Start, slack: LocalSlack, robin: SlackUser, steps: Steps, inputs: dict[str, Any]
) -> Any:
    await well(await start(steps=steps))
    run = await robin.acts.run_step(workflow_steps.CALLBACK, inputs, times=2)
    await slack.settled()
    return slack.space.steps[run]


async def test_a_run_is_taken_once_and_answered(
    start: Start, slack: LocalSlack, robin: SlackUser
) -> None:
    steps = Steps("")
    slack.fault("functions.completeSuccess", Fault(error="ratelimited", retry_after=0))
    inputs = {
        "customer": "Acme &amp; Sons",
        "source": "ads",
        "phone": "<tel:13812345678|138 1234 5678>",
        "owner": "U2",
        "need": {"type": "rich_text", "elements": []},
        "email": "",
        "unknown": "x",
    }
    assert await ran(start, slack, robin, steps, inputs) == {}
    [step] = steps.taken
    values = {"customer": "Acme & Sons", "source": "ads", "phone": "138 1234 5678"}
    assert (step.values, step.owner) == (values, "U2")


async def test_what_is_wrong_is_told_to_the_builder(
    start: Start, slack: LocalSlack, robin: SlackUser
) -> None:
    steps = Steps("Phone: not a number")
    assert await ran(start, slack, robin, steps, {"customer": "x"}) == "Phone: not a number"


async def test_a_workflow_never_waits_for_a_step_that_broke(
    start: Start, slack: LocalSlack, robin: SlackUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(step: LeadStep) -> str:
        raise ZeroDivisionError

    steps = Steps("")
    monkeypatch.setattr(steps, "log_lead", broken)
    told = await ran(start, slack, robin, steps, {"customer": "x"})
    assert "ZeroDivision" not in told
    assert told


async def test_a_step_of_another_app_is_left_alone(
    start: Start, slack: LocalSlack, robin: SlackUser
) -> None:
    steps = Steps("")
    await well(await start(steps=steps))
    run = await robin.acts.run_step("other_step", {})
    await slack.settled()
    assert (steps.taken, slack.space.steps[run]) == ([], None)


def test_the_manifest_with_steps_lists_exactly_those_known() -> None:
    listed = yaml.safe_load(manifest.text(steps=True))
    [(name, step)] = listed["functions"].items()
    assert name == workflow_steps.CALLBACK
    assert set(step["input_parameters"]) == {*LEAD_TEXTS, "owner"}
    required = {key for key, one in step["input_parameters"].items() if one["is_required"]}
    assert required == {"customer", "source"}
    assert listed["settings"]["org_deploy_enabled"]
    assert "functions" not in manifest.manifest(), "only where it was asked for"
    assert workflow_steps.definition(Language("zh_CN", UTC))
