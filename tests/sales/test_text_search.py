"""Finding texts by words in two languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.text_search import Entry, fold, rank, terms_of

NAMES = {fold(name): {"objection:price"} for name in ("Price", "价格")}
TITLES = (
    "It is too expensive",
    "价格太贵了",
    "交付时间太长",
    "First call to a new lead",
    "客户数据放你们这里安全吗",
    "Is our customer data safe with you?",
)


def entries() -> list[Entry]:
    bodies = {1: "compared with what? ten leads a month", 3: "五个工作日内可用"}
    tags = {1: {"objection:price"}, 2: {"objection:price"}}
    return [
        Entry(n, fold(title), bodies.get(n, ""), frozenset(tags.get(n, ())))
        for n, title in enumerate(TITLES, 1)
    ]


def found(text: str) -> list[str]:
    by_id = dict(enumerate(TITLES, 1))
    return [by_id[one] for one in rank(terms_of(text, NAMES), entries())]


class TestFinding:
    @pytest.mark.parametrize(
        ("asked", "first"),
        [
            ("太贵", "价格太贵了"),
            ("价格太高怎么办", "价格太贵了"),
            ("交付时间", "交付时间太长"),
            ("交期时间长", "交付时间太长"),
            ("工作日", "交付时间太长"),
            ("expensive", "It is too expensive"),
            ("expencive", "It is too expensive"),
            ("EXPENSIVE", "It is too expensive"),
            ("customer data", "Is our customer data safe with you?"),
            ("数据安全", "客户数据放你们这里安全吗"),
            ("ＬＥＡＤ call", "First call to a new lead"),
            ("ten leads a month", "It is too expensive"),
        ],
    )
    def test_the_best_comes_first(self, asked: str, first: str) -> None:
        assert found(asked)[0] == first

    def test_a_word_of_the_vocabulary_means_its_tag(self) -> None:
        assert set(found("price")) == {"It is too expensive", "价格太贵了"}

    @pytest.mark.parametrize("asked", ["", "!!!", "zebra", "斑马线上的熊"])
    def test_what_is_not_there_is_not_found(self, asked: str) -> None:
        assert found(asked) == []

    def test_of_equals_the_most_used_comes_first(self) -> None:
        same = [Entry(n, "sample", "", frozenset(), uses) for n, uses in ((1, 0), (2, 5), (3, 2))]
        assert rank(terms_of("sample", {}), same) == [2, 3, 1]

    @given(st.text(max_size=80))
    def test_any_text_is_taken(self, text: str) -> None:
        ids = [entry.id for entry in entries()]
        answered = rank(terms_of(text, NAMES), entries())
        assert len(answered) == len(set(answered))
        assert set(answered) <= set(ids)

    @given(st.sampled_from(TITLES))
    def test_a_title_finds_itself(self, title: str) -> None:
        assert found(title)[0] == title
