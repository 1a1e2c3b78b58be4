"""The form for discovery notes, filled with what is known, and its parser."""

from handlers.core.choices import lead_options
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import budget_value, lead_title, term_options
from handlers.core.ui import Field, Form, LeadPick, LongText, Money, MultiChoice, Text
from sales.contacts import holds_contact
from sales.discovery import LONGEST, SPIN, Needs
from sales.leads import Lead


def pick_form(context: Context) -> Form:
    """The form to choose the lead."""
    pick = LeadPick(
        name="lead",
        label=context.text("followup.lead"),
        required=True,
        options=lead_options(context),
    )
    return Form(
        action="discovery.choose",
        title=context.text("discovery.title"),
        fields=(pick,),
        submit=context.text("button.next"),
        cancel=context.text("button.cancel"),
    )


def discovery_form(lead: Lead, needs: Needs, version: int, context: Context) -> Form:
    """The discovery form; every question is optional, so that partial notes can be saved.
    ``version`` is the one the form was filled from, 0 for none."""
    return Form(
        action="discovery.save",
        title=context.text("discovery.title"),
        intro=context.text("discovery.intro", lead=lead_title(lead)),
        fields=(*_spin(needs, context), *_pains(needs, context), *_buying(needs, context)),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"lead": lead.number, "version": str(version)},
    )


def read_needs(context: Context, lead: Lead) -> Needs:
    """Parse the form. Raises InvalidInput naming every field that is wrong."""
    known_pains = {term.key for term in context.playbook.vocabulary.pains}
    with FormReader(context) as form:
        typed = {name: _note(name, lead, form) for name in LONGEST}
        pains = tuple(key for key in context.ticked("pains") if key)
        if strange := set(pains) - known_pains:
            form.refuse("pains", "choose_known", typed=min(strange)[:30])
        low, high = form.budget() or (None, None)
    return Needs(pains=pains, budget_low=low, budget_high=high, **typed)


def _note(name: str, lead: Lead, form: FormReader) -> str:
    words = form.words(name, LONGEST[name])
    if not form.refused(name) and holds_contact(words):
        form.refuse(name, "contact_in_notes", lead=lead.number)
    return words


def _spin(needs: Needs, context: Context) -> tuple[Field, ...]:
    return tuple(
        LongText(
            name=name,
            label=context.text(f"discovery.{name}"),
            value=getattr(needs, name),
            hint=context.text(f"discovery.ask_{name}"),
            placeholder=context.text(f"discovery.example_{name}"),
            max_length=LONGEST[name],
        )
        for name in SPIN
    )


def _pains(needs: Needs, context: Context) -> tuple[Field, ...]:
    terms = context.playbook.vocabulary.pains
    known_pains = {term.key for term in terms}
    chosen = tuple(key for key in needs.pains if key in known_pains)
    options = term_options(terms, context.language)
    picks = MultiChoice(
        name="pains", label=context.text("discovery.pains"), options=options, value=chosen
    )
    others = Text(
        name="other_pains",
        label=context.text("discovery.other_pains"),
        value=needs.other_pains,
        placeholder=context.text("discovery.example_other_pains"),
        max_length=LONGEST["other_pains"],
    )
    return (picks, others) if options else (others,)


def _buying(needs: Needs, context: Context) -> tuple[Field, ...]:
    return (
        Money(
            name="budget",
            label=context.text("lead.budget"),
            hint=context.text("lead.budget_example"),
            value=budget_value(needs.budget_low, needs.budget_high, context.language),
        ),
        LongText(
            name="decision",
            label=context.text("discovery.decision"),
            value=needs.decision,
            hint=context.text("discovery.ask_decision"),
            placeholder=context.text("discovery.example_decision"),
            max_length=LONGEST["decision"],
        ),
    )
