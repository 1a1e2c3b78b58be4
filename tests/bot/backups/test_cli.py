"""``genjin backup`` as people meet it: what it says in both languages, also when it cannot."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import doctor
from bot.app import open_storage
from bot.cli import app
from bot.settings import read_settings
from handlers.core.language import Languages
from storage.database.keyring import new_key
from storage.database.process_lock import DatabaseInUse, ProcessLock
from tests.databases import Databases
from tests.doubles.bucket import Service, bucket_service

Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=["en", "zh-CN"])
def run(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Runs commands in a data directory with a database; backups go to ``away``."""
    with databases.lent_new("sqlite", tmp_path) as database:
        assert database.path
        database.dispose()
        monkeypatch.chdir(tmp_path)
        for name, value in {
            "GENJIN_DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": f"sqlite:///{database.path}",
            "GENJIN_SECRET_KEYS": new_key("k1"),
            "GENJIN_BACKUP_TO": str(tmp_path / "away"),
            "GENJIN_LOCALE": request.param,
            "GENJIN_WEB_CHAT": "on",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_APP_TOKEN": "xapp-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield command


def command(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["backup", *words])
    assert not isinstance(result.exception, Exception), result.exception
    return result.exit_code, result.output


def test_from_the_first_backup_to_a_restore(run: Run, tmp_path: Path) -> None:
    code, said = run("list")
    assert (code, "genjin backup now" in said) == (0, True)
    for kind in ("-full-", "-changes-"):
        code, said = run("now")
        assert code == 0, said
        assert kind in said
    code, said = run("list")
    assert said.count("✓") == 0
    assert said.count("-full-") == said.count("-changes-") == 1
    assert run("verify", "--all")[1].count("✓") == 2
    for at in ("today", "今天", "0 minutes ago"):
        code, said = run("restore", "--at", at, "--to", str(tmp_path / "look"))
    assert list((tmp_path / "look").glob("*.db"))
    code, said = run("restore", "--to", str(tmp_path / "look"))
    assert code == 0, said
    assert ".before-" in said


def test_what_cannot_be_is_explained_with_an_example(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("now")[0] == 0
    (tmp_path / "file").write_text("no directory")
    for words, example in (
        (["restore", "--at", "soon"], "2026-11-27"),
        (["restore", "--at", "2001-01-01"], "genjin backup list"),
        (["restore", "--id", "../x"], "genjin backup list"),
        (["restore", "--to", str(tmp_path / "file")], "--to /tmp/look"),
        (["verify", "20260101T000000Z-full-00000000"], "genjin backup list"),
        (["list", "--from", "/nowhere"], str(tmp_path / "away")),
    ):
        code, said = run(*words)
        assert (code, example in said) == (1, True), said
    monkeypatch.setenv("GENJIN_SECRET_KEYS", new_key("k2"))
    code, said = run("list")
    assert "k1" in said
    for words in (["verify"], ["restore"]):
        code, said = run(*words)
        assert code == 1
        assert "k1" in said
        assert "GENJIN_SECRET_KEYS=" in said


def test_a_running_process_is_named_before_a_restore(run: Run) -> None:
    assert run("now")[0] == 0
    settings = read_settings()
    database = open_storage(settings).database
    with ProcessLock(database):
        result = CliRunner().invoke(app, ["backup", "restore"])
    assert isinstance(result.exception, DatabaseInUse)
    assert str(os.getpid()) in result.exception.params["process"]


def test_each_place_is_told_by_its_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no directory")
    with bucket_service() as service:
        bucket = f"s3://{service.new_bucket()}/team"
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GENJIN_BACKUP_TO", f"{tmp_path / 'file'}, {bucket}")
        code, said = run("now")
        assert code == 1
        assert f"✗ {tmp_path / 'file'}" in said
        assert f"✓ {bucket}" in said
        code, said = run("list")
        assert code == 1
        assert "-full-" in said
        code, said = run("restore", "--from", bucket, "--to", str(tmp_path / "look"))
        assert code == 0, said
        monkeypatch.setenv("GENJIN_BACKUP_TO", "s3://no-such-bucket")
        code, said = run("list")
        assert code == 1
        assert "s3://my-bucket/genjin" in said


def test_a_place_is_tried_by_doctor(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no directory")
    assert run("now")[0] == 0
    assert faults() == []
    monkeypatch.setenv("GENJIN_BACKUP_TO", str(tmp_path / "file"))
    assert any(str(tmp_path / "file") in fault for fault in faults())
    with bucket_service() as service:
        reached(service, monkeypatch)
        assert faults() == []


def reached(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GENJIN_BACKUP_TO", f"s3://{service.new_bucket()}")


def faults() -> list[str]:
    """What doctor finds wrong with backups."""
    settings = read_settings()
    language = Languages(settings.timezone, default=settings.default_locale)()
    found = doctor._database(settings, language)
    about = language.text("doctor.backups")
    return [one.said for one in found if one.about == about and not one.ok]
