"""The ``.env`` file: what is not ours to change stays as it is."""

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.setup.env_file import EnvFile, EnvFileUnreadable

WRITTEN = """\
# the company's
export GENJIN_LOCALE=en
SOMEBODY_ELSE='keep me'   # a remark

GENJIN_TIMEZONE = "Europe/Berlin"
"""


class TestWrite:
    def test_changes_its_settings_and_keeps_all_else(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_text(WRITTEN)
        changed = EnvFile(path).write(
            {"GENJIN_TIMEZONE": "Asia/Shanghai", "PUBLIC_URL": "http://x"}
        )
        assert changed == ["GENJIN_TIMEZONE", "PUBLIC_URL"]
        assert (
            path.read_text()
            == WRITTEN.replace('GENJIN_TIMEZONE = "Europe/Berlin"', "GENJIN_TIMEZONE=Asia/Shanghai")
            + "PUBLIC_URL=http://x\n"
        )

    def test_is_private_also_when_nothing_changes(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_text("A=1\n")
        path.chmod(0o644)
        assert EnvFile(path).write({"A": "1"}) == []
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        EnvFile(path).write({"A": "2"})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [one.name for one in tmp_path.iterdir()] == [".env"]

    def test_follows_a_link(self, tmp_path: Path) -> None:
        there, path = tmp_path / "secrets", tmp_path / ".env"
        there.write_text("A=1\n")
        path.symlink_to(there)
        EnvFile(path).write({"A": "2"})
        assert path.is_symlink()
        assert there.read_text() == "A=2\n"

    def test_of_a_name_given_twice_changes_the_one_that_counts(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_text("A=1\nA=2\n")
        EnvFile(path).write({"A": "3"})
        assert path.read_text() == "A=1\nA=3\n"

    def test_leaves_a_value_of_several_lines_whole(self, tmp_path: Path) -> None:
        path = tmp_path / ".env"
        path.write_text("A='one\ntwo'\nB=2\n")
        EnvFile(path).write({"A": "3"})
        assert EnvFile(path).values() == {"A": "3", "B": "2"}

    @given(value=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
    @settings(max_examples=200, deadline=None)
    def test_is_read_back_as_it_was_given(
        self, tmp_path_factory: pytest.TempPathFactory, value: str
    ) -> None:
        path = tmp_path_factory.mktemp("env") / ".env"
        EnvFile(path).write({"A": value, "B": "after"})
        assert EnvFile(path).values().get("A", "") == value
        assert EnvFile(path).values()["B"] == "after"


class TestUnreadable:
    def test_says_why(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        with pytest.raises(EnvFileUnreadable, match="directory"):
            EnvFile(tmp_path / "folder")
        (tmp_path / "bytes").write_bytes(b"\xff\xfe")
        with pytest.raises(EnvFileUnreadable, match="UTF-8"):
            EnvFile(tmp_path / "bytes")
