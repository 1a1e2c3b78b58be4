"""A folder in which a company is set up, and what is told about it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from bot.app import open_units
from bot.settings import settings_with
from bot.setup.cli import run_setup
from bot.setup.env_file import EnvFile
from storage.unit_of_work import UnitOfWork
from tests.doubles.dingtalk.server import APP, ROBOT, SECRET, DingTalkServer
from tests.doubles.slack.server import LocalSlack

PEOPLE = """\
name,role,team,email,phone
Fay Sample,finance,,fay@sample.example,
Max Sample,manager,West,,+8613800000009
Nobody,boss,,x@sample.example,
"""
LEADS = "customer,source,need\nNorthwind Sample,fair,a quote\n"


class Place:
    """A folder with ``.env`` and a file of answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = folder / ".env"

    async def run(self, answers: Mapping[str, Any], **how: bool) -> int:
        given = {"data_dir": str(self.folder / "data"), "language": "en", **answers}
        file = self.folder / "answers.yaml"
        file.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
        how = {"offline": False} | how
        return await asyncio.to_thread(run_setup, self.env, file, **how)

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    @contextmanager
    def stored(self, *, read_only: bool = True) -> Iterator[UnitOfWork]:
        units = open_units(settings_with(EnvFile(self.env).values(), {}))
        with units(read_only=read_only) as uow:
            yield uow
        units.database.dispose()


def in_slack(slack: LocalSlack) -> dict[str, Any]:
    tokens = {"bot_token": slack.bot_token, "app_token": slack.app_token}
    return {"slack": {**tokens, "api_url": slack.api_url}}


def in_dingtalk(server: DingTalkServer) -> dict[str, Any]:
    credentials = {"client_id": APP, "client_secret": SECRET, "robot_code": ROBOT}
    return {"dingtalk": {**credentials, "api_url": server.url, "oapi_url": server.url}}
