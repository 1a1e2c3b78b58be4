"""Words of the company, and what every part of the playbook shares."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(Rules):
    """A word of the company's own vocabulary: a stable key and how it reads."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")]
    en: str
    zh: str

    def label(self, locale: str) -> str:
        return self.zh if locale == "zh_CN" else self.en


def terms(*rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(key=key, en=en, zh=zh) for key, en, zh in rows)
