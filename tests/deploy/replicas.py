"""Whole processes on one PostgreSQL, as ``deploy/compose.yaml`` starts them, of any version.

Their environment is read from the files of ``deploy/``, so that what is tested is what is shipped.
"""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.conversations.web import WebUser, loopback_client

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOKEN = "t" * 40
VOLUME = "/var/lib/genjin"


def image_environment() -> dict[str, str]:
    """What the image sets, but for PATH."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    [line] = re.findall(r"^ENV (.*)$", text, re.MULTILINE)
    pairs = (pair.split("=", 1) for pair in line.split())
    return {name: value for name, value in pairs if name != "PATH"}


def health_command() -> list[str]:
    """The image's health check, as a list of arguments."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    [command] = re.findall(r"^HEALTHCHECK .*? CMD (\[.*\])$", text, re.MULTILINE)
    arguments: list[str] = json.loads(command)
    return arguments


def services() -> dict[str, dict[str, Any]]:
    """The services of the compose file that run our image, by name."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    found: dict[str, dict[str, Any]] = compose["services"]
    return {name: one for name, one in found.items() if one["image"].startswith("genjin:")}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Replica:
    """A running process; ``errors`` is its log."""

    name: str
    port: int
    process: asyncio.subprocess.Process
    errors: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def health(self) -> tuple[int, dict[str, Any]]:
        """The status of ``/health`` and what it says; status 0 while nothing answers."""
        async with loopback_client(timeout=15) as client:
            try:
                response = await client.get(f"{self.url}/health")
            except httpx.TransportError:
                return 0, {}
            return response.status_code, response.json()

    async def until_healthy(self) -> None:
        async with asyncio.timeout(90):  # a busy machine is not a failure
            while (await self.health())[0] != 200:
                assert self.process.returncode is None, self.errors.read_text()[-2000:]
                await asyncio.sleep(0.1)

    async def user(self, persona: str) -> WebUser:
        """A person who opened the link with the token."""
        user = WebUser(self.url, persona)
        opened = await user.client.get(f"{self.url}/?token={TOKEN}", follow_redirects=True)
        assert opened.status_code == 200
        return user

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; returns its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(30):  # compose's stop_grace_period
            return await self.process.wait()


def environment(place: Path, given: Mapping[str, str], port: int) -> dict[str, str]:
    """The environment of a container whose volume is ``place`` and whose port is ``port``."""
    image = {name: v.replace(VOLUME, str(place)) for name, v in image_environment().items()}
    return {"PATH": os.environ["PATH"], **image, **given, "WEB_PORT": str(port)}


@asynccontextmanager
async def running(
    name: str, place: Path, given: Mapping[str, str], *, source: Path = ROOT
) -> AsyncIterator[Replica]:
    """A replica of the version in ``source``; ``given`` are the settings of ``genjin.env``."""
    place.mkdir(exist_ok=True)
    port, errors = free_port(), place / "log"
    with errors.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env=environment(place, given, port) | {"PYTHONPATH": str(source)},
            cwd=place,
            stdout=log,
            stderr=log,
        )
    replica = Replica(name, port, process, errors)
    try:
        yield replica
    finally:
        await replica.stop(signal.SIGKILL if process.returncode is None else signal.SIGTERM)


async def command(
    place: Path, given: Mapping[str, str], *arguments: str, source: Path = ROOT
) -> tuple[int, str]:
    """Run a command of the image to its end; returns its status and what it printed."""
    place.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env=environment(place, given, 0) | {"PYTHONPATH": str(source)},
        cwd=place,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()
