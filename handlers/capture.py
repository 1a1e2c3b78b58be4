"""A message made a lead: the form, filled with what stands in it [P3]."""

from collections.abc import Iterable
from dataclasses import replace

from handlers.duplicates import known_reply
from handlers.lead_form import lead_form
from handlers.lead_reader import LONGEST
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Form
from sales.amounts import parse_budget
from sales.capture import Captured, read_message
from sales.job_titles import authority_of
from sales.leads import Lead
from sales.people import Role
from sales.playbook import Term

_AT_LEAST = 2
_LOOKED_UP = 5
_SHORT = 4


def capture(turn: Turn) -> Reply:
    """A message, quoted or pasted: the form filled with what stands in it. Somebody whom we
    have already is shown instead, or whoever cares for them asked."""
    text = (turn.request.text or turn.pressed).strip()
    found = read_message(text)
    return _known(found, turn) or Reply(form=_filled(text, found, turn))


def _known(found: Captured, turn: Turn) -> Reply | None:
    phones, emails = found.phones[:_LOOKED_UP], found.emails[:_LOOKED_UP]
    contacts = [*((phone, "") for phone in phones), *(("", email) for email in emails)]
    for phone, email in contacts:
        if known := turn.uow.duplicates.by_contact(phone, email):
            return known_reply(known, turn)
    return None


def _filled(text: str, found: Captured, turn: Turn) -> Form:
    words = turn.playbook.vocabulary
    budget = parse_budget(found.budget) if found.budget else (None, None)
    draft = Lead(
        source=_mentioned(words.sources, text),
        customer=found.customer[: LONGEST["customer"]],
        contact=found.contact[: LONGEST["contact"]],
        title=found.title[: LONGEST["title"]],
        authority=authority_of(found.title),
        phone=next(iter(found.phones), ""),
        email=next(iter(found.emails), ""),
        budget_low=budget[0],
        budget_high=budget[1],
        need=found.need[: LONGEST["need"]],
        industry=_mentioned(words.industries, text),
        region=_mentioned(words.regions, text),
        product=_mentioned(words.products, text),
        stage_since=turn.now,
        team_id=turn.actor.team_id,
        created_at=turn.now,
        created_by=turn.actor.id,
    )
    form = lead_form(turn, draft, ask_owner=turn.actor.role is Role.REP)
    return replace(form, intro=_intro(text, found, turn))


def _intro(text: str, found: Captured, turn: Turn) -> str:
    if not text:
        return turn.text("capture.nothing")
    others = [*found.phones[1:_LOOKED_UP], *found.emails[1:_LOOKED_UP]]
    more = turn.text("capture.others", others=", ".join(others)) if others else ""
    return turn.text("capture.intro") + more


def _mentioned(terms: Iterable[Term], text: str) -> str:
    """The key of the term that the text names; "" when it names none or several."""
    said = text.lower()
    named = {
        term.key
        for term in terms
        if any(len(word) >= _AT_LEAST and word.lower() in said for word in _words_of(term))
    }
    return named.pop() if len(named) == 1 else ""


def _words_of(term: Term) -> tuple[str, ...]:
    """English words of a few letters stand in others (``it`` in ``with``)."""
    return (term.zh if not term.zh.isascii() else "", term.en if len(term.en) > _SHORT else "")
