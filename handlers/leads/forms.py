"""The form for a lead, filled with what is known. ``read_lead`` parses it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from handlers.core.choices import assignable, person_option
from handlers.core.context import Context
from handlers.core.form_reader import FormReader, joined_contacts
from handlers.core.labels import budget_value, enum_options, term_options
from handlers.core.ui import (
    Choice,
    Email,
    Field,
    Form,
    LongText,
    Money,
    Option,
    Phone,
    State,
    Text,
    fold,
)
from sales.amounts import is_bare
from sales.contacts import LONGEST_PHONES, LONGEST_WECHAT, example_phone, parse_wechat
from sales.duplicates import DIFFERENT, SAME
from sales.leads import Lead, mask_contact, mask_email, mask_phone, mask_wechat
from sales.people import SYSTEM, Role
from sales.permissions import LEADERS
from sales.playbook import Term
from sales.readings import ANSWERS, answered, readings_of, with_readings

BY_RULES, KEEP = "rules", "keep"
MOST_NAMED = 95
"""People to choose an owner from: Slack shows no more than 100 options."""
_READ = "read_"
_USUAL = frozenset({"customer", "source", "contact", "phone", "need", "budget"})
"""Fields that are always shown: the required ones, and those that most leads come with."""


def lead_form(
    context: Context,
    lead: Lead | None,
    *,
    ask_owner: bool = False,
    confirm: str = "",
    stored: Lead | None = None,
) -> Form:
    """The form, filled with what is known of ``lead``.

    ``confirm`` names a lead that looks like the same customer: the form then asks whether this is a
    different one. Contacts unchanged from the ``stored`` lead are masked.
    """
    fields = [*_who(context, lead, stored), *_what(context, lead), *_bant(context, lead)]
    if ask_owner:
        fields.append(_owner_field(context))
    fields = list(_folded(fields, context))
    if confirm:
        fields.insert(0, _different_field(context, confirm))
    return Form(
        action="lead.update" if lead and lead.id else "lead.create",
        title=context.text("lead.edit_title" if lead and lead.id else "lead.new_title"),
        intro="" if lead and lead.id else context.text("lead.new_intro"),
        fields=tuple(fields),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state=_state(lead),
    )


def _folded(fields: list[Field], context: Context) -> tuple[Field, ...]:
    """Fold what is neither usual nor filled: most leads begin with a name, a phone and a need."""
    usual_values = ("", "unknown", usual_owner(context))
    rare = [f.name for f in fields if f.name not in _USUAL and f.value in usual_values]
    return fold(fields, *rare)


def _shown(contact: str, stored: str, mask: Callable[[str], str]) -> str:
    """A stored contact stays masked in the form, too; one that was just typed is shown."""
    return mask(contact) if contact == stored else contact


def _others_field(context: Context, lead: Lead | None, stored: Lead | None) -> tuple[Field, ...]:
    """Further phones and e-mails, where there are any: they are typed behind the first one."""
    if lead is None or not (lead.others or (stored and stored.others)):
        return ()
    known = stored.others if stored else ()
    shown = joined_contacts(mask_contact(one) if one in known else one for one in lead.others)
    label, longest = context.text("lead.others"), LONGEST_PHONES
    return (Text(name="others", label=label, value=shown, max_length=longest),)


def _state(lead: Lead | None) -> State:
    """The lead that the form is of, and the readings that it shows."""
    if lead is None:
        return {}
    read = {_READ + name: value for name, value in readings_of(lead).items()}
    return {"lead": lead.number, "version": str(lead.version)} | read if lead.id else read


def _who(context: Context, lead: Lead | None, stored: Lead | None) -> tuple[Field, ...]:
    channel, _, detail = (lead.source if lead else "").partition("-")
    text, words = context.text, context.playbook.vocabulary
    return (
        Text(name="customer", label=text("lead.customer"), required=True,
             placeholder=text("lead.customer_example"), value=lead.customer if lead else ""),
        Choice(name="source", label=text("lead.source"), required=True, value=channel,
               options=term_options(words.sources, context.language)),
        Text(name="source_detail", label=text("lead.source_detail"), value=detail, max_length=80,
             placeholder=text("lead.source_detail_example")),
        Text(name="contact", label=text("lead.contact"), max_length=80,
             value=lead.contact if lead else ""),
        Text(name="title", label=text("lead.title"), max_length=80,
             value=lead.title if lead else "",
             placeholder=text("lead.title_example")),
        Phone(name="phone", label=text("lead.phone"), hint=text("lead.several"),
              value=_shown(lead.phone, stored.phone if stored else "", mask_phone)
              if lead else "",
              placeholder=example_phone(context.country)),
        Email(name="email", label=text("lead.email"),
              value=_shown(lead.email, stored.email if stored else "", mask_email)
              if lead else "",
              placeholder="name@example.com"),
        Text(name="wechat", label=text("lead.wechat"), max_length=LONGEST_WECHAT,
             value=_shown(lead.wechat, stored.wechat if stored else "", mask_wechat)
             if lead else ""),
        *_others_field(context, lead, stored),
    )  # fmt: skip


def _what(context: Context, lead: Lead | None) -> tuple[Field, ...]:
    text, words, language = context.text, context.playbook.vocabulary, context.language
    return (
        LongText(name="need", label=text("lead.need"), value=lead.need if lead else "",
                 placeholder=text("lead.need_example")),
        Choice(name="industry", label=text("lead.industry"), value=lead.industry if lead else "",
               options=term_options(words.industries, language)),
        Choice(name="region", label=text("lead.region"), value=lead.region if lead else "",
               options=term_options(words.regions, language)),
        Choice(name="product", label=text("lead.product"), value=lead.product if lead else "",
               options=term_options(words.products, language)),
    )  # fmt: skip


def _bant(context: Context, lead: Lead | None) -> tuple[Field, ...]:
    text, language = context.text, context.language
    return (
        Money(name="budget", label=text("lead.budget"), hint=text("lead.budget_example"),
              value=budget_value(lead.budget_low, lead.budget_high, language) if lead else ""),
        *(Choice(name=name, label=text(f"lead.{name}"), options=enum_options(members, language),
                 value=getattr(lead, name) if lead else members("unknown"),
                 hint=text(f"lead.read_{name}") if lead and name in lead.answers_read else "")
          for name, members in ANSWERS.items()),
    )  # fmt: skip


def _owner_field(context: Context) -> Choice:
    """Who gets the lead. A rep keeps it or leaves it to the rules; a leader can also name
    somebody."""
    mine = Option(KEEP, context.text("lead.owner_me"))
    rules = Option(BY_RULES, context.text("lead.owner_rules"))
    options = (mine, rules) if usual_owner(context) == KEEP else (rules, mine, *_others(context))
    chosen = context.typed("owner")
    known = any(option.value == chosen for option in options)
    value = chosen if known else usual_owner(context)
    return Choice(name="owner", label=context.text("lead.owner"), value=value, options=options)


def usual_owner(context: Context) -> str:
    """What happens to a lead when nothing is said of its owner: a rep's is their own."""
    return KEEP if context.actor.role is Role.REP else BY_RULES


def _others(context: Context) -> tuple[Option, ...]:
    """The colleagues a leader can give the lead to, those of the own team first."""
    if context.actor.role not in LEADERS:
        return ()
    team_id = context.actor.team_id
    people = sorted(assignable(context), key=lambda person: person.team_id != team_id)
    others = [person for person in people if person.id != context.actor.id]
    return tuple(person_option(person, context) for person in others[:MOST_NAMED])


def _different_field(context: Context, like: str) -> Choice:
    return Choice(
        name="different",
        label=context.text("lead.different", lead=like),
        required=True,
        options=tuple(
            Option(reason, context.text(f"lead.different_{reason}"))
            for reason in (*DIFFERENT, SAME)
        ),
    )


LONGEST: Mapping[str, int] = {
    "customer": 200,
    "source_detail": 80,
    "contact": 80,
    "title": 80,
    "need": 2000,
}
"""Maximum length of a field, in characters."""


def read_lead(context: Context, base: Lead) -> Lead:
    """``base`` with what was typed; raises InvalidInput naming every field that is wrong."""
    words = context.playbook.vocabulary
    with FormReader(context) as form:
        budget = _budget(form, None if context.actor.id == SYSTEM.id else base)
        channel = _term(form, "source", words.sources, required=True)
        detail = form.line("source_detail", LONGEST["source_detail"])
        phones, emails = form.phones(base.phone), form.emails(base.email)
        further = form.others(base.others) if "others" in context.request.values else base.others
        said = replace(
            base,
            customer=form.line("customer", LONGEST["customer"], missing="customer_missing"),
            source=f"{channel}-{detail}" if detail else channel,
            contact=form.line("contact", LONGEST["contact"]),
            title=form.line("title", LONGEST["title"]),
            phone=phones[0] if phones else "",
            email=emails[0] if emails else "",
            others=tuple(dict.fromkeys((*phones[1:], *emails[1:], *further))),
            wechat=_wechat(form, base.wechat),
            need=form.words("need", LONGEST["need"]),
            industry=_term(form, "industry", words.industries),
            region=_term(form, "region", words.regions),
            product=_term(form, "product", words.products),
            budget_low=budget[0] if budget else None,
            budget_high=budget[1] if budget else None,
        )
        said = answered(said, _answers(form), _shown_readings(context))
        return with_readings(said, context.today, base if base.id else None)


def _answers(form: FormReader) -> Mapping[str, StrEnum]:
    return {
        name: members(form.one_of(name, members, empty="unknown"))
        for name, members in ANSWERS.items()
    }


def _shown_readings(context: Context) -> Mapping[str, str]:
    """The readings that the form was filled with: one left as it was is no person's answer."""
    state = context.request.state
    return {name: state[_READ + name] for name in ANSWERS if _READ + name in state}


def _wechat(form: FormReader, known: str) -> str:
    """A WeChat id; the masked one shown in the form means the known one."""
    if known and form.context.line("wechat") == mask_wechat(known):
        return known
    return form.parsed("wechat", parse_wechat) or ""


def _budget(form: FormReader, stored: Lead | None) -> tuple[Decimal, Decimal] | None:
    """The parsed budget; a suspiciously small one is refused with a question. A colleague who types
    15 probably means 15万, but a value that was already in the form is accepted. ``stored`` is None
    for callers and visitors, who have nobody to ask."""
    budget = form.budget()
    if not budget or stored is None or budget == (stored.budget_low, stored.budget_high):
        return budget
    typed = form.context.typed("budget")
    if is_bare(typed) and 0 < budget[1] < form.context.playbook.scoring.budget_least:
        form.refuse("budget", "budget_small", typed=typed[:30])
    return budget


def _term(form: FormReader, name: str, terms: tuple[Term, ...], *, required: bool = False) -> str:
    """A key of the vocabulary; its label in any language is accepted as well."""
    text = form.context.typed(name)
    for term in terms:
        if text and text.lower() in (term.key, term.en.lower(), term.zh.lower()):
            return term.key
    if text or required:
        form.refuse(name, "choose_one")
    return ""
