"""Proposals: what a customer is offered, on a page with a private link [P10].

A proposal is a draft until it is sent; from then on its content never changes, and another version
replaces it. It keeps the words of the library as they were.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sales.people import Person
from sales.quotes import Edition, Quote


class ProposalState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """A pain point, how it is solved, and how the industry's average does.

    ``item`` is its id in the library, 0 for one that was typed.
    """

    pain: str
    answer: str
    average: str = ""
    item: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a similar customer achieved with us."""

    title: str
    customer: str = ""
    text: str = ""
    result: str = ""
    item: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """The content of the page, in one language. ``recommended``: the edition that suits them."""

    opening: str = ""
    solutions: tuple[Solution, ...] = ()
    quote: Quote = field(default_factory=Quote)
    recommended: Edition | None = None
    cases: tuple[Case, ...] = ()
    terms: str = ""
    valid_until: date

    @property
    def edition(self) -> Edition | None:
        """The edition that the customer takes, as far as it tells: the recommended or only one."""
        editions = self.quote.editions
        if self.recommended in editions:
            return self.recommended
        return editions[0] if len(editions) == 1 else None

    @property
    def worth(self) -> Decimal | None:
        """What that edition costs; None where it does not tell."""
        edition = self.edition
        return self.quote.total(edition).net if edition else None

    @property
    def items(self) -> tuple[int, ...]:
        """The library's items that it consists of."""
        ids = (
            *(solution.item for solution in self.solutions),
            *(line.item for line in self.quote.lines),
            *(case.item for case in self.cases),
        )
        return tuple(item for item in ids if item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal for a lead.

    ``number`` counts the proposals of a lead, from 1; ``locale`` is the reader's language;
    ``version`` counts saves.
    """

    id: int = 0
    lead_id: int
    number: int
    locale: str
    offering: Offering
    state: ProposalState = ProposalState.DRAFT
    written_by: int
    written_at: datetime
    sent_by: int | None = None
    sent_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 0

    @property
    def is_draft(self) -> bool:
        return self.state is ProposalState.DRAFT

    @property
    def is_out(self) -> bool:
        """Whether a customer can read it."""
        return self.state is ProposalState.SENT

    def written(self, offering: Offering, locale: str, by: Person, now: datetime) -> "Proposal":
        return replace(self, offering=offering, locale=locale, written_by=by.id, written_at=now)

    def send(self, by: Person, now: datetime) -> "Proposal":
        return replace(self, state=ProposalState.SENT, sent_by=by.id, sent_at=now)

    def replaced(self) -> "Proposal":
        return replace(self, state=ProposalState.REPLACED)

    def revoke(self, now: datetime) -> "Proposal":
        return replace(self, state=ProposalState.REVOKED, revoked_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to a proposal's page.

    Only the token's hash is stored. A ``preview`` is for colleagues and shows drafts, too.
    """

    id: int = 0
    proposal_id: int
    token_hash: str
    preview: bool
    made_by: int
    made_at: datetime
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= self.expires_at


class ReplyKind(StrEnum):
    """What a customer does on the page: asks something, or accepts."""

    QUESTION = "question"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReply:
    """What a customer wrote on a proposal's page.

    ``key`` is of one loading of the page and one kind, so that what is sent twice counts once.
    ``edition`` is the accepted one, where there is a choice. ``name`` is what they call themselves;
    nobody vouches for it.
    """

    id: int = 0
    lead_id: int
    proposal_id: int
    kind: ReplyKind
    edition: Edition | None = None
    name: str = ""
    words: str = ""
    at: datetime
    key: str


class MailState(StrEnum):
    """Where a mail to a customer is; ``sending`` is handed over to the mail server right now."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMail:
    """A mail that brings a customer the link.

    ``body`` holds the link and is emptied once the mail is sent or given up. ``problem`` is why it
    was given up: ``refused``, ``address``, ``unclear``, ``late`` or ``withdrawn``. ``tried_at`` is
    when it was last handed over.
    """

    id: int = 0
    lead_id: int
    proposal_id: int
    address: str
    subject: str
    body: str
    written_by: int
    written_at: datetime
    state: MailState = MailState.WAITING
    problem: str = ""
    tried_at: datetime | None = None

    def handed_over(self, now: datetime) -> "ProposalMail":
        return replace(self, state=MailState.SENDING, tried_at=now)

    def put_back(self) -> "ProposalMail":
        """The mail server was away: nothing was sent."""
        return replace(self, state=MailState.WAITING)

    def sent(self) -> "ProposalMail":
        return replace(self, state=MailState.SENT, body="")

    def failed(self, problem: str) -> "ProposalMail":
        return replace(self, state=MailState.FAILED, problem=problem, body="")


class NotASolution(ValueError):
    """The text is no pain point with its solution."""


_SOLUTION = re.compile(r"(?P<pain>.{1,200}?)\s*(?:→|->|=>|⇒|—>)\s*(?P<answer>.+)")


def parse_solution(text: str) -> Solution:
    """Parse ``slow answers → a clock for every lead``; raises NotASolution."""
    match = _SOLUTION.fullmatch(text.strip())
    if match is None:
        raise NotASolution(text)
    return Solution(pain=match["pain"].strip(), answer=match["answer"])


TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
"""128 random bits, in characters that no chat interprets as markup."""


def hash_of(token: str) -> str:
    """The stored hash of a token, which is too long to be guessed and so needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
