"""The form for discovery notes, filled with what is known, and what was typed read once."""

from decimal import Decimal

from handlers.core.context import Turn
from handlers.core.labels import budget_value, lead_title, term_options
from handlers.core.ui import Field, Form, LeadPick, LongText, Money, MultiChoice, Text
from handlers.leads.forms import lead_options
from sales.amounts import NotAnAmount, parse_budget
from sales.contacts import holds_contact
from sales.discovery import LONGEST, SPIN, Needs
from sales.errors import InvalidInput, Problem
from sales.leads import Lead


def pick_form(turn: Turn) -> Form:
    """Whose needs?"""
    pick = LeadPick(
        name="lead", label=turn.text("followup.lead"), required=True, options=lead_options(turn)
    )
    return Form(
        action="discovery.choose",
        title=turn.text("discovery.title"),
        fields=(pick,),
        submit=turn.text("button.next"),
        cancel=turn.text("button.cancel"),
    )


def discovery_form(lead: Lead, needs: Needs, version: int, turn: Turn) -> Form:
    """Every question may stay open: what is known today is saved today. ``version`` is the one
    that the form was filled from, 0 for none."""
    return Form(
        action="discovery.save",
        title=turn.text("discovery.title"),
        intro=turn.text("discovery.intro", lead=lead_title(lead)),
        fields=(*_spin(needs, turn), *_pains(needs, turn), *_buying(needs, turn)),
        submit=turn.text("button.save"),
        cancel=turn.text("button.cancel"),
        state={"lead": lead.number, "version": str(version)},
    )


def read_needs(turn: Turn, lead: Lead) -> Needs:
    """Raises InvalidInput naming every field that is wrong."""
    typed = {name: turn.typed(name) for name in LONGEST}
    problems: dict[str, Problem] = {}
    for name, words in typed.items():
        if len(words) > LONGEST[name]:
            problems[name] = Problem("too_long", n=LONGEST[name])
        elif holds_contact(words):
            problems[name] = Problem("contact_in_notes", lead=lead.number)
    known = {term.key for term in turn.playbook.vocabulary.pains}
    pains = tuple(key for key in turn.ticked("pains") if key)
    if strange := set(pains) - known:
        problems["pains"] = Problem("choose_known", typed=min(strange)[:30])
    low, high = _budget(turn, problems)
    if problems:
        raise InvalidInput(problems)
    return Needs(pains=pains, budget_low=low, budget_high=high, **typed)


def _budget(turn: Turn, problems: dict[str, Problem]) -> tuple[Decimal | None, Decimal | None]:
    typed = turn.typed("budget")
    if not typed:
        return None, None
    try:
        return parse_budget(typed)
    except NotAnAmount:
        problems["budget"] = Problem("budget", typed=typed[:30])
        return None, None


def _spin(needs: Needs, turn: Turn) -> tuple[Field, ...]:
    return tuple(
        LongText(
            name=name,
            label=turn.text(f"discovery.{name}"),
            value=getattr(needs, name),
            hint=turn.text(f"discovery.ask_{name}"),
            placeholder=turn.text(f"discovery.example_{name}"),
            max_length=LONGEST[name],
        )
        for name in SPIN
    )


def _pains(needs: Needs, turn: Turn) -> tuple[Field, ...]:
    terms = turn.playbook.vocabulary.pains
    known = {term.key for term in terms}
    kept = tuple(key for key in needs.pains if key in known)
    options = term_options(terms, turn.language)
    picks = MultiChoice(
        name="pains", label=turn.text("discovery.pains"), options=options, value=kept
    )
    others = Text(
        name="other_pains",
        label=turn.text("discovery.other_pains"),
        value=needs.other_pains,
        placeholder=turn.text("discovery.example_other_pains"),
        max_length=LONGEST["other_pains"],
    )
    return (picks, others) if options else (others,)


def _buying(needs: Needs, turn: Turn) -> tuple[Field, ...]:
    return (
        Money(
            name="budget",
            label=turn.text("lead.budget"),
            hint=turn.text("lead.budget_example"),
            value=budget_value(needs.budget_low, needs.budget_high, turn.language),
        ),
        LongText(
            name="decision",
            label=turn.text("discovery.decision"),
            value=needs.decision,
            hint=turn.text("discovery.ask_decision"),
            placeholder=turn.text("discovery.example_decision"),
            max_length=LONGEST["decision"],
        ),
    )
