"""The forms of an erasure: who, why, and which of those who were found."""

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options
from handlers.core.ui import Checklist, Choice, Form, Option, State, Text
from handlers.erasure.service import FoundPeople
from sales.erasure import ErasureReason
from sales.leads import mask_email, mask_phone

LONGEST = 120


def who_form(context: Context) -> Form:
    text = context.text
    return Form(
        action="erasure.find",
        title=text("erasure.title"),
        intro=text("erasure.intro"),
        fields=(
            Text(name="who", label=text("erasure.who"), hint=text("erasure.who_hint"),
                 required=True, max_length=LONGEST),
            Choice(name="reason", label=text("erasure.reason"), required=True,
                   value=ErasureReason.REQUESTED.value,
                   options=enum_options(ErasureReason, context.language)),
        ),
        submit=text("erasure.look"),
        cancel=text("button.cancel"),
    )  # fmt: skip


def read_who(context: Context) -> tuple[str, ErasureReason]:
    with FormReader(context) as form:
        who = form.line("who", LONGEST, missing="erasure_who_missing")
        reason = form.one_of("reason", [one.value for one in ErasureReason])
    return who, ErasureReason(reason)


def choose_form(found: FoundPeople, who: str, reason: ErasureReason, context: Context) -> Form:
    """Which of the people found are the one who is meant."""
    text = context.text
    leads = tuple(
        Option(f"lead-{lead.id}", _lead_label(lead.number, lead.contact, lead.customer, contact))
        for lead in found.leads
        for contact in [mask_phone(lead.phone) or mask_email(lead.email)]
    )
    people = tuple(
        Option(f"person-{one.id}", text("erasure.colleague", name=one.name)[:75])
        for one in found.colleagues
    )
    state: State = {"who": who, "reason": reason.value}
    options = (*people, *leads)
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
    """Read who was ticked: one colleague, or leads with the same person for their contact."""
    leads = {f"lead-{lead.id}": lead for lead in found.leads}
    people = {f"person-{one.id}": one for one in found.colleagues}
    with FormReader(context) as form:
        chosen = form.some_of("chosen", [*leads, *people])
        colleagues = [people[one] for one in chosen if one in people]
        theirs = [leads[one] for one in chosen if one in leads]
        if not form.refused("chosen"):
            if not chosen:
                form.refuse("chosen", "erasure_choose")
            elif len(colleagues) > 1 or (colleagues and theirs):
                form.refuse("chosen", "erasure_one_person")
    return FoundPeople(tuple(theirs), tuple(colleagues), found.forms)


def _lead_label(number: str, contact: str, customer: str, masked: str) -> str:
    return " · ".join(filter(None, (number, contact, masked, customer)))[:75]
