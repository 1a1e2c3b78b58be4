"""The forms of an act on several leads: what with which of them, and what that asks for."""

from dataclasses import dataclass, replace
from datetime import timedelta

from handlers.bulk_acts.service import CHOICES, ListedLeads
from handlers.core.button_values import record_ids
from handlers.core.choices import assignable, person_option
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, enum_options, lead_title, term_options
from handlers.core.ui import Choice, Date, Field, Form, LongText, MultiChoice, Option, PersonPick
from sales.bulk_acts import BY_ROLE, MOST, BulkAct, BulkKind
from sales.contacts import mask_contacts
from sales.leads import Lead, parse_lead_number
from sales.people import Person
from sales.pool import GIVE_UP_REASONS

LONGEST_NOTE = 150


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose: an act, the list it is from, and the ticked leads (none: all)."""

    kind: BulkKind
    query: str
    ticked: tuple[int, ...] = ()

    @property
    def state(self) -> dict[str, str]:
        ticked = ",".join(map(str, self.ticked))
        return {"query": self.query, "kind": self.kind.value, "leads": ticked}


def choose_form(listed: ListedLeads, context: Context) -> Form:
    """Form to choose the act, and leads out of the list."""
    text = context.text
    hint = text("bulk.leads_hint", n=min(listed.count, MOST))
    if listed.count > len(listed.first):
        hint += text("bulk.leads_hint_first", n=CHOICES)
    fields: tuple[Field, ...] = (
        Choice(
            name="kind",
            label=text("bulk.kind"),
            required=True,
            options=enum_options(BY_ROLE[context.actor.role], context.language),
        ),
        MultiChoice(
            name="leads",
            label=text("bulk.leads"),
            hint=hint,
            options=tuple(_lead_option(lead, context) for lead in listed.first),
        ),
    )
    return Form(
        action="bulk.act",
        title=text("bulk.title"),
        intro="\n".join(_about(listed, context)),
        fields=fields,
        submit=text("button.next"),
        cancel=text("button.cancel"),
        state={"query": listed.query},
    )


def _about(listed: ListedLeads, context: Context) -> list[str]:
    number = context.language.number(listed.count)
    lines = [context.text("bulk.intro", n=listed.count, shown=number + "+" * listed.more)]
    if listed.is_wider:
        lines.append(context.text("bulk.wider"))
    if listed.count > MOST:
        lines.append(context.text("bulk.too_many", n=MOST))
    return lines


def _lead_option(lead: Lead, context: Context) -> Option:
    stage = enum_label(lead.stage, context.language)
    return Option(lead.number, f"{lead_title(lead)[: 72 - len(stage)]} · {stage}")


def read_chosen(context: Context) -> Chosen:
    """Read the first form. Raises InvalidInput."""
    with FormReader(context) as form:
        kind = form.one_of("kind", BY_ROLE[context.actor.role])
        numbers = [parse_lead_number(one) for one in context.ticked("leads") if one]
        if None in numbers:
            form.refuse("leads", "choose_one")
    ticked = tuple(dict.fromkeys(number for number in numbers if number))[:CHOICES]
    return Chosen(BulkKind(kind), context.request.state.get("query", ""), ticked)


def chosen_in_state(context: Context) -> Chosen | None:
    """What the second form carries; None for what the actor could not have chosen."""
    state = context.request.state
    kind = state.get("kind", "")
    if kind not in BY_ROLE[context.actor.role]:
        return None
    ticked = record_ids(state.get("leads", ""))[:CHOICES]
    if state.get("leads") and not ticked:
        return None
    return Chosen(BulkKind(kind), state.get("query", ""), ticked)


def detail_form(chosen: Chosen, count: int, context: Context) -> Form:
    """Form of what the act asks for; for ``count`` leads."""
    text = context.text
    what = enum_label(chosen.kind, context.language)
    return Form(
        action="bulk.preview",
        title=text("bulk.title"),
        intro=text("bulk.detail_intro", what=what, n=count),
        fields=_detail_fields(chosen.kind, context),
        submit=text("bulk.see_preview"),
        cancel=text("button.cancel"),
        state=chosen.state,
    )


def _detail_fields(kind: BulkKind, context: Context) -> tuple[Field, ...]:
    text = context.text
    match kind:
        case BulkKind.PERSON:
            people = tuple(person_option(one, context) for one in receivers(context))
            label = text("lead.new_owner")
            return (PersonPick(name="person", label=label, required=True, options=people),)
        case BulkKind.POOL:
            reasons = tuple(Option(one, text(f"pool.reason_{one}")) for one in GIVE_UP_REASONS)
            label = text("pool.reason")
            return (Choice(name="reason", label=label, required=True, options=reasons),)
        case BulkKind.LOST:
            terms = context.playbook.vocabulary.lost_reasons
            options = term_options(terms, context.language)
            lost = Choice(name="reason", label=text("move.lost"), required=True, options=options)
            note = LongText(name="note", label=text("move.lost_note"), max_length=LONGEST_NOTE)
            return (lost, note, _look_again(kind, context))
        case BulkKind.NURTURE:
            return (_look_again(kind, context),)
        case BulkKind.STEP:
            return (Date(name="day", label=text("bulk.step_day"), required=True),)
        case BulkKind.RULES:
            return ()


def _look_again(kind: BulkKind, context: Context) -> Date:
    rules = context.playbook.revival
    days = rules.nurture_days if kind is BulkKind.NURTURE else rules.lost_days
    day = context.today + timedelta(days=days)
    label, hint = context.text("move.look_again"), context.text("move.look_again_hint")
    return Date(name="day", label=label, hint=hint, value=day.isoformat())


def receivers(context: Context) -> list[Person]:
    """The people to whom the actor may give leads: available ones, of their team or of all."""
    return assignable(context)


def read_details(act: BulkAct, context: Context) -> BulkAct:
    """The act with what the second form says. Raises InvalidInput."""
    with FormReader(context) as form:
        match act.kind:
            case BulkKind.PERSON:
                return replace(act, to_id=form.person(receivers(context)).id)
            case BulkKind.POOL:
                return replace(act, reason=form.one_of("reason", GIVE_UP_REASONS))
            case BulkKind.LOST:
                keys = [term.key for term in context.playbook.vocabulary.lost_reasons]
                reason, note = form.one_of("reason", keys), form.words("note", LONGEST_NOTE)
                return replace(act, reason=reason, note=mask_contacts(note), day=form.day("day"))
            case BulkKind.NURTURE:
                return replace(act, day=form.day("day"))
            case BulkKind.STEP:
                return replace(act, day=form.required_day("day", "next_on_missing"))
            case BulkKind.RULES:
                return act
