"""Forms of a merge: choose the other lead, then choose values side by side."""

from handlers.core.button_values import pack
from handlers.core.choices import lead_option, lead_options
from handlers.core.context import Context
from handlers.core.labels import budget_label, enum_label, lead_title, source_label, term_label
from handlers.core.ui import Checklist, Choice, Form, LeadPick, Option
from sales.duplicates import look_unlike, same_customer
from sales.errors import LeadNotFound
from sales.leads import Lead, mask_email, mask_phone, mask_wechat
from sales.merging import differing

ONE, OTHER = "one", "other"
MEANT = "meant"
_LONGEST = 75


def other_form(lead: Lead, context: Context) -> Form:
    """Form to choose the other lead of the same customer; leads with a similar name come first."""
    likely = tuple(lead_option(candidate) for candidate in _likely(lead, context))
    options = dict.fromkeys((*likely, *lead_options(context)))
    pick = LeadPick(
        name="other",
        label=context.text("merge.other"),
        required=True,
        options=tuple(option for option in options if option.value != lead.number),
        value=likely[0].value if likely else "",
    )
    return Form(
        action="merge.compare",
        title=context.text("merge.title"),
        intro=context.text("merge.intro", lead=lead_title(lead)),
        fields=(pick,),
        submit=context.text("merge.next"),
        cancel=context.text("button.cancel"),
        state={"lead": lead.number},
    )


def compare_form(one: Lead, other: Lead, context: Context) -> Form:
    """Form that shows both leads' values side by side wherever they differ."""
    stays = Choice(
        name="stays",
        label=context.text("merge.stays"),
        required=True,
        hint=context.text("merge.stays_hint"),
        value=ONE,
        options=(Option(ONE, _standing(one, context)), Option(OTHER, _standing(other, context))),
    )
    values = tuple(
        Choice(
            name=name,
            label=context.text(f"lead.{name}"),
            required=True,
            value=ONE,
            options=(
                Option(ONE, _shown(name, one, context)),
                Option(OTHER, _shown(name, other, context)),
            ),
        )
        for name in differing(one, other)
    )
    intro = context.text("merge.compare_intro", n=context.playbook.duplicates.undo_merge_days)
    sure: tuple[Checklist, ...] = ()
    if look_unlike(one, other, context.playbook.duplicates.alike_from):
        intro = context.text("merge.unlike", one=one.customer, other=other.customer) + "\n" + intro
        meant = (Option(MEANT, context.text("merge.meant")),)
        sure = (
            Checklist(name="sure", label=context.text("merge.sure"), required=True, options=meant),
        )
    return Form(
        action="merge.save",
        title=context.text("merge.title"),
        intro=intro,
        fields=(*sure, stays, *values),
        submit=context.text("merge.submit"),
        cancel=context.text("button.cancel"),
        state={
            "one": one.number,
            "other": other.number,
            "version": pack(one.version, other.version),
        },
    )


def _likely(lead: Lead, context: Context) -> list[Lead]:
    threshold = context.playbook.duplicates.alike_from
    likely = []
    for same in context.uow.duplicates.namesakes(lead.customer, lead.email, but=lead.id):
        if same_customer(lead.customer, same.customer, threshold):
            try:
                likely.append(context.leads.get(same.lead_id))
            except LeadNotFound:
                continue
    return likely


def _standing(lead: Lead, context: Context) -> str:
    owner = (
        context.uow.people.get(lead.owner_id).name if lead.owner_id else context.text("lead.nobody")
    )
    stage = enum_label(lead.stage, context.language)
    return f"{lead.number} · {stage} · {owner} · {lead.customer}"[:_LONGEST]


def _shown(name: str, lead: Lead, context: Context) -> str:
    """The value in words, after the lead's number, with contacts masked."""
    words, language = context.playbook.vocabulary, context.language
    match name:
        case "phone":
            value = mask_phone(lead.phone)
        case "email":
            value = mask_email(lead.email)
        case "wechat":
            value = mask_wechat(lead.wechat)
        case "source":
            value = source_label(lead.source, language, context.playbook)
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
