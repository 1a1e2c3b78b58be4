"""Who is meant by a name in a line."""

import pytest

from sales.people import Person, Role, called_in

PEOPLE = [
    Person(id=number, name=name, role=Role.REP, team_id=1)
    for number, name in enumerate(
        ("Dana Sample", "Max Manager", "Maxine Example", "何小演", "何小演员", "Lee Sample"), 1
    )
]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("give LX001 to Dana", [1]),
        ("assign to dana sample please", [1]),
        ("to Max", [2]),
        ("to maxine", [3]),
        ("to Sample", [1, 6]),
        ("to Danaher", []),
        ("转给小演", [4]),
        ("给何小演员", [5]),
        ("给王", []),
        ("", []),
    ],
)
def test_by_name_or_a_part_that_stands_alone(words: str, meant: list[int]) -> None:
    assert [person.id for person in called_in(words, PEOPLE)] == meant
