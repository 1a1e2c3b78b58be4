"""From a row of a file to a lead, and everything that is wrong with it.

A problem with a cell that a lead can do without is a *blemish*: the row is imported, the value is
left out or read as its nearest. A row is refused only where there is nothing to store.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sales.capture.details import source_of
from sales.imports.cells import LONGEST, Cells, Wrong
from sales.imports.headings import plain
from sales.imports.plan import LEARNED, Reading
from sales.imports.sheet import Row
from sales.imports.states import LeadState, read_state
from sales.leads import OPEN_STAGES, WORKED_STAGES, Lead, Stage
from sales.nurture import enters_at_once
from sales.patterns import lazy_pattern
from sales.people import Person, Role
from sales.readings import with_readings
from sales.scoring import scored

LONGEST_NAME: Final = 80
"""Characters of an owner's name."""
LONGEST_TERM: Final = 60
_MOST_OTHERS: Final = 10
_SIGNED = (Stage.WON, Stage.AFTERSALES)


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A row as a lead.

    ``lead`` None: refused, as one of the ``wrong`` says. ``by_rules``: routing still has to find
    the owner. ``owner`` is the name of one who is not here, whom the import will create
    (``creates``) or keep as a name; ``unknown`` the words of the row that are not here, by field;
    ``dated``: the file says when the lead was created.
    """

    row: int
    lead: Lead | None
    wrong: tuple[Wrong, ...] = ()
    by_rules: bool = False
    owner: str = ""
    creates: bool = False
    unknown: Mapping[str, str] = field(default_factory=dict)
    dated: bool = True

    @property
    def is_for_pool(self) -> bool:
        waits = self.lead is not None and is_for_pool(self.lead)
        return waits and not self.by_rules and not self.creates


def is_for_pool(lead: Lead) -> bool:
    """Whether the lead has no owner, though its stage needs somebody to work on it."""
    return lead.owner_id is None and lead.is_worked_on


def read_row(row: Row, reading: Reading) -> RowDraft:
    """Parse the row with all that is wrong with it; raises nothing, whatever the cells hold."""
    cells = Cells(row, reading)
    if problem := _no_lead(row, reading):
        return RowDraft(row.number, None, (Wrong("row", problem, refused=True),))
    if row.surplus:
        cells.note("row", "wide", refused=True)
    state = _state(cells)
    owner = _owner(cells, reading, state.stage or Stage.CAPTURED)
    lead = _ended(_begun(cells, reading, state, owner.person), cells, reading)
    lead = _with_close(_with_money(lead, cells), cells, reading)
    lead = with_readings(lead, lead.created_at.astimezone(reading.timezone).date())
    unknown = _unknown(cells, reading) | ({"owner": owner.name} if owner.name else {})
    if any(problem.refused for problem in cells.wrong):
        return RowDraft(row.number, None, tuple(cells.wrong), unknown=unknown)
    lead = _graded(scored(lead, reading.playbook.scoring), state)
    if state.stage is None and enters_at_once(lead, None, reading.playbook):
        lead = replace(lead, stage=Stage.NURTURE)
    return RowDraft(
        row.number,
        lead,
        tuple(cells.wrong),
        owner.by_rules,
        owner.name,
        owner.is_created,
        unknown,
        cells.day("created") is not None,
    )


def _no_lead(row: Row, reading: Reading) -> str:
    """Why a row is no lead at all: what reports write below it, a total, a hidden row."""
    if row.aside:
        return row.aside
    names = (reading.choices.columns.get(name) for name in ("customer", "contact", "first_name"))
    cells = [row.cells[place] for place in names if place is not None and place < len(row.cells)]
    first = next((cell.strip() for cell in row.cells if cell.strip()), "")
    contacts = ("phone", "email")
    reached = any(
        row.cells[place].strip()
        for name in contacts
        for place in reading.choices.places(name)
        if place < len(row.cells)
    )
    named = [*filter(None, (cell.strip() for cell in cells)), first]
    return "total" if not reached and is_total(named[0]) else ""


_LONGEST_TOTAL: Final = 60
_TOTAL: Final = lazy_pattern(
    r"(?:合计|总计|小计|汇总|共计|总合计|本页合计|本页小计|平均|平均值|记录总数|总数|sub ?totals?|"
    r"grand totals?|totals?|sum|count|average)"
    r"(?: ?[:：(（].{0,40}| \d{1,9}| (?:of|for) .{0,40}| (?:amount|value|count|records|rows))?",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Whether the first cell of a row says that it sums up others: 合计, ``Grand Total (3)``."""
    words = text.strip() if text.isascii() else "".join(text.split())
    return len(text) <= _LONGEST_TOTAL and bool(_TOTAL.fullmatch(words))


def _unknown(cells: Cells, reading: Reading) -> dict[str, str]:
    """The words of the row that the vocabulary does not have."""
    words = {name: cells.raw(name) for name in LEARNED}
    return {
        name: " ".join(word.split())[:LONGEST_TERM]
        for name, word in words.items()
        if word and reading.terms(name).nearest(word) is None
    }


def _begun(cells: Cells, reading: Reading, state: LeadState, owner: Person | None) -> Lead:
    """The lead as it was when it was created."""
    began = cells.instant(cells.day("created")) or reading.now
    stage = state.stage or Stage.CAPTURED
    phones, emails = cells.phones(), cells.emails()
    return Lead(
        source=_source(cells, reading),
        customer=_customer(cells, reading, reachable=bool(phones or emails)),
        contact=cells.contact,
        title=cells.title,
        phone=phones[0] if phones else "",
        email=emails[0] if emails else "",
        wechat=cells.wechat(),
        others=(*phones[1:], *emails[1:])[:_MOST_OTHERS],
        need=_need(cells, reading),
        industry=_term(cells, "industry", reading),
        region=_term(cells, "region", reading) or cells.place()[1],
        product=_term(cells, "product", reading),
        stage=stage,
        stage_since=began,
        owner_id=owner.id if owner else None,
        team_id=owner.team_id if owner else reading.choices.team_id,
        created_at=began,
        created_by=reading.actor.id,
        contract=cells.text("contract") if stage in _SIGNED else "",
        hot_since=reading.now if state.is_hot and stage in OPEN_STAGES else None,
    )


def _term(cells: Cells, name: str, reading: Reading) -> str:
    """The key of a vocabulary's term. A word that the import adds has none yet, and no fault."""
    learned = name in reading.choices.learn and reading.terms(name).nearest(cells.raw(name)) is None
    return "" if learned else cells.term(name, reading.terms(name))


def _graded(lead: Lead, state: LeadState) -> Lead:
    """A grade that the file states counts, whatever the points of the answers are so far."""
    return replace(lead, grade=state.grade) if state.grade else lead


def _customer(cells: Cells, reading: Reading, *, reachable: bool) -> str:
    """The customer; a person who can be reached and names no company buys for themselves."""
    if name := cells.place()[0]:
        return name
    if default := reading.choices.customer:
        cells.note("customer", "missing", default)
        return default
    if reachable and (contact := cells.contact):
        cells.note("customer", "contact_instead", contact)
        return contact
    cells.note("customer", "missing", refused=True)
    return ""


def _need(cells: Cells, reading: Reading) -> str:
    """The need, the deal's name and the notes, then what has no field of its own.

    Words that the vocabulary lacks, and why a deal was lost that is none, each with its heading:
    nothing typed is lost.
    """
    strays = [
        stray
        for name in LEARNED
        if name not in reading.choices.learn
        for text, stray in zip(cells.every(name), cells.labelled(name), strict=True)
        if not reading.terms(name).nearest(text)
    ]
    reasons = [] if _is_lost(cells) else list(cells.labelled("lost_reason"))
    parts = dict.fromkeys((*cells.needs(), *strays, *reasons))
    return cells.within("need", "\n".join(parts))


def _is_lost(cells: Cells) -> bool:
    return any(read_state(text).stage is Stage.LOST for text in cells.every("stage"))


def _source(cells: Cells, reading: Reading) -> str:
    """``channel-detail``; words that name no channel of ours are the detail of the one they mean
    (``Trade Show``), else of the default."""
    channel, detail = reading.choices.source, reading.choices.detail
    if text := " ".join(cells.raw("source").split()):
        head, _, tail = text.replace("—", "-").partition("-")
        known = reading.sources.key(head)
        meant = source_of(text[: LONGEST["detail"]])
        if known:
            channel, detail = known, tail.strip()
        else:
            ours = meant in {term.key for term in reading.playbook.vocabulary.sources}
            channel, detail = meant if ours else channel, text
    return f"{channel}-{detail[: LONGEST['detail']]}" if detail else channel


def _state(cells: Cells) -> LeadState:
    """Stage, high intent and grade from all columns that hold a state, the furthest stage."""
    states = [read_state(text) for text in cells.every("stage")]
    stages = [state.stage for state in states if state.stage]
    unread = [part for state in states for part in state.unread]
    if states and (unread or all(state.is_empty for state in states)):
        cells.note("stage", "stage_part" if stages else "stage", " / ".join(unread)[:60])
    return LeadState(
        max(stages, key=_FURTHEST.index, default=None),
        any(state.is_hot for state in states),
        next((state.grade for state in states if state.grade), None),
        tuple(unread),
    )


_FURTHEST: Final = (
    Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY, Stage.PROPOSAL, Stage.NEGOTIATION,
    Stage.NURTURE, Stage.WON, Stage.AFTERSALES, Stage.LOST,
)  # fmt: skip
"""Of several columns the one that says most counts: a lead that is lost was open before."""


_AND: Final = re.compile(r"[;；、|]| (?:/|&|and) ")
_NOBODY: Final = frozenset({
    "", "no owner", "none", "nobody", "unassigned", "not assigned", "unowned", "n a", "na",
    "no one", "无", "暂无", "无负责人", "暂无负责人", "未分配", "未指派", "待分配", "待指派",
    "公海", "线索池", "公海池", "空", "未指定",
})  # fmt: skip
"""How files say that a lead has no owner."""


@dataclass(frozen=True, slots=True)
class _Ownership:
    """Who owns a row: a person here, whom the rules find, or a name that is not here."""

    person: Person | None = None
    by_rules: bool = False
    name: str = ""
    is_created: bool = False


def _owner(cells: Cells, reading: Reading, stage: Stage) -> _Ownership:
    """The owner, the first of several; a closed deal stays with one who has left."""
    typed = " ".join(cells.raw("owner").split())[:LONGEST_NAME]
    names = [name for name in map(str.strip, _AND.split(typed)) if plain(name) not in _NOBODY]
    owner = _owner_named(names[0] if names else "", cells, reading, stage)
    if len(names) > 1:
        # What is wrong with the first says more, and is noted before.
        cells.note("owner", "owner_several", names[0])
    return owner


def _owner_named(name: str, cells: Cells, reading: Reading, stage: Stage) -> _Ownership:
    choices = reading.choices
    is_open = stage in OPEN_STAGES
    if name:
        person = reading.owner(name) or reading.by_id.get(choices.fate_of(name))
        if person and person.sells and (person.active or not is_open):
            return _Ownership(person)
        if person is None and reading.is_colleague(name):
            cells.note("owner", "owner_foreign", refused=True)
            return _Ownership()
        if person is None and choices.fate_of(name) == "create":
            return _Ownership(name=name, is_created=True)
        cells.note("owner", "owner_gone" if person else "owner_name", name)
    kept = "" if reading.owner(name) else name
    if choices.unowned == "me" and (is_open or not kept or reading.actor.role is Role.REP):
        return _Ownership(reading.actor, name=kept)
    return _Ownership(None, choices.unowned == "rules" and is_open, kept)


def _ended(lead: Lead, cells: Cells, reading: Reading) -> Lead:
    """Set when a closed deal ended: on the day that the file gives, else when it was created.

    What the file says of one day is never overruled by a default of the other: a deal without a
    day of creation was created on the day it was closed, as far as anybody knows. Without either
    nothing says when it ended, and ``closed_at`` stays empty: it counts in no quarter.
    """
    if lead.stage in OPEN_STAGES:
        return lead
    end = cells.instant(cells.day("closed"))
    created = cells.day("created")
    if end is None:
        cells.note("closed", "created_instead" if created else "undated")
    elif created and end < lead.created_at:
        cells.note("closed", "before_created")
    at = end or (lead.created_at if created else None)
    began = lead.created_at if at is None else min(lead.created_at, at)
    reason = ""
    if lead.stage is Stage.LOST and (text := cells.text("lost_reason")):
        reason = reading.lost_reasons.key(text) or f"other-{text}"
    return replace(
        lead, created_at=began, stage_since=at or began, closed_at=at, lost_reason=reason
    )


def _with_money(lead: Lead, cells: Cells) -> Lead:
    """Set the money: an amount is what a deal was signed for; before that it is a budget, and
    beside a budget what is expected."""
    amount, (low, high) = cells.amount(), cells.budget()
    if lead.stage in _SIGNED:
        if amount is None:
            cells.note("amount", "missing")
        return replace(lead, amount=amount, budget_low=low, budget_high=high)
    if low is None and amount:
        low, high, amount = amount, amount, None
    expected = amount if lead.stage in WORKED_STAGES else None
    return replace(lead, amount=expected, budget_low=low, budget_high=high)


def _with_close(lead: Lead, cells: Cells, reading: Reading) -> Lead:
    """Set when an open deal is expected to be closed, as whoever imports it says."""
    day = cells.expected() if lead.stage in WORKED_STAGES else None
    if day is None:
        return lead
    return replace(lead, expected_close=day, expected_by=reading.actor.id, expected_at=reading.now)
