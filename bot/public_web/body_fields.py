"""What ``POST /intake/leads`` takes, by the lead form's fields."""

from collections.abc import Mapping
from dataclasses import replace

from bot.public_web.fields import BodyField
from handlers.core.field_limits import LONGEST
from handlers.core.field_limits import LONGEST as LONGEST_PARSED
from handlers.leads.forms import LONGEST as LONGEST_ON_FORM
from handlers.signals.webhooks import LONGEST_CONTRACT, LONGEST_REASON
from sales.contract_signed import SigningState
from sales.leads import Authority, Clarity, Timeframe
from sales.signals import SignalKind

_FIELDS = (
    BodyField("source", "Channel, a key or a label of the playbook's vocabulary.", "website",
              required=True, terms="sources"),
    BodyField("detail", "Where exactly: campaign, trade fair, page.", "spring fair",
              form_name="source_detail"),
    BodyField("customer", "The company.", "Acme Sample Ltd", required=True),
    BodyField("contact", "The person to talk to.", "Robin Sample"),
    BodyField("title", "Their job title.", "Purchasing manager"),
    BodyField("phone", "With country code; without one it is read as a Chinese number.",
              "+86 138 1234 5678"),
    BodyField("email", "Their e-mail address.", "robin@acme.example"),
    BodyField("need", "What they need, in their words.", "a tool to keep track of customers"),
    BodyField("industry", "A key or a label of the vocabulary.", "it", terms="industries"),
    BodyField("region", "A key or a label of the vocabulary.", "east", terms="regions"),
    BodyField("product", "A key or a label of the vocabulary.", "basic", terms="products"),
    BodyField("budget", "In whole currency units, or as people write it; a range is fine.",
              "15-20万", number=True),
    BodyField("authority", "BANT: how far the contact can decide.", "manager", members=Authority),
    BodyField("clarity", "BANT: whether the need is clear.", "clear", members=Clarity),
    BodyField("timeframe", "BANT: when they mean to buy.", "month", members=Timeframe),
)  # fmt: skip
_LONGEST = {**LONGEST_PARSED, **LONGEST_ON_FORM}
FIELDS = tuple(replace(field, longest=_LONGEST.get(field.in_form)) for field in _FIELDS)
BY_FORM_NAME: Mapping[str, BodyField] = {field.in_form: field for field in FIELDS}


_WHO = (
    BodyField("lead", "The lead's number.", "LX001"),
    BodyField("email", "Or the customer's e-mail address.", "robin@acme.example",
              longest=LONGEST["email"]),
    BodyField("phone", "Or their phone, with country code.", "+86 138 1234 5678",
              longest=LONGEST["phone"]),
)  # fmt: skip
_SENDER = BodyField(
    "source", "Who sends it, in a word of yours; calls are limited for each.", "product", longest=40
)
BEHAVIOR = (
    BodyField("kind", "What the customer did.", "product_used", required=True, members=SignalKind),
    *_WHO,
    BodyField("contract", "Or the number of their contract.", "HT-2024-031",
              longest=LONGEST_CONTRACT),
    BodyField("value", "For edition_months the months, for renewal_due the days left, for usage_up "
              "the percent.", "3", number=True),
    _SENDER,
)  # fmt: skip
ESIGN = (
    BodyField("state", "What became of the contract.", "signed", required=True,
              members=SigningState),
    *_WHO,
    BodyField("contract", "The contract's number; alone, it names a lead that has it already.",
              "HT-2024-031", longest=LONGEST_CONTRACT),
    BodyField("amount", "In whole currency units, or as people write it.", "12.5万", number=True,
              longest=LONGEST["amount"]),
    BodyField("reason", "Why it was not signed, in the customer's words.", "wants other terms",
              longest=LONGEST_REASON),
    _SENDER,
)  # fmt: skip
