"""What ``POST /intake/leads`` takes, by the lead form's fields."""

from collections.abc import Mapping
from dataclasses import replace

from bot.web.fields import BodyField
from handlers.core.field_limits import LONGEST as LONGEST_PARSED
from handlers.leads.forms import LONGEST
from sales.leads import Authority, Clarity, Timeframe

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
_LONGEST = {**LONGEST_PARSED, **LONGEST}
FIELDS = tuple(replace(field, longest=_LONGEST.get(field.in_form)) for field in _FIELDS)
BY_FORM_NAME: Mapping[str, BodyField] = {field.in_form: field for field in FIELDS}
