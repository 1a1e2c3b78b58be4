"""Open the review of any month, its parts and its file, and prepare what it proposes."""

from functools import partial

from handlers.core.button_values import offset, unpack
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Attachment, Card, Form, LongText
from handlers.monthly_review.cards import (
    PARTS,
    every_part,
    part_card,
    parts_card,
    quiet_card,
    review_card,
)
from handlers.monthly_review.content import Shown, shown_review
from handlers.monthly_review.workbook import workbook_bytes
from sales.channel_privacy import sees_team
from sales.errors import NotAllowed, UnknownAction
from sales.people import Role, Team
from sales.permissions import LEADERS
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.review import last_due, parse_month
from sales.reports.review_actions import ReviewFinding

LONGEST_TOPIC = 200


def open_review(context: Context) -> Reply:
    """``monthly review October North``, or a button: the first screen of a month's review.

    Without a month it is the last one whose review is due. A manager gets their team's, an admin
    the company's or that of the team named.
    """
    if context.pressed:
        key, team_id = unpack(context.pressed, str, offset)
        month, chosen = _month_of(key), team_id or None
    else:
        words = context.request.text
        newest = last_due(context.now, context.calendar, context.playbook.review)
        month = parse_month(words, context.today) or newest
        chosen = _team_named(words, context)
    return Reply(card=review_card(shown_review(month, _allowed(chosen, context), context)))


def open_part(context: Context) -> Reply:
    """Button: one part of a review, or all."""
    key, team_id, part_key = unpack(context.pressed, str, offset, str)
    if part_key != "all" and part_key not in PARTS:
        raise UnknownAction(action="review.part")
    it = shown_review(_month_of(key), _allowed(team_id or None, context), context)
    if part_key == "all":
        return Reply(card=parts_card(it))
    return Reply(card=_part(part_key, it))


def open_part_of_newest(part_key: str, context: Context) -> Reply:
    """A part of the newest review that is due, asked for in words: ``数据质量``."""
    month = last_due(context.now, context.calendar, context.playbook.review)
    return Reply(card=_part(part_key, shown_review(month, _allowed(None, context), context)))


def _part(key: str, it: Shown) -> Card:
    part = PARTS[key](it)
    return part_card(part, it) if part else quiet_card(it, key)


def send_file(context: Context) -> Reply:
    """Button: the review as an Excel file, for the person who asked only."""
    key, team_id = unpack(context.pressed, str, offset)
    month, team = _month_of(key), _allowed(team_id or None, context)
    detail = {"kind": "xlsx", "review": month.key, "team": str(team or "")}
    context.uow.audit.record(context.actor, "export.create", "export", detail)
    return Reply(attach=partial(_file, month, team))


def propose_topic(context: Context) -> Reply:
    """Button: the form to put a finding on the agenda of the next session of sharing what works."""
    key, team_id, topic = unpack(context.pressed, str, offset, str)
    name, _, subject = topic.partition("-")
    if name not in (ReviewFinding.LOSS_REASON, ReviewFinding.EXAMPLE) or len(subject) > 30:
        raise UnknownAction(action="review.topic")
    it = shown_review(_month_of(key), _allowed(team_id or None, context), context)
    named = [
        one for one in it.review.proposals if one.finding.value == name and one.subject == subject
    ]
    words = _topic_words(name, subject, it) if named else ""
    return Reply(
        form=Form(
            action="sharing.add",
            title=it.text("review.topic_title"),
            intro=it.text("review.topic_intro"),
            fields=(
                LongText(
                    name="words",
                    label=it.text("review.topic"),
                    required=True,
                    value=words,
                    max_length=LONGEST_TOPIC,
                ),
            ),
            submit=it.text("review.topic_submit"),
            cancel=context.text("button.cancel"),
            state={"value": f"{name}-{subject}-{key}"[:60]},
        )
    )


def _topic_words(name: str, subject: str, it: Shown) -> str:
    if name == ReviewFinding.EXAMPLE:
        return it.text("review.topic_example", person=it.person(int(subject)))[:LONGEST_TOPIC]
    return it.text("review.topic_loss", reason=it.reason(subject))[:LONGEST_TOPIC]


def _file(month: ReportPeriod, team_id: int | None, context: Context) -> Attachment:
    it = shown_review(month, team_id, context)
    name = it.text("review.file_name", month=month.key, team=it.team)
    return Attachment(f"{name}.xlsx", workbook_bytes(every_part(it)), it.text("review.file_about"))


def _month_of(key: str) -> ReportPeriod:
    """The month that a button carries; raises UnknownAction for anything else."""
    try:
        month = ReportPeriod.of_key(key)
    except ValueError:
        raise UnknownAction(action="review.open") from None
    if month.kind is not PeriodKind.MONTH:
        raise UnknownAction(action="review.open")
    return month


def _allowed(team_id: int | None, context: Context) -> int | None:
    """The team, or None for the company; a manager's own where they asked for the company's.
    Raises NotAllowed for a team that the actor does not lead."""
    actor = context.actor
    if team_id is None and actor.role is not Role.ADMIN:
        team_id = actor.team_id
    if not sees_team(actor, team_id):
        raise NotAllowed(roles=sorted(LEADERS))
    return team_id


def _team_named(words: str, context: Context) -> int | None:
    """The team whose name the words contain, the longest name first."""
    said = words.lower()
    teams: list[Team] = sorted(context.uow.people.teams(), key=lambda team: -len(team.name))
    return next((team.id for team in teams if team.name.lower() in said), None)
