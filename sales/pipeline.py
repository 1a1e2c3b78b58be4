"""Moving a lead along the pipeline: what a move needs, and how it changes the lead [P2]."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sales.calendar import WorkCalendar
from sales.leads import OPEN_STAGES, PIPELINE, Lead, Stage
from sales.playbook import Playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A requested move of a lead.

    ``ticked`` are keys of the entry criteria that are met; ``reason`` is a key, of a loss or of
    what is unusual about the move, and ``note`` says it in words; the last five are of a deal that
    is won, ``amount`` in whole currency units.
    """

    to: Stage
    ticked: Collection[str] = ()
    reason: str = ""
    note: str = ""
    amount: Decimal | None = None
    contract: str = ""
    specification: str = ""
    payment: str = ""
    liability: str = ""


def stages_from(lead: Lead) -> tuple[Stage, ...]:
    """The stages to which a lead can move, the most likely first.

    A won lead goes on to after-sales, or back to negotiation when the signature does not hold; a
    lost or nurtured one can come back.
    """
    if lead.stage is Stage.WON:
        return (Stage.AFTERSALES, Stage.NEGOTIATION)
    if lead.stage is Stage.AFTERSALES:
        return ()
    others = [stage for stage in (*PIPELINE, Stage.NURTURE, Stage.LOST) if stage is not lead.stage]
    others.remove(Stage.AFTERSALES)
    likely = next_stage(lead.stage)
    return tuple(sorted(others, key=lambda stage: stage is not likely))


def too_long_since(
    today: date, playbook: Playbook, calendar: WorkCalendar
) -> dict[Stage, datetime]:
    """For each stage with an expected length, the moment before which entering it is too long ago.

    More working days than the playbook expects have begun since the day of entering.
    """
    return {
        stage: calendar.midnight(calendar.workdays_before(today, days))
        for stage in OPEN_STAGES
        if (days := playbook.stage(stage).days)
    }


def next_stage(stage: Stage) -> Stage:
    """The stage after this one; a lead outside the pipeline begins again at screening."""
    if stage not in PIPELINE:
        return Stage.SCREENED
    return PIPELINE[min(PIPELINE.index(stage) + 1, len(PIPELINE) - 1)]


def skips(lead: Lead, to: Stage) -> bool:
    """Whether the move skips a stage or goes back: either needs a reason."""
    if to not in PIPELINE:
        return False
    return to is not next_stage(lead.stage)


def goes_back(lead: Lead, to: Stage) -> bool:
    """Whether the move returns to a stage that the lead was beyond."""
    on_the_line = lead.stage in PIPELINE and to in PIPELINE
    return on_the_line and PIPELINE.index(to) < PIPELINE.index(lead.stage)


def why_unusual(lead: Lead, move: Move, playbook: Playbook) -> str:
    """Why a move needs a reason; "" for a usual one.

    It skips or goes back (``skip``), or leaves criteria ``unticked``. The reason for a loss is
    asked in any case.
    """
    missing = {term.key for term in playbook.stage(move.to).criteria} - set(move.ticked)
    if move.to is Stage.LOST:
        return ""
    return "skip" if skips(lead, move.to) else "unticked" if missing else ""


PROPOSAL_SENT = "proposal_sent"
"""The audited reason of the move that a sent proposal makes."""

UNDONE = "undone"
"""The audited reason of taking that move back."""


def stage_once_sent(lead: Lead) -> Stage | None:
    """The stage to which a sent proposal moves a lead [P10]; None where it stays.

    Forward only: one in negotiation, and one that is decided, stays where it is.
    """
    before = PIPELINE[: PIPELINE.index(Stage.PROPOSAL)]
    return Stage.PROPOSAL if lead.stage in (*before, Stage.NURTURE) else None


def moved(lead: Lead, move: Move, now: datetime) -> Lead:
    """The lead after the move.

    Closing removes the next step from the calendar, since nobody is to be reminded of a customer
    who has signed or gone.
    """
    changed = replace(
        lead,
        stage=move.to,
        stage_since=now,
        closed_at=now if move.to in (Stage.WON, Stage.LOST) else lead.closed_at,
        lost_reason=f"{move.reason}-{move.note}".removesuffix("-") if move.to is Stage.LOST else "",
    )
    if move.to is Stage.WON:
        changed = agreed(changed, move)
    if move.to is Stage.NURTURE:
        changed = replace(changed, hot_since=None)
    if move.to in OPEN_STAGES:
        # What is expected stays; of a signature that does not hold, its amount.
        return replace(agreed(changed, Move(to=move.to)), amount=lead.amount, closed_at=None)
    return replace(changed, next_at=None, next_until=None, next_step="", hot_since=None)


def agreed(lead: Lead, move: Move) -> Lead:
    """The lead with the terms agreed with the customer who signs [P13]."""
    return replace(
        lead,
        amount=move.amount,
        contract=move.contract,
        specification=move.specification,
        payment=move.payment,
        liability=move.liability,
    )
