"""Settings from the environment and ``.env``: read once, with all errors reported together.

Values are checked here and nowhere else. Secrets are masked wherever a setting is printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.addresses import is_loopback, parse_networks
from bot.platforms.mail.config import parse_smtp_url
from bot.public_web.logo import read_logo
from bot.system_locale import (
    system_currency,
    system_language,
    system_timezone,
    timezone_country,
)
from sales.contacts import parse_email
from sales.countries import Countries, country_of_currency
from storage.backups.buckets import SCHEME, parse_bucket
from storage.database.keyring import parse_keyring

EXAMPLES: Mapping[str, str] = {
    "DATABASE_URL": "postgresql://genjin:password@db.internal/genjin",
    "GENJIN_DATA_DIR": "/var/lib/genjin",
    "GENJIN_LOCALE": "zh-CN",
    "GENJIN_TIMEZONE": "Asia/Shanghai",
    "GENJIN_CURRENCY": "CNY",
    "GENJIN_COUNTRY": "CN, or with teams elsewhere: CN, Team Berlin=DE",
    "GENJIN_SECRET_KEYS": "2026-11:" + "A" * 43 + "=",
    "GENJIN_BACKUP_TO": "/mnt/backups/genjin, s3://my-bucket/genjin, or off",
    "AWS_ACCESS_KEY_ID": "AKIA…, or LTAI… at Aliyun",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI…",
    "AWS_SESSION_TOKEN": "beside temporary keys",
    "AWS_REGION": "cn-hangzhou",
    "AWS_ENDPOINT_URL": "https://s3.oss-cn-hangzhou.aliyuncs.com",
    "GENJIN_WEB_CHAT": "auto, on or off",
    "GENJIN_WEB_TOKEN": "32 random characters or more, from: openssl rand -hex 32",
    "GENJIN_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
    "SLACK_BOT_TOKEN": "xoxb-…, from OAuth & Permissions",
    "SLACK_APP_TOKEN": "xapp-…, from Basic Information → App-Level Tokens",
    "SLACK_SIGNING_SECRET": "32 hex digits, from Basic Information",
    "SLACK_API_URL": "https://slack.com/api/",
    "DINGTALK_CLIENT_ID": "ding…, from Credentials",
    "DINGTALK_CLIENT_SECRET": "from Credentials, beside the client id",
    "DINGTALK_ROBOT_CODE": "ding…, from the robot's page",
    "DINGTALK_CARD_TEMPLATE_ID": "280f6d7a-….schema",
    "DINGTALK_LEAD_CARD_TEMPLATE_ID": "….schema",
    "DINGTALK_AGENT_ID": "the AgentId, a number",
    "DINGTALK_TODOS": "auto or off",
    "DINGTALK_CALENDAR": "auto or off",
    "DINGTALK_API_URL": "https://api.dingtalk.com",
    "DINGTALK_OAPI_URL": "https://oapi.dingtalk.com",
    "WEB_HOST": "127.0.0.1",
    "WEB_PORT": "8700",
    "PUBLIC_URL": "https://genjin.example.com",
    "GENJIN_LOGO": "/etc/genjin/logo.png, a PNG, JPEG or WebP of at most 512 kB",
    "INTAKE_SECRET": "32 random characters or more, from: openssl rand -hex 32",
    "HOOKS_SECRET": "32 random characters or more, from: openssl rand -hex 32",
    "ESIGN_APP_ID": "7430000000, of the application at the e-signature service",
    "ESIGN_APP_SECRET": "beside the application's id",
    "SMTP_URL": "smtps://user:password@mail.example.com:465",
    "SMTP_FROM": "Genjin <genjin@example.com>",
    "CHAT_URL": "https://app.slack.com/client/T0123",
}


SHORTEST_SECRET = 32


def _listed(secrets: SecretStr) -> tuple[str, ...]:
    return tuple(filter(None, (secret.strip() for secret in secrets.get_secret_value().split(","))))


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is not a known timezone") from error
    return name


def _web_address(url: str) -> str:
    if url and not url.startswith(("https://", "http://")):
        raise ValueError("must start with https:// or http://")
    return url


def _networks(text: str) -> str:
    try:
        return ",".join(parse_networks(text))
    except ValueError as error:
        raise ValueError("must be addresses or networks, separated by commas") from error


def _digits(text: str) -> str:
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError("must be a number, from the app's page of credentials")
    return text


def _countries(text: str) -> str:
    Countries.parse(text)
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """One deployment's settings; attribute names are the variables' in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr = SecretStr("")
    genjin_data_dir: Path = Path("genjin-data")
    genjin_locale: Literal["", "en", "zh-CN"] = ""
    genjin_timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Shanghai"
    genjin_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    genjin_country: Annotated[str, AfterValidator(_countries)] = ""
    genjin_secret_keys: SecretStr = SecretStr("")
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")
    aws_region: str = ""
    aws_endpoint_url: WebAddress = ""
    genjin_backup_to: str = ""
    genjin_web_chat: Literal["auto", "on", "off"] = "auto"
    genjin_web_token: SecretStr = SecretStr("")
    genjin_trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_api_url: WebAddress = "https://slack.com/api/"

    dingtalk_client_id: str = ""
    dingtalk_client_secret: SecretStr = SecretStr("")
    dingtalk_robot_code: str = ""
    dingtalk_card_template_id: str = ""
    dingtalk_lead_card_template_id: str = ""
    dingtalk_agent_id: Annotated[str, AfterValidator(_digits)] = ""
    dingtalk_todos: Literal["auto", "off"] = "auto"
    dingtalk_calendar: Literal["auto", "off"] = "auto"
    dingtalk_api_url: WebAddress = "https://api.dingtalk.com"
    dingtalk_oapi_url: WebAddress = "https://oapi.dingtalk.com"

    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8700
    public_url: WebAddress = ""
    genjin_logo: str = ""
    intake_secret: SecretStr = SecretStr("")
    hooks_secret: SecretStr = SecretStr("")
    esign_app_id: str = ""
    esign_app_secret: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_url: SecretStr = SecretStr("")
    chat_url: WebAddress = ""

    @field_validator("genjin_web_token")
    @classmethod
    def _a_long_token(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"is too short: at least {SHORTEST_SECRET} characters")
        return token

    @field_validator("intake_secret", "hooks_secret")
    @classmethod
    def _long_secrets(cls, secret: SecretStr) -> SecretStr:
        if any(len(listed) < SHORTEST_SECRET for listed in _listed(secret)):
            raise ValueError(f"is too short: at least {SHORTEST_SECRET} characters")
        return secret

    @field_validator("slack_bot_token")
    @classmethod
    def _a_bot_token(cls, token: SecretStr) -> SecretStr:
        return _starts_with(token, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _an_app_token(cls, token: SecretStr) -> SecretStr:
        return _starts_with(token, "xapp-")

    @field_validator("slack_signing_secret")
    @classmethod
    def _some_way_in(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        """With a bot token, Slack needs a way to reach us: Socket Mode or signed HTTP."""
        ways_in = (secret.get_secret_value(), _given(info, "slack_app_token"))
        if _given(info, "slack_bot_token") and not any(ways_in):
            raise ValueError("is missing: SLACK_BOT_TOKEN needs it, or SLACK_APP_TOKEN")
        return secret

    @field_validator("dingtalk_client_secret")
    @classmethod
    def _secret_of_client(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        if _given(info, "dingtalk_client_id") and not secret.get_secret_value():
            raise ValueError("is missing: DINGTALK_CLIENT_ID needs it beside it")
        return secret

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, url: SecretStr) -> SecretStr:
        prefixes = ("", "sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")
        text = url.get_secret_value()
        if text and not text.startswith(prefixes[1:]):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return url

    @field_validator("genjin_secret_keys")
    @classmethod
    def _keys_for_a_server(cls, keys: SecretStr, info: ValidationInfo) -> SecretStr:
        """Replicas on one PostgreSQL need the same keys, so none are generated there."""
        url = info.data.get("database_url", SecretStr("")).get_secret_value()
        text = keys.get_secret_value()
        if url.startswith("postgres") and not text:
            raise ValueError("is missing: with PostgreSQL every replica needs the same keys")
        if text:
            parse_keyring(text)
        return keys

    @field_validator("genjin_logo")
    @classmethod
    def _a_picture(cls, path: str) -> str:
        if path:
            read_logo(Path(path))
        return path

    @field_validator("smtp_from")
    @classmethod
    def _an_address(cls, sender: str) -> str:
        if sender:
            parse_email(parseaddr(sender)[1])
        return sender

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        if url.get_secret_value():
            parse_smtp_url(url.get_secret_value())
            if not _given(info, "smtp_from"):
                raise ValueError("needs SMTP_FROM beside it, the address that mails come from")
        return url

    @field_validator("genjin_backup_to")
    @classmethod
    def _places_we_know(cls, places: str, info: ValidationInfo) -> str:
        names = ("aws_access_key_id", "aws_secret_access_key")
        if SCHEME in places and len({bool(_given(info, name)) for name in names}) == 2:
            raise ValueError("needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither")
        for place in filter(None, (part.strip() for part in places.split(","))):
            if place.startswith(SCHEME):
                try:
                    parse_bucket(place)
                except ValueError:
                    raise ValueError("names no bucket: s3://bucket or s3://bucket/folder") from None
            elif place != "off" and "://" in place:
                raise ValueError("must be directories or s3://bucket, separated by commas, or off")
        return places

    @property
    def backup_places(self) -> tuple[str, ...]:
        """The directories and buckets that backups go to; empty if there are to be none.

        By default one beside an SQLite database. The sample company's are kept apart.
        """
        if self.is_demo:
            return (str(self.genjin_data_dir / "demo-backups"),)
        places = [part.strip() for part in self.genjin_backup_to.split(",") if part.strip()]
        if not places and not self.uses_postgresql:
            places = [str(self.genjin_data_dir / "backups")]
        return () if "off" in places else tuple(dict.fromkeys(places))

    @property
    def uses_postgresql(self) -> bool:
        return self.database_url.get_secret_value().startswith("postgres")

    @property
    def has_mail(self) -> bool:
        return bool(self.smtp_url.get_secret_value())

    @property
    def calendars(self) -> frozenset[str]:
        """The platforms that put next steps into people's own calendars."""
        keeps = self.has_dingtalk and self.dingtalk_calendar == "auto"
        return frozenset({"dingtalk"} if keeps else ())

    @property
    def intake_secrets(self) -> tuple[str, ...]:
        """The secrets that sign intake calls; two while one replaces the other."""
        return _listed(self.intake_secret)

    @property
    def hooks_secrets(self) -> tuple[str, ...]:
        """The secrets that sign calls about customers; the intake secrets if there are none."""
        return _listed(self.hooks_secret) or self.intake_secrets

    @property
    def has_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def has_dingtalk(self) -> bool:
        return bool(self.dingtalk_client_id)

    @property
    def has_chat(self) -> bool:
        """Whether real people write here; the local web chat alone is its owner's."""
        return self.has_slack or self.has_dingtalk

    @property
    def robot_code(self) -> str:
        """The robot's code: DingTalk uses the client id of its app unless the robot is an older
        one."""
        return self.dingtalk_robot_code or self.dingtalk_client_id

    @property
    def has_web_chat(self) -> bool:
        """Whether the local chat is on: by default only when no real platform is configured."""
        if self.genjin_web_chat == "auto":
            return not (self.has_slack or self.has_dingtalk)
        return self.genjin_web_chat == "on"

    @property
    def needs_web_token(self) -> bool:
        """Whether the web chat can be reached from elsewhere, by its address or through a proxy.

        Then nobody is let in without the token, not even at this machine.
        """
        token = self.genjin_web_token.get_secret_value()
        outside = self.public_url or self.genjin_trusted_proxies or not is_loopback(self.web_host)
        return self.has_web_chat and bool(token or outside)

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Networks allowed to name the client's address."""
        return parse_networks(self.genjin_trusted_proxies)

    @property
    def is_demo(self) -> bool:
        """Whether nothing real is configured: a sample company, in a database of its own."""
        return self.has_web_chat and self.genjin_web_chat == "auto"

    @property
    def site(self) -> str:
        """The address at which others reach our pages; for the sample company, this machine."""
        return self.public_url or (f"http://127.0.0.1:{self.web_port}" if self.is_demo else "")

    @property
    def default_locale(self) -> str:
        """The language of everything that belongs to nobody.

        GENJIN_LOCALE, else Chinese if DingTalk is the only platform, else English until the
        workspace's is known (``learns_locale``).
        """
        if self.genjin_locale:
            return self.genjin_locale
        return "zh-CN" if self.has_dingtalk and not self.has_slack else "en"

    @property
    def learns_locale(self) -> bool:
        """Whether the admin's language stands for the workspace's, which Slack does not tell."""
        return self.has_slack and not self.genjin_locale

    @property
    def countries(self) -> Countries:
        """Where phone numbers without a country code are from.

        GENJIN_COUNTRY, else the country of the timezone or of the currency that was set, else that
        of the default timezone.
        """
        zone = timezone_country(self.genjin_timezone)
        currency = country_of_currency(self.genjin_currency)
        if "genjin_timezone" in self.model_fields_set:
            home = zone or currency
        else:
            home = currency if "genjin_currency" in self.model_fields_set else zone
        return Countries.parse(self.genjin_country, home or zone or "CN")

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.genjin_timezone)


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A setting that is wrong, and what a correct one looks like."""

    name: str
    problem: str
    example: str


class SettingsError(Exception):
    """Some settings are missing or malformed; ``problems`` names them all."""

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.name} {p.problem}" for p in problems))
        self.problems = problems


def read_settings() -> Settings:
    """Read the settings from the environment and ``.env``; raises SettingsError."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(tuple(_problem(dict(e)) for e in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read: {error}"
        raise SettingsError((SettingProblem(".env", problem, "a text file in UTF-8"),)) from None
    return _with_local_defaults(settings) if settings.is_demo else settings


def settings_with(values: Mapping[str, str], environment: Mapping[str, str]) -> Settings:
    """The settings as a process would read them if ``.env`` held these values.

    As there, the environment counts more. Raises SettingsError.
    """
    outside = {name.upper() for name in environment}
    given = {name.lower(): v for name, v in values.items() if name.upper() not in outside}
    known = {name: value for name, value in given.items() if name in Settings.model_fields}
    try:
        return Settings(_env_file=None, **known)  # type: ignore[call-arg,arg-type]
    except ValidationError as error:
        raise SettingsError(tuple(_problem(dict(e)) for e in error.errors())) from None


def _with_local_defaults(settings: Settings) -> Settings:
    """Give the sample company the local language, timezone and currency where no setting says
    otherwise."""
    chosen = "genjin_locale" in settings.model_fields_set and settings.genjin_locale
    language = chosen or system_language()
    zone = "Asia/Shanghai" if language == "zh-CN" else "UTC"
    currency = "CNY" if language == "zh-CN" else system_currency()
    home = {
        "genjin_locale": language,
        "genjin_timezone": system_timezone(zone),
        "genjin_currency": currency,
    }
    given = settings.model_fields_set - {"genjin_locale"}
    return settings.model_copy(update={k: v for k, v in home.items() if k not in given})


def _problem(error: Mapping[str, object]) -> SettingProblem:
    location = error["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else "settings"
    message = str(error["msg"]).removeprefix("Value error, ")
    return SettingProblem(name, message, EXAMPLES.get(name, ""))


def _given(info: ValidationInfo, name: str) -> bool:
    value = info.data.get(name, "")
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _starts_with(token: SecretStr, prefix: str) -> SecretStr:
    text = token.get_secret_value()
    if text and not text.startswith(prefix):
        raise ValueError(f"must start with {prefix}")
    return token
