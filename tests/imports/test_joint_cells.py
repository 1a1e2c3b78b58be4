"""Cells that hold two things are split where that is certain."""

import pytest

from sales.imports.headings import field_of
from sales.imports.joint import JointPerson, person_of
from tests.imports.reading import taken

PHONE = ("+8613800000001",)
MAIL = ("ines@x.example",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王丽 13800000001", JointPerson("王丽", "", PHONE)),
        ("王丽/13800000001", JointPerson("王丽", "", PHONE)),
        ("王丽13800000001", JointPerson("王丽", "", PHONE)),
        ("王丽（13800000001）", JointPerson("王丽", "", PHONE)),
        ("王丽：138 0000 0001", JointPerson("王丽", "", PHONE)),
        ("王丽，电话：13800000001", JointPerson("王丽", "", PHONE)),
        ("13800000001 王丽", JointPerson("王丽", "", PHONE)),
        ("13800000001", JointPerson("", "", PHONE)),
        ("Ines Vogel <ines@x.example>", JointPerson("Ines Vogel", "", (), MAIL)),
        ("Ines Vogel (ines@x.example)", JointPerson("Ines Vogel", "", (), MAIL)),
        ("Ines Vogel, E-mail: ines@x.example", JointPerson("Ines Vogel", "", (), MAIL)),
        ("王丽 13800000001 ines@x.example", JointPerson("王丽", "", PHONE, MAIL)),
        ("王丽 手机13800000001 邮箱ines@x.example", JointPerson("王丽", "", PHONE, MAIL)),
        ("王丽ines@x.example", JointPerson("王丽", "", (), MAIL)),
        ("采购 王丽 13800000001", JointPerson("王丽", "采购", PHONE)),
        ("王丽 QQ 12345678", JointPerson("王丽 QQ 12345678")),
        ("王丽（采购经理）", JointPerson("王丽", "采购经理")),
        ("王丽(采购经理) 13800000001", JointPerson("王丽", "采购经理", PHONE)),
        ("王丽 采购经理", JointPerson("王丽", "采购经理")),
        ("采购经理 王丽", JointPerson("王丽", "采购经理")),
        ("王丽/总经理/13800000001", JointPerson("王丽", "总经理", PHONE)),
        ("王丽-总监", JointPerson("王丽-总监")),
        ("王总", JointPerson("王总")),
        ("王经理", JointPerson("王经理", "经理")),
        ("王总 13800000001", JointPerson("王总", "", PHONE)),
        ("Ines Vogel, CTO", JointPerson("Ines Vogel", "CTO")),
        ("Ines Vogel (Head of Purchasing)", JointPerson("Ines Vogel", "Head of Purchasing")),
        ("Ines Vogel - Sales Director", JointPerson("Ines Vogel", "Sales Director")),
        ("CTO / Ines Vogel", JointPerson("Ines Vogel", "CTO")),
        ("Ines Vogel +49 30 901820", JointPerson("Ines Vogel", "", ("+4930901820",))),
        ("Vogel, Ines", JointPerson("Vogel, Ines")),
        ("Ines Vogel", JointPerson("Ines Vogel")),
        ("王丽（小红）", JointPerson("王丽（小红）")),
        ("王丽 1380000", JointPerson("王丽 1380000")),
        ("王丽 王强", JointPerson("王丽 王强")),
        ("采购部", JointPerson("采购部")),
        ("Anne-Marie Exemple", JointPerson("Anne-Marie Exemple")),
    ],
)
def test_a_person(text: str, expected: JointPerson) -> None:
    assert person_of(text, "CN") == expected


@pytest.mark.parametrize(
    ("heading", "field"),
    [("联系人/电话", "contact"), ("联系人及电话", "contact"),
     ("联系人（电话）", "contact"),
     ("姓名电话", "contact"), ("Contact / Phone", "contact"), ("Name & Phone", "contact"),
     ("联系人和联系方式", "contact"), ("联系人/职务", "contact"),
     ("联系人电话", "phone"), ("Contact phone", "phone"), ("联系人职务", "title")],
)  # fmt: skip
def test_headings_of_both(heading: str, field: str) -> None:
    assert field_of(heading) == field


def test_a_file_with_joint_cells() -> None:
    read = taken(
        "公司,联系人/电话,邮箱\n甲示例科技,王丽（采购经理） 13800000001,\n"
        "乙示例,,Ines Vogel <ines@x.example>\n丙示例 (华东),王样本 12,\n"
    )
    first, second, third = read.leads
    assert (first.contact, first.title, first.phone) == ("王丽", "采购经理", PHONE[0])
    assert (second.contact, second.email) == ("Ines Vogel", MAIL[0])
    assert (third.customer, third.region, third.contact) == ("丙示例", "east", "王样本 12")


@pytest.mark.parametrize("cell", ["王丽 13800000001", "王丽:13800000001", "13800000001(王丽)"])
def test_a_phone_cell_with_a_name(cell: str) -> None:
    read = taken(f"公司,电话\n甲示例科技,{cell}\n")
    [lead] = read.leads
    assert (lead.contact, lead.phone, read.said) == ("王丽", PHONE[0], {})


def test_what_is_typed_in_its_own_column_counts() -> None:
    text = "公司,联系人,职务,电话\n甲示例,王丽（采购经理）,总监,13900000002\n"
    [lead] = taken(text).leads
    assert (lead.contact, lead.title, lead.phone) == ("王丽（采购经理）", "总监", "+8613900000002")


def test_a_place_that_is_no_region_stays() -> None:
    [lead] = taken("Company,Phone\nAcme GmbH (Berlin),+4930901820\n").leads
    assert (lead.customer, lead.region) == ("Acme GmbH (Berlin)", "")
