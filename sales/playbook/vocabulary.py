"""The company's own vocabulary: sources, industries, regions, pain points, products, reasons."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from sales.intake import in_language


class Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class NameOf:
    """Marks a text that names a team, a person, or a term of a list of the vocabulary."""

    what: Literal["sources", "industries", "regions", "products", "lost_reasons", "team", "person"]


class GivenKey:
    """Marks a key that nobody types: records created in chat get a free one."""


class WorkTime:
    """Marks minutes of working time, which people say and type in hours."""


class AskedAlong:
    """Marks a record inside another whose values are asked for in the same form."""


def misfit(kind: str, message: str) -> PydanticCustomError:
    """Error for values that do not fit together; ``problem.rules_<kind>`` is its text in chat."""
    return PydanticCustomError(f"rules_{kind}", message)


class Term(Rules):
    """A word of the company's own vocabulary: a stable key and its labels."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")]
    en: str
    zh: str

    def label(self, locale: str) -> str:
        return in_language(self.en, self.zh, locale)


def terms(*rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(key=key, en=en, zh=zh) for key, en, zh in rows)


class Vocabulary(Rules):
    """The choices that forms offer [P3] [P4] [P9], and the kinds of objections [P12]."""

    sources: tuple[Term, ...] = terms(
        ("form", "Online form", "在线表单"),
        ("exhibition", "Exhibition", "展会"),
        ("website", "Website enquiry", "官网咨询"),
        ("partner", "Channel partner", "渠道伙伴"),
        ("ads", "Online advertising", "线上广告"),
        ("referral", "Referral", "客户转介绍"),
        ("repeat", "Repeat business", "老客户复购"),
        ("other", "Other", "其他"),
    )
    industries: tuple[Term, ...] = terms(
        ("it", "IT", "IT"),
        ("education", "Education", "教育"),
        ("manufacturing", "Manufacturing", "制造"),
        ("retail", "Retail", "零售"),
        ("finance", "Finance", "金融"),
        ("health", "Health care", "医疗"),
        ("other", "Other", "其他"),
    )
    regions: tuple[Term, ...] = terms(
        ("east", "East China", "华东"),
        ("north", "North China", "华北"),
        ("south", "South China", "华南"),
        ("central", "Central China", "华中"),
        ("southwest", "Southwest China", "西南"),
        ("northwest", "Northwest China", "西北"),
        ("northeast", "Northeast China", "东北"),
        ("abroad", "Abroad", "海外"),
    )
    pains: tuple[Term, ...] = terms(
        ("leads_lost", "Leads get lost", "线索流失"),
        ("slow_response", "Enquiries are answered late", "响应不及时"),
        ("scattered", "Customer records are scattered", "客户资料分散"),
        ("conversion", "Few leads become customers", "转化率低"),
        ("no_overview", "Managers lack an overview", "管理层看不到进展"),
        ("manual_reports", "Reports are made by hand", "报表靠手工"),
        ("handover", "Departments do not hand over well", "部门协作不畅"),
        ("turnover", "Customers go when colleagues go", "人员流动带走客户"),
    )
    lost_reasons: tuple[Term, ...] = terms(
        ("price", "Price", "价格"),
        ("competitor", "Chose a competitor", "选择了竞品"),
        ("budget", "No budget", "没有预算"),
        ("need", "No need any more", "需求消失"),
        ("timing", "Not now", "时机不对"),
        ("silent", "No answer any more", "联系不上"),
        ("other", "Other", "其他"),
    )
    objections: tuple[Term, ...] = terms(
        ("price", "Price", "价格"),
        ("delivery", "Delivery time", "交付时间"),
        ("service", "Service", "服务"),
        ("function", "What it can do", "功能"),
        ("security", "Data security", "数据安全"),
        ("switching", "Effort of switching", "切换成本"),
        ("competitor", "Prefers a competitor", "倾向竞品"),
        ("hesitates", "Wants to think it over", "还要再考虑"),
        ("other", "Other", "其他"),
    )
    products: tuple[Term, ...] = terms(
        ("basic", "Basic edition", "基础版"),
        ("advanced", "Advanced edition", "高级版"),
        ("analytics", "Analytics module", "数据分析模块"),
        ("undecided", "Not decided", "待定"),
    )
