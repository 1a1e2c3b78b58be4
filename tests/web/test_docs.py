"""What docs/intake.md tells others to copy works when copied."""

import asyncio
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import time_machine
import yaml

from bot.playbook_file import read_playbook
from sales.intake import FORM_FIELDS
from tests.office import Office
from tests.web.outside import BODY, SECRET, Outside

PAGE = (Path(__file__).parents[2] / "docs/intake.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    match = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert match
    return match[1]


class TestExamples:
    async def test_python(self, office: Office, outside: Outside) -> None:
        known: dict[str, Any] = {}
        exec(block("python"), known)  # noqa: S102 - our own page
        with time_machine.travel(office.world.clock.now(), tick=False):
            asked = known["lead_request"]("http://x", SECRET, "order-1", dict(BODY))
        headers = dict(asked.header_items())
        answer = await outside.http.post("/intake/leads", content=asked.data, headers=headers)
        assert answer.status_code == 200
        assert office.lead().customer == BODY["customer"]

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    def test_shell(self, office: Office) -> None:
        outside = Outside(office)
        now = int(office.world.clock.now().timestamp())
        # The far side: what curl would have sent, a line for each argument but the body.
        stub = f'date() {{ echo {now}; }}\ncurl() {{ printf "%s\\0" "$@"; }}\n'
        environment = os.environ | {
            "INTAKE_SECRET": SECRET,
            "GENJIN": "http://x",
            "LANG": "C.UTF-8",
        }
        ran = subprocess.run(
            ["bash", "-c", stub + block("bash")], env=environment, capture_output=True, check=True
        )
        given = ran.stdout.decode().split("\0")
        body = given[given.index("--data-binary") + 1]
        told = [given[at + 1] for at, one in enumerate(given) if one == "-H"]
        headers = dict(line.split(": ", 1) for line in told)
        posting = outside.http.post("/intake/leads", content=body.encode(), headers=headers)
        answer = asyncio.run(posting)
        assert answer.status_code == 200, answer.text
        assert office.lead().customer == "Acme Sample Ltd"

    def test_the_playbook(self) -> None:
        rules = read_playbook(block("yaml")).intake
        assert yaml.safe_load(block("yaml"))["intake"]["per_minute"] == rules.per_minute == 120
        assert rules.forms["website"].embed_on == ("https://www.example.com",)
        for name in FORM_FIELDS:
            assert f"`{name}`" in PAGE
