"""The form of what a team announces, and where."""

from decimal import Decimal

from handlers.announcements.service import channel_for
from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import channel_label
from handlers.core.recipients import led_channels
from handlers.core.ui import Checklist, Choice, Form, Money, Option
from sales.amounts import written_amount
from sales.announcements import AnnouncementSettings
from storage.channels import BoundChannel

WHAT = ("wins", "amount", "customer", "honours")


def settings_form(channels: list[BoundChannel], context: Context) -> Form:
    """The form, filled with what holds for the team of the channel where it was opened."""
    where = context.request.conversation
    here = next((one for one in channels if (one.platform, one.conversation)
                 == (where.platform, where.id)), None)  # fmt: skip
    team_id = (here or channels[0]).one_team
    chosen = context.uow.announcements.settings(team_id)
    bound = here or channel_for(team_id, context) or channels[0]
    return Form(
        action="announcement.choose",
        title=context.text("announce.form_title"),
        intro=context.text("announce.form_intro"),
        fields=(
            Choice(
                name="channel",
                label=context.text("announce.channel"),
                required=True,
                options=tuple(
                    Option(_value(one), channel_label(one, context)[:75]) for one in channels
                ),
                value=_value(bound),
                hint=context.text("announce.channel_hint"),
            ),
            Checklist(
                name="what",
                label=context.text("announce.what"),
                options=tuple(Option(name, context.text(f"announce.what_{name}")) for name in WHAT),
                value=tuple(name for name in WHAT if getattr(chosen, name)),
                hint=context.text("announce.what_hint"),
            ),
            Money(
                name="big",
                label=context.text("announce.big_from"),
                value=_amount(chosen.big_from, context),
                hint=context.text("announce.big_hint"),
            ),
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
    )


def read_settings(context: Context) -> AnnouncementSettings:
    """Read the form. Raises InvalidInput for a channel of a team that the actor does not lead."""
    with FormReader(context) as form:
        bound = form.pick("channel", {_value(one): one for one in led_channels(context)})
        ticked = form.some_of("what", WHAT)
        big = form.worth("big") if context.typed("big") else None
    return AnnouncementSettings(
        team_id=bound.one_team,
        platform=bound.platform,
        conversation=bound.conversation,
        wins="wins" in ticked,
        amount="amount" in ticked,
        customer="customer" in ticked,
        honours="honours" in ticked,
        big_from=big,
        set_by=context.actor.id,
    )


def _amount(amount: Decimal | None, context: Context) -> str:
    if amount is None:
        return ""
    return written_amount(amount, context.language.locale, context.language.amount_style)


def _value(bound: BoundChannel) -> str:
    return pack(bound.platform, bound.conversation)
