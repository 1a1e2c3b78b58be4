"""Which card renders which notice."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from handlers import contact_alerts, sync_meeting
from handlers.announcements import notices as announcements
from handlers.assignment import cards as assignment
from handlers.automations import cards as automations
from handlers.bulk_acts import notices as bulk_acts
from handlers.collaboration import notices as collaboration
from handlers.core.context import NOWHERE, Context, ContextFactory
from handlers.core.masking import masked_card
from handlers.core.requests import Conversation
from handlers.core.ui import Card
from handlers.digests import actions as digests
from handlers.digests import noise
from handlers.discussion import cards as discussion
from handlers.erasure import notices as erasure
from handlers.handover_of_work import cards as handover_of_work
from handlers.handover_of_work.notices import unreachable_card
from handlers.imports import notices as imports
from handlers.leads import notices as leads
from handlers.library import notices as library
from handlers.loss_reviews import notices as loss_reviews
from handlers.merging import cards as merging
from handlers.monthly_review import notices as monthly_review
from handlers.notifications import bundles
from handlers.notifications import notices as notifications
from handlers.nurture import notices as nurture
from handlers.opportunities import cards as opportunities
from handlers.people import notices as people
from handlers.pool import notices as pool
from handlers.proposals import notices as proposals
from handlers.reminders import cards as reminders
from handlers.response_clocks import cards as response_clocks
from handlers.saved_views import notices as saved_views
from handlers.signals import cards as signals
from handlers.stages import notices as stages
from handlers.tasks import cards as tasks
from handlers.weekly_reports import notices as weekly_reports
from sales import notices
from sales.channel_privacy import Readers
from sales.notices import KeptNotices, Notice
from sales.people import SYSTEM, Person
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory


class Composing(Protocol):
    """Renders the card for one kind of notice, with the signature of ``compose``."""

    def __call__(self, notice: Any, context: Context, /, *, again: bool) -> Card | None: ...


CARDS: Mapping[type[Notice], Composing] = {
    notices.LeadOffered: assignment.offered_card,
    notices.LeadUnclaimed: assignment.unclaimed_card,
    notices.LeadShown: leads.shown_card,
    notices.LeadCardMoved: leads.moved_card,
    notices.ReminderDue: reminders.reminder_notice,
    notices.FollowUpOverdue: reminders.reminder_notice,
    notices.StepInCalendar: reminders.appointment_notice,
    notices.AutomationActed: automations.acted_notice,
    notices.ClockCalls: nurture.touch_notice,
    notices.RecordCall: response_clocks.clock_notice,
    notices.LookAgain: nurture.review_notice,
    notices.EnteredNurture: nurture.entered_notice,
    notices.LossReviewAsked: loss_reviews.asked_notice,
    notices.SigningReported: stages.signed_card,
    notices.CustomerReturned: leads.returned_card,
    notices.CustomerSignalled: signals.signal_notice,
    notices.ProposalAnswered: proposals.answered_notice,
    notices.ProposalMailFailed: proposals.mail_failed_notice,
    notices.OpportunityFound: opportunities.opportunity_notice,
    notices.AccessAsked: collaboration.asked_card,
    notices.AccessAnswered: collaboration.answer_card,
    notices.SharingEnded: collaboration.ended_card,
    notices.LeadsMerged: merging.merged_notice,
    notices.BulkReveal: contact_alerts.reveals_card,
    notices.CustomersProbed: contact_alerts.probing_card,
    notices.TaskGiven: tasks.task_notice,
    notices.TaskOverdue: tasks.task_notice,
    notices.TaskAnswered: tasks.task_notice,
    notices.WorkHandedOver: handover_of_work.brief_card,
    notices.PoolReturnNear: pool.near_card,
    notices.LeadPooled: pool.pooled_card,
    notices.PoolBrief: pool.brief_card,
    notices.ItemProposed: library.item_notice,
    notices.ItemDecided: library.item_notice,
    notices.SharingAnnounced: library.session_notice,
    notices.RemarksMade: discussion.news_card,
    notices.DigestReady: digests.digest_notice,
    notices.WeeklyReportDue: weekly_reports.due_card,
    notices.WeeklyReportsMissing: weekly_reports.missing_notice,
    notices.WeeklyReportLate: weekly_reports.late_notice,
    notices.ReviewReady: monthly_review.review_notice,
    notices.ReviewDetails: monthly_review.details_notice,
    notices.DigestDetails: digests.details_notice,
    notices.BotWeek: noise.bot_week_card,
    notices.SyncDue: sync_meeting.sync_notice,
    notices.DealAnnounced: announcements.announced_card,
    notices.HonoursPosted: announcements.honours_notice,
    notices.WinTakenBack: announcements.taken_back_card,
    notices.AnnouncementWithheld: announcements.withheld_card,
    notices.ViewPosted: saved_views.posted_card,
    notices.ViewPostEnded: saved_views.ended_card,
    notices.ImportUnderWay: imports.phase_card,
    notices.ImportReady: imports.phase_card,
    notices.LeadsImported: imports.owner_card,
    notices.LeadsPooled: imports.leader_card,
    notices.BulkActUnderWay: bulk_acts.phase_card,
    notices.BulkActReady: bulk_acts.phase_card,
    notices.BulkActTold: bulk_acts.told_card,
    notices.PersonErased: erasure.erased_card,
    notices.NewcomerJoined: people.joined_card,
    notices.NewcomerAsks: people.asks_card,
    notices.LetIn: people.let_in_card,
    notices.AdminMade: people.made_card,
    notices.AccessEnded: people.ended_card,
    notices.AccountLinked: people.linked_card,
    notices.WhoAreYou: people.who_card,
    notices.IdentityClaimed: people.claim_card,
    notices.PersonUnreachable: unreachable_card,
    notices.ChannelRefused: notifications.channel_card,
    notices.PermissionMissing: notifications.permission_card,
}
"""Every notice except those of the delivery itself. ``KeptNotices`` are composed of these, and for
``CardChanged`` delivery composes the notice that posted the card."""


LATE: Final = timedelta(minutes=30)
"""A notice delivered later than this after it was written says that it is late."""


class Composer:
    """Renders a notice for its recipient as a card. Read-only."""

    def __init__(
        self,
        new_uow: UnitOfWorkFactory,
        contexts: ContextFactory,
        localizing: Collection[str] = (),
    ) -> None:
        """``localizing`` names the platforms that show each reader of a channel their own time."""
        self._new_uow = new_uow
        self._contexts = contexts
        self._localizing = localizing

    def __call__(
        self,
        notice: Notice,
        to: Recipient,
        *,
        again: bool,
        readers: Readers | None = None,
        written_at: datetime | None = None,
    ) -> tuple[Card, str] | None:
        """The card and its locale; None when there is nothing left to say.

        ``readers`` are the channel's, where they determine what may be shown. ``again`` redraws a
        card that was posted before: then something that is over is shown as over, while it would
        not be worth a new message. A card whose ``written_at`` is long ago says that it is late.
        """
        with self._new_uow(read_only=True) as uow:
            reader, locale = self._reader(to, uow)
            where = NOWHERE if isinstance(to, int) else Conversation(*to, False, readers=readers)
            context = self._contexts.unasked(
                uow,
                reader=reader,
                locale=locale,
                where=where,
                marks_moments=where.platform in self._localizing,
            )
            card = compose(notice, context, again=again)
            if card is None:
                return None
            return masked_card(_marked_late(card, written_at, context)), context.language.locale

    def _reader(self, to: Recipient, uow: UnitOfWork) -> tuple[Person, str]:
        if isinstance(to, int):
            person = uow.people.get(to)
            return person, person.locale
        bound = uow.channels.of_channel(*to)
        return SYSTEM, bound.locale if bound else ""


def _marked_late(card: Card, written_at: datetime | None, context: Context) -> Card:
    if written_at is None or context.now - written_at < LATE:
        return card
    line = context.text("delivery.late", at=context.language.moment(written_at))
    return replace(card, footnote="\n".join(filter(None, (line, card.footnote))))


def compose(notice: Notice, context: Context, *, again: bool) -> Card | None:
    """The card for a notice, or None when its occasion is over."""
    if isinstance(notice, KeptNotices):
        return bundles.kept_card(notice, context, again=again)
    if not notice.is_for(context.actor):
        return None
    return CARDS[type(notice)](notice, context, again=again)
