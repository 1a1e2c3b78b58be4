"""Builds the SQL of a lead search. Knows no actor.

A search for a part of a text reads every lead there ever was, unless there is an index of all runs
of three characters: ``lead_text``, which triggers of the database fill (revision 0049). SQLite has
one in FTS5; on PostgreSQL it is a text-search vector of such runs, since pg_trgm is an extension
that is not everywhere allowed (decision 27). Shorter texts are looked up as the beginnings of runs.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    table,
    true,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Integer, NullType

from sales.contacts import NotAnEmail, parse_email, possible_phones
from sales.leads import parse_lead_number
from storage.database.encryption import Fields
from storage.tables import further_contact, lead

_PART_OF_NUMBER = re.compile(r"(?:lx)?\d{1,9}", re.IGNORECASE)
_LONGEST = 100
_RUN: Final = 3
"""Characters of a run in the index."""
_MOST_RUNS: Final = 12
"""Runs looked up on SQLite; the text itself is compared anyway."""
FEW: Final = 2_000
"""Leads with a text that may all be read; more of them are common, so that a page is soon found."""
_LAST_CHARACTER: Final = "\U0010ffff"
_INDEX: Final = table("lead_text")

# LX001, as sales.leads.lead_number writes it.
_NUMBER = case((lead.c.id < 10, "LX00"), (lead.c.id < 100, "LX0"), else_="LX") + cast(
    lead.c.id, String
)


def lead_matches(text: str, fields: Fields, *, indexed: bool = False) -> ColumnElement[bool]:
    """The condition for leads whose number, customer, contact or need contains the text.

    Ignores case. A phone or an e-mail matches only in full. Empty text matches everything.
    ``indexed``: finds them in the index, which pays unless other conditions leave few leads to look
    at, such as open ones.
    """
    needle = text.strip()[:_LONGEST]
    if not needle:
        return true()
    if indexed:
        found = select(_ID).select_from(_joined()).where(_in_index(needle), _contains(needle))
        return lead.c.id.in_(union_all(found, *_known(needle, fields)))
    known = known_by(needle, fields)
    return _contains(needle) if known is None else or_(_contains(needle), known)


def newest_with(text: str) -> Select[Any]:
    """Select the leads that contain a text that is not empty, newest first, by the index; further
    conditions may be added, and a limit makes it short."""
    needle = text.strip()[:_LONGEST]
    query = select(lead).select_from(_joined()).where(_in_index(needle), _contains(needle))
    return query.order_by(_ID.desc())


def is_common(connection: Connection, text: str) -> bool:
    """Tell whether more than ``FEW`` leads contain a text, as far as the index tells; a single
    letter is taken for common."""
    needle = text.strip()[:_LONGEST]
    if not needle or (len(needle) == 1 and needle.isascii()):
        return True
    some = select(_ID.label("lead_id")).select_from(_INDEX).where(_in_index(needle)).limit(FEW + 1)
    return int(connection.scalar(select(func.count()).select_from(some.subquery())) or 0) > FEW


def known_by(text: str, fields: Fields) -> ColumnElement[bool] | None:
    """The condition for the leads whose whole number, phone or e-mail the text is; None for a text
    that is none of these."""
    known = _known(text.strip()[:_LONGEST], fields)
    return lead.c.id.in_(union_all(*known)) if known else None


def _joined() -> FromClause:
    return _INDEX.join(lead, lead.c.id == _ID)


def _contains(needle: str) -> ColumnElement[bool]:
    columns = (lead.c.customer_words, lead.c.other_words)
    in_words = [column.icontains(needle, autoescape=True) for column in columns]
    in_number = _PART_OF_NUMBER.fullmatch(needle) and parse_lead_number(needle) is None
    return or_(*in_words, *([_NUMBER.contains(needle.upper())] if in_number else []))


def _known(needle: str, fields: Fields) -> list[Select[Any]]:
    """Select the ids of leads whose whole number, phone or e-mail the text is."""
    lead_id = parse_lead_number(needle)
    by_number = [] if lead_id is None else [select(lead.c.id).where(lead.c.id == lead_id)]
    return [*by_number, *_by_contact(needle, fields)]


def _by_contact(text: str, fields: Fields) -> list[Select[Any]]:
    try:
        return _having(lead.c.email_index, (parse_email(text),), "lead.email", fields)
    except NotAnEmail:
        pass
    # Whose country a bare number belongs to is not known here: any of its readings is meant.
    phones = possible_phones(text)
    return _having(lead.c.phone_index, phones, "lead.phone", fields) if phones else []


def _having(
    column: ColumnElement[str], contacts: Sequence[str], place: str, fields: Fields
) -> list[Select[Any]]:
    indexes = [fields.index(contact, "further_contact.contact") for contact in contacts]
    own = [fields.index(contact, place) for contact in contacts]
    return [
        select(lead.c.id).where(column.in_(own)),
        select(further_contact.c.lead_id).where(further_contact.c.contact_index.in_(indexes)),
    ]


class _IdInIndex(FunctionElement[int]):
    """The number of the lead that an entry of the index is about."""

    inherit_cache = True
    type = Integer()


class _HasRuns(FunctionElement[Any]):
    """The condition that an entry of the index has all runs of a text.

    Its clauses: the runs as FTS5 reads them, and the text.
    """

    inherit_cache = True
    type = NullType()


class _HasBeginning(FunctionElement[Any]):
    """The condition that an entry of the index has a run that begins with a short text.

    Its clauses: the first and the last run there may be, and the text.
    """

    inherit_cache = True
    type = NullType()


_ID: Final = _IdInIndex()


def _in_index(needle: str) -> ColumnElement[bool]:
    whole = bindparam(None, needle, String)
    if len(needle) < _RUN:
        low, high = needle.lower(), needle.lower() + _LAST_CHARACTER
        return _HasBeginning(bindparam(None, low, String), bindparam(None, high, String), whole)
    runs = dict.fromkeys(needle[at : at + _RUN] for at in range(len(needle) - _RUN + 1))
    quoted = ['"' + run.replace('"', '""') + '"' for run in list(runs)[:_MOST_RUNS]]
    return _HasRuns(bindparam(None, " AND ".join(quoted), String), whole)


@compiles(_IdInIndex)
def _sqlite_id(_element: _IdInIndex, _compiler: SQLCompiler, **_options: Any) -> str:
    return "lead_text.rowid"


@compiles(_IdInIndex, "postgresql")
def _postgresql_id(_element: _IdInIndex, _compiler: SQLCompiler, **_options: Any) -> str:
    return "lead_text.lead_id"


@compiles(_HasRuns)
def _sqlite_runs(element: _HasRuns, compiler: SQLCompiler, **options: Any) -> str:
    runs, _ = element.clauses
    return f"lead_text MATCH {compiler.process(runs, **options)}"


@compiles(_HasBeginning)
def _sqlite_beginning(element: _HasBeginning, compiler: SQLCompiler, **options: Any) -> str:
    low, high, _ = element.clauses
    # FTS5 takes nothing shorter than a run, but tells which ones there are.
    quoted = """'"' || replace(term, '"', '""') || '"'"""
    runs = f"""SELECT coalesce(group_concat({quoted}, ' OR '), '""') FROM lead_text_run"""  # noqa: S608
    first, last = compiler.process(low, **options), compiler.process(high, **options)
    return f"lead_text MATCH ({runs} WHERE term >= {first} AND term <= {last})"


@compiles(_HasRuns, "postgresql")
@compiles(_HasBeginning, "postgresql")
def _postgresql_runs(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    *_, needle = element.clauses
    return f"lead_text.runs @@ lead_text_query({compiler.process(needle, **options)})"
