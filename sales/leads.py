"""A lead: who might buy, what they need, what is known of them, and whose turn it is [P4]."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sales.errors import LeadNotFound
from sales.next_steps import is_past
from sales.unreadable import UnreadableText


class Stage(StrEnum):
    """The stage of a lead [P2]. The first seven are the pipeline, in order."""

    CAPTURED = "captured"
    SCREENED = "screened"
    DISCOVERY = "discovery"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    AFTERSALES = "aftersales"
    NURTURE = "nurture"
    LOST = "lost"


PIPELINE = (
    Stage.CAPTURED,
    Stage.SCREENED,
    Stage.DISCOVERY,
    Stage.PROPOSAL,
    Stage.NEGOTIATION,
    Stage.WON,
    Stage.AFTERSALES,
)
OPEN_STAGES = (
    Stage.CAPTURED,
    Stage.SCREENED,
    Stage.DISCOVERY,
    Stage.PROPOSAL,
    Stage.NEGOTIATION,
    Stage.NURTURE,
)
WORKED_STAGES = tuple(stage for stage in OPEN_STAGES if stage is not Stage.NURTURE)
"""Stages in which somebody must work on a lead; only such a lead can be in the public pool."""


class Grade(StrEnum):
    """The grade that the BANT score gives [P5]."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Authority(StrEnum):
    """How far the contact can decide (BANT's A)."""

    DECIDER = "decider"
    MANAGER = "manager"
    STAFF = "staff"
    UNKNOWN = "unknown"


class Clarity(StrEnum):
    """Whether the need is clear (BANT's N)."""

    CLEAR = "clear"
    VAGUE = "vague"
    UNKNOWN = "unknown"


class Timeframe(StrEnum):
    """When they mean to buy (BANT's T)."""

    MONTH = "month"
    QUARTER = "quarter"
    LATER = "later"
    UNKNOWN = "unknown"


class ForecastCategory(StrEnum):
    """How sure the owner is of a deal: promised, possible if all goes well, or neither yet."""

    COMMIT = "commit"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A potential or actual deal with one customer.

    ``id`` 0 means not stored yet. Amounts are in whole units of the company's currency.

    ``phone`` is E.164 and ``email`` lower case, both empty when unknown; ``others`` are further
    ones of the same contact, in the same forms. ``wechat`` is their WeChat id. ``owner_id`` None
    means no owner, and ``pooled_at`` since when it waits in the public pool. ``next_at``,
    ``next_until`` and ``next_step`` repeat the open follow-up's, for lists. ``hot_since`` is set
    while the customer shows high intent; ``origin_id`` is the won lead that this repeat business
    came from. ``specification``, ``payment`` and ``liability`` are what a customer signed, in
    words. ``answers_read`` names the fields of BANT whose answers were read from the lead's words,
    ``answers_refused`` those where a person said that such a reading is not right
    (``sales.readings``). ``version`` counts saves, so that two people cannot overwrite each other
    unseen.

    ``amount`` is what a customer signed for; of an open lead, what its owner expects, which a lost
    one keeps. ``expected_close`` is the local day on which the deal is expected to be closed, as
    ``expected_by`` said at ``expected_at``; ``category`` the owner's own judgement, None while the
    stage decides.
    """

    id: int = 0
    source: str
    customer: str
    industry: str = ""
    contact: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    others: tuple[str, ...] = ()
    budget_low: Decimal | None = None
    budget_high: Decimal | None = None
    need: str = ""
    region: str = ""
    product: str = ""
    authority: Authority = Authority.UNKNOWN
    clarity: Clarity = Clarity.UNKNOWN
    timeframe: Timeframe = Timeframe.UNKNOWN
    answers_read: frozenset[str] = frozenset()
    answers_refused: frozenset[str] = frozenset()
    score: int = 0
    grade: Grade = Grade.LOW
    stage: Stage = Stage.CAPTURED
    stage_since: datetime
    owner_id: int | None = None
    pooled_at: datetime | None = None
    team_id: int
    created_at: datetime
    created_by: int
    last_contact_at: datetime | None = None
    next_at: datetime | None = None
    next_until: datetime | None = None
    next_step: str = ""
    amount: Decimal | None = None
    closed_at: datetime | None = None
    lost_reason: str = ""
    contract: str = ""
    specification: str = ""
    payment: str = ""
    liability: str = ""
    hot_since: datetime | None = None
    origin_id: int | None = None
    expected_close: date | None = None
    expected_by: int | None = None
    expected_at: datetime | None = None
    category: ForecastCategory | None = None
    version: int = 0

    @property
    def number(self) -> str:
        return lead_number(self.id)

    @property
    def subject(self) -> str:
        """The subject under which posted cards of this lead are kept up to date."""
        return f"lead:{self.id}"

    @property
    def phones(self) -> tuple[str, ...]:
        """All phone numbers, the one to call first."""
        return tuple(one for one in (self.phone, *self.others) if one and "@" not in one)

    @property
    def emails(self) -> tuple[str, ...]:
        """All addresses, the one to write to first."""
        return tuple(one for one in (self.email, *self.others) if "@" in one)

    @property
    def wechat_key(self) -> str:
        """The WeChat id as a contact by which the lead is found; see ``wechat_key``."""
        return wechat_key(self.wechat)

    @property
    def is_reachable(self) -> bool:
        """Whether there is any way to reach the contact."""
        return bool(self.phone or self.email or self.wechat or self.others)

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    def is_overdue(self, now: datetime) -> bool:
        """Whether its next step is overdue."""
        return self.is_open and is_past(self.next_at, self.next_until, now)

    def is_close_overdue(self, today: date) -> bool:
        """Whether the day on which it was to be closed is over, and it is not closed."""
        return self.is_worked_on and self.expected_close is not None and self.expected_close < today

    @property
    def is_worked_on(self) -> bool:
        """In the pipeline and not decided: somebody has to work on it."""
        return self.stage in WORKED_STAGES

    @property
    def is_pooled(self) -> bool:
        """Without an owner, and open for any seller to claim."""
        return self.owner_id is None and self.pooled_at is not None and self.is_worked_on

    @property
    def is_customer(self) -> bool:
        return self.stage in (Stage.WON, Stage.AFTERSALES)

    @property
    def is_set_aside(self) -> bool:
        """Lost or in nurture: nobody works on it until it is looked at again."""
        return self.stage in (Stage.LOST, Stage.NURTURE)

    @property
    def rests(self) -> bool:
        """Set aside, or open and of low value: looked at again later [P7]."""
        return self.is_set_aside or (self.is_open and self.grade is Grade.LOW)


_NUMBER = re.compile(r"\s*#?LX[\s\-_#]{0,3}0{0,20}(\d{1,9})[\s:,.;。]*", re.IGNORECASE)
_LONGEST_NUMBER = 60
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, as Chinese keyboards type them."""


def lead_number(lead_id: int) -> str:
    """``LX001``; grows past three digits when there are more."""
    return f"LX{lead_id:03d}"


def parse_lead_number(text: str) -> int | None:
    """Parse a lead's number as people type it (``lx1``, ``LX-001``, ``#LX 001``, ``ＬＸ００１``);
    None unless the whole text is one."""
    if len(text) > _LONGEST_NUMBER:
        return None
    match = _NUMBER.fullmatch(text.translate(_NARROW))
    return int(match[1]) if match else None


def lead_id_of(text: str) -> int:
    """Parse the lead's id in a form's or button's value; raises LeadNotFound for anything else."""
    lead_id = parse_lead_number(text)
    if lead_id is None:
        raise LeadNotFound(number=text[:20])
    return lead_id


_SHORT: Final = 3
_MOBILE: Final = 11
"""Digits of a mainland mobile number."""


def mask_phone(phone: str) -> str:
    """Mask as ``138****5678``: enough to recognise a number, too little to call it.

    Takes E.164, with or without an extension, of which nothing is shown; a mainland number is shown
    without its country code, one of a landline without its area code too, since what is left of it
    would be few.
    """
    if isinstance(phone, UnreadableText):
        return phone
    number = phone.partition(";")[0]
    digits = number.removeprefix("+86")
    if len(digits) < 9:
        return "****" if phone else ""
    if not digits.startswith("+") and not (len(digits) == _MOBILE and digits[0] == "1"):
        return f"****{digits[-4:]}"
    return f"{digits[:3]}****{digits[-4:]}"


def mask_email(email: str) -> str:
    """Mask as ``z***@a.com``."""
    if isinstance(email, UnreadableText):
        return email
    name, at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if at else "***" if email else ""


def wechat_key(wechat: str) -> str:
    """A WeChat id as duplicates are found by it; "" for none that can be read.

    Case does not count, and a mobile number that stands for the id is that number.
    """
    if not wechat or isinstance(wechat, UnreadableText):
        return ""
    return f"+86{wechat}" if wechat.isdecimal() else f"wechat:{wechat.lower()}"


def mask_wechat(wechat: str) -> str:
    """Mask as ``z***5``."""
    if isinstance(wechat, UnreadableText):
        return wechat
    return f"{wechat[:1]}***{wechat[-1:]}" if len(wechat) > _SHORT else "***" if wechat else ""


def mask_contact(contact: str) -> str:
    """Mask a phone or an e-mail, whichever it is."""
    return mask_email(contact) if "@" in contact else mask_phone(contact)
