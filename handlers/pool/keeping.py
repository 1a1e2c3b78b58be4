"""Extending: a lead's owner, or a leader, keeps it from returning to the pool, and says why."""

from datetime import date

from handlers.deciding import lead_to_decide
from handlers.labels import lead_title
from handlers.lead_card import lead_card
from handlers.next_steps import read_day
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Date, Field, Form, Text
from sales.errors import InvalidInput, NotForPool, Problem
from sales.leads import Lead, lead_id_of
from sales.permissions import leads_team_of
from sales.pool import Extension, Holding, extended_to

LONGEST_REASON = 150


def extend(turn: Turn) -> Reply:
    """Button: why, and for a leader, until when."""
    lead, holding = _held(turn.pressed, turn)
    leads = leads_team_of(turn.actor, lead)
    until = _by_oneself(holding, turn)
    if until is None and not leads:
        return Reply(toast=turn.text("pool.no_more_extensions", n=turn.playbook.pool.extensions))
    reason = Text(
        name="reason",
        label=turn.text("pool.extend_reason"),
        hint=turn.text("pool.extend_example"),
        required=True,
        max_length=LONGEST_REASON,
    )
    until_field = Date(
        name="until",
        label=turn.text("pool.until"),
        required=True,
        value=(until or turn.today).isoformat(),
    )
    fields: tuple[Field, ...] = (until_field, reason) if leads else (reason,)
    return Reply(
        form=Form(
            action="pool.keep",
            title=turn.text("pool.extend_title"),
            intro=_intro(lead, holding, until, turn),
            fields=fields,
            submit=turn.text("pool.extend_submit"),
            cancel=turn.text("button.cancel"),
            state={"value": lead.number},
        )
    )


def keep(turn: Turn) -> Reply:
    """Form: the lead stays its owner's until that day at least."""
    lead, holding = _held(turn.pressed, turn)
    until = _until(lead, holding, turn)
    if until is None:
        return Reply(toast=turn.text("pool.no_more_extensions", n=turn.playbook.pool.extensions))
    reason = turn.line("reason")
    if not reason:
        raise InvalidInput({"reason": Problem("extend_reason_missing")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Problem("too_long", n=LONGEST_REASON)})
    turn.uow.holdings.extend(
        Extension(
            lead_id=lead.id,
            owner_id=holding.owner_id,
            by_id=turn.actor.id,
            at=turn.now,
            until=until,
            reason=reason,
        )
    )
    # Why is kept with the extension, and may be forgotten with it.
    told = {"until": until.isoformat()}
    turn.uow.audit.record(turn.actor, "pool.extend", lead.subject, told)
    turn.uow.outbox.refresh(lead.subject)
    toast = turn.text("pool.extended", lead=lead.number, day=turn.language.day(until))
    return Reply(update=lead_card(lead, turn), toast=toast)


def _held(number: str, turn: Turn) -> tuple[Lead, Holding]:
    """Raises LeadNotFound, OthersDecide, or NotForPool for a lead that never returns anyway."""
    lead = lead_to_decide(lead_id_of(number), turn)
    holding = turn.uow.holdings.of(lead.id)
    if holding is None or not turn.playbook.pool.patience(holding.stage, holding.grade):
        raise NotForPool(lead=lead.number)
    return lead, holding


def _until(lead: Lead, holding: Holding, turn: Turn) -> date | None:
    """None when the owner may not extend any more. Raises InvalidInput."""
    if not leads_team_of(turn.actor, lead):
        return _by_oneself(holding, turn)
    day = read_day("until", turn)
    if day is None:
        raise InvalidInput({"until": Problem("next_on_missing")})
    return day


def _by_oneself(holding: Holding, turn: Turn) -> date | None:
    return extended_to(holding, turn.playbook.pool, turn.calendar, turn.today)


def _intro(lead: Lead, holding: Holding, until: date | None, turn: Turn) -> str:
    if leads_team_of(turn.actor, lead) or until is None:
        return turn.text("pool.extend_leader", lead=lead_title(lead))
    left = turn.playbook.pool.extensions - holding.own_extensions
    day = turn.language.day(until)
    return turn.text("pool.extend_intro", lead=lead_title(lead), day=day, n=left)
