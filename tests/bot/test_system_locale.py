"""The locale of the sample company, as far as the machine tells it."""

import sys
from pathlib import Path

import pytest
import tzlocal

from bot import system_locale
from bot.settings import SettingsError, read_settings

LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG", "GENJIN_LOCALE", "GENJIN_TIMEZONE", "GENJIN_CURRENCY")
PLATFORMS = ("GENJIN_WEB_CHAT", "SLACK_BOT_TOKEN", "DINGTALK_CLIENT_ID")


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine that says nothing of where it is, and no ``.env``."""
    monkeypatch.chdir(tmp_path)
    for name in (*LOCALE, *PLATFORMS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(tzlocal.unix, "_cache_tz_name", None)  # it asks the machine only once


def home() -> tuple[str, str, str]:
    settings = read_settings()
    return settings.genjin_locale, settings.genjin_timezone, settings.genjin_currency


class TestHome:
    @pytest.mark.parametrize(
        ("spelled", "language", "currency"),
        [
            ("zh_CN.UTF-8", "zh-CN", "CNY"),
            ("zh_CN", "zh-CN", "CNY"),
            ("zh_TW.Big5", "zh-CN", "CNY"),
            ("zh_Hans_SG.UTF-8@pinyin", "zh-CN", "CNY"),
            ("zh", "zh-CN", "CNY"),
            ("en_US.UTF-8", "en", "USD"),
            ("en_GB", "en", "GBP"),
            ("de_DE@euro", "en", "EUR"),
            ("en", "en", "USD"),
            ("C.UTF-8", "en", "USD"),
            ("POSIX", "en", "USD"),
            ("", "en", "USD"),
            ("chinese", "en", "USD"),
            ("xx_YY.UTF-8", "en", "USD"),
            ("../../etc/passwd", "en", "USD"),
            ("en_" + "A" * 9999, "en", "USD"),
        ],
    )
    def test_follows_the_locale(
        self, monkeypatch: pytest.MonkeyPatch, spelled: str, language: str, currency: str
    ) -> None:
        monkeypatch.setenv("LANG", spelled)
        assert home() == (language, "Asia/Shanghai" if language == "zh-CN" else "UTC", currency)

    def test_reads_the_variables_in_the_order_of_posix(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LANG", "en_US.UTF-8")
        monkeypatch.setenv("LC_MESSAGES", "zh_CN.UTF-8")
        assert home()[0] == "zh-CN"
        monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
        assert home()[0] == "en"
        monkeypatch.setenv("LC_ALL", "")
        assert home()[0] == "zh-CN"

    @pytest.mark.parametrize(
        ("zone", "lived_in"),
        [
            ("Europe/Berlin", "Europe/Berlin"),
            (":Asia/Tokyo", "Asia/Tokyo"),
            ("UTC", "UTC"),
            ("Nowhere/Land", "UTC"),
            ("CST-8", "UTC"),
            ("../../etc", "UTC"),
        ],
    )
    def test_lives_in_the_machines_timezone(
        self, monkeypatch: pytest.MonkeyPatch, zone: str, lived_in: str
    ) -> None:
        monkeypatch.setenv("TZ", zone)
        assert home()[1] == lived_in

    def test_settings_win(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANG", "zh_CN.UTF-8")
        monkeypatch.setenv("GENJIN_LOCALE", "en")
        monkeypatch.setenv("GENJIN_TIMEZONE", "Europe/Paris")
        monkeypatch.setenv("GENJIN_CURRENCY", "EUR")
        assert home() == ("en", "Europe/Paris", "EUR")

    def test_a_real_company_is_not_where_its_server_is(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LANG", "en_GB.UTF-8")
        monkeypatch.setenv("TZ", "Europe/London")
        monkeypatch.setenv("DINGTALK_CLIENT_ID", "ding1")
        monkeypatch.setenv("DINGTALK_CLIENT_SECRET", "secret")
        assert home()[1:] == ("Asia/Shanghai", "CNY")

    def test_asks_a_mac_whose_terminal_says_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "darwin")
        assert home()[0] == "en"  # this machine has no /usr/bin/defaults
        monkeypatch.setattr(system_locale, "_locale_of_mac", lambda: "zh_CN")
        assert home()[0] == "zh-CN"


class TestDotEnv:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda path: path.write_bytes(b"GENJIN_LOCALE=\xff\xfe"),
            lambda path: path.write_bytes("GENJIN_LOCALE=en # 中文".encode("gb18030")),
        ],
        ids=["bytes", "gb18030"],
    )
    def test_in_another_encoding_is_named(self, tmp_path: Path, spoil: object) -> None:
        spoil(tmp_path / ".env")  # type: ignore[operator]
        with pytest.raises(SettingsError) as refused:
            read_settings()
        assert refused.value.problems[0].name == ".env"
