"""Generates Slack's app manifest from the code: commands, events and scopes.

``python -m bot.platforms.slack.manifest --check`` fails with a diff if manifest.yaml differs from
the code; ``--write`` writes it. Knows no tokens and calls nothing.
"""

import argparse
import difflib
import sys
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import yaml

from bot.platforms.slack import unfurls, workflow_steps
from bot.platforms.slack.connection import SCOPES
from handlers.core.commands import COMMANDS, GLOBAL_SHORTCUTS, MESSAGE_SHORTCUTS
from handlers.core.language import Language

PATH = Path(__file__).parents[3] / "manifest.yaml"
EVENTS = ("app_home_opened", "app_mention", "member_joined_channel", "message.im")
_HEAD = """\
# Genjin as a Slack app: api.slack.com/apps, Create New App, From a manifest.
# Made from the code by `python -m bot.platforms.slack.manifest --write`.
"""


def manifest(domain: str = "", *, steps: bool = False) -> dict[str, Any]:
    """The manifest in Slack's schema (version 2). Slack accepts one language: English.

    With ``domain``, the host of our web pages, links to it get previews. With ``steps``, workflows
    may use our steps: that needs a paid plan, and an app that is ready for organisations even where
    it is installed to one workspace.
    """
    found = _manifest()
    if steps:
        found["functions"] = workflow_steps.definition(Language("en", UTC))
        found["settings"]["org_deploy_enabled"] = True
        found["settings"]["function_runtime"] = "remote"
    if domain:
        found["features"]["unfurl_domains"] = [domain]
        found["oauth_config"]["scopes"]["bot"] = sorted((*SCOPES, *unfurls.SCOPES))
        events = found["settings"]["event_subscriptions"]
        events["bot_events"] = sorted((*EVENTS, unfurls.EVENT))
    return found


def _manifest() -> dict[str, Any]:
    language = Language("en", UTC)
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Genjin",
            "description": language.text("slack.about"),
            "long_description": language.text("slack.about_long"),
            "background_color": "#1f4b6e",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Genjin", "always_online": True},
            "shortcuts": [
                {
                    "name": language.text(shortcut.name),
                    "type": kind,
                    "callback_id": shortcut.action,
                    "description": language.text(shortcut.about),
                }
                for kind, shortcuts in (
                    ("message", MESSAGE_SHORTCUTS),
                    ("global", GLOBAL_SHORTCUTS),
                )
                for shortcut in shortcuts
            ],
            "slash_commands": [
                {
                    "command": f"/{command.name}",
                    "description": language.text(command.about),
                    "usage_hint": language.text(command.usage),
                    "should_escape": False,
                }
                for command in COMMANDS
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def text(domain: str = "", *, steps: bool = False) -> str:
    """The whole of manifest.yaml."""
    found = manifest(domain, steps=steps)
    return _HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=1000)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    wish = parser.add_mutually_exclusive_group()
    wish.add_argument("--check", action="store_true", help="fail when manifest.yaml differs")
    wish.add_argument("--write", action="store_true", help="write manifest.yaml")
    parser.add_argument(
        "--domain",
        metavar="HOST",
        help="print a manifest with previews of links to HOST, the host of PUBLIC_URL",
    )
    parser.add_argument(
        "--workflow-steps",
        action="store_true",
        help="print a manifest with the steps for Workflow Builder (paid plans of Slack)",
    )
    parser.add_argument("--path", type=Path, default=PATH)
    chosen = parser.parse_args(arguments)
    if chosen.domain or chosen.workflow_steps:
        sys.stdout.write(text(chosen.domain or "", steps=chosen.workflow_steps))
        return 0
    if not (chosen.check or chosen.write):
        parser.error("say what to do: --check, --write, --domain HOST or --workflow-steps")
    if chosen.write:
        chosen.path.write_text(text(), encoding="utf-8")
        return 0
    present = chosen.path.read_text(encoding="utf-8") if chosen.path.exists() else ""
    diff = difflib.unified_diff(
        present.splitlines(), text().splitlines(), str(chosen.path), "the code", lineterm=""
    )
    lines = list(diff)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
