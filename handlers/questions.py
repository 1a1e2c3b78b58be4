"""Answers questions about the bot itself: in a sentence or two, with the button that leads on.

What a line asks is read by ``sales.questions``. What the person's role may not do is not offered:
the answer names who can.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handlers.core.commands import COMMANDS, RUN, typed_name
from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title
from handlers.core.refusals import who_can
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card
from sales.errors import LeadNotFound, NotAllowed
from sales.leads import parse_lead_number
from sales.people import leaders_of
from sales.permissions import ACTIONS, may
from sales.questions import Question, QuestionTopic, read_question

_MOST_BUTTONS = 3
_SELF = frozenset({"me", "myself", "my", "us", "我", "我们", "自己"})


@dataclass(frozen=True, slots=True)
class Way:
    """What leads on: the ``action`` that it takes, by a command or by itself, and the button's
    ``label``; without one, the button names the command."""

    action: str
    command: str = ""
    label: str = ""


_PEOPLE = Way("people.open", label="button.people")
_RULES = Way("playbook.open", label="button.rules")
_LEADS = Way("lead_list.open", label="button.my_leads")
_NOTICES = Way("quiet.choose", label="button.my_notices")
_WAYS: Mapping[QuestionTopic, tuple[Way, ...]] = {
    QuestionTopic.WHO_SEES: (_LEADS, _PEOPLE),
    QuestionTopic.STORED: (),
    QuestionTopic.ERASE: (),
    QuestionTopic.NOTICES: (_NOTICES,),
    QuestionTopic.REMINDERS: (Way("followup.open", command="followup"), _NOTICES),
    QuestionTopic.UNDO: (
        Way("followup.open", command="followup list", label="question.followup_list"),
        _LEADS,
    ),
    QuestionTopic.EXPORT: (Way("export.open", command="export"),),
    QuestionTopic.IMPORT: (Way("import.open", command="import"),),
    QuestionTopic.CONTACT: (_LEADS,),
    QuestionTopic.PHONE: (_LEADS,),
    QuestionTopic.LANGUAGE: (),
    QuestionTopic.ABSENCE: (Way("people.away", label="button.away"),),
    QuestionTopic.COLLEAGUE: (_PEOPLE,),
    QuestionTopic.HAND_ON: (_LEADS,),
    QuestionTopic.SCORE: (_LEADS, _RULES),
    QuestionTopic.POOL: (Way("pool.open", label="button.pool"),),
    QuestionTopic.WHY_ME: (_LEADS,),
    QuestionTopic.DELETE: (_LEADS,),
    QuestionTopic.MERGE: (_LEADS,),
    QuestionTopic.CHANNEL: (),
    QuestionTopic.RULES: (_RULES,),
    QuestionTopic.MOVE: (Way("stage.open", command="stage"),),
    QuestionTopic.FIND: (_LEADS, Way("lead.open", command="lead")),
    QuestionTopic.LOG: (Way("followup.open", command="followup"),),
    QuestionTopic.NEW_LEAD: (Way("lead.open", command="lead"),),
    QuestionTopic.REPORT: (Way("report.open", command="report"),),
    QuestionTopic.SIGN_IN: (),
    QuestionTopic.PROBLEM: (),
}
_NEEDS: Mapping[QuestionTopic, str] = {
    QuestionTopic.ERASE: "erasure.open",
    QuestionTopic.EXPORT: "export.open",
    QuestionTopic.COLLEAGUE: "people.add",
    QuestionTopic.CHANNEL: "channel.bind",
    QuestionTopic.RULES: "playbook.open",
}
"""The action that not every role may do: others are told whom to ask."""


def answered(line: str, context: Context) -> Reply | None:
    """The answer to a question about the bot; None for any other line."""
    question = read_question(line)
    if question is None:
        return None
    return Reply(
        card=Card(
            title=context.text(f"question.title_{question.topic}"),
            body=_body(question, context),
            buttons=tuple(_buttons(question, context))[:_MOST_BUTTONS],
        )
    )


def _body(question: Question, context: Context) -> str:
    if question.topic is QuestionTopic.WHO_SEES and (named := _who_sees(question.about, context)):
        return named
    needed = _NEEDS.get(question.topic, "")
    if needed and not may(context.actor, needed):
        return context.text(f"question.ask_{question.topic}", names=_able(needed, context))
    words = context.text(f"question.{question.topic}")
    if question.topic is QuestionTopic.STORED and not may(context.actor, "erasure.open"):
        names = _able("erasure.open", context)
        words += "\n" + context.text("question.ask_stored", names=names)
    if question.topic is QuestionTopic.PROBLEM:
        words += "\n" + context.text("help.ask_admins", names=_able("setup.open", context))
    return words


def _who_sees(about: str, context: Context) -> str:
    """Who sees the lead that is named, by name; empty where none is, or none the person sees."""
    try:
        number = parse_lead_number(about)
        lead = context.leads.get(number) if number else None
    except (ValueError, LeadNotFound):
        return ""
    if lead is None:
        return ""
    everyone = context.uow.people.everyone()
    others = context.uow.collaborators.collaborators(lead.id)
    ids = {one for one in (lead.owner_id, *others) if one}
    leading = {one.id for one in (*leaders_of(lead.team_id, everyone), *leaders_of(None, everyone))}
    names = [one.name for one in everyone if one.id in ids]
    names += [one.name for one in everyone if one.id in leading - ids]
    return context.text(
        "question.sees_lead", lead=lead_title(lead), names=context.language.listing(names)
    )


def _able(action: str, context: Context) -> str:
    """Who may do it, by name and role."""
    roles = NotAllowed(roles=sorted(ACTIONS[action]))
    able = who_can(roles, context.actor, context.uow.people.everyone(), context.language)
    return able or context.text("question.nobody")


def _buttons(question: Question, context: Context) -> Iterator[Button]:
    if question.topic in (QuestionTopic.STORED, QuestionTopic.ERASE):
        yield from _of_person(question.about, context)
    for way in _WAYS[question.topic]:
        if may(context.actor, way.action):
            yield _button(way, context)
    yield home_button(context)


def _of_person(about: str, context: Context) -> Iterator[Button]:
    """For a person who is named: what is stored of them, and the leads in which they stand."""
    named = "" if about.lower() in _SELF else about
    if may(context.actor, "erasure.open"):
        yield Button("erasure.open", context.text("erasure.title_button"), named)
        yield Button("erasure.overview", context.text("button.erasures"))
    if named and may(context.actor, "lead.open"):
        label = context.text("question.find_named", name=named[:30])
        yield Button(RUN, label, f"/lead {named}")


def _button(way: Way, context: Context) -> Button:
    if way.label:
        label = context.text(way.label)
        return Button(RUN, label, f"/{way.command}") if way.command else Button(way.action, label)
    command = next(one for one in COMMANDS if one.name == way.command)
    label = context.text("button.run_command", command=typed_name(command, context))
    return Button(RUN, label, f"/{command.name}")
