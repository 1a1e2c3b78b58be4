"""Forms for tests: one with every kind of field, one that is short."""

from handlers.core.requests import Value
from handlers.core.ui import (
    Checklist,
    Choice,
    Date,
    DateTime,
    Email,
    Form,
    LeadPick,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Text,
)

LEADS = (Option("LX001", "LX001 A科技"), Option("LX002", "LX002 B学校"))
METHODS = (Option("phone", "电话"), Option("visit", "面谈"), Option("wechat", "微信"))
PEOPLE = (Option("7", "Robin Sample"), Option("8", "Kim Sample"))
CRITERIA = (Option("budget", "预算明确"), Option("need", "需求紧迫"))

EVERYTHING = Form(
    action="all.save",
    title="全部字段",
    fields=(
        Text(name="customer", label="客户", required=True, hint="公司全称"),
        LongText(name="summary", label="摘要", max_length=50),
        Number(name="seats", label="席位"),
        Money(name="amount", label="金额", placeholder="12.5万"),
        Phone(name="phone", label="电话"),
        Email(name="email", label="邮箱"),
        Date(name="day", label="日期"),
        DateTime(name="moment", label="时间"),
        Choice(name="method", label="方式", options=METHODS, required=True),
        MultiChoice(name="topics", label="话题", options=METHODS),
        Checklist(name="criteria", label="标准", options=CRITERIA),
        PersonPick(name="owner", label="负责人", options=PEOPLE, value="7"),
        LeadPick(name="lead", label="线索", options=LEADS),
    ),
    submit="保存",
    cancel="取消",
    state={"secret": "state-stays-here"},
    intro="填一次，处处可用。",
)

ANSWERS: dict[str, Value] = {
    "customer": "C公司",
    "summary": "第一行\n第二行",
    "seats": "12",
    "amount": "12.5万",
    "phone": "13800138000",
    "email": "zoe_sample@a.example",
    "day": "2026-12-01",
    "moment": "2026-12-01T14:30",
    "method": "visit",
    "topics": ("phone", "wechat"),
    "criteria": ("need",),
    "owner": "8",
    "lead": "LX002",
}

SHORT = Form(
    action="lead.create",
    title="录线索",
    fields=(
        Text(name="customer", label="客户名称", required=True),
        Phone(name="phone", label="电话"),
        Choice(name="method", label="方式", options=METHODS, value="phone"),
    ),
    submit="保存",
    cancel="取消",
)
