"""The form for a follow-up, and what was typed in it read once."""

from dataclasses import dataclass
from datetime import datetime

from handlers.labels import enum_options
from handlers.leads import lead_options
from handlers.next_steps import due_at, read_day
from handlers.turns import Turn
from handlers.ui import Choice, Date, Form, LeadPick, LongText, State, Text
from sales.errors import InvalidInput, Problem
from sales.followups import FollowUp, Method
from sales.leads import Lead, lead_number, parse_lead_number

LONGEST_STEP = 300


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
    turn: Turn, *, lead: Lead | None = None, followup: FollowUp | None = None, summary: str = ""
) -> Form:
    """Empty, for a lead, or filled with a follow-up to correct."""
    text = turn.text
    chosen = lead.number if lead else lead_number(followup.lead_id) if followup else ""
    due = followup.next_at if followup else None
    picks = lead_options(turn, chosen) if chosen else lead_options(turn)
    fields = (
        LeadPick(name="lead", label=text("followup.lead"), required=True, value=chosen,
                 options=picks),
        Choice(name="method", label=text("followup.method"), required=True,
               value=followup.method if followup else Method.CALL,
               options=enum_options(Method, turn.language)),
        LongText(name="summary", label=text("followup.summary"), required=True,
                 value=followup.summary if followup else summary,
                 placeholder=text("followup.summary_example")),
        LongText(name="feedback", label=text("followup.feedback"), max_length=1000,
                 value=followup.feedback if followup else "",
                 placeholder=text("followup.feedback_example")),
        Text(name="next_step", label=text("followup.next_step"), max_length=LONGEST_STEP,
             value=followup.next_step if followup else "",
             placeholder=text("followup.next_step_example")),
        Date(name="next_on", label=text("followup.next_on"),
             value=due.astimezone(turn.timezone).date().isoformat() if due else ""),
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
    summary = turn.typed("summary")
    if not summary:
        problems["summary"] = Problem("summary_missing")
    next_step, next_on = turn.typed("next_step"), None
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
        summary=summary[:2000],
        feedback=turn.typed("feedback")[:1000],
        next_step=next_step[:LONGEST_STEP]
        or (turn.text("followup.default_step") if next_on else ""),
        next_at=due_at(next_on, turn) if next_on else None,
    )


def _state(followup: FollowUp | None) -> State:
    return {"followup": str(followup.id)} if followup else {}
