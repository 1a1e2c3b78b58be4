"""What the signed hooks take: what customers do, and what became of a contract."""

from bot.web.fields import BodyField
from handlers.core.field_limits import LONGEST
from handlers.signals.webhooks import LONGEST_CONTRACT, LONGEST_REASON
from sales.contract_signed import SigningState
from sales.signals import SignalKind

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
