"""Lines as people type them, dictate them and paste them: which are commands, and with what."""

import pytest

from handlers.core.command_lines import is_marked, named_lead
from handlers.core.commands import COMMANDS, Command, parse_command
from sales.leads import parse_lead_number

FOLLOWUP, LEAD, STAGE = "followup.open", "lead.open", "stage.open"
LEADS = "lead_list.open"
TASKS, BOARD, HELP = "task.list", "board.open", "help.open"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_name_is_found_with_every_slash(command: Command) -> None:
    for name in (command.name, *command.aliases):
        for line in (
            f"/{name}",
            f"、{name}",
            f"／{name}",
            f"  {name.upper()}。",
            f"🔥 {name}!",
            name,
        ):
            typed = parse_command(line)
            assert typed, line
            # Which report is asked for is in its name.
            text = typed.word if name in ("周报", "月报") else ""
            assert (typed.action, typed.text) == (command.action, text), line


@pytest.mark.parametrize(
    ("line", "action", "text"),
    [
        ("跟进，LX001，电话聊了报价", FOLLOWUP, "LX001 电话聊了报价"),
        ("跟进LX001电话，客户要案例。", FOLLOWUP, "LX001 电话，客户要案例。"),
        ("跟进 LX001 电话 12.5万，v2.1", FOLLOWUP, "LX001 电话 12.5万，v2.1"),
        ("跟进：ＬＸ００１　电话", FOLLOWUP, "LX001 电话"),
        ("、跟进 LX001 电话 想看演示", FOLLOWUP, "LX001 电话 想看演示"),
        ("、followup lx1 call went well", FOLLOWUP, "LX001 call went well"),
        ("／ＦＯＬＬＯＷＵＰ lx-4: call", FOLLOWUP, "LX004 call"),
        ("/Followup #LX001 call", FOLLOWUP, "LX001 call"),
        ("follow-up LX 004 call", FOLLOWUP, "LX004 call"),
        ("Follow up LX_4, call", FOLLOWUP, "LX004 call"),
        ("@Genjin 跟进 LX001 电话", FOLLOWUP, "LX001 电话"),
        ("＠跟进 ，跟进 LX001 电话", FOLLOWUP, "LX001 电话"),
        ("1. 跟进 LX001 电话", FOLLOWUP, "LX001 电话"),
        ("• *跟进* LX001 电话", FOLLOWUP, "LX001 电话"),
        ("\u200b跟进\u200b LX001 电话", FOLLOWUP, "LX001 电话"),
        ("跟进一下LX001，电话，要报价", FOLLOWUP, "LX001 电话，要报价"),
        ("请帮我跟进一下 LX001", FOLLOWUP, "LX001"),
        ("跟进【LX001】电话", FOLLOWUP, "LX001 电话"),
        ("跟进线索LX001电话", FOLLOWUP, "LX001 电话"),
        ("跟进，A科技，电话，聊了报价", FOLLOWUP, "A科技，电话，聊了报价"),
        ("LX001 跟进 电话聊了", FOLLOWUP, "LX001 电话聊了"),
        ("写跟进LX001：邮件", FOLLOWUP, "LX001 邮件"),
        ("/跟进华康医疗 电话", FOLLOWUP, "华康医疗 电话"),
        ("跟进 LX001 “价格太高”，他说", FOLLOWUP, "LX001 “价格太高”，他说"),
        ("录线索\n客户：华康\n电话：138", LEAD, "客户：华康\n电话：138"),
        ("帮我录线索", LEAD, ""),
        ("录个线索，华康医疗 王总", LEAD, "华康医疗 王总"),
        ("录线索华康医疗", LEAD, "华康医疗"),
        ("新增线索：华康", LEAD, "华康"),
        ("lead: Northwind wants a CRM", LEAD, "Northwind wants a CRM"),
        ("New lead\nNorthwind Traders", LEAD, "Northwind Traders"),
        ("/lead time is short", LEAD, "time is short"),
        ("推进 LX011 成交 12万", STAGE, "LX011 成交 12万"),
        ("推进LX011，流失，价格太高", STAGE, "LX011 流失，价格太高"),
        ("stage lx4 lost too expensive", STAGE, "LX004 lost too expensive"),
        ("log a follow up on LX001: call", FOLLOWUP, "LX001 call"),
        ("followup-LX001-call", FOLLOWUP, "LX001 call"),
        ("你好，跟进LX001电话", FOLLOWUP, "LX001 电话"),
        ("hi, followup LX001 call", FOLLOWUP, "LX001 call"),
        ("跟进📞LX001 电话", FOLLOWUP, "LX001 电话"),
        ("1、跟进LX001电话", FOLLOWUP, "LX001 电话"),
        ("跟進 LX001 電話", FOLLOWUP, "LX001 電話"),
        ("lead LX001?", LEAD, "LX001"),
        ("錄線索", LEAD, ""),
        ("今日待办", TASKS, ""),
        ("我的任务", TASKS, ""),
        ("你能做什么？", HELP, ""),
        ("What can you do?", HELP, ""),
        ("LX011 推进，成交", STAGE, "LX011 成交"),
        ("待办。", TASKS, ""),
        ("看一下待办吧", TASKS, ""),
        ("今天的待办有哪些？", TASKS, ""),
        ("show me my tasks please", TASKS, ""),
        ("`/pipeline`", BOARD, ""),
        ("打开漏斗", BOARD, ""),
        ("Help!", HELP, ""),
        ("帮助？", HELP, ""),
        ("/genjin admin AbC-1", "admin.claim", "AbC-1"),
        ("我的线索", LEADS, ""),
        ("线索列表", LEADS, ""),
        ("我的客户有哪些？", LEADS, ""),
        ("My leads", LEADS, ""),
        ("leads", LEADS, ""),
        ("/leads", LEADS, ""),
        ("我的线索 华东 方案 逾期", LEADS, "华东 方案 逾期"),
        ("leads east proposal overdue >100k", LEADS, "east proposal overdue >100k"),
        ("Leads in the east", LEADS, "in the east"),
        ("show my leads from the fair", LEADS, "from the fair"),
        ("我的线索，华东，逾期。", LEADS, "华东，逾期。"),
        ("/我的线索 超过30天没联系", LEADS, "超过30天没联系"),
        ("/leads are late", LEADS, "are late"),
        ("周报", "report.open", "周报"),
        ("看月报！", "report.open", "看月报"),
        ("weekly report", "report.open", "weekly report"),
        ("/report 上月 按来源", "report.open", "上月 按来源"),
        ("月报 华东", "report.open", "月报 华东"),
        ("monthly report by rep", "report.open", "monthly report by rep"),
        ("report in October", "report.open", "in October"),
        ("/followup list", "followup.open", "list"),
        ("跟进列表", "followup.open", "list"),
        ("/lead list", "lead.open", ""),
        ("“/followup LX001 call they agreed”", "followup.open", "LX001 call they agreed"),
        ("「跟进 LX001 电话 客户说「好」」", "followup.open", "LX001 电话 客户说「好」"),
        ("(跟进 LX001 电话 好)", "followup.open", "LX001 电话 好"),
        ("“跟进” LX001 电话 “好”", "followup.open", "LX001 电话 “好”"),
    ],
)  # fmt: skip
def test_a_command_is_found_with_its_text_as_typed(line: str, action: str, text: str) -> None:
    typed = parse_command(line)
    assert typed
    assert (typed.action, typed.text) == (action, text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("跟进列表", "list"), ("跟进记录", "list"), ("followups", "list"), ("Follow-ups", "list"),
        ("list follow-ups", "list"), ("/followups", "list"), ("/followup list", "list"),
        ("查看跟进记录", "list"), ("show my follow-ups", "list"), ("我的跟进", "list"),
        ("跟进清单。", "list"), ("跟進記錄", "list"), ("跟进列表 上周", "list 上周"),
        ("跟进记录 lx1", "list LX001"), ("LX001 跟进记录", "list LX001"),
        ("followups LX001", "list LX001"), ("followups last week", "list last week"),
    ],
)  # fmt: skip
def test_the_list_of_followups_is_found(line: str, text: str) -> None:
    typed = parse_command(line)
    assert typed
    assert (typed.action, typed.text) == (FOLLOWUP, text)


@pytest.mark.parametrize(
    "line",
    [
        "“跟进 LX001 电话 好的”", '"跟进 LX001 电话 好的"', "'跟进 LX001 电话 好的'",
        "「跟进 LX001 电话 好的」", "『跟进 LX001 电话 好的』", "`跟进 LX001 电话 好的`",
        "```\n跟进 LX001 电话 好的\n```", "**跟进 LX001 电话 好的**", "”跟进 LX001 电话 好的“",
        "“/跟进 LX001 电话 好的”。", "- 跟进 LX001 电话 好的", "* `跟进 LX001 电话 好的`",
        "> 跟进 LX001 电话 好的", "> - “跟进 LX001 电话 好的”", "&gt; 跟进 LX001 电话 好的",
        "1. “跟进 LX001 电话 好的”", "• 跟进 LX001 电话 好的", "@Genjin “跟进 LX001 电话 好的”",
    ],
)  # fmt: skip
def test_marks_around_a_command_are_not_part_of_it(line: str) -> None:
    typed = parse_command(line)
    assert typed
    assert (typed.action, typed.text) == (FOLLOWUP, "LX001 电话 好的")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("跟进 LX001 客户说“太贵了”", "LX001 客户说“太贵了”"),
        ("“跟进 LX001 客户说“太贵了””", "LX001 客户说“太贵了”"),
        ('"跟进 LX001 客户说"太贵了""', 'LX001 客户说"太贵了"'),
        ("“跟进” LX001 电话 “好的”", "LX001 电话 “好的”"),
        ("'followup LX001 don't call'", "LX001 don't call"),
        ("跟进 LX001 *重要* 电话", "LX001 *重要* 电话"),
        ("> 跟进 LX001 电话 好\n> 周五发方案", "LX001 电话 好\n周五发方案"),
    ],
)
def test_marks_within_a_command_stay(line: str, text: str) -> None:
    typed = parse_command(line)
    assert typed
    assert typed.text == text


@pytest.mark.parametrize(
    "line",
    [
        "跟进情况怎么样",
        "跟进记录怎么写",
        "跟进表示满意",
        "followups are slow",
        "“你好”",
        "跟进 情况怎么样了？",
        "跟进A科技 电话",
        "线索质量不错，谢谢",
        "推进会定在周五",
        "推进的进度如何",
        "需求：客户管理",
        "需求，主要是客户管理",
        "方案我们看过了",
        "目标客户是学校",
        "任务书已经发你",
        "团队有50人",
        "规则手册里写了吗",
        "导入数据的时候出错",
        "公海里的鱼",
        "周报怎么写",
        "我的线索不够",
        "lead times are long",
        "Lead-time is 3 weeks",
        "leads are bad",
        "my leads need attention",
        "我的客户，张总说下周签",
        "leads: the fair brought forty",
        "leadership changed",
        "stage is fine",
        "stage-gate review",
        "people are nice",
        "Target audience: schools",
        "imports are slow",
        "the pipeline of ours is empty",
        "LX001",
        "谢谢",
        "",
        "/",
        "、、、",
        "@Genjin",
        "12.5万",
    ],
)  # fmt: skip
def test_a_sentence_is_none(line: str) -> None:
    assert parse_command(line) is None


@pytest.mark.parametrize(
    "typed",
    ["LX001", "lx1", "lx001:", "LX 001", "lx-1", "#LX001", "ＬＸ００１", " LX_01 ", "LX001。",
     "lx0000001"],
)  # fmt: skip
def test_a_lead_number_in_each_spelling(typed: str) -> None:
    assert parse_lead_number(typed) == 1
    found = named_lead(f"聊了{typed} 明天")
    assert found
    assert (found.lead_id, found.before) == (1, "聊了")
    assert found.after.endswith("明天")


@pytest.mark.parametrize(
    "typed", ["", "LX", "LX001 电话", "LX1a", "FLX1", "LX1234567890", "1", "LX001" + " " * 80]
)
def test_what_is_no_lead_number(typed: str) -> None:
    assert parse_lead_number(typed) is None


@pytest.mark.parametrize("typed", ["flx100", "LX1abc", "relx 3", "lx", "L X 1"])
def test_names_no_lead(typed: str) -> None:
    assert named_lead(typed) is None


def test_what_stands_for_a_slash() -> None:
    assert all(is_marked(line) for line in ("/x", " ／x", "、x", "\\x"))
    assert not any(is_marked(line) for line in ("x", "x/", "", "跟进"))
