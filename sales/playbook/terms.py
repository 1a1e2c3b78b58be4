"""Words of the company, and what every part of the playbook shares."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from sales.intake import in_language


class Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class NameOf:
    """Marks a text that names a team, a person, or a term of a list of the vocabulary."""

    what: Literal["sources", "industries", "regions", "products", "lost_reasons", "team", "person"]


class GivenKey:
    """Marks a key that nobody types: who makes the record in chat gets a free one."""


class WorkTime:
    """Marks minutes of working time, which people say and type in hours."""


class AskedAlong:
    """Marks a record inside another whose values are asked for in the same form."""


def misfit(kind: str, message: str) -> PydanticCustomError:
    """Refuse values that do not fit together; ``problem.rules_<kind>`` says so in chat."""
    return PydanticCustomError(f"rules_{kind}", message)


class Term(Rules):
    """A word of the company's own vocabulary: a stable key and how it reads."""

    key: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,30}$")]
    en: str
    zh: str

    def label(self, locale: str) -> str:
        return in_language(self.en, self.zh, locale)


def terms(*rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(key=key, en=en, zh=zh) for key, en, zh in rows)
