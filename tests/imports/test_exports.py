"""Files as other systems write them, by their documented headings; every name is invented."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sales.leads import Clarity, Grade, Lead, Stage, Timeframe
from tests.imports.reading import DANA, ROBIN, taken
from tests.office import SHANGHAI

FILES = Path(__file__).parent / "files"
LEADS: Mapping[str, list[Mapping[str, Any]]] = {
    "hubspot_contacts.csv": [
        {"customer": "Kiefer Muster", "contact": "Ines Vogel", "phone": "+4930901820",
         "owner_id": ROBIN.id, "stage": Stage.CAPTURED, "created": date(2026, 3, 5)},
        {"customer": "Larch & Sons", "contact": "Siobhán O'Brien", "stage": Stage.DISCOVERY,
         "email": "siobhan.o'brien@larch.example", "owner_id": None},
    ],
    "hubspot_deals.csv": [
        {"customer": "Cedar Example", "need": "Cedar plan", "stage": Stage.WON,
         "amount": Decimal(8000), "closed": date(2026, 10, 30), "created": date(2026, 8, 20)},
        {"customer": "Fir Example", "stage": Stage.LOST, "lost_reason": "other-Went elsewhere",
         "budget_low": Decimal(700), "closed": date(2026, 10, 31)},
        {"customer": "Ivy Example", "stage": Stage.PROPOSAL, "closed": None,
         "budget_low": Decimal(1200)},
    ],
    "salesforce_report.csv": [
        {"customer": "Rowan Example", "contact": "Ida Berg", "title": "IT Director",
         "phone": "+14155550132", "stage": Stage.SCREENED, "created": date(2026, 3, 5)},
        {"customer": "Fir Example", "phone": "+12065550143", "others": ("+14155550134",),
         "stage": Stage.CAPTURED, "created": date(2026, 11, 24)},
    ],
    "pipedrive_deals.csv": [
        {"customer": "Oak Example", "contact": "Ola Oak", "stage": Stage.PROPOSAL,
         "budget_low": Decimal(12500), "created": date(2026, 10, 1), "owner_id": ROBIN.id},
        {"customer": "Elm Example", "stage": Stage.WON, "amount": Decimal(3000),
         "closed": date(2026, 10, 15), "owner_id": DANA.id},
        {"customer": "Ash Example", "stage": Stage.LOST, "closed": date(2026, 10, 16)},
    ],
    "zoho_leads.csv": [
        {"customer": "Zeder Example", "contact": "Zed Er", "title": "CEO", "amount": None,
         "phone": "+491729018402", "stage": Stage.SCREENED, "budget_low": None,
         "source": "exhibition", "created": date(2026, 11, 2)},
    ],
    "odoo_pipeline.csv": [
        {"customer": "Birch Example", "contact": "Bo Birch", "stage": Stage.PROPOSAL,
         "budget_low": Decimal(15000), "need": "New racks"},
        {"customer": "Pine Example", "stage": Stage.WON, "amount": Decimal(9000),
         "closed": date(2026, 9, 30), "created": date(2026, 8, 2)},
    ],
    "google_contacts.csv": [
        {"customer": "Marrow & Pike Ltd", "contact": "Nora Fielding", "title": "Buyer",
         "phone": "+447911123456", "others": ("+442079460018", "nora@home.example"),
         "email": "nora@marrow.example", "need": "met at the fair"},
        {"customer": "Pat Linden", "contact": "Pat Linden", "email": "pat@linden.example"},
    ],
    "outlook_contacts.csv": [
        {"customer": "Rowan Example", "contact": "Ida Berg", "title": "IT Director",
         "phone": "+14155550132", "others": ("+12065550104",)},
        {"customer": "Alder Example", "contact": "Al Der", "title": "", "stage": Stage.CAPTURED},
    ],
    "fxiaoke_customers.csv": [
        {"customer": "样例纷享有限公司", "phone": "+8657188889012", "owner_id": ROBIN.id,
         "stage": Stage.CAPTURED, "created": date(2026, 11, 1)},
        {"customer": "样例享销有限公司", "phone": "+8613812430002", "stage": Stage.WON,
         "industry": "education"},
    ],
    "xiaoshouyi_opportunities.csv": [
        {"customer": "样例机房有限公司", "need": "机房改造", "stage": Stage.WON,
         "amount": Decimal(120_000), "closed": date(2026, 10, 20), "owner_id": ROBIN.id},
        {"customer": "样例网络有限公司", "stage": Stage.LOST, "closed": date(2026, 10, 21)},
        {"customer": "样例监控有限公司", "stage": Stage.PROPOSAL, "closed": None},
    ],
    "dingtalk_customers.csv": [
        {"customer": "样例丁丁有限公司", "contact": "钱示例", "title": "采购经理",
         "phone": "+8613812350001", "stage": Stage.DISCOVERY, "grade": Grade.HIGH,
         "need": "要报价"},
    ],
    "dynamics_opportunities.csv": [
        {"customer": "Oak Example", "need": "Oak fit out", "amount": Decimal(4800),
         "closed": date(2026, 10, 20), "created": date(2026, 9, 20)},
    ],
    "freshsales_contacts.csv": [
        {"customer": "Lee Example", "contact": "Ann Lee", "phone": "+14155550102",
         "others": ("+12065550101",), "stage": Stage.SCREENED, "created": date(2026, 11, 2)},
    ],
    "bitrix_leads.csv": [
        {"customer": "Bix Example", "contact": "Bo Bix", "need": "CRM form",
         "owner_id": ROBIN.id, "created": date(2026, 11, 24)},
    ],
    "database_deals.csv": [
        {"customer": "Gum Ltd", "stage": Stage.WON, "need": "Gum deal", "owner_id": None,
         "closed": date(2026, 10, 1)},
    ],
    "odoo_chinese.csv": [
        {"customer": "样例云甲有限公司", "need": "样例商机甲", "stage": Stage.WON,
         "amount": Decimal(88_000), "closed": date(2025, 9, 30), "owner_id": ROBIN.id},
        {"customer": "样例云乙有限公司", "stage": Stage.SCREENED, "budget_low": Decimal(12_000)},
        {"customer": "样例云丙有限公司", "stage": Stage.LOST, "lost_reason": "other-太贵"},
    ],
    "chinese_outlook.csv": [
        {"customer": "样例展望有限公司", "contact": "李大为", "phone": "+8613812880001",
         "others": ("+8657188880001",), "need": "喜欢茶"},
        {"contact": "王芳", "phone": "+8657188880003"},
    ],
    "pipedrive_listed.csv": [
        {"stage": Stage.WON, "amount": Decimal("1234.5"), "created": date(2025, 2, 1),
         "closed": date(2025, 4, 3), "owner_id": None, "clarity": Clarity.UNKNOWN},
    ],
    "salesforce_leads.csv": [
        {"stage": Stage.DISCOVERY, "closed": None, "owner_id": None, "phone": "",
         "need": "Industry: Aviation and Space\nState/Province: Texas", "clarity": Clarity.UNKNOWN},
    ],
    "copper_deals.csv": [
        {"customer": "Elm Works", "contact": "Eve Elm", "need": "Elm fit\nState: Kent",
         "owner_id": ROBIN.id, "closed": date(2026, 9, 28), "clarity": Clarity.UNKNOWN},
    ],
    "purchase_plans.csv": [
        {"timeframe": Timeframe.MONTH, "clarity": Clarity.CLEAR, "score": 10,
         "need": "要买设备\n采购时间：30天内\n省份：中国/浙江省/杭州市"},
        {"timeframe": Timeframe.LATER, "clarity": Clarity.UNKNOWN, "phone": ""},
    ],
    "board_deals.csv": [
        {"customer": "Fern Example", "contact": "Fe Rn", "need": "Fern deal",
         "budget_low": Decimal(12_000)},
    ],
    "german_list.csv": [
        {"customer": "Linde GmbH", "stage": Stage.WON, "amount": Decimal(125_000),
         "closed": date(2026, 11, 24)},
    ],
    "company_register.csv": [
        {"phone": "+8613812430009", "others": ("+8657188889012", "+8657188889013")},
    ],
    "form_answers.csv": [
        {"customer": "样例大学", "contact": "周样例", "need": "想了解报价",
         "created": date(2026, 11, 20)},
    ],
    "process_leads.csv": [
        {"customer": "A示例科技有限公司", "title": "采购经理", "source": "ads-SEM",
         "industry": "it",
         "budget_low": Decimal(150_000), "budget_high": Decimal(200_000), "hot": True,
         "stage": Stage.CAPTURED, "created": date(2024, 3, 1)},
        {"customer": "B示例培训学校", "source": "exhibition-教育展", "grade": Grade.MEDIUM,
         "budget_low": Decimal(80_000), "hot": False, "created": date(2024, 3, 2)},
    ],
}  # fmt: skip


def told(lead: Lead, name: str) -> Any:
    """A field of a lead; its days as the company's, its high intent as yes or no."""
    match name:
        case "created":
            return lead.created_at.astimezone(SHANGHAI).date()
        case "closed":
            return lead.closed_at and lead.closed_at.astimezone(SHANGHAI).date()
        case "hot":
            return lead.hot_since is not None
        case _:
            return getattr(lead, name)


class TestExports:
    @pytest.mark.parametrize("name", LEADS)
    def test_come_out_as_they_are_meant(self, name: str) -> None:
        country = "US" if name.startswith(("salesforce", "outlook")) else "CN"
        leads = taken((FILES / name).read_bytes(), country=country).leads
        found = [
            {field: told(lead, field) for field in right}
            for lead, right in zip(leads, LEADS[name], strict=True)
        ]
        assert found == LEADS[name]

    @pytest.mark.parametrize("name", ["salesforce_leads.csv", "purchase_plans.csv"])
    def test_whose_empty_cells_are_no_faults(self, name: str) -> None:
        said = {
            problem for row in taken((FILES / name).read_bytes()).said.values() for problem in row
        }
        assert not said & {"owner:owner_name", "phone:phone"}

    def test_of_which_the_footer_is_named_and_no_lead(self) -> None:
        said = taken((FILES / "salesforce_report.csv").read_bytes(), country="US").said
        assert {problem for problems in said.values() for problem in problems} == {"row:footer"}

    def test_no_id_and_no_state_is_taken_for_a_name_or_a_stage(self) -> None:
        read = taken(
            "Account ID,Owner ID,Name,State,Status\n"
            "0015g00000AbCdEAAV,0055g000001XyZ2AAC,Reed Example Ltd,CA,Qualified\n"
            "0015g00000AbCdFAAV,0055g000001XyZ2AAC,Sedge Example Inc,NY,Open\n"
        )
        assert read.columns() == {"customer": ["Name"], "stage": ["Status"], "region": ["State"]}
        assert [lead.stage for lead in read.leads] == [Stage.SCREENED, Stage.CAPTURED]


class TestColumns:
    @pytest.mark.parametrize(
        ("heading", "values", "field"),
        [
            ("State", ("CA", "TX"), "region"), ("State", ("Won", "Open"), "stage"),
            ("Status", ("Active member", "x"), ""), ("状态", ("高意向", "中等", "低"), "stage"),
            ("状态", ("在职", "离职"), ""), ("Account", ("ACC-00012", "ACC-00013"), ""),
            ("Account", ("Oak Ltd", "Elm Ltd"), "customer"), ("Owner", ("1204", "1205"), ""),
            ("Customer", ("10021", "10022"), ""), ("Title", ("Mr.", "Ms."), ""),
            ("Title", ("Buyer", "CEO"), "title"), ("Closed", ("TRUE", "FALSE"), ""),
            ("Closed", ("2026-01-05", ""), "closed"), ("Value", ("high", "low"), ""),
            ("Value", ("1,200", "900"), "amount"), ("Date", ("soon", "later"), ""),
            ("Annual Revenue", ("1200000", "5"), ""), ("Lead ID", ("1", "2"), ""),
            ("Deal - Deal created", ("2026-10-01 08:00", ""), "created"),
            ("客户名称（必填）", ("样例甲", "样例乙"), "customer"),
            ("客户编号", ("CUS-001", ""), ""),
            ("创建人", ("孙样例", "钱示例"), ""), ("最后跟进时间", ("2026-01-05", ""), ""),
            ("Rating", ("Hot", "Cold"), "stage"), ("客户级别", ("重要客户", "普通客户"), ""),
        ],
    )  # fmt: skip
    def test_are_told_by_heading_and_values(
        self, heading: str, values: tuple[str, ...], field: str
    ) -> None:
        rows = "".join(f"{value!r},y\n".replace("'", '"') for value in values)
        read = taken(f"{heading},Other\n{rows}")
        assert read.columns().get(field or "none") == ([heading] if field else None)

    def test_a_name_is_the_customers_where_it_is_a_company(self) -> None:
        assert taken("Name,Phone\nOak Example Ltd,\nElm GmbH,\n").columns() == {
            "customer": ["Name"], "phone": ["Phone"],
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("first", "last", "name"),
        [("Ines", "Vogel", "Ines Vogel"), ("一一", "欧阳", "欧阳一一"), ("", "Vogel", "Vogel"),
         ("Ann", "李", "李Ann"), ("Siobhán", "O'Brien", "Siobhán O'Brien"),
         ("민수", "김", "김민수")],
    )  # fmt: skip
    def test_both_parts_of_a_name(self, first: str, last: str, name: str) -> None:
        [lead] = taken(f"First Name,Last Name,Company\n{first},{last},Oak Ltd\n").leads
        assert lead.contact == name

    @pytest.mark.parametrize(
        ("cell", "email", "problem"),
        [("A@B.example", "a@b.example", []), ("Zoe <z@b.example>", "z@b.example", []),
         ("z***@b.example", "", ["email:email"]), ("a@b.example; c@d.example", "a@b.example", []),
         ("none", "", ["email:email"])],
    )  # fmt: skip
    def test_addresses(self, cell: str, email: str, problem: list[str]) -> None:
        read = taken(f"Company,Email,x\nOak,{cell},1\n")
        assert (read.leads[0].email, read.said.get(2, [])) == (email, problem)


class TestRowsThatAreNoLeads:
    @pytest.mark.parametrize(
        "first",
        ["合计", "总计：", "小计", "Total", "Grand Total", "Subtotal", "TOTAL (3)", "合 计"],
    )
    def test_totals(self, first: str) -> None:
        read = taken(f"客户名称,联系人,手机,预算\n样例甲,甲一,13812440001,15万\n{first},,,23万\n")
        assert [lead.customer for lead in read.leads] == ["样例甲"]
        assert read.said == {3: ["row:total"]}

    @pytest.mark.parametrize(
        "first", ["Total Energies", "Totalis Ltd", "Count Basie Ltd", "合计算"]
    )
    def test_customers_of_such_names_stay(self, first: str) -> None:
        assert len(taken(f"Company,Phone,Budget\n{first},,5万\n").leads) == 1

    def test_notes_below_the_list(self) -> None:
        text = "客户名称,联系人,手机\n样例甲,甲一,13812440001\n制表：孙样例\n2026年11月28日\n"
        assert taken(text).said == {3: ["row:footer"], 4: ["row:footer"]}

    @pytest.mark.parametrize(
        ("typed", "source"),
        [
            ("Trade Show", "exhibition-Trade Show"),
            ("朋友介绍的", "referral-朋友介绍的"),
            ("陌生拜访", "other-陌生拜访"),
        ],
    )
    def test_the_channel_that_words_mean(self, typed: str, source: str) -> None:
        read = taken(f"公司,来源\n样例甲,{typed}\n", detail="")
        assert [lead.source for lead in read.leads] == [source]

    @pytest.mark.parametrize("owner", ["Robin Sample;Dana Example", "Robin Sample、Dana Example"])
    def test_of_several_owners_the_first_counts(self, owner: str) -> None:
        read = taken(f"公司,成单状态,负责人\n样例甲,已成单,{owner}\n样例乙,未成单,{owner}\n")
        assert [(lead.owner_id, lead.stage) for lead in read.leads] == [
            (ROBIN.id, Stage.WON),
            (ROBIN.id, Stage.CAPTURED),
        ]
        assert "owner:owner_several" in read.said[3]

    def test_signatures_and_days_below_totals(self) -> None:
        text = (
            "客户名称,联系人,手机,预算\n样例甲,甲一,13812440001,15万\n总计（1条）,,,15万\n"
            "制表人：张样例,,审核：李样例,\n数据截至2026-11-28,,,\n"
        )
        assert taken(text).said == {3: ["row:total"], 4: ["row:footer"], 5: ["row:footer"]}

    def test_a_list_of_names_alone_has_none(self) -> None:
        assert len(taken("客户\n样例甲\n样例乙\n打印科技\n").leads) == 3
        assert len(taken("客户,手机,邮箱\n样例甲,,\n样例乙,,\n").leads) == 2
