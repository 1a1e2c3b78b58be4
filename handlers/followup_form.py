"""The form for a follow-up, and what was typed in it read once."""

from dataclasses import dataclass
from datetime import date, datetime

from handlers.labels import enum_options
from handlers.leads import lead_option, lead_options
from handlers.next_steps import due_at, read_day
from handlers.turns import Turn
from handlers.ui import Choice, Date, Form, LeadPick, LongText, State, Text
from sales.errors import InvalidInput, Problem
from sales.followups import FollowUp, Method
from sales.leads import Lead, parse_lead_number

LONGEST = {"summary": 2000, "feedback": 1000, "next_step": 300}
"""Characters that a field takes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a follow-up form says. ``next_at`` is the due instant, None without a next step."""

    lead_id: int
    method: Method
    summary: str
    feedback: str
    next_step: str
    next_at: datetime | None


def followup_form(
    turn: Turn,
    *,
    lead: Lead | None = None,
    followup: FollowUp | None = None,
    summary: str = "",
    next_step: str = "",
    next_on: date | None = None,
) -> Form:
    """Empty, for a lead, with a step that is suggested, or filled with a follow-up to correct."""
    text = turn.text
    lead = turn.leads.get(followup.lead_id) if followup else lead
    due = followup.next_at if followup else None
    day = due.astimezone(turn.language.zone).date() if due else next_on
    fields = (
        LeadPick(name="lead", label=text("followup.lead"), required=True,
                 value=lead.number if lead else "",
                 # A lead that is won or lost is followed up as well.
                 options=(lead_option(lead),) if lead else lead_options(turn)),
        Choice(name="method", label=text("followup.method"), required=True,
               value=followup.method if followup else Method.CALL,
               options=enum_options(Method, turn.language)),
        LongText(name="summary", label=text("followup.summary"), required=True,
                 value=followup.summary if followup else summary[: LONGEST["summary"]],
                 placeholder=text("followup.summary_example")),
        LongText(name="feedback", label=text("followup.feedback"), max_length=LONGEST["feedback"],
                 value=followup.feedback if followup else "",
                 placeholder=text("followup.feedback_example")),
        Text(name="next_step", label=text("followup.next_step"), max_length=LONGEST["next_step"],
             value=followup.next_step if followup else next_step,
             placeholder=text("followup.next_step_example")),
        Date(name="next_on", label=text("followup.next_on"),
             value=day.isoformat() if day else ""),
    )  # fmt: skip
    return Form(
        action="followup.update" if followup else "followup.create",
        title=text("followup.correct_title" if followup else "followup.title"),
        fields=fields,
        submit=text("button.save"),
        cancel=text("button.cancel"),
        state=_state(followup),
    )


def read_followup(turn: Turn) -> Entry:
    """Raises InvalidInput naming every field that is wrong, LeadNotFound for a lead that is
    not the actor's to see."""
    problems: dict[str, Problem] = {}
    lead_id = parse_lead_number(turn.typed("lead"))
    if lead_id is None:
        problems["lead"] = Problem("lead_missing")
    summary, feedback = turn.typed("summary"), turn.typed("feedback")
    next_step, next_on = turn.line("next_step"), None
    if not summary:
        problems["summary"] = Problem("summary_missing")
    typed = {"summary": summary, "feedback": feedback, "next_step": next_step}
    problems |= {
        name: Problem("too_long", n=longest)
        for name, longest in LONGEST.items()
        if len(typed[name]) > longest
    }
    try:
        next_on = read_day("next_on", turn)
        if next_step and next_on is None:
            problems["next_on"] = Problem("next_on_missing")
    except InvalidInput as error:
        problems |= error.problems
    method = turn.typed("method")
    if method not in tuple(Method):
        problems["method"] = Problem("choose_one")
    if problems:
        raise InvalidInput(problems)
    return Entry(
        lead_id=lead_id or 0,
        method=Method(method),
        summary=summary,
        feedback=feedback,
        next_step=next_step or (turn.text("followup.default_step") if next_on else ""),
        next_at=due_at(next_on, turn) if next_on else None,
    )


def _state(followup: FollowUp | None) -> State:
    return {"followup": str(followup.id), "version": str(followup.version)} if followup else {}
