"""Whether a post in a channel may name customers and colleagues, and why."""

from dataclasses import dataclass
from typing import Final

from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.requests import Request
from sales.channel_privacy import PrivacyVerdict, Readers, Told, judge, sees_team
from sales.people import SYSTEM
from storage.channels import BoundChannel

POSTS_VIEW: Final = "view.post"
"""The form that has a view posted to a channel, which it names."""
ASKS_WHO_READS: Final = frozenset(
    {
        "help.open",
        "hello.show",
        "channel.bind",
        "channel.bind_company",
        "channel.unbind",
        POSTS_VIEW,
    }
)
"""Actions that show who reads the channel; the process queries the platform before them."""
NAMES, TOTALS = "names", "totals"
"""Precede the channel in a button value: whether a leader chose names or totals for it."""
LONGEST_CHANNEL = 120


def verdict_of(binding: BoundChannel, context: Context) -> PrivacyVerdict:
    """The verdict for a bound channel, from the readers that came with the request."""
    readers = context.request.conversation.readers or Readers(Told.FAILED)
    entitled = [
        account
        for account, person in context.uow.people.accounts(binding.platform)
        if sees_team(person, binding.team_id)
    ]
    return judge(readers, entitled, chosen_names=binding.with_names)


def verdict_here(context: Context) -> PrivacyVerdict | None:
    """The verdict for the bound channel that a notice is composed for; None outside a bound
    channel."""
    where = context.request.conversation
    binding = context.uow.channels.of_channel(where.platform, where.id)
    return verdict_of(binding, context) if binding else None


def reason(verdict: PrivacyVerdict, context: Context) -> str:
    """One line: whether names are shown or totals only, why, and what to do. Names nobody."""
    return context.text(f"audience.{verdict.basis}", n=verdict.strangers)


def channel_of(request: Request) -> str:
    """The channel a request is about. The button carries it, since a platform may have answered in
    private. Empty in a 1:1 chat, and for an invalid channel name."""
    where = request.conversation
    if request.action == POSTS_VIEW:
        return _channel_chosen(request)
    value = request.state.get("value", "")
    chosen, of = unpack(value, str, str)
    pressed = of if chosen in (NAMES, TOTALS) else value
    channel = pressed or ("" if where.private else where.id)
    return channel if len(channel) <= LONGEST_CHANNEL else ""


def _channel_chosen(request: Request) -> str:
    """The channel in the form of a posting; empty for one of another platform."""
    platform, channel = unpack(str(request.values.get("channel", "")), str, str)
    known = platform == request.conversation.platform and len(channel) <= LONGEST_CHANNEL
    return channel if known else ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whether those who read a post may see the names of people and customers; ``because`` says why
    a channel has totals only. Not ``in_channel``, the post is for one person."""

    names: bool
    because: str = ""
    in_channel: bool = True


def audience_of(team_id: int | None, context: Context) -> Audience:
    """The audience of a post about a team, or (None) the company: a channel's readers, or the
    leader whom it goes to when the channel refuses messages."""
    if context.actor != SYSTEM:
        return Audience(sees_team(context.actor, team_id), in_channel=False)
    verdict = verdict_here(context)
    if verdict is None or verdict.names:
        return Audience(verdict is not None)
    return Audience(names=False, because=reason(verdict, context))
