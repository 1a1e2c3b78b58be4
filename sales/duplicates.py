"""Whether two records mean the same customer [P8]."""

import re

from rapidfuzz import fuzz

_FORMS = re.compile(
    r"有限责任公司|股份有限公司|有限公司|集团|公司|科技|信息|技术"
    r"|\b(?:co|ltd|inc|llc|gmbh|corp|company|limited|group)\b\.?",
    re.IGNORECASE,
)
_ALIKE = 85.0


def same_customer(one: str, other: str) -> bool:
    """Whether two names, of companies with the same e-mail domain, are so alike that a person
    should look. Legal forms do not count."""
    return fuzz.WRatio(_core(one), _core(other)) >= _ALIKE


def _core(name: str) -> str:
    stripped = re.sub(r"[\s,.，。()（）]+", "", _FORMS.sub("", name.lower()))
    return stripped or name.lower()
