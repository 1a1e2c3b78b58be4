"""Notices to leaders when a platform refuses messages to a person or a channel."""

from handlers.core.context import Context
from handlers.core.labels import home_button, team_label
from handlers.core.ui import Button, Card
from sales.notices import ChannelRefused, PermissionMissing
from sales.permissions import may
from sales.refusals import Reason
from storage.channels import BoundChannel

_REASONS = (Reason.ARCHIVED, Reason.NOT_MEMBER, Reason.MISSING, Reason.NOT_ALLOWED)


def channel_card(notice: ChannelRefused, context: Context, **_again: bool) -> Card | None:
    """Card for a leader: why a channel refuses messages; None once it accepts them.

    It also says what to do.
    """
    lane = f"{notice.platform}:channel:{notice.conversation}"
    refusal = context.uow.refusals.of_lane(lane)
    bound = context.uow.channels.of_channel(notice.platform, notice.conversation)
    if refusal is None or refusal.kind != "channel" or bound is None:
        return None
    why = refusal.reason.value if refusal.reason in _REASONS else "unknown"
    return Card(
        title=context.text("channel_refused.title", team=team_label(bound.team_id, context)),
        body=context.text(f"channel_refused.{why}", code=refusal.code),
        buttons=_give_up(bound, context),
        footnote=context.text("channel_refused.footnote"),
        tone="warning",
    )


def permission_card(notice: PermissionMissing, context: Context, **_again: bool) -> Card | None:
    """Card for an admin: what the bot may not do on a platform, and how to permit it."""
    key = f"health.{notice.platform}.{notice.part}"
    return Card(
        title=context.text(key),
        body="\n".join((notice.codes, context.text(f"{key}.advice"))),
        buttons=(home_button(context),),
        footnote=context.text("permission.why"),
        exact=(notice.codes,),
    )


def _give_up(bound: BoundChannel, context: Context) -> tuple[Button, ...]:
    """Button to stop sending to the channel; offered only on the channel's own platform."""
    here = (context.uow.outbox.lane_of(context.actor.id) or "").startswith(f"{bound.platform}:")
    if not here or not may(context.actor, "channel.unbind"):
        return ()
    return (Button("channel.unbind", context.text("button.unbind"), bound.conversation),)
