"""Parsing a submitted form: all of its errors are reported at once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time

import pytest

from handlers.core.form_reader import FormReader
from handlers.core.requests import Value
from sales.contacts import parse_phone
from sales.errors import InvalidInput, Problem
from sales.leads import mask_phone
from tests.office import Office

LONGEST = 5
Reader = Callable[..., FormReader]


@pytest.fixture
def reader(office: Office) -> Iterator[Reader]:
    """A reader of what Robin typed."""
    world = office.world
    with world.new_uow(read_only=True) as uow:

        def read(known: Mapping[str, Problem] | None = None, **typed: Value) -> FormReader:
            request = office.request("robin", "some.form", values=typed)
            person, language = office.people["robin"], office.language
            return FormReader(world.contexts.of_request(request, person, uow, language), known)

        yield read


@contextmanager
def refused(**problems: str) -> Iterator[None]:
    """Exactly these fields are refused, in this order."""
    with pytest.raises(InvalidInput) as error:
        yield
    found = {name: problem.key for name, problem in error.value.problems.items()}
    assert list(found.items()) == list(problems.items())


class TestDays:
    @pytest.mark.parametrize(
        ("typed", "day", "at"),
        [
            ("2024-03-08", date(2024, 3, 8), None),
            ("2024-03-08T15:30", date(2024, 3, 8), time(15, 30)),
            ("下周五下午三点", date(2024, 3, 8), time(15)),
            ("月底", date(2024, 3, 31), None),
            ("Mar 8th at 3pm", date(2024, 3, 8), time(15)),
            ("a week from Tuesday", date(2024, 3, 12), None),
            ("两个工作日后", date(2024, 3, 5), None),
            ("by Monday", date(2024, 3, 4), None),
            ("下午三点", date(2024, 3, 1), time(15)),
            ("lunchtime", date(2024, 3, 1), time(12)),
            ("this arvo", date(2024, 3, 1), time(14)),
            ("", None, None),
        ],
    )
    def test_are_typed_like_in_a_message(
        self, reader: Reader, typed: str, day: date | None, at: time | None
    ) -> None:
        with reader(on=typed) as form:
            assert form.moment("on") == (day, at)
            assert form.day("on") == day

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [("soon", "day"), ("yesterday", "day_past"), ("2124-03-08", "day_far"), ("每周五", "day")],
    )
    def test_that_are_none_are_refused(self, reader: Reader, typed: str, problem: str) -> None:
        with refused(on=problem), reader(on=typed) as form:
            assert form.moment("on") == (None, None)


class TestAllAtOnce:
    def test_every_field_that_is_wrong_is_named_in_the_order_of_reading(
        self, reader: Reader
    ) -> None:
        with (
            refused(title="title_missing", note="too_long", kind="choose_one", on="day"),
            reader(note="too long", kind="x", on="whenever", name="fine") as form,
        ):
            form.line("title", LONGEST, missing="title_missing")
            form.words("note", LONGEST)
            form.line("name", LONGEST)
            form.one_of("kind", ("a", "b"))
            form.day("on")

    def test_nothing_is_raised_when_nothing_is_wrong(self, reader: Reader) -> None:
        with reader(note=" two\nlines ", kind="b") as form:
            read = (form.words("note", 20), form.line("note", 20), form.one_of("kind", ("a", "b")))
        assert read == ("two\nlines", "two lines", "b")

    def test_another_failure_is_not_hidden(self, reader: Reader) -> None:
        def fails() -> None:
            with reader() as form:
                form.refuse("note", "note_missing")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fails()

    def test_what_others_found_is_named_along(self, reader: Reader) -> None:
        def fails() -> str:
            raise InvalidInput({"other": Problem("choose_one")})

        with refused(note="note_missing", other="choose_one"), reader() as form:
            form.refuse("note", "note_missing")
            assert form.attempt(fails, "otherwise") == "otherwise"

    def test_what_was_known_before_stands(self, reader: Reader) -> None:
        known = {"kind": Problem("not_text"), "extra": Problem("unknown_field")}
        with refused(kind="not_text", extra="unknown_field"), reader(known) as form:
            form.one_of("kind", ("a", "b"))


class TestChoices:
    def test_an_empty_answer_can_mean_a_value(self, reader: Reader) -> None:
        with reader() as form:
            assert form.one_of("kind", ("a", "b"), empty="a") == "a"

    def test_what_cannot_be_picked_ends_the_reading(self, reader: Reader) -> None:
        with (
            refused(note="note_missing", person="choose_one"),
            reader(person="99", later="x") as form,
        ):
            form.words("note", LONGEST, missing="note_missing")
            form.pick("person", {"1": "Robin"})
            form.one_of("later", ())

    def test_ticks(self, reader: Reader) -> None:
        with reader(stages=("won", "", "lost", "won")) as form:
            assert form.some_of("stages", ("lost", "won")) == ("won", "lost")
        with refused(stages="choose_one"), reader(stages=("won", "x")) as form:
            assert form.some_of("stages", ("lost", "won")) == ()


class TestKinds:
    @pytest.mark.parametrize(
        ("typed", "problem"),
        [("2024-02-29", "day_past"), ("2054-01-01", "day_far"), ("whenever", "day")],
    )
    def test_a_day_is_from_today_on(self, reader: Reader, typed: str, problem: str) -> None:
        with refused(on=problem), reader(on=typed) as form:
            assert form.day("on") is None

    def test_a_day_may_have_to_be_there(self, reader: Reader) -> None:
        with reader(on="2024-03-01") as form:
            assert form.required_day("on", "on_missing") == date(2024, 3, 1)
        with refused(on="on_missing"), reader() as form:
            form.required_day("on", "on_missing")

    def test_the_mask_of_a_contact_means_the_known_one(self, reader: Reader) -> None:
        known = parse_phone("138 1234 5678")
        with reader(phone=mask_phone(known)) as form:
            assert form.phone(known) == known
        with reader() as form:
            assert form.phone(known) == ""
        with refused(phone="phone"), reader(phone="12") as form:
            form.phone(known)

    def test_a_wrong_answer_is_repeated_in_part(self, reader: Reader) -> None:
        with pytest.raises(InvalidInput) as error, reader(size="x" * 50) as form:
            form.parsed("size", int, "number", quoted=4, n=9)
        assert error.value.problems["size"].params == {"typed": "xxxx", "n": 9}

    def test_a_deal_is_worth_something(self, reader: Reader) -> None:
        with reader(amount="12.5万") as form:
            assert form.worth("amount") == 125_000
        with refused(amount="amount_missing"), reader() as form:
            form.worth("amount")
        with refused(amount="amount_nothing"), reader(amount="0") as form:
            form.worth("amount")

    def test_a_lead_is_named_by_its_number(self, reader: Reader) -> None:
        with reader(lead="LX007") as form:
            assert form.lead_id("lead") == 7
        with refused(lead="lead_missing"), reader(lead="Acme") as form:
            assert form.lead_id("lead") == 0
