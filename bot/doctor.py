"""``genjin doctor``: check everything that can be wrong, and say what to do about it."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import phonenumbers
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.app import Storage, build, open_storage
from bot.audit.health import audit_conditions
from bot.backups.destinations import are_on_same_disk, try_place
from bot.backups.problems import advice_text, dump_text, problem_text
from bot.backups.runner import backup_conditions
from bot.charts import draw
from bot.clock import SystemClock
from bot.database_health import DatabaseHealth, file_conditions, key_conditions, known_flaws
from bot.delivery_health import delivery_conditions
from bot.erasure.ledger import LedgerKeeper, ledger_of
from bot.health import Condition
from bot.platforms import HasOptionalPermissions, Health, Platform
from bot.retention import overdue_rows
from bot.settings import Settings
from handlers.core.language import Language, Languages
from handlers.core.ui import Chart, Series
from sales.errors import KeysUnavailable, StorageUnavailable
from storage.audit.check import check_audit
from storage.backups.postgresql.base_backups import look_at
from storage.backups.postgresql.tools import DumpFailed
from storage.backups.runs import BackupRuns
from storage.backups.service import problem_of
from storage.backups.stores import StoreUnavailable
from storage.channels import channels_bound
from storage.database.engine import Database
from storage.database.keyring import BadKeyring
from storage.database.schema import check
from storage.outbox.dead_letters import DeadLetters
from storage.people import count_accounts
from storage.playbooks import ReadPlaybooks

_PATIENCE = 8.0
"""Seconds a platform gets to report its health."""
DINGTALK_MESSAGES = 3_000
"""Stream and webhook messages that DingTalk's standard edition allows a company in a month."""
DINGTALK_A_PERSON = 143
"""Messages from one person in a month of 22 working days, answered by as many: as a simulated week
of twenty people needed them (``bench.dingtalk_week``)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. ``about`` and the texts are in the admin's language."""

    about: str
    ok: bool
    said: str
    advice: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Run all checks. Never raises: a check that fails is a finding, too.

    Nobody is messaged, and nothing is changed but the row used to probe a database and a small file
    in each place of backups, which is deleted again.
    """
    language = Languages(settings.timezone, default=settings.default_locale)()
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "doctor.settings": lambda: [_settings(settings, language)],
        "doctor.data_dir": lambda: [_data_dir(settings.genjin_data_dir, language)],
        "doctor.database": lambda: _database(settings, language),
        "doctor.clock": lambda: [_timezone(settings, language)],
        "doctor.country": lambda: [_country(settings, language)],
        "doctor.charts": lambda: [_charts(language)],
    }
    findings = [
        finding
        for about, check in checks.items()
        for finding in await asyncio.to_thread(_guarded, about, check, language)
    ]
    try:
        return findings + await _platforms(settings, language)
    except ValueError:
        return findings  # the database's finding says what is wrong
    except Exception as error:  # noqa: BLE001 - a finding, see above
        return [*findings, _failed("doctor.connections", error, language)]


def _guarded(
    about: str, check: Callable[[], Iterable[Finding]], language: Language
) -> list[Finding]:
    """The findings of the check; if it fails, a finding that says so."""
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except Exception as error:  # noqa: BLE001 - a finding, see above
        findings.append(_failed(about, error, language))
    return findings


def _failed(about: str, error: Exception, language: Language) -> Finding:
    """Name the error and the system's reason; other messages may quote secrets."""
    kind = type(error).__name__
    reason = f"{kind}: {error}" if isinstance(error, OSError) else kind
    text = language.text("doctor.check_failed", reason=reason)
    advice = language.text("doctor.check_failed_advice")
    return Finding(language.text(about), False, text, advice)


def print_findings(findings: list[Finding], settings: Settings) -> None:
    """Print a table for people: a mark, what was checked, and what to do."""
    language = Languages(settings.timezone, default=settings.default_locale)()
    table = Table(show_header=False, box=None, padding=(0, 1))
    for _ in ("mark", "about", "said"):
        table.add_column(overflow="fold")  # Chinese has no blanks to break at
    for finding in findings:
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        # Verbatim: brackets in a path would be read as colours by the table.
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
    text = language.text("doctor.platforms", names=language.listing(on) or "—")
    about = language.text("doctor.settings")
    return Finding(about, bool(on), text, language.text("doctor.no_platform"))


def _data_dir(path: Path, language: Language) -> Finding:
    about = language.text("doctor.data_dir")
    ok = _is_writable(path)
    return Finding(about, ok, str(path.absolute()), language.text("doctor.data_dir_advice"))


def _is_writable(path: Path) -> bool:
    """Whether a directory exists or could be created, and can be written to."""
    try:
        folders = (path, *path.absolute().parents)
        if path.is_symlink() and not path.exists():
            return False  # A dangling path.
        nearest = next(folder for folder in folders if folder.exists())
        return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    except OSError:
        return False


def _database(settings: Settings, language: Language) -> Iterator[Finding]:
    about = language.text("doctor.database")
    try:
        storage = open_storage(settings)
    except (ValueError, BadKeyring) as error:
        yield Finding(about, False, str(error), language.text("doctor.database_advice"))
        return
    try:
        yield from _opened(settings, storage, about, language)
        yield from _backups(settings, storage.database, language)
        files = file_conditions(settings.genjin_data_dir, storage.database)
        yield from _condition_findings(files(), language.text("doctor.data_dir"), language)
    finally:
        storage.database.dispose()


def _opened(
    settings: Settings, storage: Storage, about: str, language: Language
) -> Iterator[Finding]:
    database, path = storage.database, storage.database.path
    if path and not path.exists() and _is_writable(path.parent):
        # Opening it would create it.
        yield Finding(about, True, language.text("doctor.database_new"))
        return
    health = check(database)
    if not health.revision and health.problems == ("database_schema",):
        yield Finding(about, True, language.text("doctor.database_new"))
        return
    current = health.revision == health.expected or health.problems == ("database_ahead",)
    conditions = [
        *DatabaseHealth(database, SystemClock(), writes=current).look(),
        *known_flaws(database),
    ]
    if not any(condition.serious for condition in conditions):
        text = f"{health.dialect} {health.engine_version} · {health.revision or '—'}"
        yield Finding(about, True, text)
    yield from _condition_findings(conditions, about, language)
    yield from _keys(storage, language)
    if current and not any(condition.key == "database_damaged" for condition in conditions):
        yield from _audit(storage, language)
        yield from _retention(settings, database, language)
        yield from _ledger(settings, storage, language)
        yield from _delivery(database, language)
        if settings.has_dingtalk:
            yield _dingtalk_quota(database, language)


def _dingtalk_quota(database: Database, language: Language) -> Finding:
    """Say for how many people the messages of DingTalk's standard edition are enough."""
    people = count_accounts(database, "dingtalk")
    fewest = DINGTALK_MESSAGES // (2 * DINGTALK_A_PERSON)
    most = DINGTALK_MESSAGES // DINGTALK_A_PERSON
    text = language.text("doctor.dingtalk_quota_enough", fewest=fewest, most=most, n=people)
    if people > fewest:
        size = people * DINGTALK_A_PERSON
        needed = language.text("doctor.dingtalk_quota_advice", least=size, most=2 * size)
        text = f"{text} → {needed}"
    return Finding(language.text("doctor.dingtalk_quota"), True, text)


def _backups(settings: Settings, database: Database, language: Language) -> Iterator[Finding]:
    """Check where backups go, and when one was last verified."""
    if settings.is_demo or (database.path and not database.path.exists()):
        return
    about = language.text("doctor.backups")
    setting = {"setting": "GENJIN_BACKUP_TO"}
    if not settings.backup_places:
        text, advice = language.text("doctor.backups_off"), "doctor.backups_off_advice"
        yield Finding(about, False, text, language.text(advice, **setting))
        return
    if are_on_same_disk(settings, database):
        # Better than none, and all that a trial on one disk can have: no fault.
        yield Finding(about, True, language.text("doctor.backups_same_disk", **setting))
    for place in settings.backup_places:
        try:
            try_place(place, settings)
        except StoreUnavailable as error:
            problem, reason = problem_of(error)
            text = f"{error.where}: {problem_text(problem, reason, language)}"
            yield Finding(about, False, text, advice_text(problem, error.where, language))
    if set(check(database).problems) - {"database_ahead"}:
        return
    if database.dialect == "postgresql":
        yield from _way(database, about, language)
    runs = BackupRuns(database)
    conditions = list(backup_conditions(runs, SystemClock())())
    yield from _condition_findings(conditions, about, language)
    verified_at = runs.state().verified_at
    if verified_at and not conditions:
        at = language.moment(verified_at)
        yield Finding(about, True, language.text("doctor.backups_verified", at=at))


def _way(database: Database, about: str, language: Language) -> Iterator[Finding]:
    """Say whether the server is copied whole or only dumped, and why."""
    with contextlib.suppress(DumpFailed):  # the database's finding says so
        why = look_at(database.url).reason
        if why:
            text = language.text("doctor.backups_dump", why=dump_text(why, language))
        else:
            text = language.text("doctor.backups_copy")
        yield Finding(about, True, text)


def _keys(storage: Storage, language: Language) -> Iterator[Finding]:
    """Check whether the secret keys decrypt what is stored. Creates none."""
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
        yield from _condition_findings(key_conditions(storage.keys)(), about, language)


def _audit(storage: Storage, language: Language) -> Iterator[Finding]:
    """Check the whole audit log against its hash chain."""
    if storage.fields.is_locked:
        return  # The finding about the keys says so.
    about, report = language.text("doctor.audit"), check_audit(storage.database)
    broken = audit_conditions(report)
    if not broken:
        yield Finding(about, True, language.text("doctor.audit_whole", n=report.checked))
    yield from _condition_findings(broken, about, language)


def _retention(settings: Settings, database: Database, language: Language) -> Iterator[Finding]:
    """Check whether old records are deleted day by day."""
    about = language.text("doctor.retention")
    with database.read() as connection:
        keep = ReadPlaybooks(settings.countries.home).read(connection).retention
    late = overdue_rows(database, keep, SystemClock().now())
    said = language.text("doctor.retention_late" if late else "doctor.retention_right", n=late)
    yield Finding(about, not late, said, language.text("doctor.retention_advice"))


def _ledger(settings: Settings, storage: Storage, language: Language) -> Iterator[Finding]:
    """Check whether every erasure in the ledger could be repeated after a restore."""
    if storage.fields.is_locked:
        return
    about = language.text("doctor.ledger")
    keeper = LedgerKeeper(ledger_of(settings, storage.database), storage.fields)
    wrong = keeper.conditions()
    if not wrong:
        n = len(keeper.read().entries)
        yield Finding(about, True, language.text("doctor.ledger_whole", n=n, file=keeper.path.name))
    yield from _condition_findings(wrong, about, language)


def _condition_findings(
    conditions: Iterable[Condition], about: str, language: Language
) -> Iterator[Finding]:
    for condition in conditions:
        yield Finding(about, False, condition.problem(language), condition.advice(language))


def _delivery(database: Database, language: Language) -> Iterator[Finding]:
    """Check whether messages get through, and whether digests have a destination."""
    about = language.text("doctor.delivery")
    problems = delivery_conditions(database, SystemClock().now())
    yield from _condition_findings(problems, about, language)
    if not problems:
        waiting = DeadLetters(database).tally().waiting
        yield Finding(about, True, language.text("doctor.delivery_said", waiting=waiting))
    channels = channels_bound(database)
    text = language.text("doctor.channels_said", n=channels)
    advice = language.text("doctor.channels_advice")
    yield Finding(language.text("doctor.channels"), channels > 0, text, advice)


def _timezone(settings: Settings, language: Language) -> Finding:
    at = language.moment(SystemClock().now())
    text = language.text("doctor.clock_said", zone=settings.genjin_timezone, at=at)
    return Finding(language.text("doctor.clock"), True, text)


def _country(settings: Settings, language: Language) -> Finding:
    """Which country's numbers are meant where none is said."""
    countries = settings.countries
    said = [f"{language.country(countries.home)} (+{_calling_code(countries.home)})"]
    said += [f"{team}: {language.country(code)}" for team, code in countries.by_team.items()]
    text = language.text("doctor.country_said", countries=language.listing(said))
    return Finding(language.text("doctor.country"), True, text)


def _calling_code(country: str) -> int:
    return phonenumbers.country_code_for_region(country)


def _charts(language: Language) -> Finding:
    """Draw one chart, as a digest would."""
    name = language.text("doctor.charts")
    draw(Chart("bar", name, (name,), (Series(name, (1.0,)),), name), language.locale)
    return Finding(name, True, language.text("doctor.charts_drawn"))


async def _platforms(settings: Settings, language: Language) -> list[Finding]:
    """Connect every platform as the bot would, check its health, and disconnect.

    Raises ValueError like ``build``.
    """
    genjin = build(settings)
    state = await asyncio.to_thread(check, genjin.database)
    if state.revision != state.expected:
        # People who write at this moment are told that it is starting.
        genjin.boot.begin()
    with contextlib.suppress(StorageUnavailable, KeysUnavailable):  # other findings say so
        if genjin.keys:
            await asyncio.to_thread(genjin.keys.prove, make=False)
    async with genjin.listening():
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            states = {p.name: p.health() for p in genjin.platforms.values()}
            if all(state.ok for state in states.values()):
                break
            await asyncio.sleep(0.2)
        failed = list(genjin.supervisor.conditions())
        permissions = await _permissions(genjin.platforms.values(), language)
    return [
        *(_platform(name, state, language) for name, state in states.items()),
        *permissions,
        *(
            Finding(
                condition.subject, False, condition.problem(language), condition.advice(language)
            )
            for condition in failed
        ),
    ]


async def _permissions(platforms: Iterable[Platform], language: Language) -> list[Finding]:
    """List what a platform may let the bot do besides what it needs; nothing missing is a fault."""
    findings: list[Finding] = []
    for platform in platforms:
        if not isinstance(platform, HasOptionalPermissions):
            continue
        try:
            found = await platform.optional_permissions()
        except StorageUnavailable:
            continue  # the database's finding says so
        for permission in found:
            key = f"{platform.name}.permission.{permission.part}"
            text = language.text(
                f"doctor.permission_{permission.state}",
                name=language.text(key),
                code=permission.code,
                without=language.text(f"{key}.without"),
            )
            findings.append(Finding(language.text("doctor.permission"), True, text))
    return findings


def _platform(name: str, state: Health, language: Language) -> Finding:
    names = {"slack": "Slack", "dingtalk": "DingTalk", "email": language.text("doctor.mail")}
    about = names.get(name, language.text("doctor.web_chat"))
    problem = language.text(state.problem) if state.problem else ""
    advice = language.text(state.advice) if state.advice else ""
    text = " ".join(part for part in (problem, state.detail) if part)
    if state.ok:
        # Something optional that is missing is no fault, but say what it needs.
        text = f"{text} → {advice}" if advice else text
        return Finding(about, True, text or language.text("doctor.connected"))
    return Finding(about, False, text, advice)
