"""The form “my notices”: by chat alone or by e-mail, too; when to be left in peace; where I am."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Choice, Email, Field, Form, Option, Text
from handlers.notifications.scheduling import tell_at_once
from sales.contacts import NotAnEmail, parse_email
from sales.errors import InvalidInput, Problem
from sales.leads import mask_email
from sales.notices import Topic
from sales.permissions import LEADERS
from sales.scheduling import NEVER, NoticeChoice, NotQuietHours, QuietHours, When

ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Asia/Dubai",
    "Asia/Kolkata", "Australia/Sydney", "Europe/London", "Europe/Berlin", "Europe/Moscow",
    "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "UTC",
)  # fmt: skip
"""Those offered; the company's is the first choice anyway."""
_NEVER_WORDS = frozenset({NEVER, "no", "none", "off", "无", "没有", "不要", "不需要", "从不"})


def choose(context: Context) -> Reply:
    """Button: how do you want to hear of things?"""
    choice = context.uow.notice_choices.of(context.actor.id)
    return Reply(
        form=Form(
            action="quiet.save",
            title=context.text("quiet.form_title"),
            intro=context.text("quiet.form_intro"),
            fields=(
                *_mail_fields(choice, context),
                *_quiet_fields(choice, context),
                *_topic_fields(choice, context),
            ),
            submit=context.text("button.save"),
            cancel=context.text("button.cancel"),
        )
    )


def save(context: Context) -> Reply:
    """Form: this is how; raises InvalidInput naming every field that is wrong."""
    before = context.uow.notice_choices.of(context.actor.id)
    problems: dict[str, Problem] = {}
    choice = replace(
        before,
        quiet=_quiet(context, problems),
        timezone=_timezone(context, problems),
        turned_down=_turned_down(before, context, problems),
    )
    if context.uow.outbox.mails:
        email = _email(before, context, problems)
        by_mail = context.typed("by") == "mail"
        if by_mail and not email and "email" not in problems:
            problems["email"] = Problem("email_missing")
        choice = replace(choice, by_mail=by_mail, email=email)
    if problems:
        raise InvalidInput(problems)
    context.uow.notice_choices.save(choice)
    tell_at_once(choice, context)
    return Reply(toast=context.text("quiet.saved_mail" if choice.by_mail else "quiet.saved"))


def _mail_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    """Nothing is offered that cannot be done: only where e-mail is set up."""
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
                Option(
                    "company", context.text("quiet.timezone_company", zone=str(context.timezone))
                ),
                *(Option(zone, zone) for zone in zones),
            ),
            value=choice.timezone or "company",
        ),
    )


def _topic_fields(choice: NoticeChoice, context: Context) -> tuple[Field, ...]:
    """Only what is nobody's duty."""
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
    """Those that the person may hear of at all."""
    leads = context.actor.role in LEADERS
    return tuple(topic for topic in Topic if leads or topic is not Topic.POOL)


def _turned_down(
    before: NoticeChoice, context: Context, problems: dict[str, Problem]
) -> dict[Topic, When]:
    """What the form does not ask stays as it was."""
    chosen = dict(before.turned_down)
    for topic in _topics(context):
        typed = context.typed(f"about_{topic}")
        if typed and typed not in set(When):
            problems[f"about_{topic}"] = Problem("choose_one")
        elif typed:
            chosen[topic] = When(typed)
    return {topic: when for topic, when in chosen.items() if when is not When.AT_ONCE}


def _quiet(context: Context, problems: dict[str, Problem]) -> str:
    typed = context.line("quiet")
    if not typed:
        return ""
    if typed.lower() in _NEVER_WORDS or typed == context.text("quiet.never"):
        return NEVER
    try:
        return str(QuietHours.parse(typed))
    except NotQuietHours:
        problems["quiet"] = Problem("quiet_hours", typed=typed[:30])
        return ""


def _timezone(context: Context, problems: dict[str, Problem]) -> str:
    typed = context.typed("timezone")
    if typed in ("", "company"):
        return ""
    before = context.uow.notice_choices.of(context.actor.id).timezone
    if typed not in (*ZONES, before):
        problems["timezone"] = Problem("choose_one")
        return ""
    return str(ZoneInfo(typed))


def _email(before: NoticeChoice, context: Context, problems: dict[str, Problem]) -> str:
    """The masked address that the form showed means the one that is stored."""
    typed = context.line("email")
    if not typed or typed == mask_email(before.email):
        return before.email if typed else ""
    try:
        return parse_email(typed)
    except NotAnEmail:
        problems["email"] = Problem("email", typed=typed[:30])
        return ""
