"""Which of our languages a visitor reads."""

import re

from starlette.requests import Request

from handlers.core.language import nearest_locale

_PART = re.compile(r"\s*([A-Za-z-]{1,20}|\*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def preferred_locale(request: Request, chosen: str = "") -> str:
    """``en`` or ``zh_CN``: what was ``chosen`` on the page, else the browser's first wish that
    we can fulfil; "" when it names none."""
    return nearest_locale(chosen, "") or accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The best of ours in an Accept-Language header; "" for none."""
    wishes: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        if match := _PART.fullmatch(part):
            locale, weight = nearest_locale(match[1], ""), float(match[2] or 1)
            if locale and weight > 0:
                wishes.append((weight, locale))
    return max(wishes, key=lambda wish: wish[0], default=(0.0, ""))[1]
