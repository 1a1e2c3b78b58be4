"""A lead's whole history, a page at a time: follow-ups, stage changes, handovers and tasks
[P16]."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from handlers.core.button_values import offset, pack, unpack
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title, lost_reason_label
from handlers.core.lead_facts import loss_text
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Section
from handlers.discussion.cards import remark_line
from handlers.followups.cards import followup_line
from handlers.tasks.cards import done_line, open_line
from sales.assignments import OfferState
from sales.followups import FollowUp
from sales.history import TOLD, RecordedAct
from sales.leads import Lead, Stage, lead_id_of
from sales.people import SYSTEM
from sales.pipeline import PROPOSAL_SENT
from sales.tasks import Task

PAGE = 10
_MOST = 2000
"""Maximum entries of each kind; nobody turns that many pages."""
_Entry = tuple[datetime, str]


def open_history(context: Context) -> Reply:
    """Button on the lead's card: its history."""
    return Reply(card=_card(context))


def page(context: Context) -> Reply:
    """Button: another page, in place of this one."""
    return Reply(update=_card(context))


def history_button(lead: Lead, context: Context) -> Button:
    return Button("lead.history", context.text("button.history"), lead.number)


def log_button(lead: Lead, context: Context) -> Button:
    return Button("followup.log", context.text("button.log"), lead.number)


def _card(context: Context) -> Card:
    lead_id, requested = unpack(context.pressed, lead_id_of, offset)
    lead = context.leads.get(lead_id)
    entries = sorted(_entries(lead, context), key=lambda entry: entry[0], reverse=True)
    last = max(0, (len(entries) - 1) // PAGE)
    place = min(requested, last)
    lines = tuple(line for _, line in entries[place * PAGE : (place + 1) * PAGE])
    key = "history.page" if last else "history.all"
    return Card(
        title=context.text("history.title", lead=lead_title(lead)),
        body=context.text(key, page=place + 1, pages=last + 1, n=len(entries)),
        sections=(Section(lines=lines),) if lines else (),
        buttons=(
            *_paging_buttons(lead, place, last, context),
            Button("followup.list", context.text("button.as_table"), lead.number),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        exact=tuple(task.result.invoice for task in context.tasks.of_lead(lead.id)),
        beneath=True,
    )


def _paging_buttons(lead: Lead, place: int, last: int, context: Context) -> Iterator[Button]:
    if place < last:
        value = pack(lead.number, place + 1)
        yield Button("lead.history_page", context.text("button.older"), value, "primary")
    if place:
        yield Button(
            "lead.history_page", context.text("button.newer"), pack(lead.number, place - 1)
        )


def _entries(lead: Lead, context: Context) -> Iterator[_Entry]:
    """The entries that the reader may see; stage changes and handovers are for sellers only."""
    for followup in context.followups.of_lead(lead.id, _MOST):
        yield followup.at, followup_line(followup, context, whole=True)
    for task in context.tasks.of_lead(lead.id):
        if task.done_at:
            yield task.done_at, done_line(task, context, whole=True)
        else:
            at = context.language.moment(task.created_at)
            yield task.created_at, f"{at} · {open_line(task, context)}"
    if context.actor.sells:
        yield from _seller_entries(lead, context)


def _seller_entries(lead: Lead, context: Context) -> Iterator[_Entry]:
    yield (
        lead.created_at,
        _line(lead.created_at, lead.created_by, context.text("history.made"), context),
    )
    for act in context.uow.audit.of(lead.subject, TOLD, _MOST):
        what = _what(act, context) + _why_moved(act, lead, context)
        yield act.at, _line(act.at, act.actor_id, what, context)
    for review in context.uow.loss_reviews(context.actor).of_lead(lead.id):
        if review.written_at is not None and review.written_by is not None:
            what = context.text("history.loss_review", words=context.said(review.learnt))
            yield review.written_at, _line(review.written_at, review.written_by, what, context)
    for offer in context.uow.offers.history(lead.id):
        if offer.state is not OfferState.WITHDRAWN:
            at = offer.answered_at or offer.offered_at
            what = context.text(f"history.offer_{offer.state}")
            yield at, _line(at, offer.person_id, what, context)


def _line(at: datetime, person_id: int, what: str, context: Context) -> str:
    return " · ".join((context.language.moment(at), _name(person_id, context), what))


def _name(person_id: int, context: Context) -> str:
    if person_id == SYSTEM.id:
        return context.text("history.by_itself")
    return context.uow.people.get(person_id).name


def _what(act: RecordedAct, context: Context) -> str:
    match act.act:
        case "stage.move":
            stages = (Stage(act.detail["from"]), Stage(act.detail["to"]))
            names = {
                key: enum_label(stage, context.language)
                for key, stage in zip(("before", "after"), stages, strict=True)
            }
            return context.text("history.moved", **names)
        case "lead.assign":
            return context.text("history.given", name=_name(int(act.detail["to"]), context))
        case "bulk.undo":
            return context.text("history.taken_back")
    return context.text("history.claimed" if act.act == "pool.claim" else "history.pooled")


def _why_moved(act: RecordedAct, lead: Lead, context: Context) -> str:
    """Why a lead was lost, or moved without anybody choosing it.

    The present loss is told in full; of others the audit log, which holds no free text, has the
    key.
    """
    if act.act == "stage.move" and act.detail.get("reason") == PROPOSAL_SENT:
        return context.text("history.because", reason=context.text("history.proposal_sent"))
    if act.act != "stage.move" or act.detail["to"] != Stage.LOST:
        return ""
    if lead.stage is Stage.LOST and act.at >= lead.stage_since:
        reason = loss_text(lead, context)
    else:
        key = act.detail.get("reason", "")
        reason = lost_reason_label(key, context.language, context.playbook)
    return context.text("history.because", reason=reason)


SHOWN = 3
"""Maximum number of history lines on a card."""
SHOWN_REMARKS = 2
SHORT = 160
"""Maximum characters of a remark on the lead's card."""


Sections: TypeAlias = tuple[Section, ...]


def latest_sections(
    lead: Lead, tasks: list[Task], context: Context, *, with_history: bool = True
) -> tuple[Sections, Sections]:
    """What was done or said last, and what before it; ``tasks`` are those of the lead that the
    reader may see. ``with_history``: whether they may see what was done."""
    entries = _latest(lead, tasks, context) if with_history else []
    remarks = context.discussion.of_lead(lead.id, SHOWN_REMARKS)
    lines = [line for _, line in entries[:SHOWN]]
    said = [remark_line(remark, context, SHORT).replace("\n", " ") for remark in remarks]
    last_is_said = bool(remarks) and (not entries or remarks[0].at > entries[0][0])
    now, before = (said[:1], said[1:]) if last_is_said else (said[:0], said)
    done, earlier = (lines[:0], lines) if last_is_said else (lines[:1], lines[1:])
    at_once = (*_section("talk.heading", now, context), *_section("lead.history", done, context))
    folded = (
        *_section("talk.earlier" if last_is_said else "talk.heading", before[::-1], context),
        *_section("lead.history" if last_is_said else "lead.earlier", earlier, context),
    )
    return at_once, folded


def _section(heading: str, lines: Sequence[str], context: Context) -> Sections:
    return (Section(context.text(heading), tuple(lines)),) if lines else ()


def _latest(lead: Lead, tasks: list[Task], context: Context) -> list[_Entry]:
    """The newest entries first, without what was planned: the next step stands above them, and the
    reader knows who they are."""
    entries = [
        (
            followup.at,
            followup_line(followup, context, by=_is_another(followup, context), then=False),
        )
        for followup in context.followups.of_lead(lead.id, SHOWN)
    ]
    entries += [(task.done_at, done_line(task, context)) for task in tasks if task.done_at]
    entries.sort(key=lambda entry: entry[0], reverse=True)
    return entries


def _is_another(followup: FollowUp, context: Context) -> bool:
    return followup.person_id != context.actor.id
