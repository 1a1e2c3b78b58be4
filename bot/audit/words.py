"""Words for the audit log at a terminal: an entry, a problem and the result of a check.

Knows the catalogue and the company's people, and no command line.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from handlers.core.context import Context
from handlers.core.labels import term_label
from handlers.core.language import Language
from sales.audit_chain import AuditEntry
from sales.leads import lead_number
from storage.audit.check import AuditProblem, AuditReport, KnownHead

_PEOPLE: Final = frozenset({"to", "person", "owner", "into"})
"""Details that are people's ids."""
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "category": ("forecastcategory.",),
    "detail": ("pool.reason_",),
    "fields": ("field.",),
    "from": ("stage.",),
    "grade": ("grade.",),
    "kind": (
        "itemkind.", "bulkkind.", "erasedkind.", "signalkind.", "export.kind_", "import.kind_",
    ),
    "reason": ("contact.reason_", "pool.reason_", "offer.reason_", "erasurereason."),
    "role": ("role.",),
    "rule": ("leaver.rule_",),
    "state": ("objectionstate.",),
    "task": ("task.kind_",),
    "to": ("stage.",),
}  # fmt: skip
"""Where the values of a detail have words already, in other catalogues."""


class AuditWords:
    """Says audit entries in the language of a context. Reads people and teams once."""

    def __init__(self, context: Context) -> None:
        self._language = context.language
        self._vocabulary = context.playbook.vocabulary
        self._people = {person.id: person.name for person in context.uow.people.everyone()}
        self._teams = {team.id: team.name for team in context.uow.people.teams()}

    def line(self, entry: AuditEntry) -> str:
        """Return ``2026-11-23 09:00  LX001  Robin  moved the stage  to: Won``."""
        details = (
            f"{self._name(name)}: {self._value(entry.act, name, value)}"
            for name, value in entry.detail.items()
            if value
        )
        words = (
            local_moment(entry.at, self._language),
            self.subject(entry.subject),
            self.person(entry.actor_id),
            self.act(entry.act),
            *details,
        )
        return "  ".join(word for word in words if word)

    def record(self, entry: AuditEntry) -> str:
        """Return the entry as a line of JSON: as it is stored, and in words."""
        values = {
            "id": entry.id,
            "at": entry.at.astimezone(UTC).isoformat(),
            "actor_id": entry.actor_id,
            "actor": self.person(entry.actor_id),
            "act": entry.act,
            "words": self.act(entry.act),
            "subject": entry.subject,
            "about": self.subject(entry.subject),
            "detail": dict(entry.detail),
        }
        return json.dumps(values, ensure_ascii=False)

    def act(self, act: str) -> str:
        return self._either(f"audit.act.{act}", act)

    def person(self, person_id: int) -> str:
        """Return a person's name; ``Genjin`` for what it did by itself."""
        if not person_id:
            return self._language.text("audit.by_itself")
        return self._people.get(person_id, f"#{person_id}")

    def subject(self, subject: str) -> str:
        """Return ``LX001``, a name, or the kind of thing with its number."""
        kind, _, number = subject.partition(":")
        words = self._either(f"audit.subject.{kind}", kind)
        if not is_number(number):
            return f"{words} {number}".rstrip()
        match kind:
            case "lead":
                return lead_number(int(number))
            case "person":
                return self.person(int(number))
            case "team":
                return self._teams.get(int(number), f"{words} {number}")
        return f"{words} {number}"

    def _name(self, detail: str) -> str:
        return self._either(f"audit.detail.{detail}", detail)

    def _value(self, act: str, name: str, value: str) -> str:
        if name == "leads" and act.startswith("erasure."):
            return self._language.listing([lead_number(int(one)) for one in value.split()])
        if is_number(value):
            if name in _PEOPLE:
                return self.person(int(value))
            return self._teams.get(int(value), value) if name == "team" else value
        if name == "fields":
            return self._language.listing([self._word(name, part) for part in value.split(",")])
        return self._word(name, value)

    def _word(self, name: str, value: str) -> str:
        for key in _keys(name, value):
            if self._language.has(key):
                return self._language.text(key)
        terms = {"reason": self._vocabulary.lost_reasons, "kind": self._vocabulary.objections}
        return term_label(terms.get(name, ()), value, self._language)

    def _either(self, key: str, otherwise: str) -> str:
        return self._language.text(key) if self._language.has(key) else otherwise


def _keys(name: str, value: str) -> Iterator[str]:
    """Yield where words for a value may be, the most particular first."""
    for place in _WORDS.get(name, ()):
        yield place + value
    if name == "fields":
        yield f"audit.field.{value}"
    word = value.lower().replace("-", "_")
    yield f"audit.value.{name}_{word}"
    yield f"audit.value.{word}"


def report_lines(
    report: AuditReport, put_back: Sequence[KnownHead], language: Language
) -> Iterator[str]:
    """Yield what a check found, a line each: what was checked, then everything that is wrong, and
    the heads in backups that the log does not go through."""
    yield language.text("audit.checked", n=report.checked)
    if report.unsealed:
        yield language.text("audit.unsealed", n=report.unsealed)
    if report.purged_at:
        yield language.text("audit.purged", at=local_moment(report.purged_at, language))
    if report.begun_again:
        yield language.text("audit.restarted", at=local_moment(report.begun_again, language))
    for problem in report.problems:
        yield f"✗ {problem_line(problem, language)}"
    if report.more:
        yield language.text("audit.more", n=report.more)
    if put_back:
        yield f"! {_put_back_line(put_back, language)}"
    if not report.problems and report.head:
        yield f"✓ {language.text('audit.whole', head=report.head.anchor)}"
    elif report.problems:
        yield language.text("audit.broken_advice")


def _put_back_line(put_back: Sequence[KnownHead], language: Language) -> str:
    """A restore on purpose leaves such heads as well, so this is no accusation."""
    first = put_back[0]
    at = local_moment(first.at, language) if first.at else "—"
    return language.text("audit.put_back", backup=first.source, at=at, n=len(put_back))


def report_record(report: AuditReport, put_back: Sequence[KnownHead], language: Language) -> str:
    """Return the result of a check as JSON."""
    values: dict[str, Any] = {
        "whole": not report.problems,
        "checked": report.checked,
        "unsealed": report.unsealed,
        "head": report.head and report.head.anchor,
        "purged_at": _instant(report.purged_at),
        "begun_again": _instant(report.begun_again),
        "problems": [
            {
                "key": problem.key,
                "params": dict(problem.params),
                "sealed_after": _instant(problem.since),
                "sealed_by": _instant(problem.until),
                "text": problem_line(problem, language),
            }
            for problem in report.problems
        ],
        "more": report.more,
        "backups_with_other_heads": [known.source for known in put_back],
    }
    return json.dumps(values, ensure_ascii=False, indent=2)


def problem_line(problem: AuditProblem, language: Language) -> str:
    """Return what was tampered with, and between which moments the entries were sealed."""
    params: dict[str, object] = dict(problem.params)
    if problem.params.get("source") == "":
        params["source"] = language.text("audit.head_given")
    if "n" in params:
        params["n"] = int(problem.params["n"])
    line = language.text(f"audit.problem.{problem.key}", **params)
    match problem.since, problem.until:
        case None, None:
            return line
        case None, until if until:
            return line + language.text("audit.sealed_at", at=local_moment(until, language))
        case since, until if since and until:
            moments = {
                "since": local_moment(since, language),
                "until": local_moment(until, language),
            }
            return line + language.text("audit.sealed_between", **moments)
    return line


def local_moment(at: datetime, language: Language) -> str:
    """Return ``2026-11-23 09:00``, in the company's timezone: what lies years back needs the
    year, and columns that can be sorted."""
    return f"{at.astimezone(language.timezone):%Y-%m-%d %H:%M}"


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
