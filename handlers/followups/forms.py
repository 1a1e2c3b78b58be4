"""The form for a follow-up, and its parser."""

from dataclasses import dataclass
from datetime import datetime

from handlers.core.button_values import pack, unpack
from handlers.core.choices import lead_option, lead_options
from handlers.core.context import Context
from handlers.core.due_dates import due_at, due_label, named_time
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_options
from handlers.core.requests import record_id
from handlers.core.ui import Choice, Date, Field, Form, LeadPick, LongText, Text
from sales import quick_followup
from sales.contact_times import ContactNotYet, ContactTooEarly, contact_time, read_when
from sales.errors import InvalidInput, Problem
from sales.followup_days import Contacted, Habits
from sales.followups import FollowUp, Method
from sales.leads import Lead, lead_number
from sales.people import SYSTEM
from sales.permissions import may_decide_on
from sales.times import split_time

LONGEST = {"summary": quick_followup.LONGEST, "feedback": 1000, "next_step": 300, "when": 60}
"""Maximum length of a field, in characters."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The values of a follow-up form.

    ``when`` is when the contact took place, as it was said; None for now, or as it was before.
    ``unread`` are words for a time that were not understood, ``taken`` those for a day that they do
    not name exactly. ``next_at`` is the due instant, None without a next step; ``has_time``: the
    person named its time of day. ``knows`` is the id of the planned step that the form mentioned,
    0 for none; ``closes`` is true when the form showed that step and the person emptied it. A step
    left unchanged is not a new one: no next step.
    """

    lead_id: int
    method: Method
    summary: str
    feedback: str
    next_step: str
    next_at: datetime | None
    when: Contacted | None = None
    unread: tuple[str, ...] = ()
    taken: str = ""
    knows: int = 0
    closes: bool = False
    has_time: bool = False


def followup_form(
    context: Context,
    *,
    lead: Lead | None = None,
    method: Method = Method.CALL,
    summary: str = "",
    feedback: str = "",
    when: str = "",
    next_step: str = "",
    next_at: datetime | None = None,
    has_time: bool = False,
) -> Form:
    """The follow-up form: empty, for a lead, or filled with what is known. A step already planned
    for the lead is shown too, to be kept, changed or deliberately emptied."""
    step = _step_shown(next_step, next_at if has_time else None, context)
    on = _day_of(next_at, context)
    planned = context.followups.waiting_on(lead.id) if lead else None
    state: dict[str, str] = {}
    hint = ""
    if lead and planned:
        state["step"] = str(planned.id)
        if not may_decide_on(context.actor, lead):
            hint = _step_of(planned, lead, context)
        elif step or on:
            hint = planned_text("followup.step_replaced", planned, context)
        else:
            step = _step_shown(planned.next_step, named_time(planned), context)
            on = _day_of(planned.next_at, context)
            state["planned"] = pack(lead.number, on, step)
            hint = context.text("followup.step_open")
    draft = _Draft(method, when, summary[: LONGEST["summary"]], feedback, step, on, hint)
    return Form(
        action="followup.create",
        title=context.text("followup.title"),
        fields=_fields(lead, draft, context),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state=state,
    )


def correction_form(followup: FollowUp, context: Context) -> Form:
    """The form filled with a follow-up, to correct it."""
    when = _when_shown(followup, context)
    draft = _Draft(
        followup.method,
        when,
        followup.summary,
        followup.feedback,
        _step_shown(followup.next_step, named_time(followup), context),
        _day_of(followup.next_at, context),
    )
    return Form(
        action="followup.update",
        title=context.text("followup.correct_title"),
        fields=_fields(context.leads.get(followup.lead_id), draft, context),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={
            "followup": str(followup.id),
            "version": str(followup.version),
            "when": when,
        },
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """Initial values of a form."""

    method: Method
    when: str
    summary: str
    feedback: str
    next_step: str
    next_on: str
    hint: str = ""


def _fields(lead: Lead | None, draft: _Draft, context: Context) -> tuple[Field, ...]:
    text = context.text
    return (
        LeadPick(name="lead", label=text("followup.lead"), required=True,
                 value=lead.number if lead else "",
                 # A lead that is won or lost can have follow-ups as well.
                 options=(lead_option(lead),) if lead else lead_options(context)),
        Choice(name="method", label=text("followup.method"), required=True,
               value=draft.method, options=enum_options(Method, context.language)),
        Text(name="when", label=text("followup.when"), max_length=LONGEST["when"],
             folded=not draft.when, value=draft.when, placeholder=text("followup.when_example"),
             hint="" if draft.when else text("followup.when_hint")),
        LongText(name="summary", label=text("followup.summary"), required=not draft.feedback,
                 value=draft.summary, placeholder=text("followup.summary_example")),
        LongText(name="feedback", label=text("followup.feedback"), max_length=LONGEST["feedback"],
                 value=draft.feedback, placeholder=text("followup.feedback_example")),
        Text(name="next_step", label=text("followup.next_step"), max_length=LONGEST["next_step"],
             value=draft.next_step, placeholder=text("followup.next_step_example"),
             hint=draft.hint),
        Date(name="next_on", label=text("followup.next_on"), value=draft.next_on),
    )  # fmt: skip


def planned_text(key: str, planned: FollowUp, context: Context, **more: str) -> str:
    """A sentence about a next step, with its date."""
    return context.text(key, step=planned.next_step, day=due_label(planned, context), **more)


def _step_of(planned: FollowUp, lead: Lead, context: Context) -> str:
    """For a colleague working on the lead with its owner: whose step stays if they enter none."""
    name = context.uow.people.get(lead.owner_id or planned.person_id).name
    return planned_text("followup.step_of", planned, context, name=name)


def _step_shown(step: str, due: datetime | None, context: Context) -> str:
    """``15:30 ring again``: the time of a step is typed together with it, as in a one-line
    follow-up."""
    at = f"{due.astimezone(context.language.zone):%H:%M}" if due else ""
    return f"{at} {step}".strip()


def _day_of(due: datetime | None, context: Context) -> str:
    return due.astimezone(context.language.zone).date().isoformat() if due else ""


def _when_shown(followup: FollowUp, context: Context) -> str:
    """``2026-11-27 15:00``, as it can be typed into the form; without the time where that is not
    known."""
    at = followup.at.astimezone(context.language.zone)
    return f"{at:%Y-%m-%d}" if followup.day_only else f"{at:%Y-%m-%d %H:%M}"


def habits_of(context: Context) -> Habits:
    """How days are meant where the person works."""
    return Habits(context.calendar_of(context.actor.id), context.figures)


def when_typed(said: Contacted | None) -> str:
    """When a contact took place, as it can be typed into the form."""
    if said is None:
        return ""
    return f"{said.day} {said.at:%H:%M}" if said.at else f"{said.day}"


def contacted_at(said: Contacted | None, lead: Lead, context: Context) -> tuple[datetime, bool]:
    """The instant of a contact, and whether only its day is known. Raises InvalidInput for a time
    to come, or before there was a lead."""
    if said is None:
        return context.now, False
    clocks = context.uow.clocks(SYSTEM).waiting_on(lead.id)
    created = context.followups.began(lead)
    here = context.now.astimezone(context.language.zone)
    try:
        return contact_time(said, here, created=created, begun=[one.started_at for one in clocks])
    except ContactNotYet:
        raise InvalidInput(
            {"when": Problem("when_to_come", now=context.language.moment(here))}
        ) from None
    except ContactTooEarly:
        first = created or context.now
        at = context.language.moment(first)
        problem = Problem("when_before_lead", lead=lead.number, first=at)
        raise InvalidInput({"when": problem}) from None


def read_followup(context: Context) -> Entry:
    """Parse the form. Raises InvalidInput naming every field that is wrong, and LeadNotFound for a
    lead that the actor may not see."""
    shown, habits = context.request.state.get("planned", ""), habits_of(context)
    with FormReader(context) as form:
        lead_id = form.lead_id("lead")
        step, day = context.line("next_step"), context.typed("next_on")
        # The date of an unchanged step may have passed by now; it was not chosen in this form.
        was = unpack(shown, str, str, str, former="|")
        left = bool(shown) and was == (lead_number(lead_id), day, step)
        feedback = form.words("feedback", LONGEST["feedback"])
        missing = "" if feedback else "summary_missing"
        summary = form.words("summary", LONGEST["summary"], missing=missing)
        when = None
        if context.line("when") != context.request.state.get("when", ""):
            when = form.parsed(
                "when",
                lambda typed: read_when(typed, context.today_here, habits, context.clock_here),
            )
        step = "" if left else form.line("next_step", LONGEST["next_step"])
        next_on, at = (None, None) if left else form.moment("next_on")
        if step and not day:
            form.refuse("next_on", "next_on_missing")
        method = form.one_of("method", Method)
    step, in_step = split_time(step)
    at = at or in_step
    return Entry(
        lead_id=lead_id,
        method=Method(method),
        summary=summary,
        feedback=feedback,
        next_step=step or (context.text("followup.default_step") if next_on else ""),
        next_at=due_at(next_on, context, at) if next_on else None,
        when=when,
        knows=record_id(context.request.state.get("step", "")) or 0,
        closes=bool(shown) and not left and next_on is None,
        has_time=at is not None,
    )
