"""Texts, dates and amounts in the reader's language.

The catalogues are gettext files, one per subject and language, under ``texts/``. A missing key
raises an error: ``make check`` proves that none is missing.
"""

import json
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from handlers.core.moments import marked
from sales.amounts import AmountStyle
from sales.countries import Countries
from sales.examples import examples

LOCALES = ("en", "zh_CN")
HOME = Countries()
DAYS_OF_WEEK = 7
_CLDR_ZONES = {"Asia/Kolkata": "Asia/Calcutta", "Europe/Kyiv": "Europe/Kiev"}
"""Timezones that CLDR knows by their former names."""
_TEXTS = Path(__file__).parents[1] / "texts"


def nearest_locale(locale: str, default: str = "en") -> str:
    """The supported locale nearest to a platform's (``zh-CN``, ``zh_TW``, ``en_US``); else
    the one nearest to ``default``, which may be empty."""
    for wanted in (locale, default):
        language = wanted.replace("-", "_").partition("_")[0].lower()
        if nearest := {"zh": "zh_CN", "en": "en"}.get(language):
            return nearest
    return default


def known_locale(reported: str) -> str:
    """The supported locale for what a platform reports of a person's language; "" if there is
    none."""
    return nearest_locale(reported, "")


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The texts of one language by key, and the forms of those that depend on a number."""

    texts: dict[str, str]
    plurals: dict[str, dict[int, str]]

    def find(self, key: str, n: int | None = None) -> str | None:
        """The text for a key, in the form for ``n``; None for an unknown key.

        Chinese has one form; in English it is the first for 1 and the second for all others.
        """
        forms = self.plurals.get(key)
        if forms is None:
            return self.texts.get(key)
        return forms[0] if n is None or n == 1 or len(forms) == 1 else forms[1]


@cache
def _catalogue(locale: str) -> _Catalogue:
    """All subjects of one language, read once.

    Reads what gettext's format has and our files use: Babel, which takes five times as long for the
    whole of it, checks them (``handlers.texts``).
    """
    catalogue = _Catalogue({}, {})
    for path in sorted((_TEXTS / locale).glob("*.po")):
        for entry in path.read_text(encoding="utf-8").split("\n\n"):
            _take_entry(entry, catalogue)
    return catalogue


def _take_entry(entry: str, catalogue: _Catalogue) -> None:
    parts: dict[str, list[str]] = {}
    name = ""
    for line in entry.splitlines():
        keyword, _, quoted = line.partition('"')
        if keyword.startswith("#") or not quoted:
            continue
        name = keyword.strip() or name
        # Its escapes are those of JSON.
        parts.setdefault(name, []).append(json.loads(f'"{quoted}'))
    texts = {name: "".join(pieces) for name, pieces in parts.items()}
    key = texts.pop("msgid", "")
    if not key:
        return
    if texts.pop("msgid_plural", ""):
        catalogue.plurals[key] = {int(name[7:-1]): text for name, text in texts.items()}
    else:
        catalogue.texts[key] = texts["msgstr"]


class MissingText(LookupError):
    """A key that no catalogue has; a programming error that ``make check`` finds."""


class Language:
    """One language with the company's timezone and currency, and the reader's timezone (``zone``).

    ``zone`` is the company's for everybody without a timezone of their own. Texts with examples
    (``{example_phone}``) show those of the company's country. ``text("lead.saved",
    number="LX001")`` gives the text; when ``n`` is among the parameters it may have a plural form.
    """

    def __init__(
        self,
        locale: str,
        timezone: tzinfo,
        currency: str = "CNY",
        zone: tzinfo | None = None,
        countries: Countries = HOME,
    ) -> None:
        self.locale = locale
        self.timezone = timezone
        self.zone = zone or timezone
        self.currency = currency
        self.countries = countries
        # Parsed once: to read a locale's name, Babel may go through the names in all of its files.
        self._babel = Locale.parse(locale)
        self.year = 0
        self.marks_moments = False
        """Whether moments are marked, for a platform that shows each reader their own time."""
        self.names_zone = False
        """Whether moments name the timezone, since readers are in several."""
        self._symbols = Locale.parse("zh_CN") if currency == "CNY" else self._babel
        self._catalogue = _catalogue(locale)

    def __repr__(self) -> str:
        return f"Language({self.locale!r})"

    def text(self, key: str, **params: Any) -> str:
        """The text for ``key``; raises MissingText for an unknown one."""
        message = self._catalogue.find(key, params.get("n"))
        if message is None:
            raise MissingText(f"{key} ({self.locale})")
        if "{example_" in message:
            params = {**examples(self.countries.home, self.currency, self.locale), **params}
        return message.format_map(params) if params else message

    def in_every_language(self, key: str) -> tuple[str, ...]:
        """The text for a key in every supported language."""
        return tuple(_catalogue(locale).find(key) or key for locale in LOCALES)

    def has(self, key: str) -> bool:
        return self._catalogue.find(key) is not None

    def to(self, locale: str) -> "Language":
        """The same company settings in another language."""
        if locale == self.locale:
            return self
        return Language(locale, self.timezone, self.currency, countries=self.countries)

    @property
    def amount_style(self) -> AmountStyle:
        """How the company writes amounts, and in which currency."""
        return AmountStyle.of(self.currency, self.countries.home)

    def currency_name(self, code: str) -> str:
        """A currency's name with its code: ``US Dollar (USD)`` / ``美元 (USD)``."""
        return f"{numbers.get_currency_name(code, locale=self._babel)} ({code})"

    def country(self, code: str) -> str:
        """A country's name: ``United States`` / ``美国``."""
        return str(self._babel.territories.get(code, code))

    def money(self, amount: Decimal) -> str:
        """``12.5万`` in Chinese, ``¥125,000`` in English; ``amount`` in whole currency units."""
        if self.locale == "zh_CN" and self.currency == "CNY" and abs(amount) >= 10_000:
            return f"{_plain(amount / 10_000)}万"
        return self.price(amount)

    def whole_money(self, amount: Decimal) -> str:
        """A calculated amount, such as a forecast, rounded to whole currency units."""
        return self.money(amount.quantize(Decimal(1), ROUND_HALF_UP))

    def price(self, amount: Decimal) -> str:
        """``¥125,000`` or ``¥99.50``, exact and alike in every language."""
        pattern = "¤#,##0" if amount == amount.to_integral_value() else "¤#,##0.00"
        return numbers.format_currency(
            amount, self.currency, pattern, locale=self._symbols, currency_digits=False
        )

    def number(self, value: float | Decimal) -> str:
        return numbers.format_decimal(value, "#,##0.##", locale=self._babel)

    def percent(self, share: float) -> str:
        """A fraction (``share``) as whole percent."""
        return numbers.format_percent(share, "#,##0%", locale=self._babel)

    def at(self, now: datetime) -> "Language":
        """A copy for a reader at ``now``: dates in other years include the year."""
        language = copy(self)
        language.year = now.astimezone(self.zone).year
        return language

    def for_channel(self, *, marks: bool, names_zone: bool) -> "Language":
        """A copy for what several people read."""
        language = copy(self)
        language.marks_moments, language.names_zone = marks, names_zone
        return language

    def day(self, day: date) -> str:
        """``Nov 24, Tue`` / ``11月24日 周二``; in another year ``Jan 5, 2027, Tue``."""
        chinese = self.locale == "zh_CN"
        pattern = "M月d日 EEE" if chinese else "MMM d, EEE"
        if self.year and day.year != self.year:
            pattern = "y年M月d日 EEE" if chinese else "MMM d, y, EEE"
        return dates.format_date(day, pattern, locale=self._babel)

    def day_of(self, at: datetime) -> str:
        """The date of an instant in the reader's timezone: ``Nov 24, Tue``."""
        return self.day(at.astimezone(self.zone).date())

    def days(self, first: date, last: date) -> str:
        """``Nov 16 – 22`` / ``11月16日至22日``."""
        return dates.format_interval(first, last, "MMMd", locale=self._babel)

    def full_day(self, day: date) -> str:
        """``November 24, 2026`` / ``2026年11月24日``."""
        return dates.format_date(day, "long", locale=self._babel)

    def short_day(self, day: date) -> str:
        """``Nov 16`` / ``11月16日``."""
        return dates.format_skeleton("MMMd", day, locale=self._babel)

    def month(self, day: date) -> str:
        """``March 2024`` / ``2024年3月``."""
        return dates.format_skeleton("yMMMM", day, locale=self._babel)

    def short_month(self, day: date) -> str:
        """``Mar`` / ``3月``."""
        return dates.format_skeleton("MMM", day, locale=self._babel)

    def full_year(self, day: date) -> str:
        """``2024`` / ``2024年``."""
        return dates.format_skeleton("y", day, locale=self._babel)

    @property
    def timezone_name(self) -> str:
        """The company's timezone in words: ``China Time`` / ``中国时间``."""
        if str(self.timezone) in {"UTC", "Etc/UTC"}:
            return "UTC"
        return dates.get_timezone_name(self.timezone, width="long", locale=self._babel)

    def city(self, zone: str) -> str:
        """The place by which a timezone (IANA name) is known: ``New York`` / ``纽约``."""
        known = self._babel.time_zones.get(_CLDR_ZONES.get(zone, zone), {})
        return str(known.get("city") or zone.rpartition("/")[2].replace("_", " "))

    def moment(self, at: datetime) -> str:
        """Date and time in the reader's timezone."""
        local = at.astimezone(self.zone)
        return self._told(at, f"{self.day(local.date())} {local:%H:%M}")

    def _told(self, at: datetime, words: str) -> str:
        """The words for an instant, as everybody who reads them needs them."""
        if self.names_zone:
            zone = self.timezone_name
            words += f"（{zone}）" if self.locale == "zh_CN" else f" ({zone})"
        return marked(at, words) if self.marks_moments else words

    def near_moment(self, at: datetime, now: datetime) -> str:
        """``Tue 10:00`` / ``周二 10:00`` within six days of ``now``, else as ``moment``."""
        local = at.astimezone(self.zone)
        if abs((local.date() - now.astimezone(self.zone).date()).days) >= DAYS_OF_WEEK - 1:
            return self.moment(at)
        weekday = dates.format_date(local.date(), "EEE", locale=self._babel)
        return self._told(at, f"{weekday} {local:%H:%M}")

    def clock(self, at: datetime) -> str:
        """The time of day in the reader's timezone."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def duration(self, minutes: int) -> str:
        """``20 minutes`` / ``20分钟``; the largest unit only."""
        return dates.format_timedelta(timedelta(minutes=minutes), locale=self._babel)

    def time_spent(self, seconds: int) -> str:
        """``8 seconds`` / ``8秒``; from one minute on like ``duration``."""
        if seconds >= 60:
            return self.duration(round(seconds / 60))
        return dates.format_timedelta(timedelta(seconds=max(1, seconds)), locale=self._babel)

    def listing(self, items: Mapping[str, Any] | list[str] | tuple[str, ...]) -> str:
        """Items in one line: ``a, b`` / ``a、b``."""
        return ("、" if self.locale == "zh_CN" else ", ").join(items)


def _plain(amount: Decimal) -> str:
    """A decimal without trailing zeros or an exponent, at most two places."""
    text = f"{amount:.2f}".rstrip("0").rstrip(".")
    return text or "0"


class Languages:
    """The company's timezone, currency and default language; returns a ``Language`` by locale.

    ``default`` may be learned while the process runs (``speak``).
    """

    def __init__(
        self,
        timezone: tzinfo,
        currency: str = "CNY",
        default: str = "en",
        countries: Countries = HOME,
    ) -> None:
        self.timezone = timezone
        self._countries = countries
        self.default = nearest_locale(default)
        self._currency = currency
        self._made: dict[tuple[str, str], Language] = {}

    def speak(self, locale: str) -> None:
        """Make this the company's default language from now on, if it is supported."""
        self.default = nearest_locale(locale, self.default)

    def __call__(self, locale: str = "", zone: str = "") -> Language:
        """The nearest supported language; the company's default for an empty or unknown locale.
        ``zone`` names the reader's own timezone."""
        key = nearest_locale(locale, self.default), zone
        if key not in self._made:
            here = ZoneInfo(zone) if zone else None
            self._made[key] = Language(key[0], self.timezone, self._currency, here, self._countries)
        return self._made[key]
