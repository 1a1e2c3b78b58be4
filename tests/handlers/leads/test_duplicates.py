"""Somebody logs a contact that is there already: told at the field, and whose it is only to
those who may see that lead."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from handlers.core.replies import Reply
from tests.furnished import Offices
from tests.office import LEAD, SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
OTHER: Mapping[str, str] = {"customer": "Elsewhere Ltd", "phone": "", "email": "a@b.example"}
AT_ONCE = 8


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office


def log(office: Office, who: str, **typed: str) -> Reply:
    return office.ask(who, "lead.create", values=dict(LEAD) | dict(OTHER) | typed)


class TestSameContact:
    @pytest.mark.parametrize(
        ("field", "typed"), [("phone", "+86 138-1234-5678"), ("email", "Zhang@ACME.example")]
    )
    @pytest.mark.parametrize("owner", ["rules", "keep"])
    def test_is_refused_at_its_field(
        self, office: Office, field: str, typed: str, owner: str
    ) -> None:
        office.log_lead("max")
        answer = log(office, "ada", owner=owner, **{field: typed})
        assert set(answer.errors) == {field}
        assert LEAD["customer"] in answer.errors[field]
        hidden = log(office, "kim", owner=owner, **{field: typed})
        assert set(hidden.errors) == {field}
        assert LEAD["customer"] not in hidden.errors[field]

    def test_comes_before_the_question_for_a_like_customer(self, office: Office) -> None:
        office.log_lead("max")
        answer = log(office, "ada", **LEAD)
        assert answer.form is None
        assert set(answer.errors) == {"phone"}

    @pytest.mark.every_way
    def test_typed_by_many_at_once_makes_one_lead(self, office: Office) -> None:
        together = Barrier(AT_ONCE)

        def submit(number: int) -> tuple[str, ...]:
            together.wait()
            return tuple(log(office, "kim", customer=f"Sample {number}").errors)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = Counter(pool.map(submit, range(AT_ONCE)))
        assert told == {(): 1, ("email",): AT_ONCE - 1}
