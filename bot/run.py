"""Runs one process from its start to its exit status, and what it prints where it was started."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from typing import Final

from bot.app import Genjin, build
from bot.connections import web_token
from bot.event_loop import new_event_loop
from bot.http_connections import ConnectionLimits
from bot.memory import freeze_lasting_objects
from bot.platforms.web.access import PARAMETER
from bot.server import PortTaken, WebServer, web_app
from bot.settings import Settings
from bot.supervisor import CannotGoOn
from handlers.core.language import Language
from storage.database.process_lock import DatabaseInUse

PORT_TAKEN = 3
IN_USE = 4
"""Exit status when another process runs on the SQLite database."""
CANNOT_GO_ON = 5
"""Exit status of a process with a failure that waiting cannot fix."""
_CONNECTING = 10.0
"""Seconds for which the greeting waits for the platforms."""


_TURN: Final = 0.001
"""Seconds after which a thread that computes lets another go on. With Python's 5 ms, a request
waited so long at each of its statements while a report was computed."""


def run_process(settings: Settings) -> int:
    """Run one process as ``run_until_stopped``, on the product's event loop."""
    sys.setswitchinterval(_TURN)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(run_until_stopped(settings, alone=True))


async def run_until_stopped(settings: Settings, *, alone: bool = False) -> int:
    """Run one process until SIGINT or SIGTERM, or until it cannot go on; returns the exit status.

    ``alone``: nothing else runs in this interpreter, so its memory may be arranged for the bot.
    """
    try:
        genjin = build(settings)
    except ValueError as error:
        sys.stderr.write(f"genjin: {error}\n")
        return 2
    try:
        genjin.hold_database()
    except DatabaseInUse as error:
        words = genjin.languages().text("health.database_in_use", **error.params)
        sys.stderr.write(f"genjin: {words}\n")
        return IN_USE
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    app = web_app(
        genjin.routes, genjin.health, genjin.registry, trusted_proxies=settings.trusted_proxies
    )
    limits = ConnectionLimits(trusted=settings.trusted_proxies)
    server = WebServer(app, settings.web_host, settings.web_port, genjin.stop, limits)
    try:
        async with server.serving():
            await genjin.start()
            genjin.supervisor.start("greeting", lambda: greet(genjin, server.address))
            if alone:
                genjin.supervisor.start("memory", lambda: freeze_lasting_objects(genjin.ready))
            reason = await _end(genjin, stopped, server)
    except PortTaken as error:
        sys.stderr.write(f"genjin: {error}. Choose another with WEB_PORT or WEB_HOST.\n")
        return PORT_TAKEN
    finally:
        genjin.let_go_of_database()
    if reason is None:
        return 0
    words = genjin.languages().text(f"stop.{reason.key}", **reason.params)
    sys.stderr.write(f"genjin: {words}\n")
    return CANNOT_GO_ON


def web_chat_link(settings: Settings, address: str) -> str:
    """The link to the chat, with the token if one is required.

    A token that an admin chose is not repeated: what is printed ends up in logs.
    """
    address = address.replace("//0.0.0.0", "//127.0.0.1").replace("//[::]", "//[::1]")
    if not settings.needs_web_token:
        return address
    token = "<GENJIN_WEB_TOKEN>"  # noqa: S105 - its name
    if not settings.genjin_web_token.get_secret_value():
        token = web_token(settings)
    return f"{address}/?{PARAMETER}={token}"


async def _end(genjin: Genjin, stopped: asyncio.Event, server: WebServer) -> CannotGoOn | None:
    """Wait until the process is to end; None if it was asked to."""
    asked = asyncio.ensure_future(stopped.wait())
    deaf = asyncio.ensure_future(server.closed())
    reason = asyncio.ensure_future(genjin.supervisor.cannot_go_on())
    done, left = await asyncio.wait({asked, deaf, reason}, return_when=asyncio.FIRST_COMPLETED)
    for waiting in left:
        waiting.cancel()
    if reason in done:
        return reason.result()
    return CannotGoOn("no_server") if deaf in done else None


async def greet(genjin: Genjin, address: str) -> None:
    """Print what the start waits for, then where to go; "ready" once it is."""
    language, last_id = genjin.languages(), ""
    ready = asyncio.ensure_future(genjin.ready.wait())
    while not ready.done():
        changed = asyncio.ensure_future(genjin.boot.changed.wait())
        await asyncio.wait({ready, changed}, return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
        genjin.boot.changed.clear()
        if (waits := genjin.boot.waits_for) and waits.id != last_id:
            last_id = waits.id
            text = language.text("run.waiting", problem=waits.problem(language))
            _say(" ".join(part for part in (text, waits.advice(language)) if part))
    if "web" in genjin.platforms:
        link = web_chat_link(genjin.settings, address)
        _say(language.text("run.web_chat", address=link))
        if genjin.settings.needs_web_token:
            _say(language.text("run.web_chat_token"))
    names = [name for name in genjin.platforms if name != "web"]
    if names:
        await _connected(genjin, names)
        _greet_platforms(genjin, names, language)
        _say(language.text("run.health", address=f"{address}/health"))
    if path := genjin.database.path:
        # It depends on where `genjin run` was typed, unless GENJIN_DATA_DIR says where.
        _say(language.text("run.data", path=str(path.absolute())))


async def _connected(genjin: Genjin, names: Sequence[str]) -> None:
    """Return once these platforms work, or their time is up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CONNECTING):
            # Platforms report their health only when polled.
            while not all(genjin.platforms[name].health().ok for name in names):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


def _greet_platforms(genjin: Genjin, names: Sequence[str], language: Language) -> None:
    states = {name: genjin.platforms[name].health() for name in names}
    if works := [name for name, state in states.items() if state.ok]:
        _say(language.text("run.platforms", names=language.listing(works)))
    for name, state in states.items():
        if not state.ok:
            problem, advice = language.text(state.problem), language.text(state.advice)
            _say(language.text("run.not_connected", name=name, problem=problem) + f" {advice}")


def _say(line: str) -> None:
    """Print a line for the person who started the process, without waiting for a full buffer."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
