"""Colleagues in a table: headings of both languages, and a reason for every row left out."""

from datetime import UTC

import pytest

from bot.setup.people_file import read_people
from handlers.core.language import Languages
from sales.people import Role

LANGUAGES = Languages(UTC)


def table(text: str, **more: object) -> object:
    given = {"role": Role.REP, "team": "", "country": "CN"} | more
    return read_people(text.encode(), languages=LANGUAGES, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Name,Role,Team,E-mail,Phone\nZoe Sample,manager,East,ZOE@sample.example,13800000001\n",
        "姓名,角色,团队,邮箱,手机号\nZoe Sample,经理,East,zoe@sample.example,138 0000 0001\n",
    ],
)
def test_reads_both_languages(text: str) -> None:
    read = table(text)
    [zoe] = read.people  # type: ignore[attr-defined]
    assert (zoe.name, zoe.role, zoe.team) == ("Zoe Sample", Role.MANAGER, "East")
    assert (zoe.email, zoe.phone) == ("zoe@sample.example", "+8613800000001")


def test_fills_in_role_and_team() -> None:
    read = table("name,email\nKay,kay@sample.example\n", role=Role.SERVICE, team="Care")
    [kay] = read.people  # type: ignore[attr-defined]
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
    assert [(bad.row, bad.reason) for bad in read.bad] == [  # type: ignore[attr-defined]
        (2, "role"), (3, "no_name"), (4, "email"), (5, "phone"), (6, "no_contact"),
    ]  # fmt: skip
    assert [one.name for one in read.people] == ["Pat"]  # type: ignore[attr-defined]


def test_needs_a_column_of_names() -> None:
    assert table("who,email\nZoe,z@sample.example\n").missing  # type: ignore[attr-defined]
