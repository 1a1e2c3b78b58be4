"""Every platform has the same few file names, so that nothing has to be searched for."""

from pathlib import Path

import pytest

from bot import platforms

ROOT = Path(platforms.__file__).parent
COMMON = {
    "adapter",  # the platform as the process knows it: composes the others
    "config",  # what the adapter is told when it is built
    "connection",  # how what people do there reaches us
    "client",  # the calls that we make
    "errors",  # what the far side's words for a failure mean
    "requests",  # payloads read as requests; pure
    "replies",  # brings the answer back to where it was asked
    "messages",  # posts and edits cards
    "render",  # draws cards; pure
    "forms",  # draws forms and reads what was typed
    "markup",  # text as the platform takes it; pure
    "people",  # who people are there
    "directory",  # everybody there and the channels, read before the process runs
    "files",  # files to and from people
    "health",  # what is wrong at the moment
}
OWN = {
    # Slack's description of the app; a form has to be announced before its trigger expires; charts
    # that Slack draws itself; what a message says in blocks; links shown with a preview; pictures
    # within cards; its rich text and tables; steps of its Workflow Builder.
    "slack": {
        "charts",
        "manifest",
        "message_words",
        "opening_forms",
        "pictures",
        "rich_text",
        "tables",
        "unfurls",
        "workflow_steps",
    },
    # Every message is a request only after the open form had its say; buttons are links; what is
    # due also goes into to-do lists, what has a time into calendars; calls are paced and counted;
    # the organisation reports who left, and permits some things or does not. Leads are cards of a
    # template, and whoever the robot cannot reach gets a work notice.
    "dingtalk": {
        "appointments",
        "button_cards",
        "incoming",
        "links",
        "organisation",
        "permissions",
        "todos",
        "transport",
        "work_notices",
    },
    "web": {"access", "pages"},  # The chat is served by ourselves.
    "mail": set(),
}


def names(platform: str) -> set[str]:
    found = {path.stem for path in (ROOT / platform).glob("*.py")} - {"__init__"}
    return found | {path.parent.name for path in (ROOT / platform).glob("*/__init__.py")}


@pytest.mark.parametrize("platform", OWN)
def test_are_common_or_a_platforms_own(platform: str) -> None:
    assert names(platform) - COMMON == OWN[platform]
    assert {"adapter", "render"} <= names(platform)


def test_of_every_platform_are_looked_at() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == OWN.keys()
