"""``python -m handlers.texts``: prove that the catalogues are whole.

Every key the code asks for is in both languages, both have the same placeholders, no key is
left over, and no English fragment stands in a Chinese text.
"""

import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from handlers.core.commands import COMMANDS
from handlers.playbook.wording import label_key
from sales.bulk_acts import BulkKind
from sales.erasure import ErasedKind, ErasureReason
from sales.errors import GenjinError
from sales.followups import Method
from sales.leads import Authority, Clarity, ForecastCategory, Grade, Stage, Timeframe
from sales.library import ItemKind, ItemState
from sales.objections import ObjectionState
from sales.people import Role
from sales.playbook import Urgent
from sales.playbook.shape import models, slots
from sales.proposals import ProposalState
from sales.quotes import Edition
from sales.reminders import ReminderOutcome
from sales.signals import SignalKind
from sales.targets import Measure
from sales.tasks import TaskKind

ROOT = Path(__file__).parents[2]
TEXTS = Path(__file__).parent
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
ANYTHING = "[a-z0-9_.]+"
IN_PAGES = re.compile(r"""["'`]([a-z_]+(?:\.(?:[a-z_]+|\$\{[^}]+\}))+)["'`]""")
LATIN = re.compile(r"[A-Za-z]{2,}")
ALLOWED_LATIN = frozenset(
    {"LX", "LX001", "SEM", "IT", "BANT", "Genjin", "Slack", "DingTalk", "invite"}
    | {"admin", "doctor", *(command.name for command in COMMANDS)}
    | {"Enter", "Esc", "Tab", "Ctrl"}
    | {"CSV", "XLSX", "vCard", "Excel", "UTF", "GB18030", "PDF", "KB", "MB"}
)
"""Latin words that Chinese readers know by no other name: products, commands, keys."""
FOR_ADMINS = ("audit.", "health.", "doctor.", "stop.", "setup.")
"""Texts that quote settings, files and the English consoles of the platforms."""


def catalogue(locale: str) -> dict[str, Message]:
    """All messages of a language by key; raises ValueError for a key given twice."""
    found: dict[str, Message] = {}
    for path in sorted((TEXTS / locale).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                key = message.id if isinstance(message.id, str) else message.id[0]
                if key in found:
                    raise ValueError(f"{path.name}: {key} stands twice")
                if key:
                    found[key] = message
    return found


def forms(message: Message) -> tuple[str, ...]:
    """The translated text with all its plural forms."""
    text = message.string or ""
    return (text,) if isinstance(text, str) else tuple(text)


def placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def keys_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Literal keys anywhere in the code, and patterns for keys put together at run time."""
    literal: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in (*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if KEY.fullmatch(node.value):
                    literal.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                patterns.extend(_pattern(node))
    for page in ROOT.glob("bot/platforms/web/static/**/*.[hj]*"):
        # The page's own texts are asked for without their common prefix.
        patterns.extend(
            re.compile(re.sub(r"\$\{[^}]+\}", ANYTHING, f"web.{key}"))
            for key in IN_PAGES.findall(page.read_text(encoding="utf-8"))
        )
    return literal, patterns


def _pattern(node: ast.JoinedStr) -> Iterator[re.Pattern[str]]:
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ANYTHING
        for part in node.values
    ]
    written = "".join(part for part in parts if part != ANYTHING)
    if re.fullmatch(r"(?:[a-z_]|\\\.)*[a-z](?:[a-z_]|\\\.)*", written):
        yield re.compile("".join(parts))


def asked_for() -> dict[str, str]:
    """Keys that code passes to ``text(…)`` as a literal, with the place."""
    asked: dict[str, str] = {}
    for path in (*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            first = node.args[0]
            literal = str(first.value) if isinstance(first, ast.Constant) else ""
            if name == "text" and KEY.fullmatch(literal):
                asked[literal] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return asked


def of_the_rules() -> set[str]:
    """Keys that follow from the rules' own types: enumerations, errors, field problems."""
    enums = (
        *(Stage, Grade, Authority, Clarity, Timeframe, Method, Role, SignalKind, Measure, Urgent),
        *(BulkKind, ErasedKind, ErasureReason),
        ForecastCategory,
        *(ItemKind, ItemState, ReminderOutcome, ObjectionState, ProposalState, Edition),
    )
    keys = {f"{enum.__name__.lower()}.{member.value}" for enum in enums for member in enum}
    keys |= {f"error.{error.key}" for error in _errors(GenjinError)}
    for path in (*ROOT.glob("handlers/**/*.py"), *ROOT.glob("sales/**/*.py")):
        problem_keys = re.findall(r'Problem\("([a-z_]+)"', path.read_text(encoding="utf-8"))
        keys |= {f"problem.{key}" for key in problem_keys}
    return (keys | of_the_playbook()) - {"error.invalid_input"}


def _errors(kind: type[GenjinError]) -> Iterator[type[GenjinError]]:
    for error in kind.__subclasses__():
        yield error
        yield from _errors(error)


def of_the_playbook() -> set[str]:
    """A label for every field of every record of the playbook, words for every choice."""
    keys: set[str] = set()
    for model in dict.fromkeys(models()):
        for slot in slots(model):
            keys.add(label_key(model, slot.name))
            kinds = [slot.type, *get_args(slot.type)]
            keys |= {_words_of(choice) for kind in kinds for choice in _choices(kind)}
    return keys


def _choices(kind: Any) -> Iterable[Any]:
    if get_origin(kind) is Literal:
        return get_args(kind)
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else ()


def _words_of(choice: Any) -> str:
    """As ``member_label`` asks for them."""
    match choice:
        case TaskKind():
            return f"task.kind_{choice}"
        case StrEnum():
            return f"{type(choice).__name__.lower()}.{choice}"
        case _:
            return f"rules.value.{choice}"


def problems() -> Iterator[str]:
    """Everything that is wrong, a line each."""
    english, chinese = catalogue("en"), catalogue("zh_CN")
    for key in sorted(of_the_rules() - english.keys()):
        yield f"{key}: no text"
    for key in sorted(english.keys() ^ chinese.keys()):
        yield f"{key}: only in one language"
    for key, place in asked_for().items():
        if key not in english:
            yield f"{place}: no text for {key}"
    literal, patterns = keys_in_code()
    literal |= of_the_rules()
    for key in sorted(english.keys() & chinese.keys()):
        yield from _message_problems(key, english[key], chinese[key])
        if key not in literal and not any(pattern.fullmatch(key) for pattern in patterns):
            yield f"{key}: nothing asks for it"


def _message_problems(key: str, english: Message, chinese: Message) -> Iterator[str]:
    ours = {name for text in forms(english) for name in placeholders(text)}
    theirs = {name for text in forms(chinese) for name in placeholders(text)}
    if ours != theirs:
        yield f"{key}: placeholders differ: {sorted(ours ^ theirs)}"
    for text in (*forms(english), *forms(chinese)):
        if not text.strip():
            yield f"{key}: empty"
    for text in forms(chinese) if not key.startswith(FOR_ADMINS) else ():
        bare = re.sub(r"\{[^}]*\}|\S+@\S+|https?://\S+", "", text)
        for word in LATIN.findall(bare):
            if word not in ALLOWED_LATIN:
                yield f"{key}: “{word}” in Chinese text"


def main() -> int:
    found = list(problems())
    for line in found:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"{len(catalogue('en'))} texts in two languages, {len(found)} problems\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
