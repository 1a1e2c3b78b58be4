"""The people and teams that the corpora of typed lines name, beside the default vocabulary."""

from typing import Final

from sales.lead_lists import ListNames
from sales.playbook.vocabulary import Vocabulary

NAMES: Final = ListNames(
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
