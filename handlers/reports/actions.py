"""``/report``: a report of any period, by anything, in one line of words, a form, or a file."""

from collections.abc import Iterable
from functools import partial

from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.replies import Reply
from handlers.core.spreadsheets import Cell, sheet_bytes
from handlers.core.ui import Attachment, Card
from handlers.lead_lists.wording import lost_words, names_for
from handlers.reports.cards import report_card, report_title
from handlers.reports.forms import read_form, report_form
from handlers.reports.labels import named_period
from handlers.reports.service import Allowed, allowed, overview_of
from handlers.reports.sheet import report_rows
from sales.errors import UnknownAction
from sales.lead_lists import UnreadWords
from sales.people import Role
from sales.reports.queries import DecodedReport, ReportQuery, read_query, write_query
from sales.reports.reading import ParsedReport, parse_report

_LONGEST_LINE = 120
_NO_REPORT = frozenset({"谁", "who", "whose"})
"""Words that break a report down, but alone ask for none."""
_MOST_SAID, _LONGEST_SAID = 5, 40


def read_line(line: str, context: Context) -> ParsedReport:
    """Read the words of a typed line: ``上月 按来源``."""
    return parse_report(line, names_for(context), context.today)


def shown(parsed: ParsedReport, context: Context) -> Reply:
    """The report that a line asks for, with what was not understood."""
    may_see = allowed(parsed.query, context, is_own=parsed.is_own)
    period = named_period(parsed.query.period, context)
    usual = "" if parsed.is_named or parsed.kind else context.text("report.usual", period=period)
    return Reply(card=_card(may_see, context, (usual, unread_words(parsed.unread, context))))


def reported_by_words(line: str, context: Context) -> Reply | None:
    """The report that a line without a command asks for, every word of which is understood:
    ``上周业绩 按人``, ``win rate by source``; None for any other line."""
    if not line.strip() or len(line) > _LONGEST_LINE:
        return None
    parsed = read_line(line, context)
    if parsed.unread or not parsed.asks_for_report or line.strip().lower() in _NO_REPORT:
        return None
    return shown(parsed, context) if context.actor.sells else not_here(context)


def show(context: Context) -> Reply:
    """Button of another card: a report of its own, beside what was pressed."""
    return Reply(card=_pressed_card(context))


def page(context: Context) -> Reply:
    """Button: another period or breakdown of the report, in its place."""
    return Reply(update=_pressed_card(context))


def choose(context: Context) -> Reply:
    """Button: the form with every part of the report."""
    return Reply(form=report_form(allowed(_pressed(context).query, context).query, context))


def find(context: Context) -> Reply:
    """Form: the report that it asks for, in place of the one that was open."""
    return Reply(update=_card(allowed(read_form(context), context), context))


def export(context: Context) -> Reply:
    """Button: the report as a file, for the person who asked only; recorded in the audit log."""
    query = allowed(_pressed(context).query, context).query
    return Reply(attach=partial(_file, query), record=partial(_record_export, query))


def _pressed(context: Context) -> DecodedReport:
    try:
        return read_query(context.pressed, context.playbook.vocabulary)
    except ValueError:
        raise UnknownAction(action=context.request.action) from None


def _pressed_card(context: Context) -> Card:
    decoded = _pressed(context)
    gone = lost_words(decoded.lost, context)
    return _card(allowed(decoded.query, context), context, (gone,))


def _card(may_see: Allowed, context: Context, notes: Iterable[str] = ()) -> Card:
    overview = overview_of(may_see.query, context)
    said = (*(context.text(key) for key in may_see.notes), *notes)
    return report_card(may_see.query, overview, context, said)


def unread_words(unread: Iterable[UnreadWords], context: Context) -> str:
    """What of a line was not understood, with an example; empty for nothing."""
    said = [
        context.text("list.unread_word", word=context.said(one.words)[:_LONGEST_SAID])
        for one in unread
    ][:_MOST_SAID]
    if not said:
        return ""
    own = "_own" if context.actor.role is Role.REP else ""
    example = context.text(f"report.example{own}")
    return context.text("report.unread", words=context.language.listing(said), example=example)


def not_here(context: Context) -> Reply:
    """For people whose work is not in leads."""
    card = Card(
        title=context.text("report.not_here_title"),
        body=context.text("report.not_here"),
        buttons=(home_button(context),),
    )
    return Reply(card=card)


def _file(query: ReportQuery, context: Context) -> Attachment:
    overview = overview_of(query, context)
    title = report_title(query, overview, context)
    rows: list[tuple[Cell, ...]] = list(report_rows(query, overview, title, context))
    name = context.text("report.file_name", period=query.period.key)
    content = sheet_bytes(rows, "xlsx")
    return Attachment(f"{name}.xlsx", content, context.text("report.file_about"))


def _record_export(query: ReportQuery, context: Context) -> None:
    detail = {"kind": "xlsx", "report": write_query(query)[:1000]}
    context.uow.audit.record(context.actor, "export.create", "export", detail)
