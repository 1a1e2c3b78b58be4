from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.playbook_file import BadPlaybook, read_playbook, write_playbook
from sales.leads import Stage
from sales.playbook import Playbook, PoolMember, RoutingRule

RULE = RoutingRule(name="华东 × IT", region=("east",), pool=(PoolMember(person="Robin Sample"),))


class TestReadPlaybook:
    def test_reads_back_what_it_writes(self) -> None:
        playbook = Playbook(routing=(RULE,))
        assert read_playbook(write_playbook(playbook)) == playbook

    def test_what_is_left_out_keeps_its_default(self) -> None:
        playbook = read_playbook("reminders:\n  before: 48\n")
        assert playbook.reminders.before == 48
        assert playbook.scoring == Playbook().scoring
        assert playbook.stage(Stage.SCREENED).criteria

    def test_names_the_line_of_every_mistake(self) -> None:
        text = (
            "reminders:\n"
            "  before: soon\n"
            "routing:\n"
            "  - name: east\n"
            "    region: [east]\n"
            "colour: red\n"
            "working_hours:\n"
            "  country: Atlantis\n"
        )
        with pytest.raises(BadPlaybook) as refused:
            read_playbook(text)
        found = [(mistake.line, mistake.where) for mistake in refused.value.mistakes]
        assert found == [
            (2, "reminders.before"),
            (4, "routing.0"),
            (6, "colour"),
            (8, "working_hours.country"),
        ]

    @pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "a: [", "a:\n\t- b", "\x00"])
    def test_refuses_what_is_no_playbook(self, text: str) -> None:
        with pytest.raises(BadPlaybook):
            read_playbook(text)


class TestCommands:
    @pytest.fixture(autouse=True)
    def own_directory(self, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
        monkeypatch.chdir(str(tmp_path))
        monkeypatch.setenv("GENJIN_DATA_DIR", str(tmp_path))

    def test_applies_shows_and_restores(self) -> None:
        run = CliRunner()
        Path("new.yaml").write_text(write_playbook(Playbook(routing=(RULE,))), encoding="utf-8")
        assert "Version 1 is in force" in run.invoke(app, ["playbook", "apply", "new.yaml"]).output
        assert "华东 × IT" in run.invoke(app, ["playbook", "show"]).output
        Path("new.yaml").write_text("reminders: {before: 48}", encoding="utf-8")
        run.invoke(app, ["playbook", "apply", "new.yaml"])
        assert "before: 48" in run.invoke(app, ["playbook", "show"]).output
        assert "华东 × IT" in run.invoke(app, ["playbook", "show", "--version", "1"]).output
        assert "Version 3" in run.invoke(app, ["playbook", "restore", "1"]).output
        assert "华东 × IT" in run.invoke(app, ["playbook", "show"]).output
        listed = run.invoke(app, ["playbook", "history"]).output.split("\n")
        assert [line.split()[0] for line in listed if line] == ["3", "2", "1"]

    def test_a_bad_file_changes_nothing(self) -> None:
        run = CliRunner()
        Path("bad.yaml").write_text("reminders:\n  before: never\n", encoding="utf-8")
        result = run.invoke(app, ["playbook", "apply", "bad.yaml"])
        assert result.exit_code == 1
        assert "line 2: reminders.before" in result.output
        assert run.invoke(app, ["playbook", "history"]).output == ""
