"""Initials of names, as people type them to find somebody."""

import pytest

from sales.initials import initials_of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("张伟", "zw"),
        ("欧阳小样", "oyxy"),
        ("方经理", "fjl"),
        ("Robin Sample", "rs"),
        ("李小样 Lee", "lxyl"),
        ("啊座", "az"),
        ("O'Neil-Sample 3", "ons3"),
        ("", ""),
        ("龘 ①", ""),
    ],
)
def test_of_chinese_and_latin_names(name: str, initials: str) -> None:
    assert initials_of(name) == initials
