"""``genjin audit``: check the audit log against its hash chain, show it, begin a new chain."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time
from typing import Annotated

import typer

from bot.audit.backup_heads import heads_of_backups
from bot.audit.words import AuditWords, is_number, report_lines, report_record
from bot.terminal import contexts_of, print_paged, settings_or_exit
from handlers.core.context import Context
from sales.days import NotADay, parse_day
from sales.leads import parse_lead_number
from sales.people import SYSTEM, Person
from storage.audit.check import (
    AuditProblem,
    AuditReport,
    KnownHead,
    begin_again,
    check_audit,
    given_up_until,
    left_out,
)
from storage.audit.log import AuditQuery
from storage.database.engine import Database

app = typer.Typer(name="audit", help="The audit log: who did what.", no_args_is_help=True)
_WRONG_WORDS = 2
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(help="A head from the log or from an earlier check, 12:9c…; may be repeated."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every entry against the hash chain. Ends with status 1 if any was tampered with."""
    with _opened() as (database, context):
        known = [_known_head(one, context) for one in head or ()]
        report, put_back = _checked(database, known)
        if as_json:
            typer.echo(report_record(report, put_back, context.language))
        else:
            for line in report_lines(report, put_back, context.language):
                typer.echo(line)
    if report.problems:
        raise typer.Exit(1)


@app.command()
def show(
    about: Annotated[
        str, typer.Argument(help="A lead's number, a colleague's name, or as stored: person:3")
    ] = "",
    since: Annotated[
        str, typer.Option(help="From this day on: 2026-11-01, yesterday, 上周一.")
    ] = "",
    person: Annotated[str, typer.Option(help="Only what this person did: name or number.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="The newest so many; 0 for all.")] = 100,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an entry a line as JSON, for programs.")
    ] = False,
) -> None:
    """Print who did what, oldest first: with a lead, with anything else, or everything."""
    with _opened() as (_, context):
        query = AuditQuery(
            subject=_subject(about.strip(), context),
            actor_id=_actor(person.strip(), context),
            since=_first_moment(since.strip(), context),
            limit=limit,
        )
        count = context.uow.audit.count(query)
        if not count:
            typer.echo(context.text("audit.nothing"), err=True)
            raise typer.Exit(1)
        words, entries = AuditWords(context), context.uow.audit.trail(query)
        print_paged(map(words.record if as_json else words.line, entries))
        if 0 < limit < count and not as_json:
            typer.echo(context.text("audit.older", n=count - limit), err=True)


@app.command(name="begin-again")
def begin_again_() -> None:
    """Begin a new chain, after a break that you looked into. What was there stays as it is, and is
    no longer checked."""
    from bot.clock import SystemClock

    with _opened() as (database, context):
        report, _ = _checked(database)
        if not report.problems:
            typer.echo(context.text("audit.no_need"), err=True)
            raise typer.Exit(1)
        number = begin_again(database, SystemClock().now())
        typer.echo(context.text("audit.begun_again", number=number))


def _checked(
    database: Database, known: Sequence[KnownHead] = ()
) -> tuple[AuditReport, list[KnownHead]]:
    """Check the log, also against the heads in backups. Returns those that a restore which is on
    record has left behind; any other that is missing is a problem of the report."""
    report = check_audit(database, known)
    until = given_up_until(database)
    given_up: list[KnownHead] = []
    cut_off: list[KnownHead] = []
    for head in left_out(database, heads_of_backups()):
        is_explained = until and head.at and head.at <= until
        (given_up if is_explained else cut_off).append(head)
    if cut_off:
        params = {"n": str(len(cut_off)), "backup": cut_off[0].source}
        report.add(AuditProblem("cut_off", params, until=cut_off[0].at))
    return report, given_up


def _known_head(typed: str, context: Context) -> KnownHead:
    try:
        return KnownHead.parse(typed)
    except ValueError:
        typer.echo(context.text("audit.no_head", typed=typed), err=True)
        raise typer.Exit(_WRONG_WORDS) from None


def _subject(about: str, context: Context) -> str:
    """Return the subject that the words stand for; exits with status 2 if for none or several."""
    lead_id = parse_lead_number(about)
    if lead_id:
        return f"lead:{lead_id}"
    if not about or context.uow.audit.count(AuditQuery(subject=about)):
        return about
    return f"person:{_one_person(about, context).id}"


def _actor(person: str, context: Context) -> int | None:
    if not person:
        return None
    if is_number(person):
        return int(person)
    if person.casefold() == context.text("audit.by_itself").casefold():
        return SYSTEM.id
    return _one_person(person, context).id


def _one_person(typed: str, context: Context) -> Person:
    """Find a colleague by name or by part of one, former ones as well."""
    wanted, people = typed.casefold(), context.uow.people.everyone()
    found = [one for one in people if one.name.casefold() == wanted] or [
        one for one in people if wanted in one.name.casefold()
    ]
    match found:
        case [one]:
            return one
        case []:
            typer.echo(context.text("audit.unknown", typed=typed), err=True)
        case _:
            names = tuple(f"{one.name} (person:{one.id})" for one in found[:20])
            listing = context.language.listing(names)
            typer.echo(context.text("audit.several", typed=typed, names=listing), err=True)
    raise typer.Exit(_WRONG_WORDS)


def _first_moment(since: str, context: Context) -> datetime | None:
    """Return when the day begins in the company's timezone."""
    if not since:
        return None
    timezone = context.language.timezone
    try:
        day = parse_day(since, context.now.astimezone(timezone).date(), past=True)
    except NotADay:
        typer.echo(context.text("audit.no_day", typed=since), err=True)
        raise typer.Exit(_WRONG_WORDS) from None
    return datetime.combine(day, time(), timezone)


@contextmanager
def _opened() -> Iterator[tuple[Database, Context]]:
    """The database, and the company as it is now, in the language of the settings."""
    # Imported here: `genjin version` should not wait for the SDKs.
    from bot.app import open_units

    settings = settings_or_exit()
    units = open_units(settings)
    with units(read_only=True) as uow:
        yield units.database, contexts_of(settings).unasked(uow)
