"""Notices: each type of event to notify people of, with all that decides its delivery.

A notice holds ids and nothing personal: its words are rendered on delivery, in the reader's
language and from the state of that moment. ``handlers.notices`` says which card draws it.
"""

from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from sales.people import SELLERS, Person, Role
from sales.permissions import ACTIONS, ADMINS, ANYONE, LEADERS


class Batch(StrEnum):
    """The batch of a notice: of each, the first notice goes at once and the next ones may wait."""

    NEWS = "news"
    OFFERS = "offers"


class Topic(StrEnum):
    """Notices that are good to know but nobody's duty: people may turn them down."""

    TALK = "talk"
    LIBRARY = "library"
    SHARING = "sharing"
    POOL = "pool"
    VIEWS = "views"
    CALENDAR = "calendar"
    """No news, but entries in the person's own calendar: at once or never."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to a person or a channel.

    ``kind`` names it in the outbox and in the catalogue (``notice.<kind>``), and never changes.

    ``once`` True means at most once: an unclear delivery is shown to the admin and never retried
    blindly. False means at least once: it is retried until it surely arrived. ``urgent`` notices
    also go to the conversation itself, and not to a lead's thread alone. ``by_mail``: also goes to
    the mailbox of people who chose so. ``names_customers``: in a channel its card depends on who
    reads there. ``at_once``: no quiet hours hold it back, since it is no news: an answer to
    somebody who has just asked, or a card that exists already. ``batch`` None: never waits for
    batching, since a minute matters or somebody has just asked. ``topic`` None: a duty, or an
    answer to one's own question; it is always delivered. ``in_thread``: only adds to a card that
    was posted before, so it is posted in that card's thread or not at all. ``readers``: the roles
    that may read it; its card checks any further requirement.
    """

    kind: ClassVar[str]
    once: ClassVar[bool]
    urgent: ClassVar[bool]
    by_mail: ClassVar[bool]
    names_customers: ClassVar[bool]
    at_once: ClassVar[bool]
    batch: ClassVar[Batch | None]
    topic: ClassVar[Topic | None]
    in_thread: ClassVar[bool]
    readers: ClassVar[AbstractSet[Role]]

    def __init_subclass__(
        cls,
        *,
        kind: str = "",
        once: bool = False,
        urgent: bool = False,
        by_mail: bool = False,
        names_customers: bool = False,
        at_once: bool = False,
        batch: Batch | None = Batch.NEWS,
        topic: Topic | None = None,
        in_thread: bool = False,
        readers: AbstractSet[Role] = ANYONE,
    ) -> None:
        if kind:
            cls.kind, cls.once, cls.urgent, cls.by_mail = kind, once, urgent, by_mail
            cls.names_customers, cls.at_once = names_customers, at_once
            cls.batch, cls.topic, cls.readers = batch, topic, readers
            cls.in_thread = in_thread
        # A dataclass with slots is created twice, the second time without these arguments.
        NOTICES[cls.kind] = cls

    def is_for(self, person: Person) -> bool:
        """Whether the person's role lets them read it."""
        return self.readers == ANYONE or (person.active and person.role in self.readers)


class NoticeUnknown(Exception):
    """Another version wrote this notice: this one does not know its kind, or not its fields."""


NOTICES: dict[str, type[Notice]] = {}
"""Every type of notice by its kind; each registers itself."""


def notice_to_dict(notice: Notice) -> dict[str, Any]:
    """The notice's fields, as JSON can hold them; ``kind`` is stored separately."""
    return asdict(notice)


def notice_from_dict(kind: str, fields: dict[str, Any]) -> Notice:
    """Restore a notice from ``notice_to_dict``. Raises NoticeUnknown."""
    try:
        return NOTICES[kind](**fields)
    except (KeyError, TypeError) as error:
        raise NoticeUnknown(kind) from error


@dataclass(frozen=True, slots=True)
class LeadOffered(Notice, kind="lead_offered", urgent=True, by_mail=True, batch=Batch.OFFERS):
    offer_id: int


@dataclass(frozen=True, slots=True)
class LeadUnclaimed(Notice, kind="lead_unclaimed", urgent=True):
    """Nobody accepted the lead; the manager must decide."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadShown(Notice, kind="lead_shown", batch=None, at_once=True):
    """A lead's card that answered somebody. It was posted by the answer, and is only redrawn."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadCardMoved(Notice, kind="lead_moved", batch=None, at_once=True):
    """A lead's card that a newer one further down replaces. It is only redrawn, as a short line."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadsMerged(Notice, kind="leads_merged"):
    """Two leads of one customer were merged."""

    merge_id: int


@dataclass(frozen=True, slots=True)
class AccessAsked(Notice, kind="access_asked"):
    """A colleague asks for access to a lead that they may not see."""

    request_id: int


@dataclass(frozen=True, slots=True)
class SharingEnded(Notice, kind="sharing_ended"):
    """To a colleague who worked on a lead beside its owner: it has another owner now."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class AccessAnswered(Notice, kind="access_answered", batch=None):
    """The owner or a leader shared the lead, or declined."""

    request_id: int


@dataclass(frozen=True, slots=True)
class RemarksMade(Notice, kind="remarks_made", topic=Topic.TALK):
    """Colleagues made remarks on a lead between two instants (in seconds of Unix time)."""

    lead_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AutomationActed(Notice, kind="automation_acted"):
    """A rule did something with a lead that somebody should know of."""

    run_id: int


@dataclass(frozen=True, slots=True)
class WorkHandedOver(Notice, kind="work_handed_over"):
    """Somebody got, all at once, the work of a colleague who left."""

    transfer_id: int


@dataclass(frozen=True, slots=True)
class CustomerReturned(Notice, kind="customer_returned", urgent=True, batch=None):
    """A customer whom we have as a lead wrote again from outside."""

    enquiry_id: int


@dataclass(frozen=True, slots=True)
class CustomerSignalled(Notice, kind="customer_signalled", urgent=True, by_mail=True, batch=None):
    """A customer did something that the owner should know at once."""

    signal_id: int


@dataclass(frozen=True, slots=True)
class ProposalAnswered(
    Notice, kind="proposal_answered", urgent=True, by_mail=True, batch=None, at_once=True
):
    """A customer asked something on a proposal's page, or accepted it there."""

    reply_id: int


@dataclass(frozen=True, slots=True)
class ProposalMailFailed(Notice, kind="proposal_mail_failed", batch=None, at_once=True):
    """To the sender: a mail with the link to a proposal did not reach the customer."""

    mail_id: int


@dataclass(frozen=True, slots=True)
class OpportunityFound(Notice, kind="opportunity_found", batch=None):
    """A customer may buy again."""

    opportunity_id: int


@dataclass(frozen=True, slots=True)
class SigningReported(Notice, kind="signing_reported", urgent=True, batch=None):
    """An e-signature service reported the outcome of a contract."""

    signing_id: int


@dataclass(frozen=True, slots=True)
class PoolReturnNear(Notice, kind="pool_return_near"):
    """A lead returns to the public pool soon, unless somebody logs contact or extends."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LeadPooled(Notice, kind="lead_pooled"):
    """To the former owner: a lead went into the public pool, not by their own doing."""

    stay_id: int


@dataclass(frozen=True, slots=True)
class PoolBrief(Notice, kind="pool_brief", topic=Topic.POOL, readers=LEADERS):
    """To a leader: what came into the pool from the team.

    In ``[since, until)``, as seconds since 1970.
    """

    team_id: int
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class ImportUnderWay(Notice, kind="import_under_way", batch=None, at_once=True):
    """A long phase of an import began: its card shows the progress."""

    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class ImportReady(Notice, kind="import_ready", batch=None, at_once=True):
    """A phase of an import is over, and its person has to decide or should know."""

    import_id: int
    run: int


@dataclass(frozen=True, slots=True)
class LeadsImported(Notice, kind="leads_imported"):
    """Somebody got leads by an import: one notice for all of them."""

    import_id: int


@dataclass(frozen=True, slots=True)
class LeadsPooled(Notice, kind="leads_pooled"):
    """To a leader: an import left leads without an owner in the pool; one notice for all."""

    import_id: int


@dataclass(frozen=True, slots=True)
class BulkActUnderWay(Notice, kind="bulk_act_under_way", batch=None, at_once=True):
    """Acting on many leads began, or taking it back: its card shows the progress."""

    act_id: int
    run: int


@dataclass(frozen=True, slots=True)
class BulkActReady(Notice, kind="bulk_act_ready", batch=None, at_once=True):
    """To whoever acted on several leads, or took that back: it is done, with what was left out."""

    act_id: int
    run: int


@dataclass(frozen=True, slots=True)
class BulkActTold(Notice, kind="bulk_act_told"):
    """Somebody acted on several leads of a person, gave them several, or took that back.

    One notice for all of the leads.
    """

    act_id: int
    run: int


@dataclass(frozen=True, slots=True)
class PersonErased(Notice, kind="person_erased", batch=None, at_once=True):
    """To the admin who asked for an erasure: everything was searched."""

    erasure_id: int


@dataclass(frozen=True, slots=True)
class ClockCalls(Notice, kind="clock_calls", urgent=True, by_mail=True, batch=None):
    """A response clock reached a level of its ladder (``sales.clocks.ClockLevel``)."""

    clock_id: int
    level: str
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class RecordCall(Notice, kind="record_call", batch=None):
    """A person looked up a number to call and has not logged the call yet."""

    clock_id: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class TaskGiven(Notice, kind="task_given", urgent=True, by_mail=True):
    """A task was assigned."""

    task_id: int


@dataclass(frozen=True, slots=True)
class TaskOverdue(Notice, kind="task_overdue", urgent=True, by_mail=True):
    """A task was not done in time. ``level`` 1 goes to the assignee, 2 to the leaders."""

    task_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class TaskAnswered(Notice, kind="task_answered"):
    """A task is done, and its result matters to people who asked or have to act on it."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ReminderDue(Notice, kind="reminder_due", urgent=True, by_mail=True, batch=None):
    """A next step is due soon. ``late_minutes`` > 0 when it should have been sent earlier."""

    followup_id: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class StepInCalendar(Notice, kind="step_in_calendar", batch=None, at_once=True):
    """No message: puts a next step with a time of day into its owner's own calendar."""

    followup_id: int


@dataclass(frozen=True, slots=True)
class FollowUpOverdue(Notice, kind="followup_overdue", urgent=True, by_mail=True):
    """A next step was not done. ``level`` 1 goes to the owner, 2 to the manager."""

    followup_id: int
    level: int
    late_minutes: int = 0


@dataclass(frozen=True, slots=True)
class LookAgain(Notice, kind="look_again", by_mail=True):
    """A lead that was lost or put into nurture is to be looked at again."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class EnteredNurture(Notice, kind="entered_nurture"):
    """A lead of low value was put into nurture by itself; its owner can undo that."""

    lead_id: int


@dataclass(frozen=True, slots=True)
class LossReviewAsked(Notice, kind="loss_review_asked"):
    """To the owner of a big deal that was lost: what was learnt?"""

    lead_id: int


@dataclass(frozen=True, slots=True)
class ItemProposed(Notice, kind="item_proposed"):
    """An item was written for the library and waits for a decision."""

    item_id: int


@dataclass(frozen=True, slots=True)
class ItemDecided(Notice, kind="item_decided", topic=Topic.LIBRARY):
    """An author's item for the library was approved, returned or retired."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SharingAnnounced(
    Notice, kind="sharing_announced", once=True, batch=None, topic=Topic.SHARING
):
    """The quarter's sharing session (``2024-Q1``) has its date."""

    quarter: str


@dataclass(frozen=True, slots=True)
class NewcomerJoined(Notice, kind="newcomer_joined", readers=ACTIONS["people.edit"]):
    """To an admin: an unknown account was let in without them.

    By a rule, or as an administrator of the platform. ``rule`` is the rule's name, empty without
    one.
    """

    person_id: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class NewcomerAsks(Notice, kind="newcomer_asks", batch=None, readers=ACTIONS["newcomer.admit"]):
    """To an admin: an unknown account wrote to the bot and waits to be let in."""

    newcomer_id: int


@dataclass(frozen=True, slots=True)
class LetIn(Notice, kind="let_in", batch=None):
    """To a newcomer who waited: an admin let them in."""

    person_id: int


@dataclass(frozen=True, slots=True)
class AdminMade(Notice, kind="admin_made", batch=None, readers=ACTIONS["people.edit"]):
    """To the other admins: somebody became an admin by a one-time code."""

    person_id: int


@dataclass(frozen=True, slots=True)
class AccessEnded(Notice, kind="access_ended", batch=None, readers=ACTIONS["people.edit"]):
    """To admins and the team's leaders: the platform says that somebody no longer is a member."""

    person_id: int
    platform: str
    guest: bool


@dataclass(frozen=True, slots=True)
class AccountLinked(Notice, kind="account_linked", batch=None):
    """A person we know wrote from another platform, which vouches for their identity."""

    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class WhoAreYou(Notice, kind="who_are_you", batch=None):
    """A newcomer has a name similar to that of a person we know."""

    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class IdentityClaimed(
    Notice, kind="identity_claimed", batch=None, readers=ACTIONS["identity.confirm"]
):
    """An account may belong to a person we know; an admin decides."""

    claimant_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class PersonUnreachable(Notice, kind="person_unreachable", urgent=True, batch=None):
    """To a leader: no platform reaches somebody any more who has open leads or tasks."""

    person_id: int


@dataclass(frozen=True, slots=True)
class CustomersProbed(Notice, kind="customers_probed"):
    """Somebody learned of more of colleagues' customers than the rules consider usual."""

    person_id: int
    window: str
    count: int


@dataclass(frozen=True, slots=True)
class BulkReveal(Notice, kind="bulk_reveal"):
    """Somebody looked up more contacts than the rules consider usual."""

    person_id: int
    window: str
    count: int


@dataclass(frozen=True, slots=True)
class DigestReady(Notice, kind="digest_ready", once=True, names_customers=True, batch=None):
    """A week of a team, or (``team_id`` None) of the company, is over. ``week`` is ISO
    (``2026-W47``). ``late``: the bot was not running when it was due."""

    team_id: int | None
    week: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class DigestDetails(
    Notice, kind="digest_details", once=True, names_customers=True, batch=None, in_thread=True
):
    """What does not fit on the first screen of a ``DigestReady``, posted under it."""

    team_id: int | None
    week: str


@dataclass(frozen=True, slots=True)
class ReviewReady(Notice, kind="review_ready", once=True, names_customers=True, batch=None):
    """A month of a team is reviewed, or of the company (``team_id`` None), as ``2024-03``."""

    team_id: int | None
    month: str


@dataclass(frozen=True, slots=True)
class ReviewDetails(
    Notice, kind="review_details", once=True, names_customers=True, batch=None, in_thread=True
):
    """All parts of a review, posted under its ``ReviewReady``."""

    team_id: int | None
    month: str


@dataclass(frozen=True, slots=True)
class BotWeek(Notice, kind="bot_week", batch=None, readers=ADMINS):
    """To an admin: what the bot sent in a week, and what people acted on. ``week`` is ISO."""

    week: str


@dataclass(frozen=True, slots=True)
class WeeklyReportDue(Notice, kind="weekly_report_due", batch=None, readers=SELLERS):
    """To a seller: the report of a week (``2026-W47``) is filled in and to be submitted.

    ``reminder`` is 1 when it was asked for before, and 2 when a leader has the person reminded.
    """

    week: str
    reminder: int = 0


@dataclass(frozen=True, slots=True)
class WeeklyReportsMissing(Notice, kind="weekly_reports_missing", batch=None, readers=LEADERS):
    """To a leader: who of the team still owes the report, shortly before the digest."""

    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class WeeklyReportLate(Notice, kind="weekly_report_late", readers=LEADERS):
    """To a leader: somebody of the team submitted the report after the digest."""

    person_id: int
    week: str


@dataclass(frozen=True, slots=True)
class SyncDue(Notice, kind="sync_due", once=True, names_customers=True, batch=None):
    """The departments meet: a team's deals that are stuck. ``week`` is ISO."""

    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class DealAnnounced(Notice, kind="deal_announced", once=True, names_customers=True, batch=None):
    """To a team's channel: a deal was won, or a rule announces something of it.

    ``round`` counts how often it was won again after the win had been taken back.
    """

    announcement_id: int
    round: int = 0


@dataclass(frozen=True, slots=True)
class WinTakenBack(Notice, kind="win_taken_back", once=True, names_customers=True, batch=None):
    """To the channel that read of a win: it was taken back."""

    announcement_id: int
    round: int = 0


@dataclass(frozen=True, slots=True)
class HonoursPosted(Notice, kind="honours_posted", once=True, names_customers=True, batch=None):
    """To a team's channel: who won how much in a month (``2024-03``)."""

    team_id: int
    month: str


@dataclass(frozen=True, slots=True)
class AnnouncementWithheld(Notice, kind="announcement_withheld", batch=None, readers=LEADERS):
    """To the leaders of a team: something was not announced in a channel where outsiders read."""

    team_id: int
    platform: str
    conversation: str


@dataclass(frozen=True, slots=True)
class ViewPosted(
    Notice,
    kind="view_posted",
    once=True,
    names_customers=True,
    batch=None,
    topic=Topic.VIEWS,
    readers=SELLERS,
):
    """A saved view is posted: the list as it is on delivery. ``day`` is the local day, as ISO."""

    posting_id: int
    day: str


@dataclass(frozen=True, slots=True)
class ViewPostEnded(Notice, kind="view_post_ended"):
    """A posting ended by itself: to its reader, or to the leaders."""

    posting_id: int


@dataclass(frozen=True, slots=True)
class ChannelRefused(Notice, kind="channel_refused", by_mail=True, batch=None):
    """A team's channel accepts no messages any more; its leaders get them meanwhile."""

    platform: str
    conversation: str


@dataclass(frozen=True, slots=True)
class PermissionMissing(Notice, kind="permission_missing", batch=None, readers=ADMINS):
    """A platform does not let the bot do something optional (``part``); ``codes`` names the
    permissions as the platform does. Sent once, not each time it is tried."""

    platform: str
    part: str
    codes: str


@dataclass(frozen=True, slots=True)
class KeptNotices(Notice, kind="kept_notices", batch=None, at_once=True):
    """A bundle of notices held back for one person.

    ``why`` they waited: quiet hours (morning) or batching (company); or a single one of these that
    the person opened.
    """

    message_ids: tuple[int, ...]
    why: str = "morning"


@dataclass(frozen=True, slots=True)
class CardChanged(Notice, kind="card_changed", batch=None, at_once=True):
    """A living card's subject changed: the posted card ``posting_id`` is drawn again."""

    posting_id: int
