"""What a start imports: only what the first requests need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LATER = {
    "aiohttp": "Slack alone",
    "alembic": "only where the schema has to change",
    "dingtalk_stream": "DingTalk alone",
    "h11": "httptools reads the requests",
    "holidays.countries": "by the first working day of a company with a country",
    "httpx": "DingTalk alone",
    "jinja2": "by the first public page",
    "openpyxl": "by the first workbook",
    "PIL": "by the first chart drawn as a picture",
    "psycopg": "PostgreSQL alone",
    "pygments": "structlog draws no tracebacks here",
    "rich": "for tables on a terminal",
    "slack_bolt": "Slack alone",
    "slack_sdk": "Slack alone",
    "yaml": "for the sample company and the starter library",
}
RUN = """
import os, signal, sys
from bot.__main__ import import_structlog

import_structlog()
from bot import cli, run

async def greet(genjin, address):
    await genjin.ready.wait()
    print("\\n".join(sorted(sys.modules)))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGTERM)

run.greet = greet
sys.argv = ["genjin", "run"]
cli.main()
"""


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules of a process that is ready, on its second start."""
    folder = tmp_path_factory.mktemp("start")
    environment = {
        "PATH": os.environ["PATH"],
        "GENJIN_DATA_DIR": str(folder),
        "WEB_PORT": "0",
        # The English sample has no holidays here. Elsewhere a start counts working days with them,
        # to schedule what comes next.
        "GENJIN_COUNTRY": "CN",
    }
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", RUN],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    return set(done.stdout.split())


@pytest.mark.parametrize("package", LATER)
def test_leaves_for_later(imported: set[str], package: str) -> None:
    assert "bot.app" in imported
    assert not {name for name in imported if f"{name}.".startswith(f"{package}.")}
