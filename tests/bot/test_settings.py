import re
from pathlib import Path

import pytest

from bot.settings import EXAMPLES, Settings, SettingsError, read_settings
from sales.countries import Countries

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither this machine's environment nor a developer's .env."""
    monkeypatch.chdir(tmp_path)
    for name in EXAMPLES:
        monkeypatch.delenv(name, raising=False)


def wrong(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    return {problem.name: problem.problem for problem in refused.value.problems}


class TestReadSettings:
    def test_nothing_set_is_the_demo(self) -> None:
        settings = read_settings()
        assert settings.is_demo
        assert settings.has_web_chat
        assert not settings.has_slack

    def test_names_every_mistake_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = wrong(
            monkeypatch,
            DATABASE_URL="mysql://db",
            GENJIN_TIMEZONE="Mars/Olympus",
            GENJIN_LOCALE="fr",
            SLACK_BOT_TOKEN="abc",
            DINGTALK_CLIENT_ID="ding1",
            WEB_PORT="99999",
            PUBLIC_URL="genjin.example.com",
        )
        assert set(found) == {
            "DATABASE_URL",
            "GENJIN_TIMEZONE",
            "GENJIN_LOCALE",
            "SLACK_BOT_TOKEN",
            "DINGTALK_CLIENT_SECRET",
            "WEB_PORT",
            "PUBLIC_URL",
        }

    def test_a_slack_bot_needs_a_way_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert set(wrong(monkeypatch, SLACK_BOT_TOKEN="xoxb-1")) == {"SLACK_SIGNING_SECRET"}

    @pytest.mark.parametrize("name", ["SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"])
    def test_either_way_in_will_do(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
        monkeypatch.setenv(name, "xapp-1")
        assert read_settings().has_slack

    def test_replicas_must_share_their_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = wrong(monkeypatch, DATABASE_URL="postgresql://u@h/d")
        assert "every replica needs the same" in found["GENJIN_SECRET_KEYS"]

    def test_keys_must_be_keys(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert set(wrong(monkeypatch, GENJIN_SECRET_KEYS="not-a-key")) == {"GENJIN_SECRET_KEYS"}

    def test_intake_needs_a_long_secret_and_takes_two(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for short in ("short", f"{'a' * 32},short"):
            assert "32 characters" in wrong(monkeypatch, INTAKE_SECRET=short)["INTAKE_SECRET"]
        monkeypatch.setenv("INTAKE_SECRET", f"{'a' * 32} , {'b' * 40},")
        assert read_settings().intake_secrets == ("a" * 32, "b" * 40)

    @pytest.mark.parametrize(
        ("chat", "slack", "shown"),
        [("auto", "", True), ("auto", "xoxb-1", False), ("on", "xoxb-1", True), ("off", "", False)],
    )
    def test_the_web_chat_yields_to_a_real_platform(
        self, monkeypatch: pytest.MonkeyPatch, chat: str, slack: str, shown: bool
    ) -> None:
        monkeypatch.setenv("GENJIN_WEB_CHAT", chat)
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack)
        monkeypatch.setenv("SLACK_APP_TOKEN", slack and "xapp-1")
        assert read_settings().has_web_chat is shown

    @pytest.mark.parametrize(
        ("more", "needed"),
        [
            ({}, False),
            ({"WEB_HOST": "localhost"}, False),
            ({"WEB_HOST": "127.0.0.9"}, False),
            ({"WEB_HOST": "::1"}, False),
            ({"WEB_HOST": "::ffff:127.0.0.1"}, False),
            ({"WEB_HOST": "0.0.0.0"}, True),
            ({"WEB_HOST": "::"}, True),
            ({"WEB_HOST": ""}, True),
            ({"WEB_HOST": "192.0.2.7"}, True),
            ({"WEB_HOST": "localhost.example"}, True),
            ({"PUBLIC_URL": "https://genjin.example"}, True),
            ({"GENJIN_TRUSTED_PROXIES": "127.0.0.1"}, True),
            ({"GENJIN_WEB_TOKEN": "x" * 32}, True),
            ({"WEB_HOST": "0.0.0.0", "GENJIN_WEB_CHAT": "off"}, False),
        ],
    )
    def test_a_chat_that_others_may_reach_needs_a_token(
        self, monkeypatch: pytest.MonkeyPatch, more: dict[str, str], needed: bool
    ) -> None:
        for name, value in more.items():
            monkeypatch.setenv(name, value)
        assert read_settings().needs_web_token is needed

    def test_a_web_token_is_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = wrong(monkeypatch, GENJIN_WEB_TOKEN="short")
        assert "32 characters" in found["GENJIN_WEB_TOKEN"]

    def test_trusted_proxies_are_networks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for wrong_value in ("*", "proxy.internal", "10.0.0.0/40"):
            assert "GENJIN_TRUSTED_PROXIES" in wrong(
                monkeypatch, GENJIN_TRUSTED_PROXIES=wrong_value
            )
        monkeypatch.setenv("GENJIN_TRUSTED_PROXIES", "127.0.0.1, 10.1.2.3/8 ,::1,")
        assert read_settings().trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")

    def test_never_shows_a_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")
        monkeypatch.setenv("SLACK_APP_TOKEN", "wrong-canary")
        with pytest.raises(SettingsError) as refused:
            read_settings()
        assert "canary" not in str(refused.value)
        monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-canary")
        assert "canary" not in repr(read_settings())


class TestDocumentation:
    def test_every_setting_has_an_example_and_a_line(self) -> None:
        fields = {name.upper() for name in Settings.model_fields}
        documented = re.findall(
            r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
        )
        assert fields == set(EXAMPLES) == set(documented)


class TestMail:
    def test_needs_a_sender_and_repeats_no_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        found = wrong(monkeypatch, SMTP_URL="smtps://u:xyzzy@mail.example")
        assert "SMTP_FROM" in found["SMTP_URL"]
        found = wrong(
            monkeypatch, SMTP_FROM="nobody", SMTP_URL="smtp://u:xyzzy@mail.example?starttls=no"
        )
        assert set(found) == {"SMTP_FROM", "SMTP_URL"}
        assert "xyzzy" not in repr(found)

    def test_is_on_with_both(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMTP_FROM", "Genjin <bot@example.com>")
        monkeypatch.setenv("SMTP_URL", "smtps://u:xyzzy@mail.example")
        assert read_settings().has_mail
        assert "xyzzy" not in repr(read_settings())


class TestCountries:
    @pytest.mark.parametrize(
        ("timezone", "currency", "country", "home"),
        [
            ("", "", "", "CN"),
            ("", "USD", "", "US"),
            ("Europe/Berlin", "EUR", "", "DE"),
            ("UTC", "GBP", "", "GB"),
            ("Asia/Shanghai", "USD", "", "CN"),
            ("", "USD", "sg", "SG"),
        ],
    )
    def test_come_from_the_timezone_or_the_currency(
        self,
        timezone: str,
        currency: str,
        country: str,
        home: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        given = {"TIMEZONE": timezone, "CURRENCY": currency, "COUNTRY": country}
        for name, value in given.items():
            if value:
                monkeypatch.setenv(f"GENJIN_{name}", value)
        assert Settings().countries.home == home

    def test_a_team_elsewhere_has_its_own(self) -> None:
        countries = Settings(genjin_country="CN, Team Berlin=DE").countries
        assert (countries.of("Team Berlin"), countries.of("Team 1")) == ("DE", "CN")

    @pytest.mark.parametrize("wrong", ["China", "XX", "CN, US", "Team Berlin=Germany"])
    def test_others_are_refused(self, wrong: str) -> None:
        with pytest.raises(ValueError, match="countr"):
            Countries.parse(wrong)


class TestBackupPlaces:
    @pytest.mark.parametrize(
        "place", ["s3://", "s3://Not_A_Bucket", "s3://ok/../x", "ftp://x", "gs://b"]
    )
    def test_that_cannot_be_are_refused(self, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        assert set(wrong(monkeypatch, GENJIN_BACKUP_TO=f"/mnt/x, {place}")) == {"GENJIN_BACKUP_TO"}

    def test_may_be_directories_and_buckets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GENJIN_BACKUP_TO", "/mnt/x, s3://bucket/a, /mnt/x,")
        monkeypatch.setenv("GENJIN_WEB_CHAT", "on")
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
        monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
        assert read_settings().backup_places == ("/mnt/x", "s3://bucket/a")

    def test_need_both_halves_of_an_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
        read_settings()
        found = wrong(monkeypatch, GENJIN_BACKUP_TO="s3://bucket")
        assert "AWS_SECRET_ACCESS_KEY" in found["GENJIN_BACKUP_TO"]
