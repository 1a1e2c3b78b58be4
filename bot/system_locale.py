"""Reads language, timezone and currency from this machine.

Only for the sample company, which should look like home. A real company's settings name them, or
their defaults apply, wherever the server happens to be.
"""

import os
import subprocess
import sys
import warnings
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import tzlocal
from babel import Locale, UnknownLocaleError, numbers
from babel.core import get_global

from handlers.core.language import nearest_locale

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order in which POSIX reads them; the first that is set counts."""
_NO_PLACE = frozenset({"UTC", "Etc/UTC", "Etc/UCT", "Etc/GMT", "GMT", "Universal", "Zulu"})
"""Timezones of servers and containers, which are no place where people live."""
_PATIENCE = 5.0


def system_language() -> str:
    """``zh-CN`` if the machine uses any Chinese, else ``en``."""
    return nearest_locale(_system_locale()).replace("_", "-")


def system_timezone(default: str) -> str:
    """The machine's timezone by name; the default if it has no named one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where the machine is set to none
            name = tzlocal.get_localzone_name()
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return default
    return default if name in _NO_PLACE else name


def timezone_country(name: str) -> str:
    """The ISO code of the country that a timezone is named for; "" for UTC and the like."""
    territory: str | None = get_global("zone_territories").get(name)
    return territory if territory and territory.isalpha() and territory != "ZZ" else ""


def system_currency() -> str:
    """The currency of the machine's country: CNY for Chinese, USD if nothing is known."""
    spelled = _system_locale()
    if nearest_locale(spelled) == "zh_CN":
        return "CNY"
    try:
        territory = Locale.parse(spelled).territory
    except (ValueError, UnknownLocaleError):
        territory = None
    paid = numbers.get_territory_currencies(territory) if territory else []
    return paid[0] if paid else "USD"


def _system_locale() -> str:
    """``zh_CN`` or ``en_GB``; empty if the machine names no language."""
    return locale_of(os.environ) or (_locale_of_mac() if sys.platform == "darwin" else "")


def locale_of(environment: Mapping[str, str]) -> str:
    """The locale without encoding and modifier; empty for ``C`` and ``POSIX``."""
    spelled = next(filter(None, map(environment.get, _VARIABLES)), "")
    name = spelled.partition(".")[0].partition("@")[0]
    return "" if name in ("C", "POSIX") else name


def _locale_of_mac() -> str:
    """The system preference of macOS, since a terminal may pass no locale on."""
    try:
        done = subprocess.run(
            ["/usr/bin/defaults", "read", "-g", "AppleLocale"],
            capture_output=True, text=True, timeout=_PATIENCE, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().partition("@")[0]
