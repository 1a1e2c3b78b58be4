"""What a notice says when it is delivered: words in the reader's language, facts of now."""

from collections.abc import Callable
from datetime import datetime

from handlers import digest, stages
from handlers.clock_card import clock_card, record_card
from handlers.enquiries import returned_card
from handlers.language import Languages
from handlers.lead_card import lead_card, lead_gone_card
from handlers.pool.cards import CARDS
from handlers.reminders import reminder_card
from handlers.task_card import task_card, task_gone_card
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.assignments import OfferState
from sales.clocks import ClockLevel
from sales.errors import FollowUpNotFound, LeadNotFound, TaskNotFound
from sales.notices import (
    ClockCalls,
    CustomerReturned,
    DigestReady,
    FollowUpOverdue,
    LeadOffered,
    LeadPooled,
    LeadUnclaimed,
    LookAgain,
    NewcomerJoined,
    Notice,
    PoolBrief,
    PoolReturnNear,
    RecordCall,
    ReminderDue,
    TaskAnswered,
    TaskGiven,
    TaskOverdue,
)
from sales.people import SYSTEM, Person
from sales.permissions import may
from sales.ports import NewUnitOfWork, Recipient, UnitOfWork


class Composer:
    """Turns a notice and its recipient into a card. Reads only."""

    def __init__(
        self, new_uow: NewUnitOfWork, languages: Languages, now: Callable[[], datetime]
    ) -> None:
        self._new_uow = new_uow
        self._languages = languages
        self._now = now

    def __call__(self, notice: Notice, to: Recipient, *, again: bool) -> tuple[Card, str] | None:
        """The card with its locale; None when there is nothing to say any more.

        ``again`` redraws a card that was posted before: then what is over is shown as over,
        while it would not be worth a new message.
        """
        with self._new_uow(read_only=True) as uow:
            reader, locale = self._reader(to, uow)
            turn = Turn.unasked(uow, self._languages, self._now(), reader=reader, locale=locale)
            card = compose(notice, turn, again=again)
            return None if card is None else (card, turn.language.locale)

    def _reader(self, to: Recipient, uow: UnitOfWork) -> tuple[Person, str]:
        if isinstance(to, int):
            person = uow.people.get(to)
            return person, person.locale
        bound = uow.bindings.of_channel(*to)
        return SYSTEM, bound.locale if bound else ""


def compose(notice: Notice, turn: Turn, *, again: bool) -> Card | None:
    """The card for a notice, or None when what it told of is over."""
    match notice:
        case LeadOffered(offer_id):
            offer = turn.uow.offers.get(offer_id)
            over = offer.state not in (OfferState.OPEN, OfferState.ACCEPTED)
            return None if over and not again else _lead(offer.lead_id, turn, again=again)
        case LeadUnclaimed(lead_id):
            return _lead(lead_id, turn, again=again)
        case ReminderDue() | FollowUpOverdue():
            return _reminder(notice, turn, again=again)
        case ClockCalls() | RecordCall():
            return _clock(notice, turn, again=again)
        case LookAgain(lead_id):
            return _look_again(lead_id, turn)
        case CustomerReturned(enquiry_id):
            return _returned(enquiry_id, turn, again=again)
        case TaskGiven() | TaskOverdue() | TaskAnswered():
            return _task(notice, turn, again=again)
        case PoolReturnNear() | LeadPooled() | PoolBrief():
            return CARDS[type(notice)](notice, turn, again=again)
        case DigestReady(team_id, week):
            return digest.weekly_card(team_id, week, turn)
        case NewcomerJoined(person_id):
            return _newcomer(person_id, turn) if may(turn.actor, "people.edit") else None
        case _:
            # Nor for CardChanged: delivery composes the notice that posted the card.
            raise AssertionError(f"no words for {notice.kind}")


def _lead(lead_id: int, turn: Turn, *, again: bool) -> Card | None:
    try:
        return lead_card(turn.leads.get(lead_id), turn)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(lead_id)
        return lead_gone_card(gone, turn) if again else None


def _returned(enquiry_id: int, turn: Turn, *, again: bool) -> Card | None:
    enquiry = turn.uow.enquiries.get(enquiry_id)
    try:
        return returned_card(enquiry, turn.leads.get(enquiry.lead_id), turn)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(enquiry.lead_id)
        return lead_gone_card(gone, turn) if again else None


def _clock(notice: ClockCalls | RecordCall, turn: Turn, *, again: bool) -> Card | None:
    clock = turn.uow.clocks(SYSTEM).get(notice.clock_id)
    try:
        lead = turn.leads.get(clock.lead_id)
    except LeadNotFound:
        gone = turn.uow.leads(SYSTEM).get(clock.lead_id)
        return lead_gone_card(gone, turn) if again else None
    if not clock.is_waiting and not again:
        return None
    if isinstance(notice, RecordCall):
        return record_card(clock, lead, notice.late_minutes, turn)
    return clock_card(clock, lead, ClockLevel(notice.level), notice.late_minutes, turn)


def _look_again(lead_id: int, turn: Turn) -> Card | None:
    try:
        lead = turn.leads.get(lead_id)
    except LeadNotFound:
        return None
    return stages.look_again_card(lead, turn) if lead.rests else lead_card(lead, turn)


def _reminder(notice: ReminderDue | FollowUpOverdue, turn: Turn, *, again: bool) -> Card | None:
    try:
        followup = turn.followups.get(notice.followup_id)
    except FollowUpNotFound:
        gone = turn.uow.followups(SYSTEM).get(notice.followup_id)
        lead = turn.uow.leads(SYSTEM).get(gone.lead_id)
        return lead_gone_card(lead, turn, gone.subject) if again else None
    if not followup.is_waiting and not again:
        return None
    level = notice.level if isinstance(notice, FollowUpOverdue) else 0
    return reminder_card(followup, turn, level=level, late=notice.late_minutes)


def _task(
    notice: TaskGiven | TaskOverdue | TaskAnswered, turn: Turn, *, again: bool
) -> Card | None:
    """An answer is told of although the task is over; a new or an overdue task is not."""
    try:
        task = turn.tasks.get(notice.task_id)
    except TaskNotFound:
        gone = turn.uow.tasks(SYSTEM).get(notice.task_id)
        return task_gone_card(gone, turn) if again else None
    if not task.is_open and not again and not isinstance(notice, TaskAnswered):
        return None
    if isinstance(notice, TaskOverdue):
        return task_card(task, turn, level=notice.level, late=notice.late_minutes)
    return task_card(task, turn)


def _newcomer(person_id: int, turn: Turn) -> Card | None:
    person = turn.uow.people.get(person_id)
    return Card(
        title=turn.text("newcomer.title", name=person.name),
        body=turn.text("newcomer.body"),
        buttons=(
            Button(
                "people.edit", turn.text("button.edit_person", name=person.name), str(person_id)
            ),
        ),
    )
