"""What was typed in a dialogue that did not end: kept beside ``.env``, so that nothing is lost."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.setup.answers import BadAnswers, check_answers
from bot.setup.env_file import EnvFileUnreadable, replace_privately


@dataclass(slots=True)
class Draft:
    """Answers so far, as a file of answers would hold them, and the question that is next."""

    answers: dict[str, Any] = field(default_factory=dict)
    platform: str = ""
    next: str = ""

    def given(self, name: str) -> str:
        """What was answered; "" for nothing."""
        return str(self.answers.get(name, ""))

    def keep(self, name: str, value: str) -> None:
        """Put an answer in the place of the one before; "" takes it out."""
        if value:
            self.answers[name] = value
        else:
            self.answers.pop(name, None)


class DraftFile:
    """The file; it holds tokens, and is as private as ``.env``."""

    def __init__(self, env: Path) -> None:
        self.path = env.with_name(f"{env.name}.setup")

    def read(self) -> Draft | None:
        """The draft; None if there is none, or none that can be used."""
        try:
            read = yaml.safe_load(self.path.read_text(encoding="utf-8"))
            draft = Draft(dict(read["answers"]), str(read["platform"]), str(read["next"]))
            check_answers(draft.answers)
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            return None
        except (BadAnswers, KeyError, TypeError, ValueError):
            return None
        return draft

    def save(self, draft: Draft) -> None:
        """Raises EnvFileUnreadable where nothing can be written."""
        kept: Mapping[str, object] = {
            "next": draft.next, "platform": draft.platform, "answers": draft.answers,
        }  # fmt: skip
        try:
            replace_privately(self.path, yaml.safe_dump(kept, allow_unicode=True))
        except OSError as error:
            raise EnvFileUnreadable(f"{self.path}: {error.strerror}") from error

    def forget(self) -> None:
        """Nothing is left to go on with."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
