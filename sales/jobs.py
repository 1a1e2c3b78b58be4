"""Due jobs: each kind of job with its arguments."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import ClassVar, Final, Generic, Literal, TypeVar

from sales.clocks import ClockLevel
from sales.contact_alerts import Window
from sales.signals import SignalKind


@dataclass(frozen=True, slots=True)
class JobArgs:
    """The arguments of a job of one kind. ``kind`` and the fields' names are stored."""

    kind: ClassVar[str]
    cancelled_by: ClassVar[int] = 1
    """How many of the first fields identify the jobs of the kind that are cancelled together."""

    @property
    def subject(self) -> str:
        return subject_of(*(getattr(self, one.name) for one in fields(self)[: self.cancelled_by]))


Args = TypeVar("Args", bound=JobArgs)
Args_co = TypeVar("Args_co", bound=JobArgs, covariant=True)


@dataclass(frozen=True, slots=True)
class Job(Generic[Args_co]):
    """Something to do at a time; ``args`` say what.

    ``unique_key`` is unique for ever: of all jobs with one key only the first is done. It is
    compared, and never parsed. ``attempts`` counts how often it was tried and failed.
    """

    args: Args_co
    due_at: datetime
    unique_key: str
    attempts: int = 0


def subject_of(*ids: object) -> str:
    """The subject of a job, as it is stored."""
    return ":".join(map(str, ids))


@dataclass(frozen=True, slots=True)
class RemindOwner(JobArgs):
    kind = "reminder"
    followup_id: int


@dataclass(frozen=True, slots=True)
class EscalateFollowUp(JobArgs):
    kind = "overdue"
    followup_id: int
    level: int


@dataclass(frozen=True, slots=True)
class ExpireOffer(JobArgs):
    kind = "offer"
    offer_id: int
    lead_id: int


@dataclass(frozen=True, slots=True)
class AssignLead(JobArgs):
    """Retry the assignment of a lead for which nobody was free."""

    kind = "unowned"
    lead_id: int


@dataclass(frozen=True, slots=True)
class RingClock(JobArgs):
    kind = "clock"
    clock_id: int
    level: ClockLevel


@dataclass(frozen=True, slots=True)
class AskForRecord(JobArgs):
    """Ask for the record of a call: the person looked up a number."""

    kind = "record"
    cancelled_by = 2
    clock_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class PublishDigest(JobArgs):
    """``team_id`` None: of the whole company."""

    kind = "digest"
    team_id: int | None
    week: str


@dataclass(frozen=True, slots=True)
class AskForReports(JobArgs):
    """Ask sellers for their report of an ISO week (``2026-W47``)."""

    kind = "weekly_ask"
    week: str


@dataclass(frozen=True, slots=True)
class RemindOfReports(JobArgs):
    kind = "weekly_remind"
    week: str


@dataclass(frozen=True, slots=True)
class TellOfReports(JobArgs):
    """Tell leaders whose reports are missing."""

    kind = "weekly_tell"
    week: str


@dataclass(frozen=True, slots=True)
class PublishHonours(JobArgs):
    """``month`` is the one that is over, as ``2024-03``."""

    kind = "honours"
    month: str


@dataclass(frozen=True, slots=True)
class TakeBackup(JobArgs):
    """Ask for the backup of a local day."""

    kind = "backup"
    day: date


@dataclass(frozen=True, slots=True)
class TakeForecast(JobArgs):
    """Take the snapshot of the forecast of a local day."""

    kind = "forecast"
    day: date


@dataclass(frozen=True, slots=True)
class CountOutcomes(JobArgs):
    """Count the deals closed in a month by the stages they had reached. ``month`` is its first."""

    kind = "outcomes"
    month: date


@dataclass(frozen=True, slots=True)
class TellOfWithheld(JobArgs):
    """Tell a team's leaders that something was not posted in a channel, where outsiders read."""

    kind = "withheld"
    cancelled_by = 3
    team_id: int
    platform: str
    conversation: str


@dataclass(frozen=True, slots=True)
class PublishReview(JobArgs):
    """``month`` is the one that is over, as ``2024-03``."""

    kind = "review"
    month: str


@dataclass(frozen=True, slots=True)
class PublishSync(JobArgs):
    kind = "sync"
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class PostView(JobArgs):
    """Post a saved view. ``day`` is the reader's local day."""

    kind = "view"
    posting_id: int
    day: date


@dataclass(frozen=True, slots=True)
class ReviveLead(JobArgs):
    """Remind of a resting lead that is to be looked at again."""

    kind = "revival"
    lead_id: int


@dataclass(frozen=True, slots=True)
class AskForLossReview(JobArgs):
    """Ask what was learnt from a deal that was lost, unless that is written or no longer so."""

    kind = "loss_review"
    lead_id: int


@dataclass(frozen=True, slots=True)
class ConsiderNurture(JobArgs):
    """Put a low lead into nurture whose open questions stayed open."""

    kind = "nurture"
    lead_id: int


@dataclass(frozen=True, slots=True)
class EscalateTask(JobArgs):
    kind = "task"
    task_id: int
    level: int


@dataclass(frozen=True, slots=True)
class HandOverWork(JobArgs):
    """Hand over the leads of a person who may no longer own any: no leader chose in time."""

    kind = "leaver"
    person_id: int


@dataclass(frozen=True, slots=True)
class ReviewPool(JobArgs):
    kind = "pool_day"
    day: date


@dataclass(frozen=True, slots=True)
class SettleHolding(JobArgs):
    """Return the lead to the pool, or warn its owner."""

    kind = "pool_lead"
    lead_id: int


@dataclass(frozen=True, slots=True)
class BriefOnPool(JobArgs):
    """Brief leaders on the pool. ``since`` is in seconds since 1970."""

    kind = "pool_brief"
    team_id: int
    since: int


@dataclass(frozen=True, slots=True)
class CoolLead(JobArgs):
    kind = "cool"
    lead_id: int


@dataclass(frozen=True, slots=True)
class RaiseRepeat(JobArgs):
    """Raise repeat business.

    ``closed_at``: the signature that it follows from, in seconds since 1970.
    """

    kind = "repeat"
    lead_id: int
    signal: SignalKind
    year: int
    value: int
    closed_at: int


@dataclass(frozen=True, slots=True)
class TellOfRemarks(JobArgs):
    """Notify people of remarks made from ``start`` to ``end``, in seconds since 1970."""

    kind = "talk"
    lead_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AnnounceSession(JobArgs):
    kind = "sharing"


@dataclass(frozen=True, slots=True)
class RunAutomations(JobArgs):
    kind = "event"
    event_id: int


@dataclass(frozen=True, slots=True)
class SweepLeads(JobArgs):
    """Sweep all leads for rules that react to what does not happen."""

    kind = "silence"


@dataclass(frozen=True, slots=True)
class AdvanceImport(JobArgs):
    kind = "import"
    import_id: int
    run: int
    step: int


@dataclass(frozen=True, slots=True)
class AdvanceBulkAct(JobArgs):
    """Act on the next one of several leads, or take it back."""

    kind = "bulk_act"
    act_id: int
    run: int
    step: int


@dataclass(frozen=True, slots=True)
class AdvanceErasure(JobArgs):
    """Search the next rows for somebody who is erased."""

    kind = "erasure"
    erasure_id: int
    step: int


@dataclass(frozen=True, slots=True)
class ReleaseNotices(JobArgs):
    """Deliver held-back notices. ``why`` they wait: for the end of quiet hours, or for batching."""

    kind = "morning"
    person_id: int
    message_id: int
    why: Literal["morning", "company"]


@dataclass(frozen=True, slots=True)
class AlertReveals(JobArgs):
    kind = "reveals"
    person_id: int
    window: Window


@dataclass(frozen=True, slots=True)
class AlertProbing(JobArgs):
    kind = "probing"
    person_id: int
    window: Window


@dataclass(frozen=True, slots=True)
class HandleRefusal(JobArgs):
    """Handle a refusal. ``again``: on a later day, to notify the leaders once more."""

    kind = "refusal"
    refusal_id: int
    again: bool = False


JOBS: Final[dict[str, type[JobArgs]]] = {
    args.kind: args
    for args in (
        RemindOwner,
        EscalateFollowUp,
        ExpireOffer,
        AssignLead,
        RingClock,
        AskForRecord,
        PublishDigest,
        AskForReports,
        RemindOfReports,
        TellOfReports,
        PublishHonours,
        TakeBackup,
        TakeForecast,
        CountOutcomes,
        TellOfWithheld,
        PublishReview,
        PublishSync,
        PostView,
        ReviveLead,
        AskForLossReview,
        ConsiderNurture,
        EscalateTask,
        HandOverWork,
        ReviewPool,
        SettleHolding,
        BriefOnPool,
        CoolLead,
        RaiseRepeat,
        TellOfRemarks,
        AnnounceSession,
        RunAutomations,
        SweepLeads,
        AdvanceImport,
        AdvanceBulkAct,
        AdvanceErasure,
        ReleaseNotices,
        AlertReveals,
        AlertProbing,
        HandleRefusal,
    )
}
