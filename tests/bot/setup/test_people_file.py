"""Colleagues in a table: headings of both languages, and a reason for every row left out."""

import io
from datetime import UTC

import pytest
from openpyxl import Workbook

from bot.platforms.directory import Account
from bot.setup.people_file import PeopleTable, read_people, with_roles
from handlers.core.language import Languages
from sales.countries import Countries
from sales.people import Role

LANGUAGES = Languages(UTC)


def table(text: str | bytes, home: str = "CN", **more: object) -> PeopleTable:
    given = {"role": Role.REP, "team": "", "countries": Countries(home)} | more
    content = text.encode() if isinstance(text, str) else text
    return read_people(content, languages=LANGUAGES, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Role,Team,E-mail,Phone\nZoe Sample,manager,East,ZOE@sample.example,13800000001\n",
        "姓名,角色,团队,邮箱,手机号\nZoe Sample,经理,East,zoe@sample.example,138 0000 0001\n",
    ],
)
def test_reads_both_languages(text: str) -> None:
    read = table(text)
    [zoe] = read.people
    assert (zoe.name, zoe.role, zoe.team) == ("Zoe Sample", Role.MANAGER, "East")
    assert (zoe.email, zoe.phone) == ("zoe@sample.example", "+8613800000001")


def test_fills_in_role_and_team() -> None:
    read = table("name,email\nKay,kay@sample.example\n", role=Role.SERVICE, team="Care")
    [kay] = read.people
    assert (kay.role, kay.team) == (Role.SERVICE, "Care")


def test_says_of_every_row_why_it_is_left_out() -> None:
    read = table(
        "name,role,email,phone\n"
        "Zoe,boss,z@sample.example,\n"
        ",rep,a@sample.example,\n"
        "Kay,rep,nothing,\n"
        "Max,rep,,12\n"
        "Fay,rep,,\n"
        "Pat,rep,pat@sample.example,\n"
    )
    assert [(bad.row, bad.reason) for bad in read.bad] == [
        (2, "role"), (3, "no_name"), (4, "email"), (5, "phone"), (6, "no_contact"),
    ]  # fmt: skip
    assert [one.name for one in read.people] == ["Pat"]


def test_needs_a_column_of_names() -> None:
    assert table("who,email\nZoe,z@sample.example\n").missing


FEISHU = """\
姓名,工号,部门,手机,邮箱,职位,直属上级
李样例,A001,销售部/华东,13800000001,li@sample.example,销售总监,
王样例,A002,销售部/华东,138 0000 0002,,客户经理,李样例
赵样例,A003,销售部/华南,,zhao@sample.example,销售,A001
"""
BAMBOO = """\
Employee #,First Name,Last Name,Job Title,Department,Work Email,Mobile Phone,Reporting to,Status
1,Zoe,Sample,Head of Sales,Inside sales,zoe@sample.example,+351 912 345 678,,Active
2,Max,Sample,Account Manager,Key accounts,max@sample.example,912 345 679,Zoe Sample,Active
3,Old,Sample,Account Manager,Key accounts,old@sample.example,,Zoe Sample,Terminated
"""
GOOGLE = """\
First Name [Required],Last Name [Required],Email Address [Required],Password [Required],\
Org Unit Path [Required],Recovery Phone [MUST BE IN THE E.164 FORMAT],Mobile Phone,\
Employee Title,Manager Email,Department,Status [READ ONLY]
Zoe,Sample,zoe@sample.example,****,/Sales/East,+14155550100,,VP Sales,,,Active
Kay,Sample,kay@sample.example,****,/Sales/West,,+1 415-555-0123,,zoe@sample.example,,Active
Max,Sample,max@sample.example,****,/,,,,,Inside sales,Suspended
"""
SLACK = """\
username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname,expiration-timestamp
zoe,zoe@sample.example,Primary Owner,1,1,0,U01ZOESAMPLE,Zoe Sample,zoe,
kay,kay@sample.example,Member,1,1,0,U01KAYSAMPLE,Kay Sample,,
bot,,Bot,0,0,0,U01BOTSAMPLE,A Bot,,
ann,ann@other.example,Single-Channel Guest,1,0,0,U01ANNSAMPLE,Ann Guest,,
old,old@sample.example,Deactivated,0,0,0,U01OLDSAMPLE,Old Sample,,
"""
DINGTALK = """\
员工UserID,姓名,手机号,部门(必填),职位,是否为部门主管(是/否),工号,企业邮箱
manager1,李样例,+86-13800000001,样例公司-销售部-华东,销售总监,是,001,
user002,王样例,13800000002,样例公司-销售部-华东;样例公司-市场部,销售,否,002,wang@sample.example
"""


class TestExports:
    """Tables as HR systems and chat platforms write them."""

    def test_of_a_chinese_hr_system(self) -> None:
        read = table(FEISHU)
        assert [(one.name, one.team) for one in read.people] == [
            ("李样例", "华东"), ("王样例", "华东"), ("赵样例", "华南"),
        ]  # fmt: skip
        assert [one.phone for one in read.people] == ["+8613800000001", "+8613800000002", ""]
        assert read.leaders == ("李样例",)
        assert not read.bad

    @pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
    @pytest.mark.parametrize("sign", [",", ";", "\t"])
    def test_in_other_encodings_and_with_other_signs(self, encoding: str, sign: str) -> None:
        assert table(FEISHU.replace(",", sign).encode(encoding)).people == table(FEISHU).people

    def test_of_excel(self) -> None:
        book = Workbook()
        sheet = book.create_sheet("名单", 0)
        for line in FEISHU.splitlines():
            sheet.append(line.split(","))
        sheet["D2"] = 13800000001
        file = io.BytesIO()
        book.save(file)
        assert table(file.getvalue()).people == table(FEISHU).people

    def test_of_bamboo(self) -> None:
        read = table(BAMBOO, "PT")
        zoe, max_ = read.people
        assert (zoe.name, zoe.team, zoe.phone) == ("Zoe Sample", "Inside sales", "+351912345678")
        assert (max_.phone, max_.number) == ("+351912345679", "2")
        assert read.leaders == ("Zoe Sample",)
        assert [one.name for one in read.left] == ["Old Sample"]

    def test_of_google(self) -> None:
        read = table(GOOGLE, "US")
        assert [(one.name, one.team, one.phone) for one in read.people] == [
            ("Zoe Sample", "East", ""), ("Kay Sample", "West", "+14155550123"),
        ]  # fmt: skip
        assert read.leaders == ("Zoe Sample",)
        assert [one.email for one in read.left] == ["max@sample.example"]

    def test_of_slack(self) -> None:
        read = table(SLACK, "US")
        zoe, kay = read.people
        assert zoe.account == Account("slack", "U01ZOESAMPLE", "Zoe Sample")
        assert (kay.name, kay.email) == ("Kay Sample", "kay@sample.example")
        assert [(bad.row, bad.reason) for bad in read.bad] == [(4, "guest"), (5, "guest")]
        assert [one.name for one in read.left] == ["Old Sample"]

    def test_of_dingtalk(self) -> None:
        read = table(DINGTALK)
        li, wang = read.people
        assert li.account == Account("dingtalk", "manager1", "李样例")
        assert (li.team, wang.team, wang.email) == ("华东", "华东", "wang@sample.example")
        assert read.leaders == ("李样例",)

    def test_names_of_each_country(self) -> None:
        [zoe] = table('"Last name, First name",email\n"Sample, Zoe",z@sample.example\n').people
        assert zoe.name == "Zoe Sample"
        [li] = table("姓,名,邮箱\n李,样例,li@sample.example\n").people
        assert li.name == "李样例"

    def test_one_wrong_contact_is_told_and_the_other_is_used(self) -> None:
        read = table("姓名,手机,邮箱\n李样例,12,li@sample.example\n")
        assert [one.email for one in read.people] == ["li@sample.example"]
        assert [(bad.row, bad.reason, bad.value) for bad in read.bad] == [
            (2, "phone_left_out", "12"),
        ]  # fmt: skip


class TestRoles:
    def test_are_given_by_name_mail_phone_and_number(self) -> None:
        people = table(FEISHU).people
        named = (("13800000001", Role.ADMIN), ("A002", Role.MANAGER),
                 ("ZHAO@sample.example", Role.MANAGER), ("nobody", Role.MANAGER))  # fmt: skip
        changed, unknown = with_roles(people, named)
        assert [one.role for one in changed] == [Role.ADMIN, Role.MANAGER, Role.MANAGER]
        assert unknown == ("nobody",)

    def test_of_two_people_of_one_name_are_given_to_neither(self) -> None:
        people = table("name,email\nKay,a@sample.example\nKay,b@sample.example\n").people
        assert with_roles(people, [("kay", Role.MANAGER)]) == (people, ("kay",))
