"""Countries, timezones and currencies as people type them, and what each suggests of the next."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from babel.numbers import get_territory_currencies, list_currencies

_LANGUAGES: Final = ("en", "zh_CN")
_OF_COUNTRIES: Final = ("pt", "es", "fr", "de", "ja", "zh_Hant", *_LANGUAGES)
"""In which a country's name is understood; of two meanings, the last language's counts."""
_ANY_DAY: Final = datetime(2026, 1, 15)  # noqa: DTZ001 - a wall clock's, in any zone
_SHORT: Final = {
    "uk": "GB", "england": "GB", "britain": "GB", "usa": "US", "america": "US", "uae": "AE",
    "中国大陆": "CN", "大陆": "CN", "china mainland": "CN", "holland": "NL", "czech republic": "CZ",
    "korea": "KR", "香港": "HK", "hong kong": "HK", "澳门": "MO", "macao": "MO", "macau": "MO",
}  # fmt: skip
_SPOKEN_ZONES: Final = {
    "北京": "Asia/Shanghai", "北京时间": "Asia/Shanghai", "beijing": "Asia/Shanghai",
    "中国标准时间": "Asia/Shanghai", "et": "America/New_York", "eastern": "America/New_York",
    "ct": "America/Chicago", "central": "America/Chicago", "mt": "America/Denver",
    "mountain": "America/Denver", "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
    "san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles",
    "boston": "America/New_York", "washington": "America/New_York", "miami": "America/New_York",
    "munich": "Europe/Berlin", "frankfurt": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "barcelona": "Europe/Madrid", "milan": "Europe/Rome", "geneva": "Europe/Zurich",
    "porto": "Europe/Lisbon", "manchester": "Europe/London", "深圳": "Asia/Shanghai",
    "广州": "Asia/Shanghai", "杭州": "Asia/Shanghai", "成都": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai", "hangzhou": "Asia/Shanghai",
    "mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata",
}  # fmt: skip
"""What people call a timezone that is named for another city."""
_SPOKEN_MONEY: Final = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "dollar": "USD", "dollars": "USD",
    "us$": "USD", "£": "GBP", "pound": "GBP", "pounds": "GBP", "rmb": "CNY", "人民币": "CNY",
    "元": "CNY", "欧元": "EUR", "美元": "USD", "英镑": "GBP", "港币": "HKD", "日元": "JPY",
}  # fmt: skip


def country_code(text: str) -> str:
    """The ISO code of a country as typed: ``PT``, ``portugal``, ``葡萄牙``; "" for none."""
    plain = " ".join(text.split())
    if len(plain) == 2 and plain.upper() in phonenumbers.SUPPORTED_REGIONS:
        return plain.upper()
    return _countries().get(plain.casefold(), "")


def zones_of(country: str) -> tuple[str, ...]:
    """The timezones of a country, the one of most people first."""
    return tuple(zone for code, zone in _zone_table() if code == country)


def different_zones(country: str) -> tuple[str, ...]:
    """Of the timezones of a country, one for each time that its clocks show."""
    first = {ZoneInfo(zone).utcoffset(_ANY_DAY): zone for zone in reversed(zones_of(country))}
    return tuple(zone for zone in zones_of(country) if zone in first.values())


def zone_named(text: str, country: str = "") -> str:
    """The timezone as typed: its name, or a city, in a country first; "" for none."""
    plain = " ".join(text.split())
    known = available_timezones()
    if plain in known:
        return _usable(plain)
    folded = plain.casefold().replace(" ", "_")
    if exact := next((zone for zone in known if zone.casefold() == folded), ""):
        return _usable(exact)
    if spoken := _SPOKEN_ZONES.get(plain.casefold().removesuffix(" time")):
        return spoken
    at_home = set(zones_of(country))
    zones = sorted((zone for _, zone in _zone_table()), key=lambda zone: zone not in at_home)
    return next((zone for zone in zones if plain.casefold() in _cities(zone)), "")


def currency_code(text: str) -> str:
    """The ISO code of a currency as typed: ``eur``, ``€``, ``欧元``; "" for none."""
    plain = text.strip()
    if plain.upper() in list_currencies():
        return plain.upper()
    if spoken := _SPOKEN_MONEY.get(plain.casefold()):
        return spoken
    return _currencies().get(plain.casefold(), "")


def currency_of(country: str) -> str:
    """What is paid with in a country; "" where nothing is known."""
    paid = get_territory_currencies(country) if country else []
    return paid[0] if paid else ""


def _usable(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        return ""
    return zone


@cache
def _countries() -> dict[str, str]:
    return {
        str(name).casefold(): code
        for locale in _OF_COUNTRIES
        for code, name in Locale.parse(locale).territories.items()
        if code in phonenumbers.SUPPORTED_REGIONS
    } | _SHORT


@cache
def _currencies() -> dict[str, str]:
    return {
        str(name).casefold(): code
        for locale in _LANGUAGES
        for code, name in Locale.parse(locale).currencies.items()
        if code in list_currencies()
    }


@cache
def _zone_table() -> tuple[tuple[str, str], ...]:
    return tuple(_zone_lines())


def _zone_lines() -> Iterator[tuple[str, str]]:
    """Country and zone of every line of the timezone database's table, whose order is by people."""
    table = resources.files("tzdata") / "zoneinfo" / "zone.tab"
    for line in table.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            yield country, zone


@cache
def _cities(zone: str) -> frozenset[str]:
    names = {zone.rpartition("/")[2].replace("_", " ").casefold()}
    if zone in get_global("zone_territories"):
        names |= {
            get_timezone_location(zone, locale=locale, return_city=True).casefold()
            for locale in _LANGUAGES
        }
    return frozenset(names)
