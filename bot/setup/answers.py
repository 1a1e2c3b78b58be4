"""What ``genjin setup`` can be told, and the settings that follow from it.

Each field is checked here, so that a file and a person are refused for the same reasons.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

import yaml
from babel.numbers import list_currencies
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

from handlers.people.forms import LONGEST_TEAM
from sales.countries import Countries
from sales.people import Role
from sales.working_hours import parse_hours

MOST_TEAMS: Final = 200


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError("no such timezone") from error
    return name


def _countries(text: str) -> str:
    Countries.parse(text)
    return text


def _currency(text: str) -> str:
    code = text.strip().upper()
    if code not in list_currencies():
        raise ValueError("no such currency")
    return code


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _team(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_TEAM:
        raise ValueError("a team's name has 1 to 80 characters")
    return name


def _listed(value: Any) -> Any:
    """Names that a person typed in one line, separated by commas of any kind."""
    if isinstance(value, str):
        parts = value.replace("，", ",").replace("、", ",").replace(";", ",").split(",")
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
    api_url: str = ""
    oapi_url: str = ""


class PeopleSource(Answer):
    """Where colleagues are read: exactly one of a ``file`` (CSV or XLSX), a user group of Slack's
    and a department of DingTalk's. ``team`` and ``role`` are for people of whom the source names
    none; only a file, which names each person, may make admins."""

    file: Path | None = None
    slack_group: str = ""
    dingtalk_department: str = ""
    team: str = ""
    role: Role = Role.REP

    @model_validator(mode="after")
    def _one_source(self) -> "PeopleSource":
        if sum(map(bool, (self.file, self.slack_group, self.dingtalk_department))) != 1:
            raise ValueError("give one of file, slack_group and dingtalk_department")
        if self.role is Role.ADMIN:
            raise ValueError("a whole list of admins is refused; name them one by one in the file")
        return self


class Answers(Answer):
    """All answers; nothing has to be given, and what is not stays as it is.

    ``hours`` are the company's, as ``sales.working_hours`` reads them. ``admin`` is the first
    admin: in Slack an e-mail or a member id, in DingTalk a user id or phone. ``channel`` is the
    managers' channel in Slack, by name or id. ``leads`` is a file of leads, previewed in chat.
    """

    language: Literal["", "en", "zh-CN"] = ""
    country: Annotated[str, AfterValidator(_countries)] = ""
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


class BadAnswers(ValueError):
    """A file holds no answers; ``mistakes`` are the places and reasons, never a value: it may be a
    secret."""

    def __init__(self, mistakes: tuple[tuple[str, str], ...]) -> None:
        super().__init__("; ".join(f"{where}: {why}" for where, why in mistakes))
        self.mistakes = mistakes


def read_answers(path: Path) -> Answers:
    """Read a YAML file of answers; paths in it are relative to it. Raises BadAnswers."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadAnswers(((str(path), type(error).__name__),)) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise BadAnswers(((where, getattr(error, "problem", None) or "not YAML"),)) from error
    answers = check_answers(document if document is not None else {})
    return _beside(answers, path.parent)


def check_answers(document: object) -> Answers:
    """Check answers as they were read or typed. Raises BadAnswers."""
    try:
        return Answers.model_validate(document)
    except ValidationError as error:
        raise BadAnswers(tuple(map(_mistake, error.errors(include_input=False)))) from None


def _mistake(error: Mapping[str, Any]) -> tuple[str, str]:
    where = ".".join(str(part) for part in error["loc"])
    return where, str(error["msg"]).removeprefix("Value error, ")


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
