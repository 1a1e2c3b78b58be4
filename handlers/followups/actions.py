"""Follow-ups: log what was said, and keep the next step scheduled [P16]."""

import re
from dataclasses import replace
from datetime import datetime

from handlers.core.context import Context
from handlers.core.due_dates import due_at, until_when
from handlers.core.events import FollowupCorrected, FollowupLogged, NextStepPlanned
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.text import one_line
from handlers.core.ui import Button, Card, Form
from handlers.followups.cards import followup_line, not_counted, unread_text, when_reminded
from handlers.followups.forms import (
    LONGEST,
    Entry,
    contacted_at,
    correction_form,
    followup_form,
    habits_of,
    planned_text,
    read_followup,
    when_typed,
)
from handlers.followups.listing import asks_for_list, open_list, words_about
from handlers.followups.next_step import close_step, contacted_on, followup_of, show_next_step
from sales.errors import Conflict, InvalidInput, NotAllowed
from sales.followups import FollowUp, Method
from sales.leads import Lead, lead_id_of, lead_number, parse_lead_number
from sales.people import SELLERS
from sales.permissions import may_correct, may_decide_on
from sales.quick_followup import is_method, parse_line

_NAME_WORDS = 5
"""The most words that a customer's name may have."""
_LOOKED_AT = 20
_APART = re.compile(r"(?:\s|[，,：:；;、。](?!\d))+")
"""What sets a customer's name off; voice input writes commas."""


def open_command(context: Context) -> Reply:
    """``/followup``: the form; after a number or a customer's name, log the rest of the line at
    once; after ``list`` the table of follow-ups."""
    listed = asks_for_list(context.request.text)
    if listed is not None:
        if about := words_about(listed, context):
            return offer(context.leads.get(about[0]), about[1], context)
        return open_list(listed, context)
    first, *rest = context.request.text.split(maxsplit=1)[:2] or [""]
    if not first:
        return new(context)
    lead_id = parse_lead_number(first)
    if lead_id is None:
        return _by_name(context)
    return _log_line(context.leads.get(lead_id), "".join(rest), context)


def new(context: Context) -> Reply:
    """Button: the form, for any lead."""
    return Reply(form=followup_form(context))


def log(context: Context) -> Reply:
    """Button: the form for one lead."""
    return Reply(form=followup_form(context, lead=context.leads.get(lead_id_of(context.pressed))))


def offer(lead: Lead, line: str, context: Context) -> Reply:
    """The form filled from a line that names the lead but does not say that it is to be logged."""
    return Reply(form=_filled_form(lead, _parse_entry(lead, line, context), context))


def create(context: Context) -> Reply:
    """Form: log a follow-up."""
    entry = read_followup(context)
    lead = context.leads.get(entry.lead_id)
    at = contacted_at(entry.when, lead, context)
    planned = context.followups.waiting_on(lead.id)
    if planned and entry.knows != planned.id and _replaces_owners_step(lead, entry, context):
        form = _filled_form(lead, entry, context)
        return Reply(form=form, errors={WHOLE_FORM: context.text("followup.step_unseen")})
    return Reply(card=_save_logged(lead, entry, at, planned, context))


def _log_line(lead: Lead, line: str, context: Context) -> Reply:
    """Log one line at once; the card shows how it was parsed. If nothing says what was discussed,
    there was no contact yet: the form asks for it, filled with what is known."""
    entry = _parse_entry(lead, line, context)
    planned = context.followups.waiting_on(lead.id)
    # Text too long for one line is cut in the form, where the person sees it.
    too_long = len(line) > LONGEST["summary"] or len(entry.next_step) > LONGEST["next_step"]
    said = entry.summary or entry.feedback
    undated = bool(entry.next_step) and entry.next_at is None
    if not said or too_long or undated or (planned and _replaces_owners_step(lead, entry, context)):
        return Reply(form=_filled_form(lead, entry, context, undated=undated))
    try:
        at = contacted_at(entry.when, lead, context)
    except InvalidInput as error:
        why = context.text(f"problem.{error.problems['when'].key}", **error.problems["when"].params)
        return Reply(form=replace(_filled_form(lead, entry, context), intro=why))
    return Reply(card=_save_logged(lead, entry, at, planned, context))


def _parse_entry(lead: Lead | None, line: str, context: Context) -> Entry:
    parsed = parse_line(line, context.today_here, context.clock_here, habits_of(context))
    default_method = Method.OTHER if parsed.summary else Method.CALL
    return Entry(
        lead_id=lead.id if lead else 0,
        method=parsed.method or default_method,
        summary=parsed.summary,
        feedback=parsed.feedback,
        next_step=one_line(parsed.next_step)
        or (context.text("followup.default_step") if parsed.next_on else ""),
        next_at=due_at(parsed.next_on, context, parsed.next_time) if parsed.next_on else None,
        when=parsed.contacted,
        unread=parsed.unread,
        taken=parsed.taken,
        has_time=parsed.next_time is not None,
    )


def _replaces_owners_step(lead: Lead, entry: Entry, context: Context) -> bool:
    """Whether a new step would replace the owner's, by a colleague who must be told so first."""
    return entry.next_at is not None and not may_decide_on(context.actor, lead)


def _filled_form(
    lead: Lead | None, entry: Entry, context: Context, *, undated: bool = False
) -> Form:
    """The form, filled with what was already typed. ``undated``: it asks for the day of a step."""
    form = followup_form(
        context,
        lead=lead,
        method=entry.method,
        summary=entry.summary,
        feedback=entry.feedback,
        when=when_typed(entry.when),
        next_step=entry.next_step,
        next_at=entry.next_at,
        has_time=entry.has_time,
    )
    asked = context.text("followup.undated", step=entry.next_step) if undated else ""
    intro = "\n".join(filter(None, (unread_text(entry.unread, context), asked)))
    return replace(form, intro=intro)


def _save_logged(
    lead: Lead,
    entry: Entry,
    contacted: tuple[datetime, bool],
    planned: FollowUp | None,
    context: Context,
) -> Card:
    """Save the follow-up and schedule reminders for its next step.

    The new step replaces the ``planned`` one. Without a new step the planned one stays, unless the
    person emptied it knowingly.
    """
    emptied = planned is not None and entry.closes and entry.knows == planned.id
    closed = planned if entry.next_at or emptied else None
    if closed:
        close_step(closed, context)
    at, day_only = contacted
    followup = context.followups.add(
        FollowUp(
            lead_id=lead.id,
            person_id=context.actor.id,
            at=at,
            logged_at=None if at == context.now else context.now,
            day_only=day_only,
            method=entry.method,
            summary=entry.summary,
            feedback=entry.feedback,
            next_step=entry.next_step,
            next_at=entry.next_at,
            next_until=_until(entry, lead, context),
        )
    )
    show_next_step(contacted_on(lead, at), context)
    context.publish(FollowupLogged(lead, followup))
    return logged_card(followup, context, closed, entry)


def logged_card(
    followup: FollowUp,
    context: Context,
    closed: FollowUp | None = None,
    entry: Entry | None = None,
) -> Card:
    """How the follow-up was parsed, and what happened to the previously planned step. It is
    ``closed``, or still open. The ``entry`` tells what was not understood in it."""
    lead = context.leads.get(followup.lead_id)
    open_step = None if followup.is_waiting else context.followups.waiting_on(lead.id)
    own = open_step if open_step and may_decide_on(context.actor, lead) else None
    unread, taken = (entry.unread, entry.taken) if entry else ((), "")
    lines = [followup_line(followup, context, timed=followup.logged_at is not None)]
    if unread:
        lines.append(unread_text(unread, context))
    if taken and followup.next_at:
        day = context.language.day_of(followup.next_at)
        lines.append(context.text("followup.taken", words=taken, day=day))
    if closed:
        key = "followup.replaced" if followup.is_waiting else "followup.closed"
        lines.append(planned_text(key, closed, context))
    if open_step:
        key = "followup.kept_unread" if unread else "followup.kept"
        lines.append(planned_text(key, open_step, context))
    reminded = "" if open_step and not own else when_reminded(own or followup, context)
    return Card(
        title=context.text("followup.logged", lead=lead_title(lead)),
        body="\n".join(lines),
        buttons=(
            *_open_step_buttons(own, context),
            Button("followup.correct", context.text("button.correct"), str(followup.id)),
            Button("lead.show", context.text("button.open"), lead.number),
        ),
        footnote=not_counted(followup, context) or reminded,
        tone="good" if (followup.is_waiting or open_step) and not unread else "warning",
        confirms=lead.subject,
    )


def _open_step_buttons(open_step: FollowUp | None, context: Context) -> tuple[Button, ...]:
    """Buttons for a step that stayed open: it may be what was just done."""
    if open_step is None:
        return ()
    value = str(open_step.id)
    return (
        Button("reminder.done", context.text("button.step_done"), value, "primary"),
        Button("reminder.reschedule", context.text("button.reschedule"), value),
    )


def _by_name(context: Context) -> Reply:
    """``/followup A科技 电话 …``: log for the lead named, if only one matches.

    Otherwise open the form, filled with what was typed.
    """
    text = context.request.text.strip()
    if lead := _lead_by_name(text, context):
        return Reply(form=followup_form(context, lead=lead))
    words = _APART.split(text, maxsplit=_NAME_WORDS)
    for count in range(len(words) - 1, 0, -1):
        name = " ".join(words[:count])
        line = _APART.split(text, maxsplit=count)[count]
        if (lead := _lead_by_name(name, context)) and _is_customer(name, lead):
            return _log_line(lead, line, context)
        if not is_method(name) and context.leads.search(name, 1):
            # Several leads match the name: the form asks which one is meant.
            entry = _parse_entry(None, line, context)
            named = replace(entry, summary=f"{name} {entry.summary}".strip())
            return Reply(form=_filled_form(None, named, context))
    matches = context.leads.search(text, 1)
    return Reply(
        form=_filled_form(None, _parse_entry(None, "" if matches else text, context), context)
    )


def _is_customer(name: str, lead: Lead) -> bool:
    """Whether the name is part of the customer's. A search also finds contacts and single letters:
    too little to log something at once."""
    return len(name) > 1 and name.casefold() in lead.customer.casefold()


def _lead_by_name(name: str, context: Context) -> Lead | None:
    """The one lead that a name means: if several match, the only one that the actor owns."""
    if is_method(name):
        return None
    matches = context.leads.search(name, _LOOKED_AT)
    own = [lead for lead in matches if lead.owner_id == context.actor.id]
    return own[0] if len(own) == 1 else matches[0] if len(matches) == 1 else None


_LOOKED_BACK = 30
"""How many follow-ups are searched for a step left open. So many may have been logged since without
a step of their own."""


def correct(context: Context) -> Reply:
    """Button: the form filled with a follow-up, to correct it."""
    followup = followup_of(context.pressed, context)
    _require_own(followup, context)
    return Reply(form=correction_form(followup, context))


def _require_own(followup: FollowUp, context: Context) -> None:
    """Raises NotAllowed for a follow-up that the actor may read, and not correct."""
    if not may_correct(context.actor, followup):
        raise NotAllowed(roles=sorted(SELLERS))


def update(context: Context) -> Reply:
    """Form: correct a logged follow-up, without silently overwriting what somebody else saved
    meanwhile."""
    entry = read_followup(context)
    former, leads = _locked_followup(
        context.request.state.get("followup", ""), entry.lead_id, context
    )
    _require_own(former, context)
    [target] = [lead for lead in leads if lead.id == entry.lead_id]
    followup = _corrected(former, entry, target, context)
    if str(former.version) != context.request.state.get("version"):
        form = correction_form(followup, context)
        return Reply(form=form, errors={WHOLE_FORM: context.text("followup.changed_meanwhile")})
    rival = context.followups.waiting_on(entry.lead_id)
    closed = rival if followup.is_waiting and rival and rival.id != followup.id else None
    if closed:
        close_step(closed, context)
    followup = context.followups.save(followup)
    context.publish(NextStepPlanned(followup))
    if followup.lead_id != former.lead_id:
        _reopen_what_it_closed(former, context)
    if (followup.lead_id, followup.at) != (former.lead_id, former.at):
        leads = [_with_last_contact(lead, context) for lead in leads]
    context.publish(FollowupCorrected(former, followup, tuple(leads)))
    for lead in leads:
        show_next_step(lead, context)
    context.uow.outbox.refresh(followup.subject)
    return Reply(update=logged_card(followup, context, closed))


def _locked_followup(value: str, target_id: int, context: Context) -> tuple[FollowUp, list[Lead]]:
    """The follow-up, with the leads it comes from and goes to, locked in a fixed order."""
    lead_ids = {followup_of(value, context).lead_id, target_id}
    leads = [context.leads.get(lead_id) for lead_id in sorted(lead_ids)]
    followup = followup_of(value, context)
    if followup.lead_id not in lead_ids:
        raise Conflict(number=lead_number(followup.lead_id))
    return followup, leads


def _until(entry: Entry, lead: Lead, context: Context) -> datetime | None:
    if entry.next_at is None:
        return None
    return until_when(entry.next_at, lead.owner_id, context, has_time=entry.has_time)


def _corrected(former: FollowUp, entry: Entry, lead: Lead, context: Context) -> FollowUp:
    at, day_only = former.at, former.day_only
    if entry.when:
        at, day_only = contacted_at(entry.when, lead, context)
    return replace(
        former,
        lead_id=entry.lead_id,
        at=at,
        logged_at=None if at == former.entered_at else former.entered_at,
        day_only=day_only,
        method=entry.method,
        summary=entry.summary,
        feedback=entry.feedback,
        next_step=entry.next_step,
        next_at=entry.next_at,
        next_until=former.next_until
        if entry.next_at == former.next_at
        else _until(entry, lead, context),
        closed_at=_closed_at(former, entry, context),
    )


def _closed_at(former: FollowUp, entry: Entry, context: Context) -> datetime | None:
    """When the step counts as closed. A new date reopens the step, even one that was done; but the
    newest follow-up of a lead decides what comes next."""
    if entry.next_at is None:
        return None
    stays = former.is_waiting and entry.lead_id == former.lead_id
    opens = former.is_waiting or entry.next_at != former.next_at
    newest = context.followups.of_lead(entry.lead_id, 1)
    is_newest = not newest or newest[0].id == former.id or newest[0].at <= former.at
    return None if stays or (opens and is_newest) else former.closed_at or context.now


def _reopen_what_it_closed(former: FollowUp, context: Context) -> None:
    """Reopen the next step that a follow-up logged for the wrong lead had closed there."""
    for before in context.followups.of_lead(former.lead_id, _LOOKED_BACK):
        if before.next_at and before.closed_at == former.entered_at:
            reopened = context.followups.save(replace(before, closed_at=None))
            context.publish(NextStepPlanned(reopened))
            context.uow.outbox.refresh(before.subject)


def _with_last_contact(lead: Lead, context: Context) -> Lead:
    newest = context.followups.of_lead(lead.id, 1)
    return replace(lead, last_contact_at=newest[0].at if newest else None)
