"""View model of a proposal's page: all text in the reader's language, every sum computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from handlers.core.labels import enum_label
from handlers.core.language import Language
from handlers.proposals.customer_page import LONGEST, Page
from sales.phones import spaced_phone
from sales.proposals import Case, CustomerReply, ReplyKind, Solution
from sales.quotes import Edition, Quote


@dataclass(frozen=True, slots=True)
class RowView:
    """A module: its amounts by edition, in the order of the editions; "" if it is not included."""

    name: str
    about: str
    average: str
    quantity: int
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionView:
    """``listed`` and ``discount`` are empty without a discount."""

    name: str
    net: str
    listed: str
    discount: str
    recommended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyState:
    """Where a reader is with a reply.

    ``sent``: what has just arrived; ``kind`` with ``typed`` and ``errors``: what did not, and why;
    ``notice`` is about the whole form.
    """

    sent: ReplyKind | None = None
    kind: ReplyKind | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """The part of the page in which a customer asks or accepts.

    ``accepted`` says that they did, "" before. ``editions`` are those to choose from, by value.
    """

    phone: str
    phone_url: str
    open: bool
    may_accept: bool
    accepted: str
    sent: str
    editions: tuple[tuple[str, str], ...]
    asking: bool
    accepting: bool
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    notice: str
    longest: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    lang: str
    title: str
    seller: str
    logo: str
    customer: str
    sender: str
    written: str
    valid: str
    is_over: bool
    notice: str
    opening: str
    solutions: tuple[Solution, ...]
    editions: tuple[EditionView, ...]
    rows: tuple[RowView, ...]
    discount: str
    cases: tuple[Case, ...]
    terms: str
    address: str
    ticket: str
    """Where the page reports that a person reads, and for which page load; empty for a
    colleague."""
    after: int
    """Seconds the page must be visible before it does."""
    reply: ReplyView
    words: Mapping[str, str]


_WORDS = (
    "prepared_by",
    "date",
    "pains",
    "quote",
    "module",
    "quantity",
    "total",
    "before",
    "not_included",
    "recommended",
    "cases",
    "terms",
    "seen",
    "over",
    "reply",
    "reply_question",
    "reply_question_hint",
    "reply_name",
    "reply_ask",
    "reply_accept",
    "reply_edition",
    "reply_remark",
    "reply_accept_now",
    "reply_closed",
    "reply_trap",
    "reply_call",
)


def draw_proposal(
    page: Page,
    language: Language,
    *,
    address: str,
    ticket: str,
    today: date,
    state: ReplyState | None = None,
    logo: str = "",
) -> ProposalView:
    """Build the view.

    ``ticket`` is empty if the reading does not count, ``logo`` if there is none.
    """
    proposal, offering = page.proposal, page.proposal.offering
    quote = offering.quote
    at = proposal.sent_at or proposal.written_at
    notice = "preview" if page.preview else "newer" if page.newer else ""
    written = language.full_day(at.astimezone(language.timezone).date())
    return ProposalView(
        lang=language.locale.replace("_", "-"),
        title=language.text("reader.title", customer=page.customer),
        seller=page.seller,
        logo=logo,
        customer=page.customer,
        sender=page.sender,
        written=written,
        valid=language.text("reader.valid", day=language.full_day(offering.valid_until)),
        is_over=offering.valid_until < today,
        notice=language.text(f"reader.{notice}", day=written) if notice else "",
        opening=offering.opening,
        solutions=offering.solutions,
        editions=tuple(
            _edition(edition, quote, offering.recommended, language) for edition in quote.editions
        ),
        rows=_rows(quote, language),
        discount=_discount(quote.discount, language),
        cases=offering.cases,
        terms=offering.terms,
        address=address,
        ticket=ticket,
        after=page.seen_seconds,
        reply=_reply(
            page,
            state or ReplyState(),
            language,
            is_open=bool(ticket),
            is_over=offering.valid_until < today,
        ),
        words={
            **{name: language.text(f"reader.{name}") for name in _WORDS},
            "ask": language.text("reader.ask", sender=page.sender),
            "reply_what": language.text("reader.reply_what", sender=page.sender),
        },
    )


def _reply(
    page: Page, state: ReplyState, language: Language, *, is_open: bool, is_over: bool
) -> ReplyView:
    editions = page.proposal.offering.quote.editions
    accepted = accepted_text(page.accepted, language) if page.accepted else ""
    sent = state.sent and language.text(f"reader.reply_sent_{state.sent}", sender=page.sender)
    return ReplyView(
        phone=spaced_phone(page.phone),
        phone_url=f"tel:{page.phone}" if page.phone else "",
        open=is_open,
        may_accept=not accepted and not is_over,
        accepted=accepted,
        sent=sent or "",
        editions=tuple((one.value, enum_label(one, language)) for one in editions)
        if len(editions) > 1
        else (),
        asking=state.kind is ReplyKind.QUESTION,
        accepting=state.kind is ReplyKind.ACCEPTED,
        typed={name: state.typed.get(name, "") for name in ("words", "name", "edition")},
        errors={name: state.errors.get(name, "") for name in ("words", "name", "edition")},
        notice=state.notice,
        longest=LONGEST,
    )


def accepted_text(reply: CustomerReply, language: Language) -> str:
    """``Accepted on Friday, March 1, 2024 · Advanced · Robin``."""
    day = language.full_day(reply.at.astimezone(language.timezone).date())
    edition = enum_label(reply.edition, language) if reply.edition else ""
    accepted = language.text("reader.reply_accepted", day=day)
    return " · ".join(filter(None, (accepted, edition, reply.name)))


def _edition(
    edition: Edition, quote: Quote, recommended: Edition | None, language: Language
) -> EditionView:
    total = quote.total(edition)
    return EditionView(
        name=enum_label(edition, language),
        net=language.price(total.net),
        listed=language.price(total.listed) if total.discount else "",
        discount=f"\N{MINUS SIGN}{language.price(total.discount)}" if total.discount else "",
        recommended=edition is recommended and len(quote.editions) > 1,
    )


def _rows(quote: Quote, language: Language) -> tuple[RowView, ...]:
    return tuple(
        RowView(
            line.name,
            line.about,
            line.average,
            line.quantity,
            tuple(
                "" if (amount := line.amount(edition)) is None else language.price(amount)
                for edition in quote.editions
            ),
        )
        for line in quote.lines
    )


def _discount(percent: Decimal, language: Language) -> str:
    return language.text("reader.discount", percent=language.number(percent)) if percent else ""
