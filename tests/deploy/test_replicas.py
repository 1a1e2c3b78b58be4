"""The deployment of ``deploy/compose.yaml`` as processes: two replicas and one PostgreSQL; and an
upgrade of one replica after the other."""

import asyncio
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.database.keyring import new_key
from storage.database.schema import head
from tests.conversations.web import WebUser
from tests.databases import Databases
from tests.deploy.replicas import (
    ROOT,
    TOKEN,
    Replica,
    command,
    health_command,
    running,
    services,
)

pytestmark = [pytest.mark.slow]
NEXT = "9998"
REVISION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{next}", "{head}", None, None
old_code_may_run = {may}


def upgrade() -> None:
    op.add_column("lead", sa.Column("of_tomorrow", sa.String(20)))
"""


@pytest.fixture
def given(databases: Databases) -> Iterator[dict[str, str]]:
    """The settings of ``genjin.env``; the sample company stands for a real one."""
    url = databases.empty("postgresql")
    yield {
        "DATABASE_URL": url,
        "GENJIN_SECRET_KEYS": new_key("k1"),
        "GENJIN_WEB_TOKEN": TOKEN,
    }
    databases.drop(url)


def newer(place: Path, *, old_code_may_run: bool) -> Path:
    """The source of a version with one revision more."""
    for package in ("bot", "handlers", "storage", "sales"):
        shutil.copytree(ROOT / package, place / package)
    added = REVISION.format(next=NEXT, head=head(), may=old_code_may_run)
    versions = place / "storage" / "migrations" / "versions"
    (versions / f"{NEXT}_of_tomorrow.py").write_text(added)
    return place


def count(given: dict[str, str], query: str) -> int:
    engine = create_engine(re.sub("^postgresql:", "postgresql+psycopg:", given["DATABASE_URL"]))
    with engine.connect() as connection:
        found = int(connection.scalar(text(query)) or 0)
    engine.dispose()
    return found


async def capture(user: WebUser, customer: str) -> None:
    """Submit a lead through a form."""
    await user.type("/lead")
    await user.submit({"customer": customer, "source": "ads", "budget": "15-20万"})


async def until_sent(given: dict[str, str]) -> None:
    waiting = "SELECT count(*) FROM message WHERE state IN ('waiting', 'sending')"
    for _ in range(450):
        if not count(given, waiting):
            return
        await asyncio.sleep(0.2)
    raise AssertionError("messages wait")


class TestCompose:
    async def test_two_replicas_serve_and_one_takes_over(
        self, given: dict[str, str], tmp_path: Path
    ) -> None:
        ours = services()
        status, printed = await command(tmp_path / "m", given, *ours.pop("migrate")["command"])
        assert status == 0, printed
        assert f"empty → {head()}" in printed
        first, second = sorted(ours)
        async with (
            running(first, tmp_path / first, given) as one,
            running(second, tmp_path / second, given) as two,
        ):
            for replica in (one, two):
                await replica.until_healthy()
                assert is_healthy(replica)
            before = count(given, "SELECT count(*) FROM lead")
            boss = await one.user("manager")
            await capture(boss, "Maple Sample Mills")
            await until_sent(given)  # what it is sending when it is killed waits for a minute
            assert await one.stop(signal.SIGKILL) == -signal.SIGKILL
            assert not is_healthy(one)
            boss = await two.user("manager")
            await boss.type("/lead Maple")
            assert any("Maple Sample Mills" in message.text for message in await boss.messages())
            await capture(boss, "Birch Sample Mills")
            await until_sent(given)
            assert is_healthy(two)
            assert await two.stop() == 0
        assert count(given, "SELECT count(*) FROM lead") == before + 2
        assert count(given, "SELECT count(*) FROM message WHERE state IN ('dead', 'unknown')") == 0


@pytest.mark.campaign(cases=0)
class TestUpgrade:
    """What a database says of older versions is in ``tests/storage/database/test_old_code.py``."""

    async def test_old_and_new_serve_side_by_side(
        self, given: dict[str, str], tmp_path: Path
    ) -> None:
        new_source = newer(tmp_path / "new", old_code_may_run=True)
        async with running("old", tmp_path / "old", given) as old:
            await old.until_healthy()
            before = count(given, "SELECT count(*) FROM lead")
            async with running("new", tmp_path / "newer", given, source=new_source) as new:
                await new.until_healthy()
                boss, boss_of_new = await old.user("manager"), await new.user("manager")
                for number in range(5):
                    await capture(boss, f"Elm Sample {number}")
                    await capture(boss_of_new, f"Oak Sample {number}")
                await until_sent(given)
                status, said = await old.health()
                assert (status, [one["serious"] for one in said["conditions"]]) == (200, [False])
                assert "newer Genjin" in said["conditions"][0]["problem"]
                # A replica of the old version may even start again: that is the way back.
                assert await old.stop() == 0
                async with running("again", tmp_path / "old", given) as again:
                    await again.until_healthy()
                    await capture(await again.user("manager"), "Ash Sample")
        assert count(given, "SELECT count(*) FROM lead") == before + 11
        assert count(given, "SELECT count(*) FROM message WHERE state IN ('dead', 'unknown')") == 0

    async def test_an_old_one_says_that_it_must_end_where_it_may_not_run(
        self, given: dict[str, str], tmp_path: Path
    ) -> None:
        new_source = newer(tmp_path / "new", old_code_may_run=False)
        async with running("old", tmp_path / "old", given) as old:
            await old.until_healthy()
            status, printed = await command(tmp_path / "m", given, "migrate", source=new_source)
            assert status == 0, printed
            for _ in range(100):
                if (await old.health())[0] == 503:
                    break
                await asyncio.sleep(0.5)
            else:
                raise AssertionError(old.errors.read_text())
        status, printed = await command(tmp_path / "old", given, "migrate")
        assert status == 1
        assert f"revision {NEXT}" in printed


def is_healthy(replica: Replica) -> bool:
    """Run the image's own health check."""
    _, *rest = health_command()
    arguments = [one.replace(":8700/", f":{replica.port}/") for one in rest]
    return (
        subprocess.run([sys.executable, *arguments], check=False, capture_output=True).returncode
        == 0
    )
