"""What is done when a platform takes no messages: for a person, for a channel, or none at all.

Whoever waits for an answer of somebody whom nothing reaches waits no longer, leaders get what
their channel does not take, and what can go by e-mail does so meanwhile.
"""

from dataclasses import replace
from datetime import timedelta

from handlers.assignment.service import hand_on
from handlers.core.context import Context
from handlers.core.ui import Button, Card
from handlers.handover_of_work.actions import preview_card
from handlers.people.forms import may_change
from sales.jobs import HandleRefusal, Job
from sales.notices import ChannelRefused, PersonUnreachable
from sales.people import SYSTEM, Person, Role, leaders_of
from sales.permissions import may
from sales.refusals import Reason, Refusal
from sales.transfers import ClientRequest, TransferRule
from storage.channels import BoundChannel

_REASONS = (Reason.ARCHIVED, Reason.NOT_MEMBER, Reason.MISSING, Reason.NOT_ALLOWED)


def look_after(job: Job[HandleRefusal], context: Context) -> None:
    """Due work: something was refused, or still is a day later."""
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
    person = next(one for one in everyone if one.id == account.id)
    if refusal.reason is not Reason.UNKNOWN and not person.unreachable:
        # There is another account, which takes messages.
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
        for leader in _leaders_over(person, everyone):
            uow.outbox.add(PersonUnreachable(person.id), leader.id)


def _leaders_over(person: Person, everyone: list[Person]) -> list[Person]:
    """The leaders who can hand over what the person has; else the admins."""
    leaders = [one for one in leaders_of(person.team_id, everyone) if may_change(one, person)]
    admins = [one for one in everyone if one.role is Role.ADMIN and one.active]
    return [one for one in leaders or admins if one.id != person.id]


def _channel_refused(refusal: Refusal, context: Context, *, tells: bool) -> None:
    """What was meant for the channel goes to the leaders; they hear of it now and every day."""
    uow = context.uow
    bound = uow.bindings.of_channel(refusal.platform, refusal.address)
    waiting = uow.outbox.waiting(refusal.key)
    if bound is None:
        uow.outbox.move(refusal.key, waiting, ())
        return
    everyone = uow.people.everyone()
    leaders = [one for one in leaders_of(bound.team_id, everyone) if not one.unreachable]
    if leaders:
        uow.outbox.move(refusal.key, waiting, [leader.id for leader in leaders])
    if not tells:
        return
    notice = ChannelRefused(refusal.platform, refusal.address)
    for person_id in sorted({one.id for one in (*leaders, *_who_bound_it(bound, everyone))}):
        uow.outbox.add(notice, person_id)
    morning = context.calendar.next_opening(context.midnight(context.today + timedelta(days=1)))
    key = f"refusal:{refusal.id}:{morning.timestamp():.0f}:again"
    uow.schedule.add(Job(HandleRefusal(refusal.id, again=True), morning, key))


def _who_bound_it(bound: BoundChannel, everyone: list[Person]) -> list[Person]:
    """Admins aside: they hear of everything that holds the product up."""
    return [
        one
        for one in everyone
        if one.id == bound.bound_by and one.active and one.role is not Role.ADMIN
    ]


def unreachable_card(notice: PersonUnreachable, context: Context, **_again: bool) -> Card | None:
    """To a leader: what somebody has whom nothing reaches, and to whom it would go, to be handed
    over with one button; None once they are reached again."""
    person = context.uow.people.get(notice.person_id)
    if not (person.active and person.unreachable and may_change(context.actor, person)):
        return None
    plan = preview_card(ClientRequest(person, TransferRule.RULES, None, context.actor), context)
    if not plan.sections:
        return None
    return replace(
        plan,
        title=context.text("unreachable.title", name=person.name),
        body=context.text("unreachable.body", name=person.name),
        tone="warning",
    )


def channel_card(notice: ChannelRefused, context: Context, **_again: bool) -> Card | None:
    """To a leader: why a channel takes nothing, and what to do; None once it does again."""
    lane = f"{notice.platform}:channel:{notice.conversation}"
    refusal = context.uow.refusals.of_lane(lane)
    bound = context.uow.bindings.of_channel(notice.platform, notice.conversation)
    if refusal is None or refusal.kind != "channel" or bound is None:
        return None
    teams = {team.id: team.name for team in context.uow.people.teams()}
    why = refusal.reason.value if refusal.reason in _REASONS else "unknown"
    return Card(
        title=context.text("channel_refused.title", team=teams.get(bound.team_id, "—")),
        body=context.text(f"channel_refused.{why}", code=refusal.code),
        buttons=_give_up(bound, context),
        footnote=context.text("channel_refused.footnote"),
        tone="warning",
    )


def _give_up(bound: BoundChannel, context: Context) -> tuple[Button, ...]:
    """Nothing more is sent there; only from the platform that the channel is on."""
    here = (context.uow.outbox.lane_of(context.actor.id) or "").startswith(f"{bound.platform}:")
    if not here or not may(context.actor, "channel.unbind"):
        return ()
    return (Button("channel.unbind", context.text("button.unbind"), bound.conversation),)
