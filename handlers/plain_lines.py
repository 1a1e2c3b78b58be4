"""Answers lines that are no command: what people say, ask, and mistype.

Nothing is changed here: what could change something is shown as a form or a button first, except
a move of which the line says all that it takes; that is made by a request of its own.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from rapidfuzz import fuzz, process

from handlers import questions
from handlers.core.command_lines import MARKS, NamedLead, is_marked, named_lead
from handlers.core.commands import (
    COMMANDS,
    NAMES,
    RUN,
    Command,
    available_to,
    echoed,
    is_greeting,
    is_nod,
    is_thanks,
    message_card,
    typed_name,
)
from handlers.core.context import Context
from handlers.core.labels import home_button
from handlers.core.refusals import names_of
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card
from handlers.followups import actions as followups
from handlers.lead_lists import actions as lead_lists
from handlers.lead_wishes import asks_for_card, granted
from handlers.leads import actions as leads
from handlers.loss_reviews import actions as loss_reviews
from handlers.monthly_review import actions as monthly_review
from handlers.people import actions as people
from handlers.reports import actions as reports
from handlers.saved_views.actions import asked_form
from handlers.saved_views.service import parse_posting_request
from handlers.stages import actions as stages
from handlers.targets import actions as targets
from handlers.weekly_reports.actions import owed_report
from sales.contacts import holds_contact
from sales.duplicates import core_name
from sales.errors import LeadNotFound, NotAllowed
from sales.leads import Lead, lead_number
from sales.patterns import lazy_pattern
from sales.people import leaders_of
from sales.permissions import ACTIONS, may
from sales.questions import asks_for_day
from sales.quick_followup import is_method
from sales.reports import PeriodKind
from sales.reports.review import asks_for_review, month_of_losses, part_asked
from sales.targets import asks_about_targets

_NEAR = 60.0
_MISTYPED = 80.0
"""From this likeness on a first word is a command with a typing mistake, whatever follows it."""
_MISHEARD = {
    "followup": "跟近 跟紧 跟劲 根进 更进 根近 跟踪 跟进展",
    "stage": "推近 推劲 推尽 退进",
    "tasks": "代办 带办 戴办 待半 代半",
    "lead": "录线所 路线索 录现索 录线锁",
    "pipeline": "漏豆 漏都 露斗 漏陡",
    "genjin": "邦助 帮住",
}
"""What input methods and voice input make of the Chinese names."""
_SPOKEN = {
    wrong: command for command in COMMANDS for wrong in _MISHEARD.get(command.name, "").split()
}
_SPOKEN_FIRST = lazy_pattern("|".join(sorted(_SPOKEN, key=len, reverse=True)))
_WORD = re.compile(r"[A-Za-z]{1,30}(?:-[A-Za-z]{1,20})?|[\u4e00-\u9fff]{1,12}")
_EDGE = " \t\n,，.。:：;；!！?？、~～-—"
_ASKING = lazy_pattern(
    r"怎么样|怎样|如何|咋样|什么情况|进展|进度|情况|状态|到哪|谁的|是谁|[?？]|^(?:查|看|打开|显示)"
    r"|\b(?:how|what|where|who|when|status|show|open|find|details?|info)\b",
    re.IGNORECASE,
)
_ENDED = (
    r"(?=\s{0,3}(?:[\d¥￥$€£,，.。!！:：;；约]|大[约概]|[一二两三四五六七八九十百千]{1,4}[万亿]|$))"
)
"""What follows where a deal is won or lost, rather than a tender or a customer."""
_NOT_A_DEAL = (
    r"(?:contact|touch|track|interest|patience|time|trust|some|their|his|her|its|an?|budget|off"
    r"|the (?!deal\b|order\b|contract\b)|up|in|on|out)\b"
)
"""What may be lost or signed without a deal being so: ``lost contact``, ``signed an NDA``."""
_MOVED = lazy_pattern(
    r"(?P<lead_in>(?:(?:把|将|恭喜|恭贺|我们?|终于|已经?)\s{0,3}){1,4})?"
    r"(?:推进|成交|签约|签单|赢单|拿下|流失|丢单|输单"
    rf"|(?:[赢签]下来?|赢|签|丢|输)了?{_ENDED}|没成{_ENDED})"
    r"|(?:(?:please )?(?:move|mark|set|close|stage)\b.{0,20}\b(?:to |as |is )?)?"
    r"(?:(?:closed )?(?:won|lost)|signed)\b(?!['’])"
    r"|win(?=\s{0,3}(?:[\d¥￥$€£,，.。!！:：;；]|(?:for|at)\b|$))"
    r"|lose(?=\s{0,3}(?:[,，.。!！:：;；]|(?:to|because|due|over|on|too|price|budget|as)\b|$))"
    r"|(?P<who>(?:(?:we|i|we['’]ve|i['’]ve|it['’]?s|just|finally|is|was|has|have|been|now)\s{1,3}){1,4})"
    r"(?:(?:closed )?won|signed|lost)\b(?!['’])"
    rf"(?!\s{{1,3}}{_NOT_A_DEAL})",
    re.IGNORECASE,
)
"""How words about a lead begin that say where it is now; ``lead_in`` and ``who`` say nothing."""
_ON_TO = lazy_pattern(
    r"(?:(?:把|将|已经?)\s{0,3}){0,2}(?:推进?[到至]|[转移挪]到|进入)"
    r"|(?:please )?(?:move|push|advance|bring)\b(?:.{0,20}\b)?to\b",
    re.IGNORECASE,
)
"""How words about a lead begin that say to which open stage it goes, if a stage follows."""
_ENDED_DEAL = lazy_pattern(
    r"(?:已经?)?(?:成交|签约|签单|赢单|拿下|流失|丢单|输单"
    rf"|(?:[赢签]下来?|赢|签|丢|输)了?{_ENDED}|没成{_ENDED})"
)
_SEEKS_HELP = lazy_pattern(
    r"(?:我|这事|这个|有问题){0,2}(?:应?该|可以|能|要)?(?:找|问|联系)(?:谁|哪位|什么人)(?:帮忙|问)?"
    r"|谁是我?们?的?(?:主管|经理|领导|管理员|上级)|我们?的?(?:主管|经理|领导|管理员|上级)是(?:谁|哪位)|谁能帮我"
    r"|whom? (?:should|can|do|could) i (?:ask|talk to|turn to|contact|go to)"
    r"(?: (?:for|about) .{1,30})?"
    r"|who(?:['’]s| is) (?:my|our|the) (?:manager|admin|boss|team lead(?:er)?|administrator)"
    r"|who can help(?: me)?",
    re.IGNORECASE,
)
_SHORT = 60
_LINE = 300
_NAME_WORDS = 5
_OWN = 500
_LONGEST_NAME, _LONGEST_HAN_NAME = 30, 12
"""Characters of what may be meant as a customer's name alone."""
_BUTTON_TAKES = 1900
_LATIN_LEAST, _HAN_LEAST, _HAN_ENOUGH = 3, 2, 4
"""Characters of a name: too few could be any word, and nobody says more of a long Chinese one."""
Reading = Callable[[str, Context], Reply | None]


def answer(context: Context) -> Reply:
    """Answer a line that is no command, or offer what comes nearest to it."""
    line = (context.request.text or context.pressed).strip()
    readings: tuple[Reading, ...] = (
        _courtesy, _whom_to_ask, _day, questions.answered, _posting, _review, _targets,
        _plainly_listed, _mistyped, _of_lead, _reported, _customer, _of_customer, _own_customer,
        _message, _half_listed, _near,
    )  # fmt: skip
    for reading in readings:
        if reply := reading(line, context):
            return reply
    return Reply(card=_not_understood(line, context))


def report(context: Context) -> Reply:
    """``/report``: the weekly report that is owed or can still be corrected, or any other.

    What only begins with the word, as a sentence does, is no report.
    """
    if not context.actor.sells:
        return reports.not_here(context)
    line, parsed = context.request.typed, reports.read_line(context.request.text, context)
    is_sentence = parsed.unread and parsed.is_plain and not parsed.is_own
    if is_sentence and line and not is_marked(line):
        return answer(context)
    is_weekly = parsed.is_plain and parsed.kind in (None, PeriodKind.WEEK)
    if is_weekly and not parsed.unread and (owed := owed_report(context)):
        return Reply(card=owed)
    return reports.shown(parsed, context)


def _courtesy(line: str, context: Context) -> Reply | None:
    if is_greeting(line):
        return Reply(card=_welcome(context))
    if is_thanks(line):
        return Reply(toast=context.text("help.welcome"))
    return Reply(toast=context.text("help.heard")) if is_nod(line) else None


def _whom_to_ask(line: str, context: Context) -> Reply | None:
    """``who should I ask``, ``我该找谁``: the people who lead the team, and the admins."""
    if len(line) > _SHORT or not _SEEKS_HELP.fullmatch(line.strip(_EDGE)):
        return None
    everyone = [one for one in context.uow.people.everyone() if one.id != context.actor.id]
    leaders = leaders_of(context.actor.team_id, everyone)
    admins = [one for one in leaders_of(None, everyone) if one not in leaders]
    lines = [
        context.text(f"help.ask_{about}", names=names_of(people, context.language))
        for about, people in (("leaders", leaders), ("admins", admins))
        if people
    ]
    return Reply(
        card=Card(
            title=context.text("help.ask_title"),
            body="\n".join(lines) or context.text("help.ask_nobody"),
            buttons=(Button("help.open", context.text("button.help")), home_button(context)),
        )
    )


def _day(line: str, context: Context) -> Reply | None:
    """What is to be done today: the board, or the tasks of who has no leads."""
    if not asks_for_day(line):
        return None
    return Reply(instead=replace(context.request, action="home.open", text="", state={}, values={}))


def _posting(line: str, context: Context) -> Reply | None:
    """A list on days and hours, of which every word is understood: ``每天9点 我的逾期``."""
    if len(line) > _LINE or not may(context.actor, "view.schedule"):
        return None
    asked = parse_posting_request(line, context)
    return Reply(form=asked_form(asked, context)) if asked and asked.is_certain else None


def _review(line: str, context: Context) -> Reply | None:
    """The monthly review of a month or team, or a month's reviews of losses: ``10月复盘``,
    ``monthly review October North``, ``9月丢单复盘``."""
    if month := month_of_losses(line, context.today):
        allowed = may(context.actor, "loss_review.list")
        return loss_reviews.open_list_of(month, context) if allowed else None
    part = part_asked(line)
    if not part and not asks_for_review(line, context.today):
        return None
    if not may(context.actor, "review.open"):
        # Who sells meant a review; whoever does not may have meant anything.
        if part or not context.actor.sells:
            return None
        raise NotAllowed(roles=sorted(ACTIONS["review.open"]))
    asked = replace(context, request=replace(context.request, text=line, state={}))
    if part:
        return monthly_review.open_part_of_newest(part, asked)
    return monthly_review.open_review(asked)


def _targets(line: str, context: Context) -> Reply | None:
    """The targets with the forecast: ``能完成目标吗``, ``will we hit target``."""
    if not asks_about_targets(line):
        return None
    if not may(context.actor, "target.open"):
        return reports.not_here(context)
    return targets.open_command(
        replace(context, request=replace(context.request, text="", state={}))
    )


def _mistyped(line: str, context: Context) -> Reply | None:
    """A command with a typing mistake, which a button runs as it was meant."""
    heard = _SPOKEN_FIRST.match(line.lstrip(MARKS + _EDGE))
    if heard:
        return _meant(_SPOKEN[heard[0]], line.partition(heard[0])[2], context)
    word = _WORD.match(line.lstrip(MARKS + _EDGE))
    if word is None:
        return None
    near, likeness = _nearest(word[0], context)
    if near and likeness >= (_NEAR if is_marked(line) else _MISTYPED):
        return _meant(near, line.partition(word[0])[2], context)
    return None


def _of_lead(line: str, context: Context) -> Reply | None:
    """A lead's number alone shows the lead; with words around it they are offered as a follow-up,
    filled in but not logged."""
    named = named_lead(line) if len(line) <= _LINE or line[:3].upper().startswith("LX") else None
    if named is None:
        return None
    try:
        lead = context.leads.get(named.lead_id)
    except LeadNotFound:
        return Reply(card=_not_yours(lead_number(named.lead_id), context))
    sentence = line.strip() if _HAN_BEFORE.search(named.before) else ""
    return _offered(lead, _around(named), context, sentence)


_HAN_BEFORE = re.compile(r"[\u4e00-\u9fff]$")
"""Where the number is a word of the sentence: 明天给LX001打电话."""


def _around(named: NamedLead) -> str:
    return " ".join(part for part in (named.before, named.after) if part.strip(_EDGE))


def _offered(lead: Lead, words: str, context: Context, sentence: str = "") -> Reply:
    said = words.lstrip(_EDGE)
    asks = len(words) <= _SHORT and (_ASKING.search(words) or asks_for_card(said))
    if may(context.actor, "stage.open") and (moved := _MOVED.match(said)):
        return stages.as_said(lead, said[max(moved.end("lead_in"), moved.end("who"), 0) :], context)
    if may(context.actor, "stage.open") and _ON_TO.match(said):
        read = stages.read_line(said, context)
        if read.move.to is not None and not read.unread:
            return stages.as_said(lead, said, context)
    if answered := granted(lead, said, context):
        return answered
    if not words.strip(_EDGE) or asks or not may(context.actor, "followup.create"):
        return Reply(card=context.lead_card(lead))
    return followups.offer(lead, sentence or words, context)


def _plainly_listed(line: str, context: Context) -> Reply | None:
    return None if is_marked(line) else _listed(line, context)


def _listed(line: str, context: Context) -> Reply | None:
    """Words that are all filters of a list: ``华东 方案 逾期``, ``overdue leads``."""
    if not may(context.actor, "lead_list.open"):
        return None
    return lead_lists.listed_by_words(line.strip(_EDGE), context)


def _half_listed(line: str, context: Context) -> Reply | None:
    """Words that are filters beside others: the list is offered."""
    if not may(context.actor, "lead_list.open"):
        return None
    return lead_lists.half_understood(line.strip(_EDGE), context)


def _reported(line: str, context: Context) -> Reply | None:
    """Words that all say which report: ``上周业绩 按人``, ``last month by source``."""
    return reports.reported_by_words(line.strip(_EDGE), context)


def open_people(context: Context) -> Reply:
    """``/people``; words that are no colleague's name but filters list leads: ``团队 逾期``."""
    reply = people.open_people(context)
    if reply.card is None or not reply.card.body:
        return reply
    return _listed(context.request.text, context) or reply


def _customer(line: str, context: Context) -> Reply | None:
    """A customer's name alone, or as the first words of what is to be logged."""
    if len(line) > _LINE or "\n" in line:
        return None
    if found := _named(line.strip(_EDGE), context):
        return leads.found(line.strip(_EDGE), found, context)
    words = re.split(r"[\s,，:：]{1,9}", line, maxsplit=_NAME_WORDS)
    for count in range(min(len(words) - 1, _NAME_WORDS), 0, -1):
        name = " ".join(words[:count])
        match _named(name, context):
            case [lead]:
                behind = line[_end_of(words[:count], line) :].strip(_EDGE)
                return _offered(lead, behind, context)
            case [_, *_] as found:
                return leads.found(name, found, context)
    return None


def _of_customer(line: str, context: Context) -> Reply | None:
    """A customer's name with where the deal is now right behind it: ``华康签了12万``."""
    if len(line) > _LINE or (ended := _ENDED_DEAL.search(line)) is None:
        return None
    name = line[: ended.start()].strip(_EDGE)
    match _named(name, context):
        case [lead]:
            return _offered(lead, line[ended.start() :], context)
        case [_, *_] as found:
            return leads.found(name, found, context)
    return None


def _end_of(words: list[str], line: str) -> int:
    place = 0
    for word in words:
        place = line.index(word, place) + len(word)
    return place


def _named(name: str, context: Context) -> list[Lead]:
    """The leads that a name plainly means: it begins a customer's name or a word of it."""
    least = _LATIN_LEAST if name.isascii() else _HAN_LEAST
    if not least <= len(name) <= _SHORT or is_method(name) or name.isdecimal():
        return []
    pattern = lazy_pattern(
        rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name),
        re.IGNORECASE,
    )
    matches = context.leads.search(name, leads.FOUND + 1)
    return [lead for lead in matches if pattern.search(lead.customer)]


def _message(_line: str, context: Context) -> Reply | None:
    card = message_card(context)
    return Reply(card=card) if card else None


def _own_customer(line: str, context: Context) -> Reply | None:
    """A sentence that mentions one of the person's own customers: offered as a follow-up."""
    if not context.actor.sells or len(line) > _LINE or holds_contact(line):
        return None
    bare = line.lower().replace(" ", "")
    own = context.leads.held_by(context.actor.id)[:_OWN]
    named = [lead for lead in own if (short := _short_name(lead)) and short in bare]
    return _offered(named[0], line, context) if len(named) == 1 else None


def _short_name(lead: Lead) -> str:
    """What people call a customer within a sentence; empty if that could be any word."""
    core = core_name(lead.customer)
    if core.isascii():
        return core if len(core) > _LATIN_LEAST else ""
    return core[:_HAN_ENOUGH] if len(core) >= _HAN_LEAST else ""


def _near(line: str, context: Context) -> Reply | None:
    """The nearest command: one whose name begins the line unseparated, or that looks alike."""
    if glued := NAMES.glued(line):
        command = next((one for one in available_to(context) if glued[0] in one.aliases), None)
        if command:
            return _meant(command, glued[1], context)
    word = _WORD.match(line.lstrip(MARKS + _EDGE))
    near, likeness = _nearest(word[0], context) if word else (None, 0.0)
    if near and word and likeness >= _NEAR:
        return _meant(near, line.partition(word[0])[2], context)
    return None


def _nearest(word: str, context: Context) -> tuple[Command | None, float]:
    available = available_to(context)
    names = {name: command for command in available for name in (command.name, *command.aliases)}
    typed = word.lower().replace("-", "")
    near = process.extractOne(typed, list(names), scorer=fuzz.ratio, score_cutoff=_NEAR)
    return (names[near[0]], near[1]) if near else (None, 0.0)


def _meant(command: Command, rest: str, context: Context) -> Reply | None:
    """*Did you mean …*, with a button that runs the command with the words as typed."""
    if not may(context.actor, command.action):
        return None
    run = f"/{command.name} {rest.strip(_EDGE)}".strip()
    shown = typed_name(command, context)
    buttons = [Button("help.open", context.text("button.help"))]
    if len(run) <= _BUTTON_TAKES:
        label = context.text("button.run_command", command=shown)
        buttons.insert(0, Button(RUN, label, run, "primary"))
    return Reply(
        card=Card(
            title=context.text("help.unknown", text=echoed(context.request.text) or "…"),
            body=context.text(
                "help.did_you_mean", command=shown, about=context.text(command.about)
            ),
            buttons=tuple(buttons),
        )
    )


def _not_yours(name: str, context: Context) -> Card:
    """That no lead that the person sees is called so, and whom to ask: the same whether there is
    one or not."""
    return Card(
        title=context.text("help.not_yours", lead=name),
        body=_ask_about_lead(context),
        buttons=(*_to_leads(context), Button("help.open", context.text("button.help"))),
    )


def _ask_about_lead(context: Context) -> str:
    everyone = [one for one in context.uow.people.everyone() if one.id != context.actor.id]
    leaders = leaders_of(context.actor.team_id, everyone)
    names = names_of(leaders, context.language) or context.text("question.nobody")
    return context.text("help.ask_about_lead", names=names)


def _to_leads(context: Context) -> tuple[Button, ...]:
    if not may(context.actor, "lead_list.open"):
        return (home_button(context),)
    return (Button("lead_list.open", context.text("button.my_leads"), "", "primary"),)


def _not_understood(line: str, context: Context) -> Card:
    sells = context.actor.sells
    body = context.text("help.not_understood" if sells else "help.not_understood_tasks")
    if sells and _may_be_name(line):
        body = f"{context.text('help.no_lead_called')} {_ask_about_lead(context)}\n{body}"
    return Card(
        title=context.text("help.unknown", text=echoed(line) or "…"),
        body=body,
        buttons=(Button("help.open", context.text("button.help")), home_button(context)),
    )


def _may_be_name(line: str) -> bool:
    """Whether the line is short enough to be a customer's name alone."""
    longest = _LONGEST_NAME if line.isascii() else _LONGEST_HAN_NAME
    return len(line) <= longest and len(line.split()) < _NAME_WORDS and "?" not in line


def _welcome(context: Context) -> Card:
    """The answer to a greeting, with what to do next."""
    sells = context.actor.sells
    return Card(
        title=context.text("help.hello", name=context.actor.name),
        body=context.text("help.not_understood" if sells else "help.not_understood_tasks"),
        buttons=(
            home_button(context),
            *((Button("lead.new", context.text("button.new_lead")),) if sells else ()),
            Button("help.open", context.text("button.help")),
        ),
    )
