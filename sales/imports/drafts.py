"""From a row of a file to a lead: what each cell means, and everything that is wrong with it.

What is wrong with a cell that a lead can do without is a *blemish*: the row is taken, the value
is left out or read as its nearest. A row is refused only where there is nothing to store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process

from sales.amounts import NotAnAmount, parse_amount, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.imports.columns import plain
from sales.imports.dates import NotADate, parse_date
from sales.imports.plan import Choices
from sales.imports.sheet import Row
from sales.imports.stages import stage_of
from sales.leads import OPEN_STAGES, Lead, Stage
from sales.people import Person, Role
from sales.playbook import Playbook, Term
from sales.scoring import scored

LONGEST: Final[Mapping[str, int]] = {
    "customer": 200, "contact": 80, "title": 80, "need": 2000, "detail": 80, "contract": 80,
    "lost_reason": 100,
}  # fmt: skip
_ALIKE: Final = 88.0
_OLDEST: Final = date(1980, 1, 1)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is the matter with one field of a row: ``import.wrong_<problem>``. ``refused``: the
    row cannot be taken."""

    field: str
    problem: str
    typed: str = ""
    read_as: str = ""
    refused: bool = False

    @property
    def name(self) -> str:
        return f"{self.field}:{self.problem}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row as a lead. ``lead`` None: refused, as one of the ``wrong`` says. ``by_rules``: the
    owner is still to be found by routing."""

    row: int
    lead: Lead | None
    wrong: tuple[Wrong, ...] = ()
    by_rules: bool = False


@dataclass(frozen=True)
class Reading:
    """How rows are read: by whose wish, with which choices, rules and people, and when."""

    actor: Person
    choices: Choices
    playbook: Playbook
    people: Sequence[Person]
    now: datetime
    timezone: tzinfo

    @cached_property
    def owners(self) -> dict[str, Person]:
        """Who may be given leads by this person, by name."""
        return {plain(person.name): person for person in self.people if self._may_give_to(person)}

    @cached_property
    def colleagues(self) -> frozenset[str]:
        return frozenset(plain(person.name) for person in self.people)

    def _may_give_to(self, person: Person) -> bool:
        match self.actor.role:
            case Role.ADMIN:
                return True
            case Role.MANAGER:
                return person.team_id == self.actor.team_id
            case _:
                return person.id == self.actor.id


def read_row(row: Row, reading: Reading) -> Draft:
    return _Reader(row, reading).draft()


class _Reader:
    """Reads one row and gathers what is wrong with it."""

    def __init__(self, row: Row, reading: Reading) -> None:
        self._row = row
        self._by = reading
        self._wrong: list[Wrong] = []

    def draft(self) -> Draft:
        by, choices = self._by, self._by.choices
        if self._row.surplus:
            self._note("row", "wide", refused=True)
        customer = self._text("customer") or choices.customer
        if not self._text("customer"):
            self._note("customer", "missing", read_as=choices.customer, refused=not customer)
        stage = self._stage()
        created = self._day("created")
        closed = self._day("closed") if stage not in OPEN_STAGES else None
        owner, by_rules = self._owner(stage)
        began = self._instant(created) or by.now
        lead = Lead(
            source=self._source(),
            customer=customer,
            contact=self._text("contact"),
            title=self._text("title"),
            phone=self._phone(),
            email=self._email(),
            need=self._need(),
            industry=self._term("industry", by.playbook.vocabulary.industries),
            region=self._term("region", by.playbook.vocabulary.regions),
            product=self._term("product", by.playbook.vocabulary.products),
            stage=stage,
            stage_since=began,
            owner_id=owner.id if owner else None,
            team_id=owner.team_id if owner and owner.team_id else choices.team_id,
            created_at=began,
            created_by=by.actor.id,
            contract=self._text("contract") if stage in (Stage.WON, Stage.AFTERSALES) else "",
        )
        lead = self._with_money(self._with_end(lead, closed))
        refused = any(one.refused for one in self._wrong)
        known = None if refused else scored(lead, by.playbook.scoring)
        return Draft(self._row.number, known, tuple(self._wrong), by_rules)

    def _cell(self, field: str) -> str:
        place = self._by.choices.columns.get(field)
        if place is None or place >= len(self._row.cells):
            return ""
        return self._row.cells[place].strip()

    def _note(self, field: str, problem: str, read_as: str = "", *, refused: bool = False) -> None:
        typed = self._cell(field)[:60]
        self._wrong.append(Wrong(field, problem, typed, read_as, refused))

    def _text(self, field: str) -> str:
        text = " ".join(self._cell(field).split())
        if len(text) > LONGEST[field]:
            if not any(one.field == field for one in self._wrong):
                self._note(field, "too_long")
            text = text[: LONGEST[field]]
        return text

    def _need(self) -> str:
        """The need, and after it what found no place of its own: nothing typed is lost."""
        words = self._by.playbook.vocabulary
        need = self._cell("need")
        strays = [
            self._cell(field)
            for field, terms in (
                ("product", words.products),
                ("industry", words.industries),
                ("region", words.regions),
            )
            if self._cell(field) and not _nearest(self._cell(field), terms)
        ]
        text = "\n".join(filter(None, (need, *strays)))
        if len(text) > LONGEST["need"]:
            self._note("need", "too_long")
        return text[: LONGEST["need"]]

    def _phone(self) -> str:
        text = self._cell("phone")
        try:
            return parse_phone(text) if text else ""
        except NotAPhone:
            self._note("phone", "phone")
            return ""

    def _email(self) -> str:
        text = self._cell("email")
        try:
            return parse_email(text) if text else ""
        except NotAnEmail:
            self._note("email", "email")
            return ""

    def _term(self, field: str, terms: tuple[Term, ...]) -> str:
        text = self._cell(field)
        if not text:
            return ""
        key = _nearest(text, terms)
        term = next((one for one in terms if one.key == key), None)
        if term is None:
            self._note(field, "term")
        elif plain(text) not in (plain(term.key), plain(term.en), plain(term.zh)):
            self._note(field, "read_as", term.en if text.isascii() else term.zh)
        return key

    def _source(self) -> str:
        choices, text = self._by.choices, " ".join(self._cell("source").split())
        channel, detail = choices.source, choices.detail
        if text:
            head, _, tail = text.replace("—", "-").partition("-")
            known = _nearest(head, self._by.playbook.vocabulary.sources)
            channel, detail = (known, tail) if known else (choices.source, text)
        return f"{channel}-{detail}"[: LONGEST["detail"] + 30] if detail else channel

    def _stage(self) -> Stage:
        text = self._cell("stage")
        stage = stage_of(text) if text else Stage.CAPTURED
        if stage is None:
            self._note("stage", "stage")
        return stage or Stage.CAPTURED

    def _day(self, field: str) -> date | None:
        text = self._cell(field)
        if not text:
            return None
        try:
            day = parse_date(text, self._by.choices.order)
        except NotADate:
            self._note(field, "date")
            return None
        if not _OLDEST <= day <= self._by.now.astimezone(self._by.timezone).date():
            self._note(field, "date")
            return None
        return day

    def _instant(self, day: date | None) -> datetime | None:
        """Noon: the same day in every timezone that reads it beside the company's. Today is
        now, since nothing happened later than that."""
        if day is None:
            return None
        return min(datetime.combine(day, time(12), self._by.timezone), self._by.now)

    def _owner(self, stage: Stage) -> tuple[Person | None, bool]:
        """The owner and whether routing is to find one. A deal that is over stays with whose it
        was, also when they have left."""
        by, name = self._by, plain(self._cell("owner"))
        if name:
            person = by.owners.get(name)
            if person and person.sells and (person.active or stage not in OPEN_STAGES):
                return person, False
            foreign = name in by.colleagues and person is None
            self._note("owner", "owner_foreign" if foreign else "owner", refused=foreign)
        match by.choices.unowned:
            case "me":
                return by.actor, False
            case "rules" if stage in OPEN_STAGES:
                return None, True
            case _:
                return None, False

    def _with_end(self, lead: Lead, closed: date | None) -> Lead:
        if lead.stage in OPEN_STAGES:
            return lead
        end = self._instant(closed)
        if end is None and not any(one.field == "closed" for one in self._wrong):
            self._note("closed", "missing")
        if end is not None and end < lead.created_at:
            self._note("closed", "before_created")
            end = None
        at = end or lead.created_at
        reason = f"other-{text}" if (text := self._text("lost_reason")) else ""
        known = _nearest(self._cell("lost_reason"), self._by.playbook.vocabulary.lost_reasons)
        lost = (known or reason) if lead.stage is Stage.LOST else ""
        return replace(lead, stage_since=at, closed_at=at, lost_reason=lost)

    def _with_money(self, lead: Lead) -> Lead:
        """An amount is what a deal was signed for; before that it is a budget."""
        amount = self._amount()
        low, high = self._budget()
        if lead.stage in (Stage.WON, Stage.AFTERSALES):
            if amount is None and not any(one.field == "amount" for one in self._wrong):
                self._note("amount", "missing")
            return replace(lead, amount=amount, budget_low=low, budget_high=high)
        if low is None and amount and lead.stage in OPEN_STAGES:
            low = high = amount
        return replace(lead, budget_low=low, budget_high=high)

    def _amount(self) -> Decimal | None:
        text = self._cell("amount")
        try:
            return parse_amount(text) if text else None
        except NotAnAmount:
            self._note("amount", "amount")
            return None

    def _budget(self) -> tuple[Decimal | None, Decimal | None]:
        text = self._cell("budget")
        try:
            return parse_budget(text) if text else (None, None)
        except NotAnAmount:
            self._note("budget", "amount")
            return None, None


def _nearest(text: str, terms: Sequence[Term]) -> str:
    """The key of the term that a text means: its key or label in either language, or one so
    like it that only signs or a slip of the pen differ; "" for none."""
    wanted = plain(text).replace(" ", "")
    names = {
        plain(name).replace(" ", ""): term.key
        for term in terms
        for name in (term.key, term.en, term.zh)
    }
    if not wanted or wanted in names:
        return names.get(wanted, "")
    near = process.extract(wanted, names.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=2)
    keys = {names[name] for name, score, _ in near if score == near[0][1]}
    return keys.pop() if len(keys) == 1 else ""
