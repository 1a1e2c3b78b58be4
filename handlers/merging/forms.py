"""The forms of a merge: which other lead, and, side by side, which values stay."""

from handlers.core.context import Turn
from handlers.core.labels import budget_label, enum_label, lead_title, source_label, term_label
from handlers.core.ui import Checklist, Choice, Form, LeadPick, Option
from handlers.leads.forms import lead_option, lead_options
from sales.duplicates import look_unlike, same_customer
from sales.errors import LeadNotFound
from sales.leads import Lead, mask_email, mask_phone
from sales.merging import differing

ONE, OTHER = "one", "other"
MEANT = "meant"
_LONGEST = 75


def other_form(lead: Lead, turn: Turn) -> Form:
    """Which lead is of the same customer? Those with a like name come first."""
    likely = tuple(lead_option(one) for one in _likely(lead, turn))
    options = dict.fromkeys((*likely, *lead_options(turn)))
    pick = LeadPick(
        name="other",
        label=turn.text("merge.other"),
        required=True,
        options=tuple(one for one in options if one.value != lead.number),
        value=likely[0].value if likely else "",
    )
    return Form(
        action="merge.compare",
        title=turn.text("merge.title"),
        intro=turn.text("merge.intro", lead=lead_title(lead)),
        fields=(pick,),
        submit=turn.text("merge.next"),
        cancel=turn.text("button.cancel"),
        state={"lead": lead.number},
    )


def compare_form(one: Lead, other: Lead, turn: Turn) -> Form:
    """Both leads' values beside each other, wherever they differ."""
    stays = Choice(
        name="stays",
        label=turn.text("merge.stays"),
        required=True,
        hint=turn.text("merge.stays_hint"),
        value=ONE,
        options=(Option(ONE, _standing(one, turn)), Option(OTHER, _standing(other, turn))),
    )
    values = tuple(
        Choice(
            name=name,
            label=turn.text(f"lead.{name}"),
            required=True,
            value=ONE,
            options=(
                Option(ONE, _shown(name, one, turn)),
                Option(OTHER, _shown(name, other, turn)),
            ),
        )
        for name in differing(one, other)
    )
    intro = turn.text("merge.compare_intro", n=turn.playbook.duplicates.undo_merge_days)
    sure: tuple[Checklist, ...] = ()
    if look_unlike(one, other, turn.playbook.duplicates.alike_from):
        intro = turn.text("merge.unlike", one=one.customer, other=other.customer) + "\n" + intro
        meant = (Option(MEANT, turn.text("merge.meant")),)
        sure = (
            Checklist(name="sure", label=turn.text("merge.sure"), required=True, options=meant),
        )
    return Form(
        action="merge.save",
        title=turn.text("merge.title"),
        intro=intro,
        fields=(*sure, stays, *values),
        submit=turn.text("merge.submit"),
        cancel=turn.text("button.cancel"),
        state={
            "one": one.number,
            "other": other.number,
            "version": f"{one.version}:{other.version}",
        },
    )


def _likely(lead: Lead, turn: Turn) -> list[Lead]:
    threshold = turn.playbook.duplicates.alike_from
    found = []
    for same in turn.uow.duplicates.namesakes(lead.customer, lead.email, but=lead.id):
        if same_customer(lead.customer, same.customer, threshold):
            try:
                found.append(turn.leads.get(same.lead_id))
            except LeadNotFound:
                continue
    return found


def _standing(lead: Lead, turn: Turn) -> str:
    owner = turn.uow.people.get(lead.owner_id).name if lead.owner_id else turn.text("lead.nobody")
    stage = enum_label(lead.stage, turn.language)
    return f"{lead.number} · {stage} · {owner} · {lead.customer}"[:_LONGEST]


def _shown(name: str, lead: Lead, turn: Turn) -> str:
    """The value in words, contacts masked, after the lead's number."""
    words, language = turn.playbook.vocabulary, turn.language
    match name:
        case "phone":
            value = mask_phone(lead.phone)
        case "email":
            value = mask_email(lead.email)
        case "source":
            value = source_label(lead.source, language, turn.playbook)
        case "budget":
            value = budget_label(lead.budget_low, lead.budget_high, language)
        case "industry" | "region" | "product":
            terms = {"industry": words.industries, "region": words.regions}
            value = term_label(terms.get(name, words.products), getattr(lead, name), language)
        case "authority" | "clarity" | "timeframe":
            value = enum_label(getattr(lead, name), language)
        case _:
            value = getattr(lead, name)
    return f"{lead.number}: {value}"[:_LONGEST]
