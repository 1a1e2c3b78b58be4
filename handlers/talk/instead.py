"""A remark that was meant as a follow-up: the form takes its words over, and the saved follow-up
stands for the remark."""

from dataclasses import replace

from handlers.followup_form import followup_form
from handlers.requests import Reply, record_id
from handlers.turns import Turn
from sales.discussion import Remark


def open_form(turn: Turn) -> Reply:
    """Button under a remark of one's own: the follow-up form, filled with what was typed."""
    remark = _own(turn.pressed, turn)
    if remark is None:
        return Reply(toast=turn.text("talk.taken_back"))
    lead = turn.leads.get(remark.lead_id)
    form = followup_form(turn, lead=lead, summary=remark.text)
    return Reply(form=replace(form, state={**form.state, "remark": str(remark.id)}))


def take_back(turn: Turn) -> None:
    """The follow-up that is being saved says it: the remark, if any, was never made."""
    remark = _own(turn.request.state.get("remark", ""), turn)
    if remark is not None:
        turn.remarks.take_back(remark)


def _own(number: str, turn: Turn) -> Remark | None:
    remark = turn.remarks.find(record_id(number) or 0)
    return remark if remark and remark.person_id == turn.actor.id else None
