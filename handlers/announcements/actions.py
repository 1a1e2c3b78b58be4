"""What a win answers, taking it back, congratulating, and what a team announces."""

from dataclasses import replace

from handlers.announcements.cards import celebration_card, settings_card
from handlers.announcements.forms import read_settings, settings_form
from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.recipients import led_channels
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.stages import actions as stages
from handlers.stages.service import carry_out
from sales.leads import WORKED_STAGES, Stage, lead_id_of
from sales.pipeline import UNDONE, Move


def move(context: Context) -> Reply:
    """Form: move the lead; a win is celebrated in the answer."""
    if context.request.state.get("to") != Stage.WON:
        return stages.move(context)
    lead_id = lead_id_of(context.request.state.get("lead", ""))
    before = context.leads.get(lead_id).stage
    reply = stages.move(context)
    card = celebration_card(context.leads.get(lead_id), before, context)
    return replace(reply, card=card, in_place=True, toast="")


def undo(context: Context) -> Reply:
    """Button on the celebration: take the win back, unless something else was decided since."""
    lead_id, closed, before = unpack(context.pressed, lead_id_of, int, Stage)
    lead = context.leads.get(lead_id)
    same = lead.closed_at is not None and int(lead.closed_at.timestamp()) == closed
    if lead.stage is not Stage.WON or not same or before not in WORKED_STAGES:
        return Reply(update=context.lead_card(lead), toast=context.text("move.changed"))
    if lead.expected_by is None:
        # Nobody had expected anything of it: the amount was that of the win.
        lead = replace(lead, amount=None)
    saved = carry_out(lead, Move(to=before, reason=UNDONE), context)
    return Reply(update=context.lead_card(saved), toast=stages.moved_text(saved, context))


def congratulate(context: Context) -> Reply:
    """Button on an announcement: congratulate, once."""
    announcement = context.uow.announcements.find(record_id(context.pressed) or 0)
    if announcement is None:
        return Reply(toast=context.text("announce.gone"))
    if announcement.person_id == context.actor.id:
        return Reply(toast=context.text("announce.own"))
    new = context.uow.announcements.congratulate(announcement.id, context.actor.id, context.now)
    if new:
        context.uow.outbox.refresh(announcement.subject)
    return Reply(toast=context.text("announce.cheered" if new else "announce.cheered_already"))


def settings(context: Context) -> Reply:
    """Button: the form of what is announced where."""
    channels = led_channels(context)
    if not channels:
        return Reply(card=settings_card(context))
    return Reply(form=settings_form(channels, context))


def choose(context: Context) -> Reply:
    """Form: announce this, there, from now on."""
    chosen = read_settings(context)
    context.uow.announcements.choose(chosen)
    detail = {name: "on" if getattr(chosen, name) else "off"
              for name in ("wins", "amount", "customer", "honours")}  # fmt: skip
    detail["platform"] = chosen.platform
    detail["big"] = "off" if chosen.big_from is None else str(chosen.big_from)
    subject = f"team:{chosen.team_id}"
    context.uow.audit.record(context.actor, "announcement.choose", subject, detail)
    return Reply(card=settings_card(context), toast=context.text("announce.saved"))
