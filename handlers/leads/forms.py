"""The form for a lead: its fields, filled with what is known. ``lead_reader`` reads it back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from handlers.core.context import Context
from handlers.core.labels import budget_value, enum_label, enum_options, lead_title, term_options
from handlers.core.ui import Choice, Email, Field, Form, LongText, Money, Option, Phone, State, Text
from sales.amounts import NotAnAmount, is_bare, parse_budget
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.duplicates import DIFFERENT, SAME
from sales.errors import InvalidInput, Problem
from sales.leads import Authority, Clarity, Lead, Timeframe, mask_email, mask_phone
from sales.people import SYSTEM, Person, Role
from sales.playbook import Term

BY_RULES, KEEP = "rules", "keep"


def lead_form(
    context: Context,
    lead: Lead | None,
    *,
    ask_owner: bool = False,
    confirm: str = "",
    stored: Lead | None = None,
) -> Form:
    """The form, filled with what is known of ``lead``. ``confirm`` names a lead that looks
    like the same customer: the form then asks whether this is a different one. Contacts that
    are as in the ``stored`` lead are masked."""
    fields = [*_who(context, lead, stored), *_what(context, lead), *_bant(context, lead)]
    if ask_owner:
        fields.append(_owner_field(context))
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


def _shown(contact: str, stored: str, mask: Callable[[str], str]) -> str:
    """A stored contact stays masked in the form, too; what was just typed is given back."""
    return mask(contact) if contact == stored else contact


def _state(lead: Lead | None) -> State:
    return {"lead": lead.number, "version": str(lead.version)} if lead and lead.id else {}


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
        Phone(name="phone", label=text("lead.phone"),
              value=_shown(lead.phone, stored.phone if stored else "", mask_phone)
              if lead else "",
              placeholder="138 1234 5678"),
        Email(name="email", label=text("lead.email"),
              value=_shown(lead.email, stored.email if stored else "", mask_email)
              if lead else "",
              placeholder="name@example.com"),
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
        Choice(name="authority", label=text("lead.authority"),
               value=lead.authority if lead else Authority.UNKNOWN,
               options=enum_options(Authority, language)),
        Choice(name="clarity", label=text("lead.clarity"),
               value=lead.clarity if lead else Clarity.UNKNOWN,
               options=enum_options(Clarity, language)),
        Choice(name="timeframe", label=text("lead.timeframe"),
               value=lead.timeframe if lead else Timeframe.UNKNOWN,
               options=enum_options(Timeframe, language)),
    )  # fmt: skip


def _owner_field(context: Context) -> Choice:
    options = (
        Option(BY_RULES, context.text("lead.owner_rules")),
        Option(KEEP, context.text("lead.owner_me")),
    )
    return Choice(name="owner", label=context.text("lead.owner"), value=BY_RULES, options=options)


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


T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
LONGEST: Mapping[str, int] = {
    "customer": 200,
    "source_detail": 80,
    "contact": 80,
    "title": 80,
    "need": 2000,
}
"""How many characters a field takes."""


def read_lead(context: Context, base: Lead) -> Lead:
    """``base`` with what was typed; raises InvalidInput naming every field that is wrong."""
    reader = _Reader(context)
    budget = reader.budget(None if context.actor.id == SYSTEM.id else base)
    words = context.playbook.vocabulary
    channel = reader.term("source", words.sources, required=True)
    detail = reader.limited("source_detail")
    lead = replace(
        base,
        customer=reader.required("customer"),
        source=f"{channel}-{detail}" if detail else channel,
        contact=reader.limited("contact"),
        title=reader.limited("title"),
        phone=reader.contact("phone", base.phone, mask_phone, parse_phone, NotAPhone),
        email=reader.contact("email", base.email, mask_email, parse_email, NotAnEmail),
        need=reader.long("need"),
        industry=reader.term("industry", words.industries),
        region=reader.term("region", words.regions),
        product=reader.term("product", words.products),
        budget_low=budget[0] if budget else None,
        budget_high=budget[1] if budget else None,
        authority=reader.member("authority", Authority),
        clarity=reader.member("clarity", Clarity),
        timeframe=reader.member("timeframe", Timeframe),
    )
    reader.refuse_problems()
    return lead


class _Reader:
    """Reads fields and gathers what is wrong, so that all of it is said at once."""

    def __init__(self, context: Context) -> None:
        self._turn = context
        self._problems: dict[str, Problem] = {}

    def required(self, name: str) -> str:
        text = self.limited(name)
        if not text:
            self._problems[name] = Problem(f"{name}_missing")
        return text

    def limited(self, name: str) -> str:
        """One line."""
        return self._within(name, self._turn.line(name))

    def long(self, name: str) -> str:
        return self._within(name, self._turn.typed(name))

    def _within(self, name: str, text: str) -> str:
        if len(text) > LONGEST[name]:
            self._problems[name] = Problem("too_long", n=LONGEST[name])
        return text

    def parsed(
        self, name: str, parse: Callable[[str], T], failure: type[ValueError], problem: str
    ) -> T | None:
        text = self._turn.typed(name)
        if not text:
            return None
        try:
            return parse(text)
        except failure:
            self._problems[name] = Problem(problem, typed=text[:30])
            return None

    def budget(self, known: Lead | None) -> tuple[Decimal, Decimal] | None:
        """A colleague who types 15 likely means 15万, and is asked; what stood in the form
        already is as it was. Who calls or visits has nobody to ask (``known`` None)."""
        found = self.parsed("budget", parse_budget, NotAnAmount, "budget")
        typed, least = self._turn.typed("budget"), self._turn.playbook.scoring.budget_least
        if not found or known is None or found == (known.budget_low, known.budget_high):
            return found
        if is_bare(typed) and 0 < found[1] < least:
            self._problems["budget"] = Problem("budget_small", typed=typed[:30])
        return found

    def contact(
        self,
        name: str,
        known: str,
        mask: Callable[[str], str],
        parse: Callable[[str], str],
        failure: type[ValueError],
    ) -> str:
        """A contact; the mask that stood in the form means: as it was."""
        if known and self._turn.typed(name) == mask(known):
            return known
        return self.parsed(name, parse, failure, name) or ""

    def term(self, name: str, terms: tuple[Term, ...], *, required: bool = False) -> str:
        """A key of the vocabulary; its label in any language is understood as well."""
        text = self._turn.typed(name)
        for term in terms:
            if text and text.lower() in (term.key, term.en.lower(), term.zh.lower()):
                return term.key
        if text or required:
            self._problems[name] = Problem("choose_one")
        return ""

    def member(self, name: str, members: type[E]) -> E:
        text = self._turn.typed(name) or "unknown"
        try:
            return members(text)
        except ValueError:
            self._problems[name] = Problem("choose_one")
            return members("unknown")

    def refuse_problems(self) -> None:
        if self._problems:
            raise InvalidInput(self._problems)


def lead_options(context: Context, matching: str = "", limit: int = 20) -> tuple[Option, ...]:
    """The person's open leads, most urgent first."""
    leads = context.leads.most_urgent(matching.strip(), limit)
    return tuple(lead_option(lead) for lead in leads)


def lead_option(lead: Lead) -> Option:
    return Option(lead.number, lead_title(lead)[:75])


def assignable(context: Context) -> list[Person]:
    """To whom a leader may give a lead: the sellers who are there, of the own team or all."""
    people = context.uow.people.everyone()
    everyone = [person for person in people if person.sells and person.is_there(context.today)]
    if context.actor.role is Role.ADMIN:
        return everyone
    return [person for person in everyone if person.team_id == context.actor.team_id]


def person_option(person: Person, context: Context) -> Option:
    role = enum_label(person.role, context.language)
    return Option(str(person.id), f"{person.name[:45]} · {role}")
