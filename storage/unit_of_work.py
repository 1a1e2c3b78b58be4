"""One transaction and everything that is done in it.

``UnitsOfWork`` is made once, when the process starts, and called for each unit of work.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from sales import ports
from sales.people import Person
from sales.permissions import pool_scope_of, scope_of
from storage.access import AccessRows
from storage.audit import AuditRows
from storage.automations import AutomationRows
from storage.bindings import BindingRows
from storage.discoveries import DiscoveryRows
from storage.drafts import DraftRows
from storage.duplicates import DuplicateRows
from storage.engine import Database
from storage.enquiries import EnquiryRows
from storage.exports import ExportRows
from storage.fields import Fields
from storage.followups import FollowUpRows
from storage.imports import ImportedLeadRows, ImportRows
from storage.inbound import InboundRows
from storage.leads import LeadRows
from storage.library import LibraryRows
from storage.merging import MergeRows
from storage.newcomers import AdminCodeRows, NewcomerRows
from storage.noise import NoiseRows
from storage.notice_choices import NoticeChoiceRows
from storage.objections import ObjectionRows
from storage.offers import OfferRows
from storage.opportunities import OpportunityRows
from storage.outbox import OutboxRows
from storage.past import PastRows
from storage.people import PeopleRows
from storage.person_contacts import PersonContactRows
from storage.playbooks import PlaybookRows, ReadPlaybooks
from storage.pool import HoldingRows, PoolRows, StayRows
from storage.postings import PostingRows
from storage.proposals import ProposalRows
from storage.refusals import RefusalRows
from storage.remarks import RemarkRows
from storage.reminders import ReminderRows
from storage.response_clocks import ClockRows
from storage.schedule import ScheduleRows
from storage.sharings import SharingRows
from storage.signals import SignalRows
from storage.signings import SigningRows
from storage.targets import TargetRows
from storage.tasks import TaskRows
from storage.transfers import TransferRows

MakeFigures = Callable[[Connection, Fields], ports.Figures]


class UnitsOfWork:
    """``sales.ports.NewUnitOfWork``.

    ``now`` tells the time in UTC; ``committed`` is called, in the committing thread, after
    messages were put into the outbox; ``mails`` says whether e-mail can be sent.
    """

    def __init__(
        self,
        database: Database,
        fields: Fields,
        figures: MakeFigures,
        *,
        now: Callable[[], datetime],
        mails: bool = False,
        committed: Callable[[], None] = lambda: None,
    ) -> None:
        database.seal_with(fields)
        self.database = database
        self.fields = fields
        self.figures = figures
        self.now = now
        self.mails = mails
        self.committed = committed
        self.playbooks = ReadPlaybooks()

    def __call__(self, *, read_only: bool = False) -> "RowsUnitOfWork":
        return RowsUnitOfWork(self, read_only=read_only)


class RowsUnitOfWork:
    """``sales.ports.UnitOfWork``; its repositories are there within the ``with`` block.

    A database that does not answer raises StorageUnavailable, whatever was asked of it.
    """

    people: ports.People
    newcomers: ports.Newcomers
    admin_codes: ports.AdminCodes
    offers: ports.Offers
    duplicates: ports.Duplicates
    enquiries: ports.Enquiries
    access: ports.Access
    contacts: ports.PersonContacts
    merges: ports.Merges
    schedule: ports.Schedule
    outbox: ports.Outbox
    postings: ports.Postings
    bindings: ports.Bindings
    inbound: ports.Inbound
    audit: ports.Audit
    playbooks: ports.Playbooks
    drafts: ports.Drafts
    automations: ports.AutomationRuns
    past: ports.Past
    figures: ports.Figures
    sharings: ports.Sharings
    stays: ports.Stays
    transfers: ports.Transfers
    holdings: ports.Holdings
    targets: ports.Targets
    notice_choices: ports.NoticeChoices
    noise: ports.Noise
    reminders: ports.Reminders
    refusals: ports.Refusals
    due: ScheduleRows

    def __init__(self, units: UnitsOfWork, *, read_only: bool) -> None:
        self._units = units
        self._writes = not read_only
        self._new_leads: set[int] = set()
        self._connection: Connection
        self._messages: OutboxRows
        self._tallied: OfferRows

    def leads(self, actor: Person) -> ports.Leads:
        return LeadRows(
            self._connection,
            self._units.fields,
            scope_of(actor),
            locks=self._writes,
            added=self._new_leads,
        )

    def followups(self, actor: Person) -> ports.FollowUps:
        return FollowUpRows(self._connection, scope_of(actor))

    def clocks(self, actor: Person) -> ports.Clocks:
        return ClockRows(self._connection, scope_of(actor))

    def tasks(self, actor: Person) -> ports.Tasks:
        return TaskRows(self._connection, scope_of(actor))

    def imports(self, actor: Person) -> ports.Imports:
        fields, locks = self._units.fields, self._writes
        return ImportRows(self._connection, fields, actor, locks=locks)

    def imported(self, import_id: int) -> ports.ImportedLeads:
        return ImportedLeadRows(self._connection, self._units.fields, import_id)

    def pool(self, actor: Person) -> ports.Pool:
        reach = self.playbooks.current().pool.reach
        return PoolRows(self._connection, pool_scope_of(actor, reach))

    def exports(self, actor: Person) -> ports.Exports:
        return ExportRows(self._connection, scope_of(actor))

    def library(self, actor: Person) -> ports.Library:
        return LibraryRows(self._connection, actor)

    def objections(self, actor: Person) -> ports.Objections:
        return ObjectionRows(self._connection, scope_of(actor))

    def remarks(self, actor: Person) -> ports.Remarks:
        return RemarkRows(self._connection, scope_of(actor))

    def signals(self, actor: Person) -> ports.Signals:
        return SignalRows(self._connection, scope_of(actor))

    def proposals(self, actor: Person) -> ports.Proposals:
        return ProposalRows(self._connection, self._units.fields, scope_of(actor))

    def opportunities(self, actor: Person) -> ports.Opportunities:
        return OpportunityRows(self._connection, scope_of(actor))

    def signings(self, actor: Person) -> ports.Signings:
        return SigningRows(self._connection, scope_of(actor))

    def discoveries(self, actor: Person) -> ports.Discoveries:
        return DiscoveryRows(self._connection, self._units.fields, scope_of(actor))

    def commit(self) -> None:
        """Raises StorageUnavailable when it could not be made lasting; then all is undone."""
        with self._units.database.answering(read_only=not self._writes):
            self._tallied.flush()
            any_message = self._messages.flush()
            self._connection.commit()
        if any_message:
            self._units.committed()

    def __enter__(self) -> Self:
        self._connection = self._units.database.connect(read_only=not self._writes)
        self._open_repositories(self._connection, self._units.fields, self._units.now())
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()
        if isinstance(error := exc[1], SQLAlchemyError):
            with self._units.database.answering(read_only=not self._writes):
                raise error

    def _open_repositories(
        self, connection: Connection, fields: Fields, began_at: datetime
    ) -> None:
        people, choices = PeopleRows(connection), NoticeChoiceRows(connection, fields)
        self.people, self.notice_choices = people, choices
        self.newcomers = NewcomerRows(connection, fields)
        self.admin_codes = AdminCodeRows(connection)
        self.offers = self._tallied = OfferRows(
            connection, locks=self._writes, new_leads=self._new_leads
        )
        self.duplicates = DuplicateRows(connection, fields)
        self.enquiries = EnquiryRows(connection, fields)
        self.access = AccessRows(connection)

        def read_anew() -> None:
            people.forget()
            choices.forget()

        self.contacts = PersonContactRows(connection, fields, read_anew)
        self.merges = MergeRows(connection, fields, self._tallied)
        self.schedule = self.due = ScheduleRows(connection)
        self.outbox = self._messages = OutboxRows(connection, began_at, mails=self._units.mails)
        self.postings = PostingRows(connection)
        self.bindings = BindingRows(connection)
        self.inbound = InboundRows(connection)
        self.audit = AuditRows(connection, began_at)
        self.playbooks = PlaybookRows(connection, self._units.playbooks)
        self.sharings = SharingRows(connection)
        self.automations = AutomationRows(connection)
        self.drafts = DraftRows(connection, locks=self._writes)
        self.past = PastRows(connection, fields)
        self.figures = self._units.figures(connection, fields)
        self.stays = StayRows(connection)
        self.transfers = TransferRows(connection)
        self.holdings = HoldingRows(connection)
        self.targets = TargetRows(connection)
        self.reminders = ReminderRows(connection)
        self.noise = NoiseRows(connection)
        self.refusals = RefusalRows(connection, began_at)
