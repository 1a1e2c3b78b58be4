"""What follows from each event, in order: the one place where subjects meet.

Each function runs in the unit of work of the event, so that what follows is kept or lost with it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.assignment.service import accept_by_acting
from handlers.collaboration.service import close_previews, end_sharing
from handlers.core.automation_events import happened, lead_moved
from handlers.core.context import Context
from handlers.core.events import (
    FollowupCorrected,
    FollowupLogged,
    LeadEntrusted,
    LeadMoved,
    LeadReleased,
    NextStepPlanned,
    OwnerChanged,
    PersonChanged,
    RepeatSignalled,
)
from handlers.discussion.actions import take_back
from handlers.followups.next_step import close_step
from handlers.opportunities.actions import begin_opportunity
from handlers.opportunities.jobs import plan_repeat
from handlers.reminders.service import plan_reminders
from handlers.response_clocks.service import (
    begin_clock,
    contact_corrected,
    contacted,
    hand_feedback_on,
    plan_look_again,
    settle_clock,
    stop_clock,
)
from handlers.tasks.handover import review_tasks, settle_move
from sales.leads import OPEN_STAGES
from sales.people import SYSTEM
from sales.playbook import Trigger


def after_entrusting(event: LeadEntrusted, context: Context) -> None:
    """The owner's time to call the customer starts; what the former owner had still to ask, the
    new one asks."""
    begin_clock(event.lead, context)
    if not event.is_new:
        hand_feedback_on(event.lead, context)


def after_release(event: LeadReleased, context: Context) -> None:
    """Nobody sees the lead by its former owner any more, and no clock of theirs runs."""
    close_previews(event.lead, context)
    if not event.shared:
        end_sharing(event.lead, context)
    stop_clock(event.lead, context)


def after_change_of_owner(event: OwnerChanged, context: Context) -> None:
    """Tasks follow the lead."""
    review_tasks(context.uow.tasks(SYSTEM).of_lead(event.lead.id), context)


def after_move(event: LeadMoved, context: Context) -> None:
    """Moving a lead is working on it: tasks begin or end with the stage, steps and clocks that
    make no sense any more stop, rules look at it, and repeat business is planned."""
    lead = event.lead
    accept_by_acting(lead, context)
    settle_move(lead, context)
    if lead.stage not in OPEN_STAGES and (waiting := context.followups.waiting_on(lead.id)):
        # Nobody is reminded of a customer who has signed or gone.
        close_step(waiting, context)
    plan_look_again(lead, event.look_again_on, context)
    settle_clock(lead, context)
    lead_moved(lead, event.before, context)
    plan_repeat(lead, context)


def after_followup(event: FollowupLogged, context: Context) -> None:
    """Contact accepts an offered lead and satisfies its clocks; the next step is reminded of; the
    remark that it was made from is not needed any more."""
    accept_by_acting(event.lead, context)
    contacted(event.lead, event.followup, context)
    plan_reminders(event.followup, context)
    if event.followup.feedback:
        happened(Trigger.FEEDBACK, event.lead, context)
    take_back(context)


def after_correction(event: FollowupCorrected, context: Context) -> None:
    """Clocks count the contact as it was."""
    contact_corrected(event.former, event.followup, list(event.leads), context)


def after_planning(event: NextStepPlanned, context: Context) -> None:
    """The step is reminded of at its date, and only then."""
    plan_reminders(event.followup, context)


def after_repeat_signal(event: RepeatSignalled, context: Context) -> None:
    """The owner decides whether it becomes a lead."""
    begin_opportunity(event.signal, event.lead, context)


def after_change_of_person(event: PersonChanged, context: Context) -> None:
    """Tasks that the person cannot do any more go to somebody who can."""
    tasks = context.uow.tasks(SYSTEM)
    review_tasks(tasks.open_of(event.person.id), context)
    review_tasks(tasks.open_for_leads_of(event.person.id), context)


CONSEQUENCES: Mapping[type, Callable[[Any, Context], None]] = {
    LeadEntrusted: after_entrusting,
    LeadReleased: after_release,
    OwnerChanged: after_change_of_owner,
    LeadMoved: after_move,
    FollowupLogged: after_followup,
    FollowupCorrected: after_correction,
    NextStepPlanned: after_planning,
    RepeatSignalled: after_repeat_signal,
    PersonChanged: after_change_of_person,
}
