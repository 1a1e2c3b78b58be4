"""What to do when a platform refuses messages: for a person, for a channel, or altogether.

Offers to a person who cannot be reached move on, leaders receive what their channel refuses, and
notices that can go by e-mail are sent that way meanwhile.
"""

from datetime import timedelta

from handlers.assignment.service import hand_on
from handlers.core.context import Context
from handlers.core.guards import may_change
from sales.jobs import HandleRefusal, Job
from sales.notices import ChannelRefused, PersonUnreachable
from sales.people import SYSTEM, Person, Role, leaders_of
from sales.refusals import Reason, Refusal
from storage.channels import BoundChannel


def look_after(job: Job[HandleRefusal], context: Context) -> None:
    """Job: handle a refused delivery, first at once and again a day later."""
    refusal = context.uow.refusals.find(job.args.refusal_id)
    if refusal is None:
        return
    match refusal.kind:
        case "person":
            _person_refused(refusal, context)
        case "channel":
            first = refusal.attempts == 1 or job.args.again
            _channel_refused(refusal, context, tells=first)
        case _:
            context.uow.outbox.mail(context.uow.outbox.waiting(refusal.key))


def _person_refused(refusal: Refusal, context: Context) -> None:
    uow = context.uow
    account = uow.people.find(refusal.platform, refusal.address)
    if account is None or not account.active:
        return
    waiting = uow.outbox.waiting(refusal.key)
    everyone = uow.people.everyone()
    person = next(candidate for candidate in everyone if candidate.id == account.id)
    if refusal.reason is not Reason.UNKNOWN and not person.unreachable:
        # The person has another account, which accepts messages.
        uow.outbox.move(refusal.key, waiting, [person.id])
        return
    uow.outbox.mail(waiting)
    if refusal.reason is Reason.UNKNOWN:
        return
    for offer in uow.offers.open_of(person.id):
        lead = uow.leads(SYSTEM).get(offer.lead_id)
        if lead.is_open and lead.owner_id == person.id:
            hand_on(lead, context)
    if uow.leads(SYSTEM).open_of(person.id) or uow.tasks(SYSTEM).open_of(person.id):
        for leader in _leaders_for(person, everyone):
            uow.outbox.add(PersonUnreachable(person.id), leader.id)


def _leaders_for(person: Person, everyone: list[Person]) -> list[Person]:
    """The leaders who can hand over the person's work; if there are none, the admins."""
    leaders = [
        colleague
        for colleague in leaders_of(person.team_id, everyone)
        if may_change(colleague, person)
    ]
    admins = [
        colleague for colleague in everyone if colleague.role is Role.ADMIN and colleague.active
    ]
    return [colleague for colleague in leaders or admins if colleague.id != person.id]


def _channel_refused(refusal: Refusal, context: Context, *, tells: bool) -> None:
    """Redirect the channel's messages to the leaders, and notify them now and every day."""
    uow = context.uow
    bound = uow.channels.of_channel(refusal.platform, refusal.address)
    waiting = uow.outbox.waiting(refusal.key)
    if bound is None:
        uow.outbox.move(refusal.key, waiting, ())
        return
    everyone = uow.people.everyone()
    leaders = [
        colleague for colleague in leaders_of(bound.team_id, everyone) if not colleague.unreachable
    ]
    if leaders:
        uow.outbox.move(refusal.key, waiting, [leader.id for leader in leaders])
    if not tells:
        return
    notice = ChannelRefused(refusal.platform, refusal.address)
    for person_id in sorted(
        {colleague.id for colleague in (*leaders, *_person_who_bound(bound, everyone))}
    ):
        uow.outbox.add(notice, person_id)
    morning = context.calendar.next_opening(context.midnight(context.today + timedelta(days=1)))
    key = f"refusal:{refusal.id}:{morning.timestamp():.0f}:again"
    uow.jobs.add(Job(HandleRefusal(refusal.id, again=True), morning, key))


def _person_who_bound(bound: BoundChannel, everyone: list[Person]) -> list[Person]:
    """The person who bound the channel, unless an admin: admins are notified of every delivery
    failure."""
    return [
        person
        for person in everyone
        if person.id == bound.bound_by and person.active and person.role is not Role.ADMIN
    ]
