"""Rows as dataclasses and back, with the types that they had."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum

from sales.unreadable import UnreadableText
from storage.database.rows import Codec, RowMapper

NOW = datetime(2024, 3, 4, tzinfo=UTC)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Size:
    wide: Decimal | None
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    id: int = 0
    name: str
    colour: Colour
    second: Colour | None = None
    size: Size
    tags: tuple[str, ...] = ()
    made_at: datetime
    count: int = 0
    found_with: str = ""


MAPPER = RowMapper(Thing, computed=("count",), given=("found_with",), tags=Codec(tuple, list))
ROW = {
    "id": 7, "name": "box", "colour": "red", "second": None, "wide": None, "high": Decimal("1.50"),
    "tags": ["a", "b"], "made_at": NOW, "count": 3, "of_another": 1,
}  # fmt: skip
THING = Thing(
    id=7, name="box", colour=Colour.RED, size=Size(None, Decimal("1.50")), tags=("a", "b"),
    made_at=NOW, count=3, found_with="a lamp",
)  # fmt: skip


class TestRead:
    def test_makes_enums_nested_dataclasses_and_what_has_a_way_of_its_own(self) -> None:
        assert MAPPER.read(ROW, found_with="a lamp") == THING

    def test_hands_values_on_as_they_are(self) -> None:
        """Pydantic would make a plain text of it, and lose what is sealed."""
        name = UnreadableText("cannot be read", b"sealed")
        read = MAPPER.read(ROW | {"name": name}, found_with="")
        assert read.name is name
        assert read.made_at is NOW

    def test_knows_which_columns_it_reads(self) -> None:
        assert set(MAPPER.names) == {"id", "name", "colour", "second", "tags", "made_at", "count"}


class TestWrite:
    def test_gives_all_columns_but_the_id_and_what_is_computed_or_given(self) -> None:
        left_out = ("id", "count", "of_another")
        assert MAPPER.write(THING) == {n: v for n, v in ROW.items() if n not in left_out}
