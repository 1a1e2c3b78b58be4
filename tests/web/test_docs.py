"""The examples of docs/intake.md and docs/hooks.md work when copied."""

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
from sales.contract_signed import SigningState
from sales.intake import FORM_FIELDS
from sales.leads import Stage
from sales.signals import SignalKind
from tests.office import Office
from tests.web.outside import BODY, SECRET, Outside

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "intake.md").read_text(encoding="utf-8")
HOOKS = (DOCS / "hooks.md").read_text(encoding="utf-8")


def block(language: str, page: str = PAGE) -> str:
    match = re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)
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
        self.run(block("bash"), "/intake/leads", office)
        assert office.lead().customer == "Acme Sample Ltd"

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    def test_the_hooks_shell(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        self.run(block("bash", HOOKS), "/hooks/behavior", office)
        assert [row["kind"] for row in office.rows("signal")] == ["product_used"]

    async def test_the_hooks_python(self, office: Office, outside: Outside) -> None:
        office.log_lead("robin", owner="keep")
        known: dict[str, Any] = {}
        exec(block("python", HOOKS), known)  # noqa: S102 - our own page
        told = {"state": "signed", "lead": "LX001", "amount": "12万"}
        with time_machine.travel(office.world.clock.now(), tick=False):
            asked = known["hook_request"]("http://x", SECRET, "e-1", "/hooks/esign", told)
        headers = dict(asked.header_items())
        answer = await outside.http.post("/hooks/esign", content=asked.data, headers=headers)
        assert answer.status_code == 200
        assert office.lead().stage is Stage.WON

    def test_the_hooks_page_names_every_kind_and_state(self) -> None:
        for member in (*SignalKind, *SigningState):
            assert f"`{member}`" in HOOKS

    @staticmethod
    def run(script: str, path: str, office: Office) -> None:
        outside = Outside(office)
        now = int(office.world.clock.now().timestamp())
        # The far side: what curl would have sent, a line for each argument but the body.
        stub = f'date() {{ echo {now}; }}\ncurl() {{ printf "%s\\0" "$@"; }}\n'
        secrets = {"INTAKE_SECRET": SECRET, "HOOKS_SECRET": SECRET}
        environment = os.environ | secrets | {"GENJIN": "http://x", "LANG": "C.UTF-8"}
        ran = subprocess.run(
            ["bash", "-c", stub + script], env=environment, capture_output=True, check=True
        )
        given = ran.stdout.decode().split("\0")
        body = given[given.index("--data-binary") + 1]
        told = [given[at + 1] for at, one in enumerate(given) if one == "-H"]
        headers = dict(line.split(": ", 1) for line in told)
        assert given[given.index("--fail-with-body") + 1] == f"http://x{path}"
        posting = outside.http.post(path, content=body.encode(), headers=headers)
        answer = asyncio.run(posting)
        assert answer.status_code == 200, answer.text

    def test_the_playbook(self) -> None:
        rules = read_playbook(block("yaml")).intake
        assert yaml.safe_load(block("yaml"))["intake"]["per_minute"] == rules.per_minute == 120
        assert rules.forms["website"].embed_on == ("https://www.example.com",)
        for name in FORM_FIELDS:
            assert f"`{name}`" in PAGE
