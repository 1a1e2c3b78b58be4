"""Job handlers by kind: what runs on schedule, without a request."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from handlers import contact_alerts as probing
from handlers import reachability
from handlers import sync_meeting as sync
from handlers.announcements import jobs as announcements
from handlers.assignment import service as assignment
from handlers.automations import engine
from handlers.backups import jobs as backups
from handlers.bulk_acts import jobs as bulk_acts
from handlers.core.context import Context
from handlers.digests import actions as digests
from handlers.discussion import actions as discussion
from handlers.erasure import service as erasing
from handlers.forecast import jobs as forecast
from handlers.handover_of_work import jobs as leavers
from handlers.imports import jobs as importing
from handlers.library import quarterly_session as sharing
from handlers.loss_reviews import jobs as loss_reviews
from handlers.monthly_review import jobs as monthly_review
from handlers.notifications import scheduling as hold
from handlers.nurture import jobs as nurture
from handlers.opportunities import jobs as repeat
from handlers.pool import jobs as returning
from handlers.reminders import actions as reminders
from handlers.response_clocks import service as response_clocks
from handlers.saved_views import jobs as saved_views
from handlers.signals import service as signals
from handlers.tasks import handover
from handlers.weekly_reports import jobs as weekly_reports
from sales.jobs import (
    AdvanceBulkAct,
    AdvanceErasure,
    AdvanceImport,
    AlertProbing,
    AlertReveals,
    AnnounceSession,
    Args,
    AskForLossReview,
    AskForRecord,
    AskForReports,
    AssignLead,
    BriefOnPool,
    ConsiderNurture,
    CoolLead,
    CountOutcomes,
    EscalateFollowUp,
    EscalateTask,
    ExpireOffer,
    HandleRefusal,
    HandOverWork,
    Job,
    PostView,
    PublishDigest,
    PublishHonours,
    PublishReview,
    PublishSync,
    RaiseRepeat,
    ReleaseNotices,
    RemindOfReports,
    RemindOwner,
    ReviewPool,
    ReviveLead,
    RingClock,
    RunAutomations,
    SettleHolding,
    SweepLeads,
    TakeBackup,
    TakeForecast,
    TellOfRemarks,
    TellOfReports,
    TellOfWithheld,
)

_Perform: TypeAlias = Callable[[Job[Any], Context], None]


def _on(args: type[Args], perform: Callable[[Job[Args], Context], None]) -> tuple[type, _Perform]:
    """Pair a function with the type of job arguments it handles."""
    return args, perform


PERFORM: Mapping[type, _Perform] = dict(
    (
        _on(RemindOwner, reminders.remind),
        _on(EscalateFollowUp, reminders.escalate),
        _on(ExpireOffer, assignment.expire),
        _on(AssignLead, assignment.try_again),
        _on(RingClock, response_clocks.ring),
        _on(AskForRecord, response_clocks.ask_for_record),
        _on(PublishHonours, announcements.publish_honours),
        _on(TellOfWithheld, announcements.tell_of_withheld),
        _on(PublishDigest, digests.publish),
        _on(AskForReports, weekly_reports.ask),
        _on(RemindOfReports, weekly_reports.remind),
        _on(TellOfReports, weekly_reports.tell_leaders),
        _on(PublishReview, monthly_review.publish_review),
        _on(ReviveLead, nurture.look_again),
        _on(ConsiderNurture, nurture.consider),
        _on(AskForLossReview, loss_reviews.ask),
        _on(EscalateTask, handover.escalate),
        _on(HandOverWork, leavers.hand_over_unasked),
        _on(ReviewPool, returning.look_over),
        _on(SettleHolding, returning.settle),
        _on(BriefOnPool, returning.brief),
        _on(TakeBackup, backups.ask),
        _on(TakeForecast, forecast.take),
        _on(CountOutcomes, forecast.count),
        _on(PublishSync, sync.publish),
        _on(PostView, saved_views.publish),
        _on(ReleaseNotices, hold.release),
        _on(CoolLead, signals.cool),
        _on(TellOfRemarks, discussion.notify_of_remarks),
        _on(AnnounceSession, sharing.announce),
        _on(RunAutomations, engine.run),
        _on(SweepLeads, engine.sweep),
        _on(AdvanceImport, importing.advance),
        _on(AdvanceBulkAct, bulk_acts.advance),
        _on(AdvanceErasure, erasing.advance),
        _on(RaiseRepeat, repeat.come_due),
        _on(AlertReveals, probing.alert_reveals),
        _on(AlertProbing, probing.alert_probing),
        _on(HandleRefusal, reachability.look_after),
    )
)
"""Each job runs in a unit of work of its own, committed together with marking the job done."""
