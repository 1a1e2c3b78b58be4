"""Decide whether a notice waits: for the end of its reader's quiet hours, or for its batch."""

from datetime import datetime, timedelta

from handlers.core.context import Context, ContextFactory
from handlers.core.quiet_hours import quiet_period_of
from sales.clocks import is_pressing
from sales.errors import FollowUpNotFound, LeadNotFound, OfferClosed
from sales.jobs import Job, ReleaseNotices
from sales.leads import Grade
from sales.notices import NOTICES, ClockCalls, LeadOffered, LeadUnclaimed, Notice, ReminderDue
from sales.people import SYSTEM
from sales.scheduling import (
    AT_ONCE,
    AWAKE_FOR,
    DeliveryDecision,
    NoticeChoice,
    QuietPeriod,
    When,
)
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWorkFactory


class DeliveryPolicy:
    """Delivery policy, asked when a message is about to be delivered. Reads only."""

    def __init__(self, new_uow: UnitOfWorkFactory, contexts: ContextFactory) -> None:
        self._new_uow = new_uow
        self._contexts = contexts

    def __call__(self, notice: Notice, to: Recipient, conversation: str) -> DeliveryDecision:
        """Decide when to deliver the notice. Channels have rules of their own."""
        if not isinstance(to, int) or notice.at_once:
            return AT_ONCE
        with self._new_uow(read_only=True) as uow:
            context = self._contexts.unasked(uow)
            if _is_urgent(notice, context):
                return AT_ONCE
            choice = uow.notification_preferences.of(to)
            peace, when = quiet_period_of(choice, context), choice.when(notice.topic)
            if when is When.NEVER:
                return DeliveryDecision(never=True)
            if when is When.MORNING:
                return DeliveryDecision(until=peace.morning_after(context.now))
            until = _quiet_until(choice, context)
            if isinstance(notice, ReminderDue) and until != context.now:
                return DeliveryDecision(until=_before_the_step(notice, peace, until, context))
            if until != context.now:
                return DeliveryDecision(until=until)
            return _batched(notice, to, conversation, context)


def release(job: Job[ReleaseNotices], context: Context) -> None:
    """Due work: deliver what waited for the end of a person's quiet hours.

    Schedules it anew when the quiet hours have changed and are not over yet.
    """
    person_id, message_id = job.args.person_id, job.args.message_id
    until = _quiet_until(context.uow.notification_preferences.of(person_id), context)
    if until == context.now:
        context.uow.outbox.release(person_id, job.args.why, _batch_span(context))
    else:
        key = f"morning:{message_id}:{until.timestamp():.0f}"
        args = ReleaseNotices(person_id, message_id, "morning")
        context.uow.jobs.add(Job(args, until, key))


def release_now(choice: NoticeChoice, context: Context) -> None:
    """Deliver held-back notices at once for somebody who turned quiet hours off.

    Topics that they want in the morning keep waiting.
    """
    if quiet_period_of(choice, context).covers(context.now):
        return
    waits = {
        notice_type.kind
        for notice_type in NOTICES.values()
        if choice.when(notice_type.topic) is When.MORNING
    }
    context.uow.outbox.hasten(choice.person_id, waits)
    context.uow.outbox.release(choice.person_id, "morning", _batch_span(context))


def _batched(
    notice: Notice, person_id: int, conversation: str, context: Context
) -> DeliveryDecision:
    """Batching: the first notice goes at once, the next ones wait for the end of the span."""
    calm = _batch_span(context)
    if notice.batch is None or not calm or _is_pressing(notice, context):
        return AT_ONCE
    told_at = context.uow.outbox.company_at(person_id, conversation, notice.batch, calm)
    if told_at is not None:
        return DeliveryDecision(until=told_at, company=True)
    return DeliveryDecision(calm_until=context.now + calm)


def _is_pressing(notice: Notice, context: Context) -> bool:
    """Whether the notice is of a lead for which a minute matters."""
    if not isinstance(notice, LeadOffered | LeadUnclaimed):
        return False
    try:
        if isinstance(notice, LeadOffered):
            lead_id = context.uow.offers.get(notice.offer_id).lead_id
        else:
            lead_id = notice.lead_id
        lead = context.uow.leads(SYSTEM).get(lead_id)
    except (LeadNotFound, OfferClosed):
        return False
    return is_pressing(lead, context.uow.clocks(SYSTEM).latest(lead_id), context.now)


def _batch_span(context: Context) -> timedelta:
    return timedelta(seconds=context.playbook.quiet.batch_seconds)


def _quiet_until(choice: NoticeChoice, context: Context) -> datetime:
    """When the person's quiet hours end; now for people who are at work, whatever the hour."""
    until = quiet_period_of(choice, context).over_at(context.now)
    if until == context.now:
        return until
    acted_at = context.uow.people.last_acted(choice.person_id)
    awake = acted_at is not None and context.now - AWAKE_FOR <= acted_at <= context.now
    return context.now if awake else until


def _is_urgent(notice: Notice, context: Context) -> bool:
    if notice.kind not in {kind.value for kind in context.playbook.quiet.urgent}:
        return False
    if isinstance(notice, ClockCalls):
        clock = context.uow.clocks(SYSTEM).get(notice.clock_id)
        return context.uow.leads(SYSTEM).get(clock.lead_id).grade is Grade.HIGH
    return True


def _before_the_step(
    notice: ReminderDue, peace: QuietPeriod, until: datetime, context: Context
) -> datetime | None:
    """Keep a reminder from waiting past its step.

    People who plan a step for a day off work on that day.
    """
    try:
        due = context.uow.followups(SYSTEM).get(notice.followup_id).next_at
    except FollowUpNotFound:
        due = None
    if due is None or until <= due:
        return until
    by_day = QuietPeriod(hours=peace.hours, timezone=peace.timezone).over_at(context.now)
    return None if by_day == context.now else by_day
