"""What ``genjin setup`` can be told, and the settings that follow from it.

Each field is checked here, so that a file and a person are refused for the same reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from bot.setup.regions import country_code, currency_code, zone_named
from handlers.people.forms import LONGEST_TEAM
from sales.countries import Countries
from sales.people import Role
from sales.working_hours import NotHours, parse_hours

MOST_TEAMS: Final = 200
_SEPARATORS: Final = str.maketrans(dict.fromkeys("，、;；\n", ","))


def _timezone(typed: str) -> str:
    zone = zone_named(typed)
    if not zone:
        raise misunderstood("wrong_timezone", typed)
    return zone


def _countries(typed: str) -> str:
    """``CN``, ``Portugal``, or with teams elsewhere ``CN, Team York=GB``."""
    parts = []
    for part in filter(None, (part.strip() for part in typed.replace("，", ",").split(","))):
        team, _, country = part.rpartition("=")
        code = country_code(country)
        if not code:
            raise misunderstood("wrong_country", country)
        parts.append(f"{team.strip()}={code}" if team else code)
    text = ", ".join(parts)
    try:
        Countries.parse(text)
    except ValueError as error:
        raise misunderstood("wrong_country", typed) from error
    return text


def _currency(typed: str) -> str:
    code = currency_code(typed)
    if not code:
        raise misunderstood("wrong_currency", typed)
    return code


def _hours(typed: str) -> str:
    try:
        parse_hours(typed)
    except NotHours as error:
        raise misunderstood("wrong_hours", typed) from error
    return typed


def _team(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_TEAM:
        raise misunderstood("wrong_team", name)
    return name


def misunderstood(key: str, typed: str = "") -> PydanticCustomError:
    """What was typed cannot be meant; ``setup.<key>`` says why, with an example."""
    return PydanticCustomError(key, "{typed}", {"typed": typed[:60]})


def _listed(value: Any) -> Any:
    """Names that a person typed in one line, separated by commas of any kind."""
    if isinstance(value, str):
        parts = value.translate(_SEPARATORS).split(",")
        return tuple(filter(None, (part.strip() for part in parts)))
    return value


class Answer(BaseModel):
    """A group of answers; a name that is not known is a mistake and not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SlackAnswer(Answer):
    """The tokens of a Slack app; what is left out stays as ``.env`` has it."""

    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    api_url: str = ""


class DingTalkAnswer(Answer):
    """The credentials of a DingTalk app; what is left out stays as ``.env`` has it."""

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    robot_code: str = ""
    card_template_id: str = ""
    lead_card_template_id: str = ""
    agent_id: str = ""
    api_url: str = ""
    oapi_url: str = ""


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class PeopleSource(Answer):
    """Where colleagues are read: exactly one of a ``file`` (CSV or XLSX), a user group of Slack's
    and a department of DingTalk's.

    ``team`` and ``role`` are for people of whom the source names none. ``managers`` and ``admins``
    are among them, by name, e-mail or phone. Of a file, ``only_teams`` are taken; empty: all.
    """

    file: Path | None = None
    slack_group: str = ""
    dingtalk_department: str = ""
    team: str = ""
    role: Role = Role.REP
    managers: Names = ()
    admins: Names = ()
    only_teams: Names = ()

    @property
    def named(self) -> str:
        """How people refer to it."""
        return self.file.name if self.file else self.slack_group or self.dingtalk_department

    @model_validator(mode="after")
    def _one_source(self) -> "PeopleSource":
        if sum(map(bool, (self.file, self.slack_group, self.dingtalk_department))) != 1:
            raise misunderstood("wrong_source")
        if self.role is Role.ADMIN:
            raise misunderstood("wrong_admins")
        return self


class Answers(Answer):
    """All answers; nothing has to be given, and what is not stays as it is.

    ``hours`` are the company's, as ``sales.working_hours`` reads them. ``admin`` is the first
    admin: in Slack an e-mail or a member id, in DingTalk a user id or phone. ``channel`` is the
    managers' channel in Slack, by name or id. ``leads`` is a file of leads, previewed in chat.
    """

    language: Literal["", "en", "zh-CN"] = ""
    country: Annotated[str, AfterValidator(lambda text: _countries(text) if text else "")] = ""
    timezone: Annotated[str, AfterValidator(lambda name: _timezone(name) if name else "")] = ""
    currency: Annotated[str, AfterValidator(lambda code: _currency(code) if code else "")] = ""
    database_url: SecretStr = SecretStr("")
    data_dir: str = ""
    public_url: str = ""
    hours: Annotated[str, AfterValidator(lambda text: _hours(text) if text else "")] = ""
    teams: Annotated[
        tuple[Annotated[str, AfterValidator(_team)], ...],
        BeforeValidator(_listed),
        Field(max_length=MOST_TEAMS),
    ] = ()
    slack: SlackAnswer = SlackAnswer()
    dingtalk: DingTalkAnswer = DingTalkAnswer()
    admin: str = ""
    channel: str = ""
    people: tuple[PeopleSource, ...] = ()
    leads: Path | None = None

    def settings(self) -> dict[str, str]:
        """The settings that were answered, by the name of their variable."""
        given = {
            "GENJIN_LOCALE": self.language,
            "GENJIN_COUNTRY": self.country,
            "GENJIN_TIMEZONE": self.timezone,
            "GENJIN_CURRENCY": self.currency,
            "DATABASE_URL": self.database_url.get_secret_value(),
            "GENJIN_DATA_DIR": self.data_dir,
            "PUBLIC_URL": self.public_url,
            **_named("SLACK", self.slack),
            **_named("DINGTALK", self.dingtalk),
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class AnswerMistake:
    """``where`` is the name of the answer; ``key`` with ``params`` is a text of the catalogue."""

    where: str
    key: str
    params: Mapping[str, object] = field(default_factory=dict)


class BadAnswers(ValueError):
    """A file holds no answers; ``mistakes`` quote no secret."""

    def __init__(self, mistakes: tuple[AnswerMistake, ...]) -> None:
        super().__init__("; ".join(f"{one.where}: {one.key}" for one in mistakes))
        self.mistakes = mistakes


def read_answers(path: Path) -> Answers:
    """Read a YAML file of answers; paths in it are relative to it. Raises BadAnswers."""
    try:
        # Every answer is text: Norway's code is not false, and a phone keeps its plus and zeros.
        text = path.read_text(encoding="utf-8-sig")
        document = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "UTF-8"
        raise BadAnswers(
            (AnswerMistake("", "setup.file_missing", {"file": str(path), "reason": reason}),)
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise BadAnswers((AnswerMistake(where, "setup.wrong_yaml"),)) from error
    answers = check_answers(_given(document) or {})
    return _beside(answers, path.parent)


def _given(document: object) -> object:
    """A document without the names that stand there with no answer."""
    match document:
        case dict():
            return {name: _given(value) for name, value in document.items() if value != ""}
        case list():
            return [_given(value) for value in document]
    return document


def check_answers(document: object) -> Answers:
    """Check answers as they were read or typed. Raises BadAnswers."""
    try:
        return Answers.model_validate(document)
    except ValidationError as error:
        raise BadAnswers(tuple(map(_mistake, error.errors(include_input=False)))) from None


def _mistake(error: Mapping[str, Any]) -> AnswerMistake:
    where = ".".join(str(part) for part in error["loc"])
    kind, context = str(error["type"]), error.get("ctx") or {}
    match kind:
        case "extra_forbidden":
            return AnswerMistake(where, "setup.wrong_name")
        case "literal_error" | "enum":
            expected = str(context.get("expected", "")).replace("'', ", "").replace("'", "")
            return AnswerMistake(where, "setup.wrong_choice", {"choices": expected})
        case "too_long":
            return AnswerMistake(where, "setup.wrong_number", {"n": context.get("max_length", 0)})
    if kind.startswith("wrong_"):
        return AnswerMistake(where, f"setup.{kind}", {"typed": context.get("typed", "")})
    return AnswerMistake(where, "setup.wrong_kind")


def _beside(answers: Answers, folder: Path) -> Answers:
    people = tuple(
        source.model_copy(update={"file": folder / source.file}) if source.file else source
        for source in answers.people
    )
    leads = folder / answers.leads if answers.leads else None
    return answers.model_copy(update={"people": people, "leads": leads})


def _named(prefix: str, group: Answer) -> dict[str, str]:
    return {
        f"{prefix}_{name}".upper(): v.get_secret_value() if isinstance(v, SecretStr) else str(v)
        for name, v in group
    }
