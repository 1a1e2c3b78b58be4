"""The forms of an erasure: who, why, and which of those who were found."""

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options
from handlers.core.ui import Checklist, Choice, Form, LongText, Option, State, Text
from handlers.erasure.service import FoundPeople
from sales.erasure import ErasureReason

LONGEST, LONGEST_ALSO = 120, 400
LABEL = 75
"""Characters of an option that every platform shows."""


def who_form(context: Context, who: str = "") -> Form:
    text = context.text
    return Form(
        action="erasure.find",
        title=text("erasure.title"),
        intro=text("erasure.intro"),
        fields=(
            Text(name="who", label=text("erasure.who"), hint=text("erasure.who_hint"),
                 value=who[:LONGEST], required=True, max_length=LONGEST),
            LongText(name="also", label=text("erasure.also"), hint=text("erasure.also_hint"),
                     max_length=LONGEST_ALSO),
            Choice(name="reason", label=text("erasure.reason"), required=True,
                   value=ErasureReason.REQUESTED.value,
                   options=enum_options(ErasureReason, context.language)),
        ),
        submit=text("erasure.look"),
        cancel=text("button.cancel"),
    )  # fmt: skip


def read_who(context: Context) -> tuple[str, str, ErasureReason]:
    """Read who is meant, what else they are called or reached by, and why."""
    with FormReader(context) as form:
        who = form.line("who", LONGEST, missing="erasure_who_missing")
        also = form.words("also", LONGEST_ALSO)
        reason = form.one_of("reason", [one.value for one in ErasureReason])
    return who, also, ErasureReason(reason)


def choose_form(
    found: FoundPeople, who: str, also: str, reason: ErasureReason, context: Context
) -> Form:
    """Which of the people found is the one who is meant."""
    text = context.text
    contacts = tuple(Option(one.key, _short(one.label)) for one in found.contacts)
    people = tuple(
        Option(f"person-{one.id}", _short(text("erasure.colleague", name=one.name)))
        for one in found.colleagues
    )
    state: State = {"who": who, "also": also, "reason": reason.value}
    options = (*people, *contacts)
    return Form(
        action="erasure.choose",
        title=text("erasure.choose_title"),
        intro=text("erasure.choose_intro"),
        fields=(
            Checklist(name="chosen", label=text("erasure.chosen"), options=options, required=True),
        ),
        submit=text("erasure.look"),
        cancel=text("button.cancel"),
        state=state,
    )


def read_chosen(found: FoundPeople, context: Context) -> FoundPeople:
    """Read who was ticked: one colleague, or contacts that are the same person."""
    contacts = {one.key: one for one in found.contacts}
    people = {f"person-{one.id}": one for one in found.colleagues}
    with FormReader(context) as form:
        chosen = form.some_of("chosen", [*contacts, *people])
        colleagues = [people[one] for one in chosen if one in people]
        theirs = [contacts[one] for one in chosen if one in contacts]
        if not form.refused("chosen"):
            if not chosen:
                form.refuse("chosen", "erasure_choose")
            elif len(colleagues) > 1 or (colleagues and theirs):
                form.refuse("chosen", "erasure_one_person")
    return FoundPeople(tuple(theirs), tuple(colleagues), found.forms)


def _short(label: str) -> str:
    return label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"
