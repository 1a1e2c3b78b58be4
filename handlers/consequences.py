"""Consequences of each event, in order: the one place where subjects meet.

Each function runs in the event's unit of work, so its effects are committed or rolled back with the
event.
"""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.announcements.service import announce_move, announce_noteworthy
from handlers.assignment.service import accept_by_acting
from handlers.collaboration.service import close_previews, end_sharing
from handlers.core.automation_events import lead_moved, record_event
from handlers.core.context import Context
from handlers.core.events import (
    CalendarWanted,
    DealNoteworthy,
    FollowupCorrected,
    FollowupLogged,
    LeadEntrusted,
    LeadMerged,
    LeadMoved,
    LeadRegraded,
    LeadReleased,
    LeadUnmerged,
    NextStepPlanned,
    OwnerChanged,
    PersonChanged,
    RepeatSignalled,
)
from handlers.discussion.actions import take_back
from handlers.followups.next_step import close_step
from handlers.loss_reviews.service import plan_loss_review
from handlers.nurture.service import (
    consider_merged,
    consider_new,
    consider_regraded,
    leave_by_undo,
)
from handlers.opportunities.actions import begin_opportunity
from handlers.opportunities.jobs import plan_repeat
from handlers.reminders.service import fill_calendar, keep_in_calendar, plan_reminders
from handlers.response_clocks.service import (
    begin_clock,
    contact_corrected,
    contacted,
    hand_feedback_on,
    plan_look_again,
    settle_clock,
    stop_clock,
)
from handlers.saved_views.service import review_postings
from handlers.tasks.handover import review_tasks, settle_move
from handlers.weekly_reports.service import refresh_open_report
from sales.leads import OPEN_STAGES
from sales.people import SYSTEM
from sales.playbook import Trigger


def after_entrusting(event: LeadEntrusted, context: Context) -> None:
    """Start the owner's response clock for the customer. A new lead of low value enters nurture;
    feedback requests that are still open move from the former owner to the new one."""
    begin_clock(event.lead, context)
    if event.is_new:
        consider_new(event.lead, context)
    else:
        hand_feedback_on(event.lead, context)


def after_release(event: LeadReleased, context: Context) -> None:
    """Revoke access that depended on the former owner, and stop the lead's response clock. The
    former owner's weekly report suggests no step of it any more."""
    close_previews(event.lead, context)
    if not event.shared:
        end_sharing(event.lead, context)
    stop_clock(event.lead, context)
    if event.lead.owner_id is not None:
        refresh_open_report(event.lead.owner_id, context)


def after_change_of_owner(event: OwnerChanged, context: Context) -> None:
    """Reassign the lead's tasks to follow the lead. Its next step moves from the former owner's
    calendar to the new one's."""
    review_tasks(context.uow.tasks(SYSTEM).of_lead(event.lead.id), context)
    if context.uow.outbox.calendars:
        waiting = context.uow.followups(SYSTEM).waiting_on(event.lead.id)
        if waiting:
            keep_in_calendar(waiting, context)


def after_move(event: LeadMoved, context: Context) -> None:
    """Treat a stage change as working on the lead. Open or cancel tasks for the new stage, stop
    next steps and clocks that no longer apply, trigger the automations, announce a win, and plan
    repeat business or the review of a loss."""
    lead = event.lead
    accept_by_acting(lead, context)
    settle_move(lead, context)
    if lead.stage not in OPEN_STAGES and (waiting := context.followups.waiting_on(lead.id)):
        # No reminders about a customer who has signed or is lost.
        close_step(waiting, context)
    plan_look_again(lead, event.look_again_on, context)
    settle_clock(lead, context)
    lead_moved(lead, event.before, context)
    announce_move(lead, event.before, context)
    plan_loss_review(lead, event.before, context)
    plan_repeat(lead, context)


def after_regrading(event: LeadRegraded, context: Context) -> None:
    """Adjust the response clock to a new grade. A lead that has become of low value enters
    nurture."""
    if event.lead.grade is not event.before.grade:
        settle_clock(event.lead, context)
    consider_regraded(event.lead, event.before, context)


def after_merge(event: LeadMerged, context: Context) -> None:
    """A lead that the merge made one of low value is considered for nurture."""
    consider_merged(event.lead, event.before, event.merge, context)


def after_unmerging(event: LeadUnmerged, context: Context) -> None:
    """A lead that is in nurture because of the merge leaves it."""
    leave_by_undo(event.lead, event.merge, context)


def after_followup(event: FollowupLogged, context: Context) -> None:
    """Accept an offered lead, satisfy its clocks and schedule reminders for the next step. The
    remark that the follow-up was made from is deleted."""
    accept_by_acting(event.lead, context)
    contacted(event.lead, event.followup, context)
    plan_reminders(event.followup, context)
    if event.followup.feedback:
        record_event(Trigger.FEEDBACK, event.lead, context)
    take_back(context)


def after_correction(event: FollowupCorrected, context: Context) -> None:
    """Recompute the response clocks from the corrected contact."""
    contact_corrected(event.former, event.followup, list(event.leads), context)


def after_planning(event: NextStepPlanned, context: Context) -> None:
    """Schedule reminders for the step's new date, replacing earlier ones."""
    plan_reminders(event.followup, context)


def after_repeat_signal(event: RepeatSignalled, context: Context) -> None:
    """Create an opportunity; the owner decides whether it becomes a lead."""
    begin_opportunity(event.signal, event.lead, context)


def after_change_of_person(event: PersonChanged, context: Context) -> None:
    """Reassign tasks that the person can no longer do, and end lists posted by or to them."""
    tasks = context.uow.tasks(SYSTEM)
    review_tasks(tasks.open_of(event.person.id), context)
    review_tasks(tasks.open_for_leads_of(event.person.id), context)
    review_postings(event.person, context)


def after_wanting_a_calendar(event: CalendarWanted, context: Context) -> None:
    """Put in the steps that were planned meanwhile."""
    fill_calendar(event.person, context)


def after_noteworthy_deal(event: DealNoteworthy, context: Context) -> None:
    """Announce what a rule has announced, in the channel of the lead's team."""
    announce_noteworthy(event, context)


CONSEQUENCES: Mapping[type, Callable[[Any, Context], None]] = {
    DealNoteworthy: after_noteworthy_deal,
    LeadEntrusted: after_entrusting,
    LeadReleased: after_release,
    OwnerChanged: after_change_of_owner,
    LeadMoved: after_move,
    LeadRegraded: after_regrading,
    LeadMerged: after_merge,
    LeadUnmerged: after_unmerging,
    FollowupLogged: after_followup,
    FollowupCorrected: after_correction,
    NextStepPlanned: after_planning,
    RepeatSignalled: after_repeat_signal,
    PersonChanged: after_change_of_person,
    CalendarWanted: after_wanting_a_calendar,
}
