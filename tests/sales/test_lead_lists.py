"""Lists of leads: the one line by which people ask for them, and the text that buttons carry."""

from datetime import date
from pathlib import Path

import pytest

from sales.lead_lists import LeadSort, decode
from sales.lead_lists.lexicon import ListNames
from sales.lead_lists.words import parse_list
from sales.playbook.vocabulary import Vocabulary

WEDNESDAY = date(2026, 11, 25)
NAMES = ListNames(
    vocabulary=Vocabulary(),
    people=(
        (1, "Robin Sample"),
        (2, "Dana Example"),
        (3, "Kim Sample"),
        (4, "王小明"),
        (5, "李静"),
        (6, "陈晓"),
    ),
    teams=((1, "East"), (2, "West"), (3, "大客户部")),
)
LINES = [
    tuple([*line.split("\t"), "", ""][:3])
    for line in Path(__file__).with_name("lead_lists.tsv").read_text().splitlines()
]


class TestParseList:
    @pytest.mark.parametrize(("line", "expected", "unread"), LINES, ids=[one[0] for one in LINES])
    def test_reads_a_line(self, line: str, expected: str, unread: str) -> None:
        parsed = parse_list(line, NAMES, WEDNESDAY)
        wanted = decode(expected)
        assert not wanted.lost
        assert parsed.query == wanted.query
        assert (parsed.sort or LeadSort.PRESSING) == wanted.sort
        assert "|".join(words.words for words in parsed.unread) == unread
