"""Every column of text is decided on: searched for erased people, or left with a reason."""

from storage.erasure.text_columns import LEFT, SEARCHED, holds_text
from storage.tables import metadata

SEARCHED_NAMES = [name for names in SEARCHED.values() for name in names]


def test_every_column_of_text_is_in_one_list() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if holds_text(column)
    }
    undecided = columns - set(SEARCHED_NAMES) - set(LEFT)
    assert sorted(undecided) == [], (
        "decide in storage/erasure/text_columns.py: searched, or left and why"
    )
    assert sorted({*SEARCHED_NAMES, *LEFT} - columns) == []
    assert sorted(set(SEARCHED_NAMES) & set(LEFT)) == []
    assert len(SEARCHED_NAMES) == len(set(SEARCHED_NAMES))
