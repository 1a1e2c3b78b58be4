"""From a row of a file to a lead, and everything that is wrong with it.

A problem with a cell that a lead can do without is a *blemish*: the row is imported, the value is
left out or read as its nearest. A row is refused only where there is nothing to store.
"""

from dataclasses import dataclass, replace
from datetime import date

from sales.imports.cells import LONGEST, Cells, Wrong
from sales.imports.headings import plain
from sales.imports.plan import Reading
from sales.imports.sheet import Row
from sales.imports.values import stage_of
from sales.leads import OPEN_STAGES, Lead, Stage
from sales.people import Person
from sales.scoring import scored

_SIGNED = (Stage.WON, Stage.AFTERSALES)


@dataclass(frozen=True, slots=True)
class RowDraft:
    """A row as a lead.

    ``lead`` None: refused, as one of the ``wrong`` says. ``by_rules``: routing still has to find
    the owner.
    """

    row: int
    lead: Lead | None
    wrong: tuple[Wrong, ...] = ()
    by_rules: bool = False

    @property
    def is_for_pool(self) -> bool:
        return self.lead is not None and not self.by_rules and is_for_pool(self.lead)


def is_for_pool(lead: Lead) -> bool:
    """Whether the lead has no owner, though its stage needs somebody to work on it."""
    return lead.owner_id is None and lead.is_worked_on


def read_row(row: Row, reading: Reading) -> RowDraft:
    """Parse the row with all that is wrong with it; raises nothing, whatever the cells hold."""
    cells = Cells(row, reading)
    if row.surplus:
        cells.note("row", "wide", refused=True)
    stage = _stage(cells)
    owner, by_rules = _owner(cells, reading, stage)
    lead = _with_money(_with_end(_begun(cells, reading, stage, owner), cells, reading), cells)
    if any(problem.refused for problem in cells.wrong):
        return RowDraft(row.number, None, tuple(cells.wrong))
    return RowDraft(
        row.number, scored(lead, reading.playbook.scoring), tuple(cells.wrong), by_rules
    )


def _begun(cells: Cells, reading: Reading, stage: Stage, owner: Person | None) -> Lead:
    """The lead as it was when it was created."""
    began = cells.instant(cells.day("created")) or reading.now
    return Lead(
        source=_source(cells, reading),
        customer=_customer(cells, reading),
        contact=cells.text("contact"),
        title=cells.text("title"),
        phone=cells.phone(),
        email=cells.email(),
        need=_need(cells, reading),
        industry=cells.term("industry", reading.industries),
        region=cells.term("region", reading.regions),
        product=cells.term("product", reading.products),
        stage=stage,
        stage_since=began,
        owner_id=owner.id if owner else None,
        team_id=owner.team_id if owner else reading.choices.team_id,
        created_at=began,
        created_by=reading.actor.id,
        contract=cells.text("contract") if stage in _SIGNED else "",
    )


def _customer(cells: Cells, reading: Reading) -> str:
    default = reading.choices.customer
    name = cells.text("customer")
    if not name:
        cells.note("customer", "missing", default, refused=not default)
    return name or default


def _need(cells: Cells, reading: Reading) -> str:
    """The need, followed by what has no place in the vocabulary: nothing typed is lost."""
    listed = (
        ("product", reading.products),
        ("industry", reading.industries),
        ("region", reading.regions),
    )
    strays = [cells.raw(name) for name, words in listed if not words.nearest(cells.raw(name))]
    return cells.within("need", "\n".join(filter(None, (cells.raw("need"), *strays))))


def _source(cells: Cells, reading: Reading) -> str:
    """``channel-detail``; words that name no channel of ours are the detail of the default."""
    channel, detail = reading.choices.source, reading.choices.detail
    if text := " ".join(cells.raw("source").split()):
        head, _, tail = text.replace("—", "-").partition("-")
        known = reading.sources.key(head)
        channel, detail = (known, tail.strip()) if known else (channel, text)
    return f"{channel}-{detail[: LONGEST['detail']]}" if detail else channel


def _stage(cells: Cells) -> Stage:
    text = cells.raw("stage")
    stage = stage_of(text) if text else Stage.CAPTURED
    if stage is None:
        cells.note("stage", "stage")
    return stage or Stage.CAPTURED


def _owner(cells: Cells, reading: Reading, stage: Stage) -> tuple[Person | None, bool]:
    """The owner, and whether routing has to find one.

    A closed deal stays with its owner, even one who has left.
    """
    if name := plain(cells.raw("owner")):
        person = reading.owners.get(name)
        if person and person.sells and (person.active or stage not in OPEN_STAGES):
            return person, False
        foreign = person is None and name in reading.colleagues
        cells.note("owner", "owner_foreign" if foreign else "owner", refused=foreign)
    if reading.choices.unowned == "me":
        return reading.actor, False
    return None, reading.choices.unowned == "rules" and stage in OPEN_STAGES


def _with_end(lead: Lead, cells: Cells, reading: Reading) -> Lead:
    """Set when a closed deal ended; without a usable day, when the lead was created."""
    if lead.stage in OPEN_STAGES:
        return lead
    closed: date | None = cells.day("closed")
    end = cells.instant(closed)
    if end is None:
        cells.note("closed", "missing")
    elif end < lead.created_at:
        cells.note("closed", "before_created")
        end = None
    at = end or lead.created_at
    reason = ""
    if lead.stage is Stage.LOST and (text := cells.text("lost_reason")):
        reason = reading.lost_reasons.key(text) or f"other-{text}"
    return replace(lead, stage_since=at, closed_at=at, lost_reason=reason)


def _with_money(lead: Lead, cells: Cells) -> Lead:
    """Set the money: an amount is what a deal was signed for; before that it is a budget."""
    amount, (low, high) = cells.amount(), cells.budget()
    if lead.stage in _SIGNED:
        if amount is None:
            cells.note("amount", "missing")
        return replace(lead, amount=amount, budget_low=low, budget_high=high)
    if low is None and amount and lead.is_open:
        low = high = amount
    return replace(lead, budget_low=low, budget_high=high)
