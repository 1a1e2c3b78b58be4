"""A person's quiet hours."""

from zoneinfo import ZoneInfo

from handlers.core.context import Context
from sales.scheduling import NEVER, NoticeChoice, QuietHours, QuietPeriod


def quiet_period_of(choice: NoticeChoice, context: Context) -> QuietPeriod:
    """The quiet period the person chose, or else the playbook's; days off are the company's."""
    rules = context.playbook.quiet
    hours = None
    if choice.quiet and choice.quiet != NEVER:
        hours = QuietHours.parse(choice.quiet)
    elif not choice.quiet and rules.start != rules.end:
        hours = QuietHours(rules.start, rules.end)
    days_off = rules.days_off and choice.quiet != NEVER
    return QuietPeriod(
        hours=hours,
        timezone=ZoneInfo(choice.timezone) if choice.timezone else context.timezone,
        is_workday=context.calendar.is_workday if days_off else None,
    )
