"""Questions about the bot itself, as people type them in both languages."""

import pytest

from sales.questions import LONGEST, QuestionTopic, asks_for_day, read_question

ASKED = """
who_sees: who has access to my leads | is my manager able to see my notes | 领导能看到我写的跟进吗
 | who can see my leads? | can my colleagues see my customers | are my leads private?
 | Can anyone else read my notes | 谁能看到我的线索 | 别人能看到我的客户吗？ | 我的线索谁能看到
 | 经理可以看到我的跟进吗 | who can see LX001
stored: which data do you store about me | 我的客户数据安全吗 | 数据会不会泄露
 | what do you store about Zoe Sample | What data do you have on Zoe Sample?
 | where is my data stored | is our data safe? | what do you know about me
 | 你存了王小样的什么数据 | 数据存在哪里 | 你保存了我的哪些信息 | 数据安全吗 | 隐私政策
 | show me all the data you have about Zoe Sample
erase: remove everything you have on Liam | please delete all of Liam Sample's data
 | delete everything about Zoe Sample | please erase all personal data about Zoe Sample
 | forget everything you know about Zoe Sample | delete Zoe Sample's data | 删除王小样的所有数据
 | 把王小样的数据都删掉 | delete my data
notices: can you stop sending me so many notifications? | 能不能别老提醒我 | 晚上不要发消息
 | 怎么把提醒关掉
 | stop reminding me | 怎么退出提醒 | turn off notifications | how do I mute you at night?
 | too many messages | don't remind me any more | 别再提醒我了 | 提醒太多了 | 怎么关闭通知
 | 免打扰 | unsubscribe | how can I change my notification settings
reminders: how do I set up a reminder for Friday
 | when do you remind me? | how do I set a reminder | 什么时候提醒我 | 怎么设置提醒
undo: 怎么撤回刚写的跟进 | 我点错了 | undo last
 | how do I undo | undo that | I made a mistake | how can I correct a follow-up? | 怎么撤销
 | 写错了怎么办 | 怎么修改跟进记录 | 撤回刚才的跟进 | oops | how do I edit what I logged
export: can I get my leads as an Excel file? | 导出怎么弄
 | 怎么导出 | how do I export my leads to Excel? | can I download all customers as csv
import: how do I import my Excel list | 怎么导入客户 | can I upload a spreadsheet | 批量录入线索
contact: 客户的电话怎么改 | 手机号改不了
 | 我想改手机号 | how do I change a phone number | the customer's number changed
 | 客户手机号换了 | update the email of Zoe Sample | 怎么修改联系人
phone: how can I see the phone number | why can't I see the phone number? | 怎么看客户的手机号
 | 为什么看不到电话
language: switch to Chinese | how do I change the language | 怎么切换英文 | do you speak English?
absence: I'm on vacation next week | how do I report an absence | 我明天请假 | 我下周出差
colleague: how do I add a colleague | invite a new rep | 怎么添加同事 | 怎么加人
hand_on: 怎么转移线索
 | how do I hand over a lead to a colleague | can I share a lead | 怎么把线索转给同事
 | 线索怎么转给别人
score: how is the score made up? | why is this lead low? | 评分怎么算的 | 评分规则是什么
pool: what is the public pool? | how do I claim a lead | 公海是什么 | 怎么领公海的线索
why_me: 线索怎么分配的
 | why did I get this lead? | why was this lead assigned to me | 为什么分给我
delete: 怎么结束一条线索 | how do I close a lead
 | how do I delete a lead | 怎么删除线索 | 线索怎么删
merge: 重复了怎么合并
 | how do I merge two leads | 怎么合并重复的客户 | 客户重复了怎么办
channel: how do I post the digest to our channel | 怎么把周报发到群里 | 怎么把你拉到群里
rules: how do I change the rules | 怎么改分配规则
move: how do I mark a deal as won | 怎么标记成交 | how do I change the stage
log: how do I log a call? | 怎么写跟进
new_lead: how do I add a lead | 怎么录线索
find: how do I find a customer | where can I see my leads | 怎么查客户
report: how do I submit my weekly report | 怎么交周报
sign_in: I forgot my password | 忘记密码了
problem: it doesn't work | I have a problem | 你报错了
"""
NOT_ASKED = (
    "Zoe asked who can see her data", "客户问谁能看到他的数据", "call Zoe tomorrow",
    "华康签了12万", "LX001 怎么样", "how is LX001 going", "what happened with Alder?",
    "客户不想要提醒功能，下周再聊", "they want to export to China", "stop", "delete", "merge",
    "公海", "my leads in discovery", "华东 方案 逾期", "show me overdue leads",
    "when will Alder decide?", "remind me to call Zoe tomorrow at 10", "明天提醒我给王小样打电话",
    "王总说要改合同", "他要导出报价单给财务看", "she is on vacation until Monday",
    "客户下周出差，周五再约", "wants to undo the order from last week with us",
    "王总下周休假", "客户出差", "同事看了方案", "领导看到方案后再定", "老板会看客户案例",
    "send Zoe the Excel file", "reverse logistics quote", "why did they get the deal",
    "客户说数据不安全", "经理会看预算",
    "how many leads do we have", "为什么丢单", "why did we lose deals in October",
)  # fmt: skip


def asked() -> list[tuple[str, str]]:
    topics = "".join(ASKED.strip().splitlines(keepends=True)).replace("\n |", " |").splitlines()
    return [
        (topic, line.strip())
        for each in topics
        for topic, _, lines in [each.partition(":")]
        for line in lines.split("|")
    ]


@pytest.mark.parametrize(("topic", "line"), asked())
def test_is_read(topic: str, line: str) -> None:
    question = read_question(line)
    assert question is not None
    assert question.topic == topic


@pytest.mark.parametrize("line", NOT_ASKED)
def test_what_is_said_of_a_customer_is_none(line: str) -> None:
    assert read_question(line) is None


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ("what do you store about Zoe Sample?", "Zoe Sample"),
        ("你存了王小样的什么数据", "王小样"),
        ("delete everything about Zoe Sample", "Zoe Sample"),
        ("把王小样的数据都删掉", "王小样"),
        ("who can see LX001", "LX001"),
        ("please delete all of Liam Sample's data", "Liam Sample"),
    ],
)
def test_says_about_whom(line: str, about: str) -> None:
    question = read_question(line)
    assert question is not None
    assert question.about == about


def test_has_words_of_every_topic() -> None:
    assert {topic for topic, _ in asked()} == set(QuestionTopic)
    assert len(asked()) > 100


def test_a_long_line_is_none() -> None:
    assert read_question("who can see " + "x" * LONGEST) is None


@pytest.mark.parametrize(
    "line",
    ["今天要干啥", "我今天该做什么？", "今天有什么安排", "今天都要跟进哪些客户", "现在做什么",
     "今天的工作", "接下来干嘛呢",
     "what's on today", "what’s on my plate today?", "What should I do first", "my day",
     "what do I have on today", "today's agenda", "where do I start?", "what is next for me"],
)  # fmt: skip
def test_asks_for_the_day(line: str) -> None:
    assert asks_for_day(line)


@pytest.mark.parametrize(
    "line",
    ["今天天气不错", "今天签了", "今天工作忙", "我想请假", "nice weather today", "what is overdue",
     "what do they do", "今天到期", "today", "my leads", "what's due today", "客户今天有安排"],
)  # fmt: skip
def test_asks_for_something_else(line: str) -> None:
    assert not asks_for_day(line)
