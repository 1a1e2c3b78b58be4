"""Examples in English fit companies anywhere: no 万, no Chinese number, no Chinese region."""

import re

from handlers.texts.__main__ import catalogue, forms

_OF_CHINA = re.compile(r"万|138 ?1234|13800|East China|¥|Shanghai")
_ABOUT_UNITS = {"import.unit_10000", "import.wrong_small", "problem.budget_small"}
"""Texts that a person sees whose own figures are in 万."""


def test_in_english_are_of_no_country_but_the_companys() -> None:
    found = {
        key
        for key, message in catalogue("en").items()
        if any(_OF_CHINA.search(form) for form in forms(message))
    }
    assert found == _ABOUT_UNITS
