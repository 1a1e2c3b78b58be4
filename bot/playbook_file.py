"""The playbook as a YAML file: written for people, read with the line of every mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from sales.playbook import Playbook

HEADER = """\
# Genjin's playbook: every rule of the process. Change it, then
#   genjin playbook check playbook.yaml
#   genjin playbook apply playbook.yaml
"""
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and on which line (1 is the first)."""

    line: int
    where: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.reason}" if self.where else self.reason


class BadPlaybook(ValueError):
    """The file is no playbook; ``mistakes`` names them all, in the file's order."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


def write_playbook(playbook: Playbook) -> str:
    """The whole document as YAML, the shipped defaults included."""
    document = playbook.model_dump(mode="json")
    return HEADER + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def read_playbook(text: str) -> Playbook:
    """Read a file; what it leaves out keeps the shipped default. Raises BadPlaybook."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadPlaybook([Mistake(line, "YAML", error.problem or "not readable")]) from error
    except yaml.YAMLError as error:
        raise BadPlaybook([Mistake(1, "YAML", str(error).partition("\n")[0])]) from error
    if not isinstance(document, dict):
        raise BadPlaybook([Mistake(1, "", "the file must hold the playbook's sections")])
    try:
        return Playbook.model_validate(document)
    except ValidationError as error:
        lines = dict(_lines(tree, ()))
        mistakes = [_mistake(dict(error_details), lines) for error_details in error.errors()]
        raise BadPlaybook(sorted(mistakes, key=lambda mistake: mistake.line)) from error


def _lines(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, int]]:
    """Every path of the document with its line."""
    if node is None:
        return
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line + 1
            yield from _lines(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*path, index))


def _mistake(detail: dict[str, Any], lines: dict[Path, int]) -> Mistake:
    path: Path = tuple(detail["loc"])
    known_path = path
    while known_path and known_path not in lines:
        known_path = known_path[:-1]
    reason = str(detail["msg"]).removeprefix("Value error, ")
    return Mistake(lines.get(known_path, 1), ".".join(map(str, path)), reason)
