"""BANT answers read from the words of a lead: its title, its need, a message [P5].

A reading is a suggestion: it follows the words when they change, and an answer that a person gave,
also that it is not known yet, is never overwritten by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sales.job_titles import authority_of
from sales.leads import Authority, Clarity, Lead, Timeframe
from sales.stated_needs import clarity_of
from sales.timeframes import read_timeframe

ANSWERS: Mapping[str, type[StrEnum]] = {
    "authority": Authority,
    "clarity": Clarity,
    "timeframe": Timeframe,
}
"""The answers that are read from words, by the lead's fields; the budget is a figure of its own."""


@dataclass(frozen=True, slots=True)
class AnswerRead:
    """An answer with the ``words`` that it was read from; "" where the whole need states it."""

    value: StrEnum
    words: str = ""

    @property
    def is_unknown(self) -> bool:
        return self.value.value == "unknown"


def read_answers(lead: Lead, written: date, message: str = "") -> Mapping[str, AnswerRead]:
    """What the lead's words say, whatever is stored; ``message`` is what it was captured from.

    ``written`` is the day of writing, from which ``this month`` is read.
    """
    clarity, casual = clarity_of(lead.need, lead.customer)
    timeframe, when = read_timeframe(lead.need, written)
    if message and clarity is Clarity.UNKNOWN and not lead.need:
        # Only what is casual: who they are would be taken for a need.
        found, casual = clarity_of(message)
        clarity = found if found is Clarity.VAGUE else clarity
    if message and timeframe is Timeframe.UNKNOWN:
        timeframe, when = read_timeframe(message, written)
    return {
        "authority": AnswerRead(authority_of(lead.title), lead.title),
        "clarity": AnswerRead(clarity, casual),
        "timeframe": AnswerRead(timeframe, when),
    }


def with_readings(lead: Lead, written: date, before: Lead | None = None, message: str = "") -> Lead:
    """The lead with its open answers read from its words.

    Answers of ``before``, the lead as it was stored, are read anew only where their words changed:
    what was meant by ``this month`` stays. Answers of people stay in any case.
    """
    found = read_answers(lead, written, message)
    values: dict[str, StrEnum] = {}
    read = set(lead.answers_read)
    for name, answer in found.items():
        if not _is_open(lead, name) or (before and not _words_changed(name, before, lead)):
            continue
        from_message = name != "authority" and name in lead.answers_read and before is None
        if answer.is_unknown and from_message:
            # The form says so: the message that it was filled from held more than the need.
            continue
        values[name] = answer.value
        read.discard(name)
        if not answer.is_unknown:
            read.add(name)
    return replace(lead, **values, answers_read=frozenset(read))  # type: ignore[arg-type]


def answered(lead: Lead, given: Mapping[str, StrEnum], shown: Mapping[str, str]) -> Lead:
    """The lead with the answers of a form.

    ``shown`` are the readings that the form was filled with, by name: one that was left as it was
    stays a reading, everything else that differs from what is stored is a person's answer.
    """
    read, refused = set(lead.answers_read), set(lead.answers_refused)
    for name, value in given.items():
        unknown = value.value == "unknown"
        if name in shown and value.value == shown[name]:
            read.add(name)
            refused.discard(name)
        elif name in shown or value != getattr(lead, name):
            read.discard(name)
            (refused.add if unknown and name in shown else refused.discard)(name)
    return replace(
        lead,
        **dict(given),  # type: ignore[arg-type]
        answers_read=frozenset(read),
        answers_refused=frozenset(refused),
    )


def readings_of(lead: Lead) -> Mapping[str, str]:
    """The lead's answers that were read from words, by name; none that a person gave."""
    return {name: getattr(lead, name).value for name in ANSWERS if name in lead.answers_read}


def _is_open(lead: Lead, name: str) -> bool:
    """Whether no person has answered: a reading may be written or replaced."""
    if name in lead.answers_refused:
        return False
    return name in lead.answers_read or getattr(lead, name).value == "unknown"


def _words_changed(name: str, before: Lead, after: Lead) -> bool:
    """Whether there is something to read anew.

    A lead of the time before readings is read once, except for days, which have passed meanwhile.
    """
    if name == "authority":
        unread = before.authority is Authority.UNKNOWN
        return unread or before.title != after.title
    if name == "clarity":
        unread = before.clarity is Clarity.UNKNOWN
        return unread or before.need != after.need
    return before.need != after.need
