"""The files of ``deploy/``: they name metrics, commands, settings and statuses that exist."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot import run
from bot.app import build
from bot.cli import app
from bot.settings import Settings
from handlers.core.requests import Conversation, Request, Sender
from tests.bot.test_app import demo, until_ready

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "systemd" / "genjin.service"
_SELECTOR = re.compile(r"\b(genjin_[a-z_]+)(?:\{([^}]*)\})?")
_BY = re.compile(r"by \(([^)]*)\)")
SCRAPED = {"instance", "job", "le"}
"""Labels that Prometheus and histograms add."""


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every metric of a running process, with its labels."""

    async def running() -> bytes:
        genjin = build(demo(tmp_path_factory.mktemp("metrics")))
        await genjin.start()
        await until_ready(genjin)
        where = Conversation("web", "dm:rep-1", private=True)
        await genjin.dispatch(Request("web:1", "board.open", Sender("web", "rep-1"), where))
        text = await asyncio.to_thread(generate_latest, genjin.registry)
        await genjin.stop()
        return text

    found: dict[str, set[str]] = {"genjin_condition": {"condition", "serious"}}
    for family in text_string_to_metric_families(asyncio.run(running()).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "genjin.rules.yaml").read_text("utf-8"))
    dashboard = json.loads((DEPLOY / "grafana" / "genjin.json").read_text("utf-8"))
    return [rule["expr"] for group in rules["groups"] for rule in group["rules"]] + [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]


class TestMonitoring:
    @pytest.mark.parametrize("expression", expressions())
    def test_names_what_a_process_tells(
        self, expression: str, metrics: dict[str, set[str]]
    ) -> None:
        named = _SELECTOR.findall(re.sub(r'"[^"]*"', '""', expression))
        assert named or "up{" in expression
        for name, selector in named:
            assert name in metrics
            labels = set(re.findall(r"([a-z_]+)\s*(?:=|!=|=~|!~)", selector))
            assert labels <= metrics[name] | SCRAPED
        known = set[str]().union(SCRAPED, *(metrics[name] for name, _ in named))
        for grouped in _BY.findall(expression):
            assert {label.strip() for label in grouped.split(",")} <= known

    def test_every_state_of_messages_is_told(self, metrics: dict[str, set[str]]) -> None:
        assert metrics["genjin_messages"] == {"state"}
        assert "genjin_oldest_message_seconds" in metrics
        assert metrics["genjin_platform_up"] == {"platform"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool here (Debian: prometheus)")
@pytest.mark.parametrize("check", [("check", "rules"), ("test", "rules")])
def test_prometheus_takes_the_rules(check: tuple[str, ...]) -> None:
    name = "genjin.rules.yaml" if check[0] == "check" else "genjin.rules.test.yaml"
    command = ["promtool", *check, str(DEPLOY / "prometheus" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class TestProxies:
    """Both examples were also checked by the real programs, see docs/deploy.md."""

    FILES = ("caddy/Caddyfile", "nginx/genjin.conf")

    @pytest.mark.parametrize("name", FILES)
    def test_forward_what_is_for_others_and_never_the_metrics(self, name: str) -> None:
        text = (DEPLOY / name).read_text("utf-8")
        active = "\n".join(li for li in text.splitlines() if not li.strip().startswith("#"))
        for path in ("form", "form-assets", "p", "intake", "hooks", "slack/events"):
            assert re.search(rf"\b{path}\b", active), path
        assert "metrics" not in active
        assert "127.0.0.1:8701" in active
        assert "127.0.0.1:8702" in active


def commands() -> set[str]:
    callbacks = (command.callback for command in app.registered_commands)
    return {callback.__name__.replace("_", "-") for callback in callbacks if callback}


class TestContainers:
    def test_compose_has_two_replicas_that_run_confined(self) -> None:
        compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
        services = compose["services"]
        ours = {n: s for n, s in services.items() if s["image"].startswith("genjin:")}
        replicas = {name for name, service in ours.items() if "command" not in service}
        assert len(replicas) == 2
        for service in ours.values():
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert set(service.get("command", ["run"])) <= commands()
        assert all(port.startswith("127.0.0.1:") for n in replicas for port in ours[n]["ports"])
        assert "latest" not in {s["image"].rpartition(":")[2] for s in services.values()}

    def test_the_image_runs_as_nobody_else_and_knows_our_settings(self) -> None:
        text = (DEPLOY / "Dockerfile").read_text("utf-8")
        assert re.search(r"^USER 10001", text, re.MULTILINE)
        assert "HEALTHCHECK" in text
        assert "--require-hashes" in text
        [base] = re.findall(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
        assert re.fullmatch(r"python:3\.1[1-4]\.\d+-slim-\w+", base)
        names = {name.upper() for name in Settings.model_fields}
        assert set(re.findall(r"\b((?:GENJIN|WEB)_[A-Z_]+)=", text)) <= names

    def test_kubernetes_probes_and_confines(self) -> None:
        documents = list(
            yaml.safe_load_all((DEPLOY / "kubernetes" / "genjin.yaml").read_text("utf-8"))
        )
        [deployment] = [one for one in documents if one["kind"] == "Deployment"]
        spec = deployment["spec"]
        assert spec["replicas"] == 2
        pod = spec["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert set(container.get("args", ["run"])) <= commands()
        [container] = pod["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
        assert "httpGet" not in container["livenessProbe"], (
            "a platform's outage is no reason to end"
        )


class TestSystemd:
    def test_does_not_restart_what_waiting_cannot_help(self) -> None:
        [listed] = re.findall(r"^RestartPreventExitStatus=(.*)$", UNIT.read_text(), re.MULTILINE)
        assert {int(status) for status in listed.split()} == {2, run.IN_USE, run.CANNOT_GO_ON}

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
    def test_is_a_unit(self, tmp_path: Path) -> None:
        unit = tmp_path / "genjin.service"
        unit.write_text(UNIT.read_text().replace("/opt/genjin/bin/genjin", "/bin/true"))
        done = subprocess.run(
            ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
        )
        assert not [line for line in done.stderr.splitlines() if "genjin.service" in line]
