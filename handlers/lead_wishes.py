"""What is asked of a lead in a few words: its phone, another owner, another day. Changes nothing:
the lead's card or a form answers."""

import re
from dataclasses import replace

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.leads import actions as leads
from handlers.reminders import actions as reminders
from sales.leads import Lead
from sales.patterns import lazy_pattern
from sales.permissions import may

_CONTACT = lazy_pattern(
    r"(?:the )?(?:phone|tel|mobile|e-?mail|mail|number|contact|address|history|notes?)"
    r"(?: number| details?| address)? (?:of|for)\s?"
    r"|(?:['’]s )?(?:phone number|mobile(?: number)?|contact details?|e-?mail address|full history)"
    r"|的?(?:手机|电话|邮箱|联系方式|微信)号?码?(?:是?多少|是什么|给我)"
    r"|的(?:手机号?码?|电话号?码?|邮箱|联系方式|微信号?|历史|记录)|联系方式|手机号码?|电话号码|历史记录",
    re.IGNORECASE,
)
"""Words around a lead's number that ask for what its card shows or reveals."""
_HANDED = lazy_pattern(
    r"(?:please )?(?:re-?assign|assign|hand|transfer|give|pass)(?: over)? to\b"
    r"|(?:把|将)\s?(?:转交|移交|转|移|交|派|分|改派)?给|(?:转交|移交|转|移|交|派|分|改派)给",
    re.IGNORECASE,
)
"""How words about a lead begin that say who is to have it."""
_PUT_OFF = lazy_pattern(
    r"(?:please )?(?:snooze|reschedule)\b|稍后(?:再)?提醒|改期|推迟提醒", re.IGNORECASE
)
"""How words about a lead begin that ask for another time of its next step."""


def asks_for_contact(said: str) -> bool:
    return bool(_CONTACT.fullmatch(said.strip(" ?？。.!！")))


def handed_on(lead: Lead, said: str, context: Context) -> Reply | None:
    """The form for what is to be done with a lead: given to somebody, or its next step moved."""
    if _HANDED.match(said):
        if may(context.actor, "lead.reassign"):
            return leads.reassign(_pressing(lead.number, context))
        return Reply(card=context.lead_card(lead))
    planned = context.followups.waiting_on(lead.id) if _PUT_OFF.match(said) else None
    if planned and may(context.actor, "reminder.reschedule"):
        return reminders.reschedule(_pressing(str(planned.id), context))
    return None


def _pressing(value: str, context: Context) -> Context:
    """As if a button with the value had been pressed."""
    return replace(context, request=replace(context.request, text="", state={"value": value}))
