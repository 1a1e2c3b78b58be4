"""manifest.yaml equals what the code registers, and is valid for Slack.

Slack's own JSON schema (slackapi/manifest-schema) is not kept here; its limits are.
"""

from pathlib import Path

import pytest
import yaml

from bot.platforms.slack import manifest
from bot.platforms.slack.connection import SCOPES
from handlers.core.commands import COMMANDS, GLOBAL_SHORTCUTS, MESSAGE_SHORTCUTS


class TestManifest:
    def test_the_file_is_what_the_code_says(self) -> None:
        assert manifest.main(["--check"]) == 0

    def test_a_change_is_found_and_shown(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "manifest.yaml"
        assert manifest.main(["--check", "--path", str(path)]) == 1
        assert manifest.main(["--write", "--path", str(path)]) == 0
        path.write_text(path.read_text("utf-8").replace("/lead", "/leed"), "utf-8")
        capsys.readouterr()
        assert manifest.main(["--check", "--path", str(path)]) == 1
        assert "-  - command: /leed" in capsys.readouterr().out

    def test_every_command_and_no_other_is_listed(self) -> None:
        listed = yaml.safe_load(manifest.PATH.read_text("utf-8"))["features"]["slash_commands"]
        assert [one["command"] for one in listed] == [f"/{one.name}" for one in COMMANDS]

    def test_every_shortcut_and_no_other_is_listed(self) -> None:
        listed = yaml.safe_load(manifest.PATH.read_text("utf-8"))["features"]["shortcuts"]
        known = [("message", one.action) for one in MESSAGE_SHORTCUTS]
        known += [("global", one.action) for one in GLOBAL_SHORTCUTS]
        assert [(one["type"], one["callback_id"]) for one in listed] == known
        assert all(len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in listed)

    def test_asks_for_each_right_once(self) -> None:
        listed = yaml.safe_load(manifest.text())["oauth_config"]["scopes"]["bot"]
        assert listed == sorted(set(SCOPES))

    def test_stays_within_slacks_limits(self) -> None:
        found = manifest.manifest()
        shown, features = found["display_information"], found["features"]
        assert len(shown["name"]) <= 35
        assert len(shown["description"]) <= 140
        assert 175 <= len(shown["long_description"]) <= 4000
        assert 1 <= len(features["slash_commands"]) <= 50
        for command in features["slash_commands"]:
            assert len(command["command"]) <= 32
            assert command["description"]
            assert command["usage_hint"]

    def test_people_can_write_to_the_bot(self) -> None:
        home = manifest.manifest()["features"]["app_home"]
        assert home["messages_tab_enabled"]
        assert not home["messages_tab_read_only_enabled"]

    def test_people_have_a_page_of_their_own(self) -> None:
        assert manifest.manifest()["features"]["app_home"]["home_tab_enabled"]
        events = manifest.manifest()["settings"]["event_subscriptions"]["bot_events"]
        assert "app_home_opened" in events
