"""The unit of work: one transaction and everything done in it.

``UnitOfWorkFactory`` is created once, when the process starts, and called for each unit of work.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from sales.people import Person
from sales.permissions import pool_scope_of, scope_of
from storage.announcements import AnnouncementRepository
from storage.assignment.offers import OfferRepository
from storage.audit.log import AuditLog
from storage.automations import AutomationRepository
from storage.backups.runs import BackupRunRepository
from storage.bulk_acts import BulkActRepository
from storage.channels import ChannelRepository
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.discoveries import DiscoveryRepository
from storage.discussion import DiscussionRepository
from storage.dry_run_history import DryRunHistoryRepository
from storage.erasure.repository import ErasureRepository
from storage.followup_table import FollowUpTable
from storage.followups import FollowUpRepository
from storage.forecasts import ForecastRepository
from storage.imports import ImportedLeadRepository, ImportRepository
from storage.jobs import JobRepository
from storage.leads.collaborators import CollaboratorRepository
from storage.leads.duplicates import DuplicateRepository, EnquiryRepository
from storage.leads.exports import ExportRepository
from storage.leads.listing import LeadListing
from storage.leads.merging import MergeRepository
from storage.leads.repository import LeadRepository, UnitLeads
from storage.leads.snapshots import LeadSnapshotRepository
from storage.library import LibraryRepository
from storage.loss_reviews import LossReviewRepository
from storage.newcomers import AdminCodeRepository, NewcomerRepository
from storage.notification_preferences import NotificationPreferenceRepository
from storage.objections import ObjectionRepository
from storage.opportunities import OpportunityRepository
from storage.outbox.outbox import Outbox
from storage.outbox.posted_cards import PostedCardRepository
from storage.outbox.refusals import RefusalRepository
from storage.outbox.seen_requests import SeenRequestRepository
from storage.people import PersonContactRepository, PersonRepository
from storage.playbooks import DraftRepository, PlaybookRepository, ReadPlaybooks
from storage.pool import HoldingRepository, PoolRepository, StayRepository
from storage.proposals import ProposalRepository
from storage.quarterly_sessions import QuarterlySessionRepository
from storage.reminders import ReminderRepository
from storage.reports.figures import FigureRepository
from storage.reports.impact import ImpactRepository
from storage.reports.journeys import JourneyRepository
from storage.reports.noise import NoiseRepository
from storage.reports.review import ReviewRepository
from storage.reports.weekly_digest import WeeklyDigestRepository
from storage.response_clocks import ClockRepository
from storage.saved_views import PostingRepository, SavedViewRepository
from storage.signals import SignalRepository, SigningRepository
from storage.targets import TargetRepository
from storage.tasks import TaskRepository
from storage.transfers import TransferRepository
from storage.weekly_reports import WeeklyReportRepository


class UnitOfWorkFactory:
    """Creates units of work.

    ``now`` returns the time in UTC; ``committed`` is called, in the committing thread, after
    messages were put into the outbox; ``mails`` says whether e-mail can be sent, and
    ``calendars`` which platforms keep people's calendars. ``country`` (ISO code) is whose regions
    and public holidays the shipped rules have.
    """

    def __init__(
        self,
        database: Database,
        fields: Fields,
        *,
        now: Callable[[], datetime],
        mails: bool = False,
        calendars: frozenset[str] = frozenset(),
        country: str = "CN",
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        database.seal_with(fields)
        self.database = database
        self.fields = fields
        self.now = now
        self.mails = mails
        self.calendars = calendars
        self.committed = committed
        self.playbooks = ReadPlaybooks(country)

    def __call__(self, *, read_only: bool = False) -> "UnitOfWork":
        """Create a unit of work. ``read_only`` never waits for a writer and refuses to write."""
        return UnitOfWork(self, read_only=read_only)


class UnitOfWork:
    """One transaction; its repositories exist within the ``with`` block.

    A database that does not answer raises StorageUnavailable, whatever was requested.
    """

    def __init__(self, units: UnitOfWorkFactory, *, read_only: bool) -> None:
        self._units = units
        self._writes = not read_only
        self._leads = UnitLeads()
        self._connection: Connection
        self._began_at: datetime

    def leads(self, actor: Person) -> LeadRepository:
        return LeadRepository(
            self._connection,
            self._units.fields,
            scope_of(actor),
            locks=self._writes,
            unit=self._leads,
        )

    def lead_list(self, actor: Person) -> LeadListing:
        return LeadListing(self._connection, self._units.fields, scope_of(actor))

    def followups(self, actor: Person) -> FollowUpRepository:
        return FollowUpRepository(self._connection, scope_of(actor))

    def followup_table(self, actor: Person, *, own: bool = False) -> FollowUpTable:
        return FollowUpTable(self._connection, scope_of(actor), own=own)

    def clocks(self, actor: Person) -> ClockRepository:
        return ClockRepository(self._connection, scope_of(actor))

    def review_facts(self, actor: Person) -> ReviewRepository:
        return ReviewRepository(self._connection, scope_of(actor))

    def tasks(self, actor: Person) -> TaskRepository:
        return TaskRepository(self._connection, scope_of(actor))

    def imports(self, actor: Person) -> ImportRepository:
        fields, locks = self._units.fields, self._writes
        return ImportRepository(self._connection, fields, actor, locks=locks)

    def bulk_acts(self, actor: Person) -> BulkActRepository:
        return BulkActRepository(self._connection, actor, self.people, locks=self._writes)

    def imported(self, import_id: int) -> ImportedLeadRepository:
        return ImportedLeadRepository(self._connection, self._units.fields, import_id)

    def pool(self, actor: Person) -> PoolRepository:
        reach = self.playbooks.current().pool.reach
        return PoolRepository(self._connection, pool_scope_of(actor, reach))

    def exports(self, actor: Person) -> ExportRepository:
        return ExportRepository(self._connection, scope_of(actor))

    def impact(self, actor: Person) -> ImpactRepository:
        return ImpactRepository(self._connection, scope_of(actor))

    def journeys(self, actor: Person) -> JourneyRepository:
        return JourneyRepository(self._connection, scope_of(actor))

    def library(self, actor: Person) -> LibraryRepository:
        return LibraryRepository(self._connection, actor)

    def objections(self, actor: Person) -> ObjectionRepository:
        return ObjectionRepository(self._connection, scope_of(actor))

    def loss_reviews(self, actor: Person) -> LossReviewRepository:
        return LossReviewRepository(self._connection, scope_of(actor))

    def discussion(self, actor: Person) -> DiscussionRepository:
        return DiscussionRepository(self._connection, scope_of(actor))

    def signals(self, actor: Person) -> SignalRepository:
        return SignalRepository(self._connection, scope_of(actor))

    def proposals(self, actor: Person) -> ProposalRepository:
        return ProposalRepository(self._connection, scope_of(actor))

    def opportunities(self, actor: Person) -> OpportunityRepository:
        return OpportunityRepository(self._connection, scope_of(actor))

    def signings(self, actor: Person) -> SigningRepository:
        return SigningRepository(self._connection, scope_of(actor))

    def discoveries(self, actor: Person) -> DiscoveryRepository:
        return DiscoveryRepository(self._connection, scope_of(actor))

    def saved_views(self, actor: Person) -> SavedViewRepository:
        return SavedViewRepository(self._connection, actor)

    @cached_property
    def view_postings(self) -> PostingRepository:
        return PostingRepository(self._connection)

    @cached_property
    def people(self) -> PersonRepository:
        return PersonRepository(self._connection, self._forget_lanes)

    @cached_property
    def notification_preferences(self) -> NotificationPreferenceRepository:
        return NotificationPreferenceRepository(self._connection)

    @cached_property
    def newcomers(self) -> NewcomerRepository:
        return NewcomerRepository(self._connection, self._units.fields)

    @cached_property
    def admin_codes(self) -> AdminCodeRepository:
        return AdminCodeRepository(self._connection)

    @cached_property
    def offers(self) -> OfferRepository:
        return OfferRepository(self._connection, locks=self._writes, new_leads=self._leads.added)

    @cached_property
    def duplicates(self) -> DuplicateRepository:
        return DuplicateRepository(self._connection, self._units.fields)

    @cached_property
    def enquiries(self) -> EnquiryRepository:
        return EnquiryRepository(self._connection)

    @cached_property
    def collaborators(self) -> CollaboratorRepository:
        return CollaboratorRepository(self._connection)

    @cached_property
    def contacts(self) -> PersonContactRepository:
        return PersonContactRepository(self._connection, self._units.fields, self._read_people_anew)

    @cached_property
    def merges(self) -> MergeRepository:
        return MergeRepository(self._connection, self._units.fields, self.offers)

    @cached_property
    def lead_snapshots(self) -> LeadSnapshotRepository:
        return LeadSnapshotRepository(self._connection)

    @cached_property
    def erasures(self) -> ErasureRepository:
        fields, locks = self._units.fields, self._writes
        return ErasureRepository(self._connection, fields, self._began_at, locks=locks)

    @cached_property
    def jobs(self) -> JobRepository:
        return JobRepository(self._connection)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(
            self._connection,
            self._began_at,
            mails=self._units.mails,
            calendars=self._units.calendars,
        )

    @cached_property
    def posted_cards(self) -> PostedCardRepository:
        return PostedCardRepository(self._connection)

    @cached_property
    def channels(self) -> ChannelRepository:
        return ChannelRepository(self._connection)

    @cached_property
    def announcements(self) -> AnnouncementRepository:
        return AnnouncementRepository(self._connection)

    @cached_property
    def weekly_reports(self) -> WeeklyReportRepository:
        return WeeklyReportRepository(self._connection)

    @cached_property
    def seen_requests(self) -> SeenRequestRepository:
        return SeenRequestRepository(self._connection)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self._connection, self._units.fields, self._began_at)

    @cached_property
    def playbooks(self) -> PlaybookRepository:
        return PlaybookRepository(self._connection, self._units.playbooks)

    @cached_property
    def drafts(self) -> DraftRepository:
        return DraftRepository(self._connection, locks=self._writes)

    @cached_property
    def automations(self) -> AutomationRepository:
        return AutomationRepository(self._connection)

    @cached_property
    def dry_run_history(self) -> DryRunHistoryRepository:
        return DryRunHistoryRepository(self._connection)

    @cached_property
    def figures(self) -> FigureRepository:
        return FigureRepository(self._connection, self._units.fields)

    @cached_property
    def weekly_digest(self) -> WeeklyDigestRepository:
        return WeeklyDigestRepository(self._connection)

    @cached_property
    def quarterly_sessions(self) -> QuarterlySessionRepository:
        return QuarterlySessionRepository(self._connection)

    @cached_property
    def stays(self) -> StayRepository:
        return StayRepository(self._connection)

    @cached_property
    def transfers(self) -> TransferRepository:
        return TransferRepository(self._connection)

    @cached_property
    def holdings(self) -> HoldingRepository:
        return HoldingRepository(self._connection)

    @cached_property
    def targets(self) -> TargetRepository:
        return TargetRepository(self._connection)

    @cached_property
    def backup_runs(self) -> BackupRunRepository:
        return BackupRunRepository(self._connection)

    @cached_property
    def forecasts(self) -> ForecastRepository:
        return ForecastRepository(self._connection)

    @cached_property
    def reminders(self) -> ReminderRepository:
        return ReminderRepository(self._connection)

    @cached_property
    def noise(self) -> NoiseRepository:
        return NoiseRepository(self._connection)

    @cached_property
    def refusals(self) -> RefusalRepository:
        return RefusalRepository(self._connection, self._began_at)

    def commit(self) -> None:
        """Commit. Raises StorageUnavailable when it could not be made durable; everything is then
        rolled back."""
        with self._units.database.answering(read_only=not self._writes):
            any_message = self._flush()
            self._connection.commit()
        if any_message:
            self._units.committed()

    def __enter__(self) -> Self:
        self._connection = self._units.database.connect(read_only=not self._writes)
        self._began_at = self._units.now()
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()
        if isinstance(error := exc[1], SQLAlchemyError):
            with self._units.database.answering(read_only=not self._writes):
                raise error

    def _flush(self) -> bool:
        """Write pending changes; True when there is a message to send.

        A repository that was never used has nothing pending.
        """
        if "offers" in self.__dict__:
            self.offers.flush()
        return "outbox" in self.__dict__ and self.outbox.flush()

    def _forget_lanes(self) -> None:
        if "outbox" in self.__dict__:
            self.outbox.forget_lanes()

    def _read_people_anew(self) -> None:
        self._forget_lanes()
        self.people.forget()
        self.notification_preferences.forget()
