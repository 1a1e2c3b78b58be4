"""The form for a lead: its fields, filled with what is known. ``lead_reader`` reads it back."""

from collections.abc import Callable

from handlers.labels import budget_value, enum_options, term_options
from handlers.turns import Turn
from handlers.ui import Choice, Email, Field, Form, LongText, Money, Option, Phone, State, Text
from sales.duplicates import DIFFERENT, SAME
from sales.leads import Authority, Clarity, Lead, Timeframe, mask_email, mask_phone

BY_RULES, KEEP = "rules", "keep"


def lead_form(
    turn: Turn,
    lead: Lead | None,
    *,
    ask_owner: bool = False,
    confirm: str = "",
    stored: Lead | None = None,
) -> Form:
    """The form, filled with what is known of ``lead``. ``confirm`` names a lead that looks
    like the same customer: the form then asks whether this is a different one. Contacts that
    are as in the ``stored`` lead are masked."""
    fields = [*_who(turn, lead, stored), *_what(turn, lead), *_bant(turn, lead)]
    if ask_owner:
        fields.append(_owner_field(turn))
    if confirm:
        fields.insert(0, _different_field(turn, confirm))
    return Form(
        action="lead.update" if lead and lead.id else "lead.create",
        title=turn.text("lead.edit_title" if lead and lead.id else "lead.new_title"),
        intro="" if lead and lead.id else turn.text("lead.new_intro"),
        fields=tuple(fields),
        submit=turn.text("button.save"),
        cancel=turn.text("button.cancel"),
        state=_state(lead),
    )


def _shown(contact: str, stored: str, mask: Callable[[str], str]) -> str:
    """A stored contact stays masked in the form, too; what was just typed is given back."""
    return mask(contact) if contact == stored else contact


def _state(lead: Lead | None) -> State:
    return {"lead": lead.number, "version": str(lead.version)} if lead and lead.id else {}


def _who(turn: Turn, lead: Lead | None, stored: Lead | None) -> tuple[Field, ...]:
    channel, _, detail = (lead.source if lead else "").partition("-")
    text, words = turn.text, turn.playbook.vocabulary
    return (
        Text(name="customer", label=text("lead.customer"), required=True,
             placeholder=text("lead.customer_example"), value=lead.customer if lead else ""),
        Choice(name="source", label=text("lead.source"), required=True, value=channel,
               options=term_options(words.sources, turn.language)),
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


def _what(turn: Turn, lead: Lead | None) -> tuple[Field, ...]:
    text, words, language = turn.text, turn.playbook.vocabulary, turn.language
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


def _bant(turn: Turn, lead: Lead | None) -> tuple[Field, ...]:
    text, language = turn.text, turn.language
    return (
        Money(name="budget", label=text("lead.budget"), hint=text("lead.budget_example"),
              value=budget_value(lead.budget_low, lead.budget_high, turn.language) if lead else ""),
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


def _owner_field(turn: Turn) -> Choice:
    options = (
        Option(BY_RULES, turn.text("lead.owner_rules")),
        Option(KEEP, turn.text("lead.owner_me")),
    )
    return Choice(name="owner", label=turn.text("lead.owner"), value=BY_RULES, options=options)


def _different_field(turn: Turn, like: str) -> Choice:
    return Choice(
        name="different",
        label=turn.text("lead.different", lead=like),
        required=True,
        options=tuple(
            Option(reason, turn.text(f"lead.different_{reason}")) for reason in (*DIFFERENT, SAME)
        ),
    )
