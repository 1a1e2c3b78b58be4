"""What is asked of a lead in a few words: its phone, another owner, another day. Changes nothing:
the lead's card or a form answers."""

import re
from dataclasses import replace

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.leads import actions as leads
from handlers.reminders import actions as reminders
from sales.days import NamedDay, NotADay, parse_moment
from sales.leads import Lead
from sales.patterns import lazy_pattern
from sales.permissions import may

_EDGE = " ?？。.!！"
_CONTACT = lazy_pattern(
    r"(?:the )?(?:phone|tel|mobile|e-?mail|mail|number|contact)(?: number| details?| address)?"
    r" (?:of|for)\s?"
    r"|(?:(?:what is|what['’]s|show(?: me)?|get(?: me)?) )?(?:the )?(?:['’]s )?"
    r"(?:phone number|mobile(?: number)?|contact details?|e-?mail address)"
    r"|(?:请|帮我|麻烦){0,2}(?:查看|查|看|要|给我)(?:一?下)?\s?的?"
    r"(?:电话|手机|联系方式|邮箱|微信)(?:号码?)?"
    r"|的?(?:手机|电话|邮箱|联系方式|微信)号?码?(?:是?多少|是?什么|是?几号|发我|给我|呢)"
    r"|的(?:手机号?码?|电话号?码?|邮箱|联系方式|微信号?)|联系方式|手机号码?|电话号码",
    re.IGNORECASE,
)
"""Words around a lead's number that ask for its contact."""
_ON_CARD = lazy_pattern(
    r"(?:the )?(?:address|history|notes?) (?:of|for)\s?|(?:['’]s )?full history"
    r"|的(?:历史|记录)|历史记录",
    re.IGNORECASE,
)
"""Words around a lead's number that ask for what its card shows."""
_HANDED = lazy_pattern(
    r"(?:please )?(?:re-?assign|assign|hand|transfer|give|pass)(?: over)? to\b"
    r"|(?:把|将)\s?(?:转交|移交|转|移|交|派|分|改派)?给|(?:转交|移交|转|移|交|派|分|改派)给",
    re.IGNORECASE,
)
"""How words about a lead begin that say who is to have it."""
_PUT_OFF = lazy_pattern(
    r"(?:please )?(?:snooze|reschedule)\b(?: to| for| until| till)?"
    r"|稍后(?:再)?提醒|改期(?:到|至)?|推迟提醒(?:到|至)?",
    re.IGNORECASE,
)
"""How words about a lead begin that ask for another time of its next step."""
_TO_A_DAY = lazy_pattern(
    r"(?:please )?(?:put off|put back|push(?:ed)?(?: back)?|moved?|postponed?|delay(?:ed)?|defer)"
    r"(?: it)?(?: to| until| till)?\b"
    r"|(?:把|将)?\s?的?(?:下一步|回访|提醒|时间)?(?:改|挪|推|延|延期|推迟|顺延|移)(?:到|至)",
    re.IGNORECASE,
)
"""The same, where a day follows; a stage may follow as well."""


def asks_for_card(said: str) -> bool:
    """Whether the words ask for something that the lead's card shows, or reveals."""
    asked = said.strip(_EDGE)
    return bool(_CONTACT.fullmatch(asked) or _ON_CARD.fullmatch(asked))


def granted(lead: Lead, said: str, context: Context) -> Reply | None:
    """The form for what is wanted of a lead: its contact, another owner, another day."""
    if _CONTACT.fullmatch(said.strip(_EDGE)):
        may_see = lead.is_reachable and may(context.actor, "contact.reveal")
        return leads.ask_for_contact(lead, context) if may_see else None
    if _HANDED.match(said):
        if may(context.actor, "lead.reassign"):
            return leads.reassign_as_said(said, _pressing(lead.number, context))
        return Reply(card=context.lead_card(lead))
    surely = _PUT_OFF.match(said)
    put_off = surely or _TO_A_DAY.match(said)
    to = _day_named(said[put_off.end() :], context) if put_off else None
    planned = context.followups.waiting_on(lead.id) if surely or to else None
    if planned and may(context.actor, "reminder.reschedule"):
        return reminders.reschedule_to(to, _pressing(str(planned.id), context))
    return None


def _day_named(words: str, context: Context) -> NamedDay | None:
    """The day from today on that all of the words name."""
    calendar = context.calendar_of(context.actor.id)
    try:
        named = parse_moment(
            words,
            context.today_here,
            calendar,
            order=context.figures,
            clock=context.clock_here,
        )
    except NotADay:
        return None
    return named if named.day >= context.today_here else None


def _pressing(value: str, context: Context) -> Context:
    """As if a button with the value had been pressed."""
    return replace(context, request=replace(context.request, text="", state={"value": value}))
