"""The form “my notices”: chat only or e-mail as well, quiet hours, and time zone."""

from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

from handlers.core.context import Context
from handlers.core.events import CalendarWanted
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Email, Field, Form, Option, Text
from handlers.notifications.scheduling import release_now
from sales.leads import mask_email
from sales.notices import NOTICES, StepInCalendar, Topic
from sales.scheduling import NEVER, NoticeChoice, QuietHours, When

ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Asia/Dubai",
    "Asia/Kolkata", "Australia/Sydney", "Europe/London", "Europe/Berlin", "Europe/Moscow",
    "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "UTC",
)  # fmt: skip
"""Time zones on offer; the company's is always the first choice."""
_NEVER_WORDS = frozenset({NEVER, "no", "none", "off", "无", "没有", "不要", "不需要", "从不"})


def choose(context: Context) -> Reply:
    """Button: open the form for notification preferences."""
    choice = context.uow.notification_preferences.of(context.actor.id)
    return Reply(
        form=Form(
            action="quiet.save",
            title=context.text("quiet.form_title"),
            intro=context.text("quiet.form_intro"),
            fields=(
                *_mail_fields(choice, context),
                *_quiet_fields(choice, context),
                *_calendar_fields(choice, context),
                *_topic_fields(choice, context),
            ),
            submit=context.text("button.save"),
            cancel=context.text("button.cancel"),
        )
    )


def save(context: Context) -> Reply:
    """Form: save the preferences; raises InvalidInput naming every field that is wrong."""
    before = context.uow.notification_preferences.of(context.actor.id)
    with FormReader(context) as form:
        choice = replace(
            before,
            quiet=_quiet(form),
            timezone=_timezone(before, form),
            turned_down=_turned_down(before, form),
        )
        if context.uow.outbox.mails:
            email = form.email(before.email)
            by_mail = context.typed("by") == "mail"
            if by_mail and not email and not form.refused("email"):
                form.refuse("email", "email_missing")
            choice = replace(choice, by_mail=by_mail, email=email)
    context.uow.notification_preferences.save(choice)
    _draw_calendar(before, choice, context)
    release_now(choice, context)
    return Reply(toast=context.text("quiet.saved_mail" if choice.by_mail else "quiet.saved"))


def _mail_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    """E-mail fields; none unless e-mail is set up."""
    if not context.uow.outbox.mails:
        return ()
    ways = tuple(Option(way, context.text(f"quiet.by_{way}")) for way in ("chat", "mail"))
    return (
        Choice(
            name="by",
            label=context.text("quiet.by"),
            required=True,
            options=ways,
            value="mail" if choice.by_mail else "chat",
        ),
        Email(
            name="email",
            label=context.text("quiet.email"),
            hint=context.text("quiet.email_hint"),
            value=mask_email(choice.email),
        ),
    )


def _quiet_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    rules = context.playbook.quiet
    company = context.text("quiet.hours_none")
    if rules.start != rules.end:
        company = str(QuietHours(rules.start, rules.end))
    shown = context.text("quiet.never") if choice.quiet == NEVER else choice.quiet
    zones = (*ZONES, *({choice.timezone} - {*ZONES, ""}))
    city, company_zone = context.language.city, str(context.timezone)
    return (
        Text(
            name="quiet",
            label=context.text("quiet.hours"),
            hint=context.text("quiet.hours_hint", company=company),
            value=shown,
            max_length=20,
        ),
        Choice(
            name="timezone",
            label=context.text("quiet.timezone"),
            options=(
                Option("company", context.text("quiet.timezone_company", zone=city(company_zone))),
                *(Option(zone, city(zone)) for zone in zones),
            ),
            value=choice.timezone or "company",
        ),
    )


def _calendar_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    """Whether next steps go into the person's own calendar; only where the bot keeps one."""
    if not (context.actor.sells and context.uow.outbox.keeps_calendar(context.actor.id)):
        return ()
    options = tuple(Option(way, context.text(f"quiet.calendar_{way}")) for way in _CALENDAR)
    return (
        Choice(
            name="calendar",
            label=context.text("quiet.calendar"),
            hint=context.text("quiet.calendar_hint"),
            required=True,
            options=options,
            value="no" if choice.when(Topic.CALENDAR) is When.NEVER else "yes",
        ),
    )


_CALENDAR: Final = ("yes", "no")


def _draw_calendar(before: NoticeChoice, choice: NoticeChoice, context: Context) -> None:
    """Take the entries out of the calendar of a person who does not want them, or put in those of
    the steps that come next, whether or not they were there before."""
    if before.when(Topic.CALENDAR) is choice.when(Topic.CALENDAR):
        return
    lane = context.uow.outbox.lane_of(context.actor.id) or ""
    for subject in context.uow.posted_cards.subjects_of(lane, StepInCalendar.kind):
        context.uow.outbox.refresh(subject)
    if choice.when(Topic.CALENDAR) is not When.NEVER:
        context.publish(CalendarWanted(context.actor))


def _topic_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    """Fields for topics; only notices that are not a duty."""
    options = tuple(Option(when, context.text(f"quiet.when_{when}")) for when in When)
    return tuple(
        Choice(
            name=f"about_{topic}",
            label=context.text(f"quiet.topic_{topic}"),
            hint=context.text("quiet.topic_hint") if first else "",
            required=True,
            options=options,
            value=choice.when(topic),
        )
        for first, topic in zip((True, *(False,) * len(Topic)), _topics(context), strict=False)
    )


def _topics(context: Context) -> tuple[Topic, ...]:
    """The topics that the person may be notified of at all."""
    heard = {
        notice_type.topic
        for notice_type in NOTICES.values()
        if context.actor.role in notice_type.readers
    }
    return tuple(topic for topic in Topic if topic in heard)


def _turned_down(before: NoticeChoice, form: FormReader) -> dict[Topic, When]:
    """The topics turned down; those that the form does not ask about keep their setting."""
    chosen = dict(before.turned_down)
    for topic in _topics(form.context):
        if when := form.one_of(f"about_{topic}", ("", *When)):
            chosen[topic] = When(when)
    if wanted := form.one_of("calendar", ("", *_CALENDAR)):
        chosen[Topic.CALENDAR] = When.NEVER if wanted == "no" else When.AT_ONCE
    return {topic: when for topic, when in chosen.items() if when is not When.AT_ONCE}


def _quiet(form: FormReader) -> str:
    def parse(typed: str) -> str:
        if typed.lower() in _NEVER_WORDS or typed == form.context.text("quiet.never"):
            return NEVER
        return str(QuietHours.parse(typed))

    return form.parsed("quiet", parse, "quiet_hours") or ""


def _timezone(before: NoticeChoice, form: FormReader) -> str:
    zones = ("company", *ZONES, before.timezone)
    zone = form.one_of("timezone", zones, empty="company")
    return "" if zone == "company" else str(ZoneInfo(zone))
