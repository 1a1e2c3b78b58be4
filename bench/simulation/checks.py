"""What must hold at all times, whatever people do: each thing that does not is written down."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.leads import OPEN_STAGES, Stage
from tests.office import LEAD, Office

_OPEN: Final = ", ".join(f"'{stage.value}'" for stage in OPEN_STAGES)
_UNOWNED_FOR: Final = timedelta(days=1)
_LEFT_FOR: Final = timedelta(days=4)
"""How long leads may stay with somebody who left: their leader has days to choose."""
_INCIDENT: Final = "请把这个编号告诉管理员"
_BY_RULES: Final = frozenset({Stage.NURTURE})
"""The stages that a lead comes into without anybody's act."""


_ENGLISH: Final = re.compile(r"(?<![A-Za-z0-9@./])[A-Za-z]{3,}(?![A-Za-z0-9@./])")
_NAMES: Final = frozenset({
    "BANT", "Genjin", "genjin", "doctor", "Excel", "vCard", "XLSX", "CSV", "Newcomer", "INV",
    *" ".join(LEAD.values()).replace(",", " ").replace(".", " ").split(),
})  # fmt: skip
"""Names of things, and what the simulated people type in English."""


def _said(card: Card) -> str:
    """What a card says in words of its own."""
    said = [card.title, card.body, card.footnote, card.summary]
    said += [words for fact in card.facts for words in (fact.label, fact.value)]
    said += [button.label for button in card.every_button]
    for section in card.sections:
        said += [section.heading, *section.lines, *(row.text for row in section.rows)]
        if section.table:
            said += [*section.table.columns, *(cell for row in section.table.rows for cell in row)]
        if section.chart:
            said += [section.chart.title, section.chart.alt]
    return "\n".join(said)


@dataclass
class Checks:
    """Collects what is wrong; ``told`` counts each kind once a day at most."""

    office: Office
    problems: list[str] = field(default_factory=list)
    unowned: dict[int, datetime] = field(default_factory=dict)
    left: dict[int, datetime] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    foreign: set[str] = field(default_factory=set)

    def wrong(self, what: str) -> None:
        self.problems.append(f"{self.office.world.clock.now():%Y-%m-%d %H:%M}: {what}")

    def answered(self, account: str, action: str, reply: Reply) -> None:
        """Nothing is refused or done silently, and nothing goes wrong inside."""
        self.answers[action] += 1
        for card in (reply.card, reply.update):
            if card:
                self.reads(card)
        shown = (reply.card, reply.update, reply.form, reply.toast, reply.errors, reply.attach)
        if not any(shown) and not reply.options:
            self.wrong(f"{action} of {account}: no answer at all")
        if _INCIDENT in repr((reply.toast, reply.errors, reply.card and reply.card.body)):
            self.wrong(f"{action} of {account}: {reply.toast or reply.errors or reply.card}")

    def reads(self, card: Card) -> None:
        """No English word in a Chinese card, except for names; each one is told once."""
        if self.office.language.locale == "en":
            return
        people = " ".join(one.name for one in self.office.people.values())
        known = {*people.split(), *self.office.teams, *_NAMES}
        for word in set(_ENGLISH.findall(_said(card))) - known - self.foreign:
            self.foreign.add(word)
            self.wrong(f"a Chinese card says {word!r}: {card.title}")

    def look(self) -> None:
        """What must hold whenever all that was due is done."""
        now = self.office.world.clock.now()
        self._jobs()
        self._messages()
        self._owners(now)
        self._leavers(now)

    def _rows(self, statement: str, **values: Any) -> list[Any]:
        with self.office.world.database.read() as connection:
            return list(connection.execute(text(statement), values))

    def _jobs(self) -> None:
        due = self.office.world.jobs.backlog()
        if due.due or due.failing:
            self.wrong(f"{due.due} jobs are due and not done, {due.failing} failed")
        for key, kind, attempts in self._rows(
            "SELECT key, kind, attempts FROM work WHERE attempts > 0 AND done_at IS NULL"
        ):
            self.wrong(f"job {key} ({kind}) failed {attempts} times")

    def _messages(self) -> None:
        for kind, state, problem, count in self._rows(
            "SELECT kind, state, problem, count(*) FROM message "
            "WHERE state IN ('dead', 'unknown', 'waiting', 'sending') GROUP BY kind, state, problem"
        ):
            self.wrong(f"{count} notices {kind} are {state}: {problem}")

    def _owners(self, now: datetime) -> None:
        """Every open lead has an owner or is in the pool, a day after it lost the last at most."""
        lost = {
            row[0]
            for row in self._rows(
                f"SELECT id FROM lead WHERE stage IN ({_OPEN}) "  # noqa: S608 - our own names
                "AND owner_id IS NULL AND pooled_at IS NULL"
            )
        }
        self.unowned = {one: self.unowned.get(one, now) for one in lost}
        for one, since in list(self.unowned.items()):
            if now - since > _UNOWNED_FOR:
                self.wrong(f"lead {one} has been open with neither owner nor pool since {since}")
                self.unowned[one] = now

    def _leavers(self, now: datetime) -> None:
        """Nobody who left keeps open leads."""
        kept = {
            row[0]
            for row in self._rows(
                f"SELECT lead.id FROM lead JOIN person ON person.id = lead.owner_id "  # noqa: S608
                f"WHERE lead.stage IN ({_OPEN}) AND NOT person.active"
            )
        }
        self.left = {one: self.left.get(one, now) for one in kept}
        for one, since in list(self.left.items()):
            if now - since > _LEFT_FOR:
                self.wrong(f"lead {one} has been with somebody who left since {since}")
                self.left[one] = now

    def moved_by_itself(self, lead_id: int, before: Stage, stage: Stage) -> None:
        if stage not in _BY_RULES:
            self.wrong(f"lead {lead_id} moved from {before} to {stage} without anybody's act")
