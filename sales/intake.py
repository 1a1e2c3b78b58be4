"""Leads from outside: which public forms are open, and whose the leads are [P3].

The rules are a part of the playbook. Knows neither HTTP nor how anything is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sales.people import Person, Role, Team

FormField = Literal[
    "customer",
    "contact",
    "title",
    "phone",
    "email",
    "wechat",
    "industry",
    "region",
    "product",
    "need",
    "budget",
    "timeframe",
]
"""What a form may ask a visitor; their authority to decide is for the rep to find out."""
FORM_FIELDS: tuple[FormField, ...] = get_args(FormField)
Origin = Annotated[
    str, Field(pattern=r"^https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$")
]
"""A site as a browser names it: ``https://www.example.com``, also ``https://*.example.com``."""


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def in_language(en: str, zh: str, locale: str) -> str:
    """Choose between a text in both languages by the reader's locale."""
    return zh if locale == "zh_CN" else en


class LocalText(_Rules):
    """A text in both languages; an empty one leaves the shipped words."""

    en: Annotated[str, Field(max_length=600)] = ""
    zh: Annotated[str, Field(max_length=600)] = ""

    def of(self, locale: str) -> str:
        return in_language(self.en, self.zh, locale)


class PublicForm(_Rules):
    """One public form.

    ``embed_on`` names the sites that may show it in a frame, besides our own; ``team`` is whose
    reps share what no routing rule matches ("" as ``intake.team``); ``privacy_url`` is linked
    behind the line of consent.
    """

    title: LocalText = LocalText()
    intro: LocalText = LocalText()
    consent: LocalText = LocalText()
    fields: tuple[FormField, ...] = ("customer", "contact", "phone", "email", "product", "need")
    embed_on: tuple[Origin, ...] = ()
    team: str = ""
    privacy_url: Annotated[str, Field(pattern=r"^(https://[^\s\"'<>]+)?$", max_length=300)] = ""

    @field_validator("fields")
    @classmethod
    def _a_way_to_answer(cls, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        if "customer" not in fields or not {"phone", "email"} & set(fields):
            raise ValueError("a form asks for customer, and for phone or email")
        if len(set(fields)) != len(fields):
            raise ValueError("every field at most once")
        return fields


class Intake(_Rules):
    """Rules for leads from outside.

    ``forms`` opens a public form for each channel key of the vocabulary that it names. ``team`` ""
    means the first team with reps. ``per_minute`` limits signed calls for each source;
    ``form_per_hour`` what one address sends to a form, and a form that comes back sooner than
    ``form_seconds`` was hardly filled by a person.
    """

    forms: dict[str, PublicForm] = {}
    team: str = ""
    per_minute: Annotated[int, Field(ge=1)] = 120
    form_per_hour: Annotated[int, Field(ge=1)] = 30
    form_seconds: Annotated[int, Field(ge=0, le=60)] = 3

    @model_validator(mode="after")
    def _keys_fit_an_address(self) -> "Intake":
        if len(self.forms) > 50:
            raise ValueError("at most 50 forms")
        return self

    def team_of(self, channel: str) -> str:
        """The name of the team that leads from a channel belong to; "" when none is named."""
        form = self.forms.get(channel)
        return (form.team if form else "") or self.team


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """A customer we already have who got in touch again.

    ``said`` holds what they gave, by the lead's field names; it may hold contacts.
    """

    id: int = 0
    lead_id: int
    at: datetime
    source: str
    said: Mapping[str, str]


def home_team(name: str, teams: Sequence[Team], people: Sequence[Person]) -> Team | None:
    """The team that a lead from outside belongs to until a routing rule says otherwise.

    The named one, else the first that has an active rep, else the first; None without any.
    """
    by_age = sorted(teams, key=lambda team: team.id)
    staffed = {person.team_id for person in people if person.active and person.role is Role.REP}
    named = (team for team in by_age if team.name == name)
    with_reps = (team for team in by_age if team.id in staffed)
    return next(named, None) or next(with_reps, None) or next(iter(by_age), None)
