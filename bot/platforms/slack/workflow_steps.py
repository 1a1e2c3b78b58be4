"""Genjin's step in Slack's Workflow Builder: *Create a lead*.

Its definition for the manifest, what a run of it says, and Slack's answer to it. Shapes:
docs.slack.dev/reference/events/function_executed and …/methods/functions.completeSuccess. A step
needs a manifest of its own kind (``org_deploy_enabled``) and a paid plan of Slack.
"""

from collections.abc import Mapping
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.client import sent
from bot.platforms.slack.markup import typed
from handlers.core.language import Language
from handlers.workflow_steps import LEAD_TEXTS

EVENT: Final = "function_executed"
CALLBACK: Final = "create_lead"
_REQUIRED: Final = frozenset({"customer", "source"})
_PERSON: Final = "slack#/types/user_id"
OWNER: Final = "owner"


def definition(language: Language) -> dict[str, Any]:
    """The ``functions`` of a manifest."""
    texts = {name: _parameter(name, "string", language) for name in LEAD_TEXTS}
    return {
        CALLBACK: {
            "title": language.text("step.title"),
            "description": language.text("step.about"),
            "input_parameters": texts | {OWNER: _parameter(OWNER, _PERSON, language)},
            "output_parameters": {},
        }
    }


def _parameter(name: str, kind: str, language: Language) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "title": language.text(f"step.{name}"),
        "description": language.text(f"step.{name}_about"),
        "is_required": name in _REQUIRED,
    }


def run_of(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The event of a run of our step; None for any other payload."""
    event = payload.get("event")
    if not isinstance(event, Mapping) or event.get("type") != EVENT:
        return None
    return event if event.get("function_execution_id") else None


def is_known(event: Mapping[str, Any]) -> bool:
    """Whether the run is of the step that this version defines."""
    return (event.get("function") or {}).get("callback_id") == CALLBACK


def inputs_of(event: Mapping[str, Any]) -> dict[str, str]:
    """What the workflow fills in, as typed: without Slack's links and escapes."""
    given = event.get("inputs") or {}
    names = (*LEAD_TEXTS, OWNER)
    said = {name: given.get(name) for name in names}
    return {name: typed(str(value)) for name, value in said.items() if _is_text(value)}


def _is_text(value: Any) -> bool:
    """Whether a value can be read as a text; a workflow may pass objects on, too."""
    return isinstance(value, str | int | float) and value != ""


async def finish(client: AsyncWebClient, event: Mapping[str, Any], problem: str) -> None:
    """Tell Slack what became of the step: done, or a ``problem``. Raises the delivery errors.

    The token of the run is good for this alone, and also where the bot's own is of another place.
    """
    run = str(event["function_execution_id"])
    token = {"token": event["bot_access_token"]} if event.get("bot_access_token") else {}
    await sent(
        client.functions_completeError(function_execution_id=run, error=problem, **token)
        if problem
        else client.functions_completeSuccess(function_execution_id=run, outputs={}, **token)
    )
