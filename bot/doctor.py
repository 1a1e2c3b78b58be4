"""``genjin doctor``: look at everything that can be wrong, and say what to do about it."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.app import Genjin, Storage, build, open_storage
from bot.charts import draw
from bot.clock import SystemClock
from bot.health import ConditionSource
from bot.keys import file_conditions, key_conditions
from bot.platforms import Health
from bot.settings import Settings
from handlers.language import Language, Languages
from handlers.ui import Chart, Series
from sales.errors import KeysUnavailable, StorageUnavailable
from storage.bindings import channels_bound
from storage.dead_letters import DeadLetters
from storage.engine import Database
from storage.keyring import BadKeyring
from storage.schema import check

_PATIENCE = 8.0
"""Seconds a platform gets to say how it is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``about`` and the texts are in the admin's language."""

    about: str
    ok: bool
    said: str
    advice: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; nothing is changed, nobody is written to. Never raises: what fails
    unexpectedly while it is looked at is a finding, too."""
    language = Languages(settings.timezone, default=settings.default_locale)()
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "doctor.settings": lambda: [_settings(settings, language)],
        "doctor.data_dir": lambda: [_data_dir(settings.genjin_data_dir, language)],
        "doctor.database": lambda: _database(settings, language),
        "doctor.clock": lambda: [_timezone(settings, language)],
        "doctor.charts": lambda: [_charts(language)],
    }
    findings = [
        finding
        for about, check in checks.items()
        for finding in await asyncio.to_thread(_guarded, about, check, language)
    ]
    try:
        genjin = build(settings)
    except (ValueError, OSError):
        return findings  # the database's finding says what is wrong
    try:
        return findings + await _platforms(genjin, language)
    except Exception as error:  # noqa: BLE001 - a finding, see above
        return [*findings, _failed("doctor.connections", error, language)]


def _guarded(
    about: str, check: Callable[[], Iterable[Finding]], language: Language
) -> list[Finding]:
    """What the check finds, and that it failed where it did."""
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except Exception as error:  # noqa: BLE001 - a finding, see above
        findings.append(_failed(about, error, language))
    return findings


def _failed(about: str, error: Exception, language: Language) -> Finding:
    """Names the error and a system's reason; other messages may quote what is secret."""
    kind = type(error).__name__
    reason = f"{kind}: {error}" if isinstance(error, OSError) else kind
    said = language.text("doctor.check_failed", reason=reason)
    advice = language.text("doctor.check_failed_advice")
    return Finding(language.text(about), False, said, advice)


def print_findings(findings: list[Finding], settings: Settings) -> None:
    """A table for people: a mark, what was looked at, and what to do."""
    language = Languages(settings.timezone, default=settings.default_locale)()
    table = Table(show_header=False, box=None, padding=(0, 1))
    for finding in findings:
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        # As it is: a path may have brackets in it, which mean colours to the table.
        table.add_row(mark, escape(finding.about), escape(finding.said))
        if finding.advice and not finding.ok:
            table.add_row("", "", f"→ {escape(finding.advice)}")
    console = Console()
    console.print(table)
    wrong = sum(not finding.ok for finding in findings)
    console.print(
        language.text("doctor.summary", n=wrong) if wrong else language.text("doctor.fine")
    )


def _settings(settings: Settings, language: Language) -> Finding:
    on = [
        name
        for name, is_on in (
            ("Slack", settings.has_slack),
            ("DingTalk", settings.has_dingtalk),
            (language.text("doctor.web_chat"), settings.has_web_chat),
        )
        if is_on
    ]
    said = language.text("doctor.platforms", names=language.listing(on) or "—")
    about = language.text("doctor.settings")
    return Finding(about, bool(on), said, language.text("doctor.no_platform"))


def _data_dir(path: Path, language: Language) -> Finding:
    about = language.text("doctor.data_dir")
    nearest = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    ok = os.access(nearest, os.W_OK)
    return Finding(about, ok, str(path.absolute()), language.text("doctor.data_dir_advice"))


def _database(settings: Settings, language: Language) -> Iterator[Finding]:
    about = language.text("doctor.database")
    try:
        storage = open_storage(settings)
    except (ValueError, BadKeyring) as error:
        yield Finding(about, False, str(error), language.text("doctor.database_advice"))
        return
    health = check(storage.database)
    said = f"{health.dialect} {health.engine_version} · {health.revision or '—'}"
    fresh = not health.revision and health.problems == ("database_schema",)
    if not health.problems or fresh:
        yield Finding(about, True, language.text("doctor.database_new") if fresh else said)
    for problem in () if fresh else health.problems:
        advice = language.text(f"health.{problem}.advice")
        yield Finding(about, False, language.text(f"health.{problem}"), advice)
    yield from _keys(storage, language)
    files = file_conditions(settings.genjin_data_dir, storage.database)
    yield from _conditions(language.text("doctor.data_dir"), files, language)
    if health.revision == health.expected:
        yield from _delivery(storage.database, language)
    storage.database.dispose()


def _keys(storage: Storage, language: Language) -> Iterator[Finding]:
    """Whether the secret keys open what is stored. None are made."""
    if storage.keys is None:
        return
    about = language.text("doctor.keys")
    with contextlib.suppress(StorageUnavailable):  # the database's finding says so
        try:
            storage.keys.prove(make=False)
        except KeysUnavailable:
            pass
        else:
            yield Finding(about, True, language.text("doctor.keys_right"))
        yield from _conditions(about, key_conditions(storage.keys), language)


def _conditions(about: str, source: ConditionSource, language: Language) -> Iterator[Finding]:
    for one in source():
        said = language.text(f"health.{one.key}", **one.params)
        yield Finding(about, False, said, language.text(f"health.{one.key}.advice", **one.params))


def _delivery(database: Database, language: Language) -> Iterator[Finding]:
    """Whether messages get through, and whether digests have somewhere to go."""
    tally = DeadLetters(database).tally()
    lost = tally.dead + tally.unknown
    said = language.text("doctor.delivery_said", waiting=tally.waiting, lost=lost)
    advice = language.text("doctor.delivery_advice")
    yield Finding(language.text("doctor.delivery"), not lost, said, advice)
    channels = channels_bound(database)
    said = language.text("doctor.channels_said", n=channels)
    advice = language.text("doctor.channels_advice")
    yield Finding(language.text("doctor.channels"), channels > 0, said, advice)


def _timezone(settings: Settings, language: Language) -> Finding:
    at = language.moment(SystemClock().now())
    said = language.text("doctor.clock_said", zone=settings.genjin_timezone, at=at)
    return Finding(language.text("doctor.clock"), True, said)


def _charts(language: Language) -> Finding:
    """Draws one, as a digest would."""
    name = language.text("doctor.charts")
    draw(Chart("bar", name, (name,), (Series(name, (1.0,)),), name), language.locale)
    return Finding(name, True, language.text("doctor.charts_drawn"))


async def _platforms(genjin: Genjin, language: Language) -> list[Finding]:
    """Connect every platform as the bot would, hear how it is, and leave again."""
    async with genjin.listening():
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            states = {p.name: p.health() for p in genjin.platforms.values()}
            if all(state.ok for state in states.values()):
                break
            await asyncio.sleep(0.2)
    return [_platform(name, state, language) for name, state in states.items()]


def _platform(name: str, state: Health, language: Language) -> Finding:
    names = {"slack": "Slack", "dingtalk": "DingTalk", "email": language.text("doctor.mail")}
    about = names.get(name, language.text("doctor.web_chat"))
    said = language.text(state.problem) if state.problem else ""
    advice = language.text(state.advice) if state.advice else ""
    told = " ".join(part for part in (said, state.detail) if part)
    if state.ok:
        # What goes on all the same is no fault, but what it takes is said.
        told = f"{told} → {advice}" if advice else told
        return Finding(about, True, told or language.text("doctor.connected"))
    return Finding(about, False, told, advice)
