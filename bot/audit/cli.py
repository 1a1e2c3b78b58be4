"""``genjin audit``: check the audit log against its hash chain, show it, begin a new chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot.terminal import settings_or_exit
from handlers.composition import COMPOSITION
from handlers.core.context import Context, ContextFactory
from handlers.core.language import Language, Languages
from sales.audit_chain import AuditEntry
from sales.errors import PersonNotFound
from sales.leads import lead_number, parse_lead_number
from storage.audit_check import AuditProblem, AuditReport, begin_again, check_audit
from storage.database.engine import Database

app = typer.Typer(name="audit", help="The audit log: who did what.", no_args_is_help=True)
_LABELS = {
    "to": "stage.",
    "from": "stage.",
    "grade": "grade.",
    "role": "role.",
    "reason": "contact.reason_",
}
"""Details whose values have words of their own, and where."""
_PEOPLE = frozenset({"to", "person", "owner", "into", "by"})
"""Details that are people's ids."""


@app.command()
def verify() -> None:
    """Check every entry against the hash chain. Ends with status 1 if any was tampered with."""
    with _opened() as (database, context):
        report = check_audit(database)
        for line in report_lines(report, context.language):
            typer.echo(line)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def show(
    about: Annotated[str, typer.Argument(help="A lead's number, or as listed: person:3")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, newest first.")] = 100,
) -> None:
    """Print who did what with a lead or anything else; without an argument, everything."""
    lead_id = parse_lead_number(about)
    subject = f"lead:{lead_id}" if lead_id else about
    with _opened() as (_, context):
        entries = context.uow.audit.trail(subject, limit)
        if not entries:
            typer.echo(context.text("audit.nothing", about=about or "—"), err=True)
            raise typer.Exit(1)
        for entry in reversed(entries):
            typer.echo(entry_line(entry, context))


@app.command(name="begin-again")
def begin_again_() -> None:
    """Begin a new chain, after a break that you looked into. What was there stays as it is, and is
    no longer checked."""
    from bot.clock import SystemClock

    with _opened() as (database, context):
        report = check_audit(database)
        if not report.problems:
            typer.echo(context.text("audit.no_need"), err=True)
            raise typer.Exit(1)
        number = begin_again(database, SystemClock().now())
        typer.echo(context.text("audit.begun_again", number=number))


def report_lines(report: AuditReport, language: Language) -> Iterator[str]:
    """What a check found, a line each: what was checked, then everything that is wrong."""
    yield language.text("audit.checked", n=report.checked)
    if report.unsealed:
        yield language.text("audit.unsealed", n=report.unsealed)
    if report.purged_at:
        yield language.text("audit.purged", at=language.moment(report.purged_at))
    if report.begun_again:
        yield language.text("audit.restarted", at=language.moment(report.begun_again))
    for problem in report.problems:
        yield f"✗ {problem_line(problem, language)}"
    if report.more:
        yield language.text("audit.more", n=report.more)
    if not report.problems and report.head:
        number, digest = report.head.number, report.head.digest
        yield f"✓ {language.text('audit.whole', number=number, digest=digest)}"
    elif report.problems:
        yield language.text("audit.broken_advice")


def problem_line(problem: AuditProblem, language: Language) -> str:
    """What was tampered with, and between which moments the entries concerned were sealed."""
    params: dict[str, object] = dict(problem.params)
    if "n" in params:
        params["n"] = int(problem.params["n"])
    line = language.text(f"audit.problem.{problem.key}", **params)
    match problem.since, problem.until:
        case None, None:
            return line
        case None, until if until:
            return line + language.text("audit.sealed_at", at=language.moment(until))
        case since, until if since and until:
            moments = {"since": language.moment(since), "until": language.moment(until)}
            return line + language.text("audit.sealed_between", **moments)
    return line


def entry_line(entry: AuditEntry, context: Context) -> str:
    """An entry as people read it: ``Nov 23, Mon 09:00  LX001  Robin  moved the stage  to: won``."""
    language, act = context.language, f"audit.act.{entry.act}"
    words = language.text(act) if language.has(act) else entry.act
    details = "  ".join(
        f"{_detail_name(name, language)}: {_detail(name, value, context)}"
        for name, value in entry.detail.items()
        if value
    )
    who = _person(entry.actor_id, context)
    parts = (language.moment(entry.at), _subject(entry.subject, context), who, words, details)
    return "  ".join(part for part in parts if part)


def _subject(subject: str, context: Context) -> str:
    kind, _, number = subject.partition(":")
    if not number.isascii() or not number.isdecimal():
        return subject
    if kind == "lead":
        return lead_number(int(number))
    return _person(int(number), context) if kind == "person" else subject


def _person(person_id: int, context: Context) -> str:
    if not person_id:
        return context.text("audit.by_itself")
    try:
        return context.uow.people.get(person_id).name
    except PersonNotFound:
        return f"#{person_id}"


def _detail_name(name: str, language: Language) -> str:
    key = f"audit.detail.{name}"
    return language.text(key) if language.has(key) else name


def _detail(name: str, value: str, context: Context) -> str:
    if name in _PEOPLE and value.isascii() and value.isdecimal():
        return _person(int(value), context)
    label = f"{_LABELS[name]}{value}" if name in _LABELS else ""
    return context.text(label) if label and context.language.has(label) else value


@contextmanager
def _opened() -> Iterator[tuple[Database, Context]]:
    """The database, and the company as it is now, in the language of the settings."""
    # Imported here: `genjin version` should not wait for the SDKs.
    from bot.app import open_units
    from bot.clock import SystemClock

    settings = settings_or_exit()
    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    units = open_units(settings)
    with units(read_only=True) as uow:
        yield units.database, ContextFactory(languages, SystemClock().now, COMPOSITION).unasked(uow)
