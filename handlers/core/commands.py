"""The commands people type, with their aliases; every platform uses this list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from unicodedata import normalize

from handlers.core.command_lines import Name, Names, is_marked, unwrapped
from handlers.core.context import Context
from handlers.core.requests import Request
from handlers.core.ui import Button, Card
from sales.capture import read_message
from sales.contacts import mask_contacts
from sales.leads import lead_number, parse_lead_number
from sales.people import Role
from sales.permissions import may
from sales.weekly_reports import read_focus


class Group(StrEnum):
    """How the help page groups the commands."""

    DAY = "day"
    CUSTOMER = "customer"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Command:
    """A command people can type.

    ``name`` has no slash; ``about`` and ``usage`` are catalogue keys. ``takes_words``: whether text
    may follow it, as its usage then shows.
    """

    name: str
    aliases: tuple[str, ...]
    action: str
    about: str
    usage: str
    group: Group
    takes_words: bool = True


REPORT = "report.open"
"""The action of a report of any period."""
COMMANDS = (
    Command("lead", ("录线索", "线索"), "lead.open", "command.lead", "usage.lead", Group.DAY),
    Command(
        "leads",
        ("我的线索", "线索列表"),
        "lead_list.open",
        "command.leads",
        "usage.leads",
        Group.DAY,
    ),
    Command(
        "followup",
        ("跟进", "写跟进"),
        "followup.open",
        "command.followup",
        "usage.followup",
        Group.DAY,
    ),
    Command("stage", ("推进", "阶段"), "stage.open", "command.stage", "usage.stage", Group.DAY),
    Command(
        "pipeline",
        ("漏斗", "看板"),
        "board.open",
        "command.pipeline",
        "usage.pipeline",
        Group.DAY,
        takes_words=False,
    ),
    Command(
        "tasks",
        ("待办", "任务"),
        "task.list",
        "command.tasks",
        "usage.tasks",
        Group.DAY,
        takes_words=False,
    ),
    Command(
        "discovery",
        ("需求", "需求挖掘"),
        "discovery.open",
        "command.discovery",
        "usage.discovery",
        Group.CUSTOMER,
    ),
    Command(
        "proposal",
        ("方案", "写方案"),
        "proposal.open",
        "command.proposal",
        "usage.proposal",
        Group.CUSTOMER,
    ),
    Command(
        "objection",
        ("异议",),
        "objection.open",
        "command.objection",
        "usage.objection",
        Group.CUSTOMER,
    ),
    Command(
        "library",
        ("话术", "话术库"),
        "library.open",
        "command.library",
        "usage.library",
        Group.CUSTOMER,
    ),
    Command("pool", ("公海", "公海池"), "pool.open", "command.pool", "usage.pool", Group.CUSTOMER),
    Command(
        "report",
        ("报表", "周报", "月报"),
        "report.open",
        "command.report",
        "usage.report",
        Group.TEAM,
    ),
    Command("target", ("目标",), "target.open", "command.target", "usage.target", Group.TEAM),
    Command("sync", ("例会", "同步会"), "sync.show", "command.sync", "usage.sync", Group.TEAM),
    Command(
        "people", ("团队", "同事"), "people.open", "command.people", "usage.people", Group.TEAM
    ),
    Command(
        "playbook",
        ("规则", "规则手册"),
        "playbook.open",
        "command.playbook",
        "usage.playbook",
        Group.TEAM,
    ),
    Command("import", ("导入",), "import.open", "command.import", "usage.import", Group.TEAM),
    Command(
        "export",
        ("导出",),
        "export.open",
        "command.export",
        "usage.export",
        Group.TEAM,
        takes_words=False,
    ),
    Command("genjin", ("帮助", "help"), "help.open", "command.genjin", "usage.genjin", Group.TEAM),
)


FILE_ACTION = "import.take"
"""The action for a file that somebody sends to the bot."""


HOME_ACTION = "home.open"
"""The action for the bot's home page, on platforms that have one."""


HELLO_ACTION = "hello.show"
"""The action for the bot's first words: to who adds it to a channel, or first opens its 1:1."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An action on a message or available anywhere. ``name`` (≤ 24 characters) and ``about`` are
    catalogue keys."""

    action: str
    name: str
    about: str


MESSAGE_SHORTCUTS = (Shortcut("lead.capture", "shortcut.capture", "shortcut.capture_about"),)


GLOBAL_SHORTCUTS = (
    Shortcut("lead.new", "shortcut.lead", "shortcut.lead_about"),
    Shortcut("followup.new", "shortcut.followup", "shortcut.followup_about"),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A recognised command: the action to dispatch, and the text after the command as typed; only a
    lead's number that comes first is written as ``LX001``.

    ``word`` is the command's name as typed. ``marked``: a slash, or what a keyboard types for one,
    is before it. ``certain``: it cannot be the beginning of a sentence.
    """

    action: str
    text: str
    word: str = field(default="", compare=False)
    marked: bool = field(default=False, compare=False)
    certain: bool = field(default=True, compare=False)


TYPED_FOCUS = "weekly_report.type"
"""The action of a weekly report that is submitted by typing its focus."""
TEAM_REPORTS = "weekly_report.team"
"""The action of *who has not submitted the weekly report*."""
VIEWS = "view.list"
"""The action of *my views*."""
LOSS_REVIEWS = "loss_review.list"
"""The action of *loss reviews*: what was learnt from lost deals."""
IMPACT = "impact.open"
"""The action of *impact*: figures before and after adoption."""
REVIEW = "review.open"
"""The action of *monthly review*."""
_ALONE: Mapping[str, str] = {
    IMPACT: "成效 成效报告 成效对比 使用成效 看成效 效果对比 前后对比 报告成效 report成效",
    REVIEW: "月度复盘 月复盘 每月复盘 团队月度复盘 上月复盘 上个月复盘 本月复盘 这个月复盘"
    " 月度总结",
    LOSS_REVIEWS: "复盘丢单 丢单复盘 输单复盘 流失复盘 复盘输单 复盘流失 丢单总结 复盘",
    VIEWS: "我的视图 视图 全部视图 所有视图 视图列表 保存的视图 已保存的视图",
}
_MISSING = (
    "谁没交周报 谁还没交周报 谁没有交周报 没交周报 没交周报的 周报谁没交 周报提交 周报提交情况"
    " 周报交了吗 周报都交了吗 谁的周报没交"
    " 谁还没写周报 谁没写周报 周报进度 团队周报提交情况"
)
_MISSING_EN = (
    "weekly reports", "missing reports", "missing weekly reports", "who has not submitted",
    "who hasn't submitted", "who hasn't submitted the weekly report",
    "who has not submitted the weekly report", "who hasn't sent the weekly report",
    "whose weekly report is missing",
    "who is missing a report", "who owes a report", "team weekly reports",
)  # fmt: skip
_HELP = (
    "你能做什么 你会什么 你会做什么 能做什么 怎么用 怎么使用 菜单 功能 指令 命令"
    " 使用说明 帮助文档 操作指南 你是谁 你是机器人吗 你是什么"
)
_ALONE_EN: Mapping[str, tuple[str, ...]] = {
    IMPACT: ("impact", "impact report", "report impact", "report 成效", "our impact"),
    REVIEW: (
        "monthly review",
        "the monthly review",
        "month review",
        "review the month",
        "review of the month",
        "last month's review",
        "review last month",
    ),
    LOSS_REVIEWS: ("loss reviews", "loss review", "lost deal reviews", "review lost deals"),
    VIEWS: ("my views", "views", "all views", "all my views", "saved views", "my saved views"),
}
_HELP_EN = ("what can you do", "how does this work", "how do i use this", "commands", "menu",
    "who are you", "what are you", "are you a robot", "are you a bot",
)  # fmt: skip
_MORE_NAMES: Mapping[str, tuple[str, ...]] = {
    "followup.open": ("follow up", "log follow up", "log a follow up", "log followup"),
    "stage.open": ("move stage",),
    "task.list": ("task", "todo", "to do"),
    "pool.open": ("public pool",),
    "lead_list.open": (
        "my leads", "my customers", "my deals", "my accounts", "list leads", "list my leads",
        "all leads", "open leads", "team leads",
        "我的客户", "我的商机", "我名下的客户", "我名下的线索", "我负责的客户", "线索清单",
        "客户列表", "客户清单", "所有线索", "全部线索", "团队线索", "团队的线索",
    ),
    "target.open": ("targets",),
    REPORT: (
        "reports", "weekly report", "monthly report", "quarterly report", "annual report",
        "yearly report", "daily report", "my weekly report", "my monthly report", "my report",
        "sales report", "team report",
        "周报告", "月报告", "日报", "季报", "年报", "报告", "写周报", "写月报", "看周报", "看月报",
        "我的周报", "我的月报", "我的报表", "本周周报", "上周周报", "本月月报", "上月月报",
        "团队周报", "团队月报", "销售报表", "业绩报表", "周报表", "月报表",
    ),
}  # fmt: skip
_LIST = "followup.table"
"""Stands for the list of follow-ups, which is ``/followup list``."""
_LISTS = (
    "跟进 列表", "跟进 清单", "跟进 记录", "跟进 记录表", "跟进 表", "跟进 表格", "跟进 历史",
    "我的跟进", "我的跟进记录", "所有跟进", "全部跟进", "列出跟进", "列出跟进记录",
    "followups", "follow ups", "followup list",
    "follow up list", "followup table", "follow up table", "follow up history", "list followups",
    "list follow ups", "list my followups", "list my follow ups", "list all follow ups",
    "all followups", "all follow ups",
)  # fmt: skip
_CERTAIN: Mapping[str, str] = {
    "lead.open": "录线索 录入线索 录个线索 录条线索 录一条线索 录一个线索 记线索 建线索 新线索"
    " 新建线索 新增线索 添加线索 登记线索 录客户 录入客户 新建客户 新增客户 登记客户 添加客户",
    "followup.open": "写跟进 记跟进 录跟进 补跟进 写个跟进 记个跟进 写一条跟进 记一条跟进"
    " 写跟进记录 添加跟进 新建跟进 跟进一下",
    "stage.open": "推进一下",
    "proposal.open": "写方案",
}
_CERTAIN_EN = (
    "new lead",
    "add lead",
    "add a lead",
    "create lead",
    "create a lead",
    "log lead",
    "log a lead",
)
_DICTATED = frozenset({"lead.open", "followup.open", "stage.open"})


def _lists(command: Command) -> bool:
    return command.action in ("lead_list.open", REPORT)


def _names() -> dict[str, Name]:
    names = {
        name: Name(
            command.action,
            # 我的客户，… rather begins a sentence about one of them.
            dictated=command.action in _DICTATED or (_lists(command) and "线索" in name),
            lists=_lists(command),
        )
        for command in COMMANDS
        for name in (command.name, *command.aliases, *_MORE_NAMES.get(command.action, ()))
    }
    names |= {
        name: Name(action, certain=True, dictated=True)
        for action, words in _CERTAIN.items()
        for name in words.split()
    }
    names |= {name: Name("lead.open", certain=True, dictated=True) for name in _CERTAIN_EN}
    names |= {name: Name(_LIST) for name in _LISTS}
    alone = {action: (*words.split(), *_ALONE_EN[action]) for action, words in _ALONE.items()}
    alone["help.open"] = (*_HELP.split(), *_HELP_EN)
    alone["help.all"] = ("全部命令", "所有命令", "命令列表", "all commands", "list commands")
    alone[TEAM_REPORTS] = (*_MISSING.split(), *_MISSING_EN)
    return names | {
        name: Name(action, alone=True) for action, words in alone.items() for name in words
    }


NAMES = Names(_names(), of_leads=("followup.open", "stage.open", _LIST))


_ANY_REPORT = frozenset({"report", "reports", "报表"})


EDIT = "lead.edit"
"""The action of a form that corrects a lead; typed, the lead's number is in front of the text."""
_EDITS = re.compile(
    r"\s{0,9}[/／、]?(?P<word>修改线索|修改|编辑线索|编辑|改一下|edit)[\s,，:：]{0,9}"
    r"(?P<lead>LX\d{1,9})(?P<changes>(?:[^\dA-Za-z].*)?)",
    re.IGNORECASE | re.DOTALL,
)


def parse_command(line: str) -> Typed | None:
    """Parse ``/lead LX001``, ``lead LX001``, ``跟进，LX001，…`` or ``跟进LX001电话…``; None when it
    is not a command.

    The slash is optional; case, width and the punctuation around do not matter, nor do quotation
    marks around the whole, which are not part of what is stored. A sentence that
    begins with a command's word (``跟进情况怎么样``, ``lead times are long``) is none.
    """
    if read_focus(unwrapped(line)) is not None:
        return Typed(TYPED_FOCUS, unwrapped(line))
    if edits := _EDITS.fullmatch(unwrapped(line)):
        marked = is_marked(unwrapped(line))
        text = f"{edits['lead'].upper()} {edits['changes'].strip()}".strip()
        return Typed(EDIT, text, edits["word"], marked)
    read = NAMES.read(unwrapped(line)) or NAMES.read(line)
    if read is None:
        return None
    if read.action == _LIST:
        listed = f"list {read.text}".strip()
        return Typed("followup.open", listed, read.word, read.marked, read.certain)
    # Which report was asked for is in its name, too.
    names_kind = read.action == REPORT and read.word.lower() not in _ANY_REPORT
    text = f"{read.word} {read.text}".strip() if names_kind else read.text
    return _as_claim(Typed(read.action, text, read.word, read.marked, read.certain))


_ADMIN_WORDS = ("admin", "管理员")
"""After ``/genjin``: a one-time code follows, with which a person becomes an admin."""


_SETUP_WORDS = ("setup", "set up", "配置", "设置", "上线")
"""After ``/genjin``: what an admin still has to set up."""


def _as_claim(typed: Typed) -> Typed:
    word, _, code = typed.text.partition(" ")
    if typed.action == "help.open" and typed.text.strip().lower() in _SETUP_WORDS:
        return replace(typed, action="setup.open", text="", word=f"{typed.word} {typed.text}")
    if typed.action == "help.open" and word.lower() in _ADMIN_WORDS:
        said = f"{typed.word} {word}"
        return replace(typed, action="admin.claim", text=code.strip(), word=said)
    return typed


RUN = "command.run"
"""The action of a button that runs a line as if it were typed: *did you mean …*."""


def as_typed(request: Request) -> Request:
    """Turn a pressed *did you mean* into the request of the command it carries."""
    typed = parse_command(request.state.get("value", "")) if request.action == RUN else None
    if typed is None:
        return request
    return replace(request, action=typed.action, text=typed.text, state={})


def as_report_focus(request: Request) -> Request:
    """Turn ``/report focus: …`` into what submits the report with that focus."""
    if request.action != REPORT or not request.text:
        return request
    lines = (request.text, f"report {request.text}")
    line = next((line for line in lines if read_focus(line) is not None), None)
    return request if line is None else replace(request, action=TYPED_FOCUS, text=line)


def available_to(context: Context) -> tuple[Command, ...]:
    """The commands that the person's role may use."""
    return tuple(command for command in COMMANDS if may(context.actor, command.action))


FIRST: Mapping[Role, tuple[str, ...]] = {
    Role.REP: ("lead", "followup", "pipeline", "leads", "stage"),
    Role.MANAGER: ("pipeline", "leads", "report", "target", "lead"),
    Role.ADMIN: ("people", "playbook", "report", "import", "leads"),
}
"""The five commands that a role needs most, in this order; other roles see all of theirs."""
FIRST_COMMANDS = 5


def first_commands(context: Context) -> tuple[Command, ...]:
    """At most five commands, those that the person's role needs most."""
    available = {command.name: command for command in available_to(context)}
    names = FIRST.get(context.actor.role, tuple(available))
    return tuple(available[name] for name in names if name in available)[:FIRST_COMMANDS]


def typed_name(command: Command, context: Context) -> str:
    """What a reader types for a command: ``跟进`` in Chinese, ``/followup`` in English."""
    chinese = context.language.locale == "zh_CN"
    return command.aliases[0] if chinese else f"/{command.name}"


def shown_name(command: Command, context: Context) -> str:
    """A command with everything it is called: ``跟进（/followup）``."""
    name = typed_name(command, context)
    return name if name.startswith("/") else f"{name}（/{command.name}）"


def about_a_lead(request: Request) -> Request:
    """Turn ``/lead LX001`` into a request to show that lead, to people who may see it; it logs
    nothing."""
    if request.action == EDIT and request.text:
        lead_id = parse_lead_number(request.text.partition(" ")[0])
        return replace(request, state={"value": lead_number(lead_id)} if lead_id else {})
    listed = request.action in ("lead.open", "lead_list.open")
    lead_id = parse_lead_number(request.text) if listed else None
    if lead_id is None:
        return request
    return replace(request, action="lead.show", text="", state={"value": lead_number(lead_id)})


_SHOWN = 60
_BUTTON_TAKES = 1900
_GREETINGS = re.compile(
    r"(?:你好|您好|嗨|哈[喽啰]|在[吗么]|在不在|早|(?:早上|上午|中午|下午|晚上)好|大家好"
    r"|hi|hello|hey|hallo|(?:good )?(?:morning|afternoon|evening))"
    r"(?: ?(?:there|genjin|跟进|呀|啊|哈|哟|呢|吗|你好|您好|bot)){0,2}",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:(?:ok|okay|great|perfect|好的?|收到|嗯|行|明白|知道了) ?){0,2}(?:非常|太|多|很)?"
    r"(?:谢谢|感谢|多谢|谢啦|谢了|谢|辛苦了?|thanks|thank you|many thanks|thx|ty|cheers)"
    r"(?: ?(?:你|您|啦|了|哈|呀|啊|大家|各位|老板|亲|so much|very much"
    r"|a lot|again|genjin|跟进|guys)){0,3}",
    re.IGNORECASE,
)
_NODS = re.compile(
    r"(?:(?:ok|okay|okey|k|kk|fine|great|good|nice|perfect|cool|got it|sure|understood|noted|done"
    r"|will do|alright|roger|好|好的|好吧|好嘞|好哒|好滴|行|可以|嗯|收到|知道了?|明白了?|了解"
    r"|没问题|没事"
    r"|不错|棒|赞|对|是的?|yes|yep|yeah|再见|拜拜?|bye|goodbye|see you|晚安|good night)"
    r"(?: ?(?:的|了|啦|哈|呀|啊|吧))? ?){1,4}",
    re.IGNORECASE,
)
_STICKERS = re.compile(r"(?:\s{0,3}\[[\u4e00-\u9fffA-Za-z]{1,8}\]){1,9}\s{0,3}")
"""DingTalk sends its own emoji as their names: ``[微笑][鲜花]``."""
_LAUGHS = re.compile(r"哈{2,20}|呵{2,20}|嘿{2,20}|嘻{2,20}|(?:ha){2,10}|lol", re.IGNORECASE)
_APART = re.compile(r"[\W_]+")


def echoed(text: str, longest: int = _SHOWN) -> str:
    """Typed text as repeated to the person: contacts masked, and cut between words."""
    line = mask_contacts(" ".join(text.split()))
    if len(line) <= longest:
        return line
    head, space, _ = line[:longest].rpartition(" ")
    return f"{head if space and len(head) > longest // 2 else line[:longest]}…"


_PUZZLED = re.compile(r"[?？!！]{0,20}[?？][?？!！]{0,20}")


def is_greeting(text: str) -> bool:
    return bool(_GREETINGS.fullmatch(_bare(text))) or bool(_PUZZLED.fullmatch(text.strip()))


def is_thanks(text: str) -> bool:
    """Whether a line does nothing but thank."""
    return bool(_THANKS.fullmatch(_bare(text)))


def is_nod(text: str) -> bool:
    """Whether a line only says that its writer has heard (``好的``, ``ok``), or says goodbye."""
    bare = _bare(text)
    if _NODS.fullmatch(bare) or _LAUGHS.fullmatch(bare) or _STICKERS.fullmatch(text):
        return True
    return bool(text.strip()) and not bare and not is_greeting(text)


def _bare(text: str) -> str:
    return _APART.sub(" ", normalize("NFKC", text[:_SHOWN])).strip() if len(text) < _SHOWN else text


def message_card(context: Context) -> Card | None:
    """An offer to create a lead, for text that reads like a message from or about a customer."""
    text = context.request.text.strip()
    if not may(context.actor, "lead.capture"):
        return None
    message = read_message(text)
    if not (message.names_somebody or message.contact):
        return None
    return Card(
        title=context.text("help.message"),
        body=context.text("help.message_quoted", words=echoed(text, 2 * _SHOWN)),
        buttons=(
            Button("lead.capture", context.text("button.capture"), text[:_BUTTON_TAKES], "primary"),
            Button("followup.new", context.text("button.log")),
        ),
        footnote=context.text("help.message_hint"),
    )
