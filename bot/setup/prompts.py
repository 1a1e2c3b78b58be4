"""One question at a terminal: its title, an example, what Enter keeps, and the way back."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from handlers.core.language import Language

_BACK: Final = frozenset({"back", "<", "返回", "上一步", "后退"})
NOTHING: Final = frozenset({"-", "none", "skip", "无", "没有", "跳过"})
"""What is typed to leave an answer out although Enter would give one."""


class Back(Exception):
    """The person wants to change an answer that they gave before."""


class NotUnderstood(ValueError):
    """What was typed cannot be meant: ``setup.<key>`` says why."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key, self.params = key, params


def file_typed(typed: str) -> Path:
    """The file that was typed, or dragged into the terminal. Raises NotUnderstood."""
    plain = typed.strip()
    if plain[:1] in "'\"" and plain[:1] == plain[-1:]:
        plain = plain[1:-1]
    path = Path(plain).expanduser()
    if not path.is_file():
        path = Path(plain.replace("\\ ", " ")).expanduser()
    if not path.is_file():
        raise NotUnderstood("wrong_file", file=typed)
    return path


def edit_lines() -> None:
    """Let the arrow keys move in a line, and Backspace take away whole characters."""
    with suppress(ImportError):
        import readline  # noqa: F401 - its import changes how lines are read


@dataclass(slots=True)
class Prompts:
    """Asks in a language, which an answer may change."""

    language: Language

    def say(self, key: str, **params: object) -> None:
        typer.echo(self.language.text(key, **params))

    def line(self, text: str) -> None:
        typer.echo(text)

    def ask(self, name: str, default: str = "", **params: object) -> str:
        """The line typed for ``setup.ask_<name>``; Enter gives ``default``, shown before it.

        Raises Back.
        """
        self._head(name, **params)
        shown = f"  [{default}]" if default else " "
        return _typed(typer.prompt(shown, default, show_default=False, prompt_suffix=" > "))

    def secret(self, name: str, known: str = "") -> str:
        """The same without showing what is typed; Enter keeps what is ``known``. Raises Back."""
        self._head(name)
        shown = f"  [{self.language.text('setup.kept')}]" if known else " "
        return _typed(
            typer.prompt(shown, known, show_default=False, prompt_suffix=" > ", hide_input=True)
        )

    def choose(
        self, name: str, choices: Sequence[tuple[str, str, Sequence[str]]], default: str
    ) -> str:
        """One of the choices, each a value, its label, and other words for it; by number, too."""
        words = {
            word.casefold(): value
            for number, (value, label, others) in enumerate(choices, 1)
            for word in (str(number), value, label, *others)
        }
        labels = {value: label for value, label, _ in choices}
        self._head(name)
        for number, (_, label, _) in enumerate(choices, 1):
            self.line(f"  {number}  {label}")
        while True:
            shown = f"  [{labels[default]}]"
            typed = _typed(typer.prompt(shown, default, show_default=False, prompt_suffix=" > "))
            if value := words.get(typed.casefold(), ""):
                return value
            self.say("setup.wrong_number_typed", typed=typed[:40], n=len(choices))

    def until(
        self, read: Callable[[str], str], name: str, default: str = "", **params: object
    ) -> str:
        """Ask until ``read`` understands it, and return what it made of it; "" for nothing.

        ``read`` raises NotUnderstood. Raises Back.
        """
        offered = default
        while True:
            typed = self.ask(name, offered, **params)
            if not typed or typed.casefold() in NOTHING:
                return ""
            try:
                understood = read(typed)
            except NotUnderstood as error:
                self.refuse(error)
                offered = default
                continue
            if understood != typed:
                self.line(f"  → {understood}")
            return understood

    def refuse(self, error: NotUnderstood) -> None:
        """Say beside the question what cannot be, and what can."""
        typer.echo("  ✗ " + self.language.text(f"setup.{error.key}", **error.params))

    def _head(self, name: str, **params: object) -> None:
        typer.echo("")
        typer.echo(self.language.text(f"setup.ask_{name}", **params))
        for line in self.language.text(f"setup.hint_{name}", **params).splitlines():
            typer.echo(f"  {line}")


def _typed(answer: str) -> str:
    line = answer.strip()
    if line.casefold() in _BACK:
        raise Back
    return line
