"""Takes the pictures of the web chat for the README: a small story in a real browser.

Usage: python -m docs.screenshots.take http://127.0.0.1:8000 [folder]

Starts nothing itself: give it the address of a running ``genjin run`` with sample people. It
plays sample people, finds the fields of the lead form by their kind, and
writes web-chat.png, web-chat-dark.png, web-chat-zh.png and phone.png.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.conversations.browser import BrowserUser, chromium

DESK = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 2}
PHONE = {
    "viewport": {"width": 375, "height": 760},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
# Two customers, since a phone number that is known is refused as a duplicate.
SAMPLE = {
    "en": {"text": "Harbor Tech Ltd", "phone": "13800000000", "money": "180,000"},
    "zh_CN": {"text": "湖畔诊所", "phone": "13900000000", "money": "18万"},
}
LEAD = {"en": "/lead", "zh_CN": "/录线索"}
BOARD = {"en": "/pipeline", "zh_CN": "/漏斗"}


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the language, and how the browser is set up.

    ``seat`` says which of the people with that role is played: a fresh conversation for each.
    ``board`` shows the manager's board with its chart instead of the rep's new lead.
    """

    file: str
    locale: str
    role: str
    seat: int
    board: bool
    context: dict[str, Any]


PICTURES = (
    Picture("web-chat.png", "en", "rep", 0, False, {**DESK, "color_scheme": "light"}),
    Picture("web-chat-dark.png", "en", "manager", 0, True, {**DESK, "color_scheme": "dark"}),
    Picture("web-chat-zh.png", "zh_CN", "manager", 0, True, {**DESK, "color_scheme": "light"}),
    Picture("phone.png", "zh_CN", "rep", -1, False, {**PHONE, "color_scheme": "light"}),
)


async def take(browser: Browser, url: str, picture: Picture, folder: Path) -> None:
    """Play the story of one picture and write it."""
    persona = await _persona_of(browser, url, picture)
    user = await BrowserUser.enter(browser, url, persona, locale=picture.locale, **picture.context)
    if picture.board:
        await user.type(BOARD[picture.locale])
    else:
        await _log_a_lead(user, picture.locale)
    await user.page.evaluate("document.activeElement.blur()")
    for close in await user.page.locator(".toast button").all():
        await close.click()
    await user.page.screenshot(path=folder / picture.file)
    await user.leave()


async def _persona_of(browser: Browser, url: str, picture: Picture) -> str:
    """The id of the person who is played."""
    context = await browser.new_context()
    setup = await (await context.request.get(f"{url}/api/setup?locale=en")).json()
    await context.close()
    found = [one["id"] for one in setup["personas"] if one["role"] == picture.role]
    return str(found[picture.seat])


async def _log_a_lead(user: BrowserUser, locale: str) -> None:
    await user.type(LEAD[locale])
    seen = await user.form()
    if seen is None:
        raise RuntimeError("the lead command opened no form")
    values: dict[str, str] = {}
    for name in seen.fields:
        row = user.dialog.locator(f"[data-field='{name}']")
        kind = await row.get_attribute("data-kind") or ""
        required = await row.locator(".required").count()
        if kind == "choice" and required:
            option = row.locator("option:not([value=''])").first
            values[name] = await option.get_attribute("value") or ""
        elif kind in SAMPLE[locale] and (required or kind != "text"):
            values[name] = SAMPLE[locale][kind]
    await user.submit(values)
    left = await user.form()
    if left is not None:
        raise RuntimeError(f"the form was not accepted: {left}")


async def main(url: str, folder: Path) -> None:
    async with chromium() as browser:
        for picture in PICTURES:
            await take(browser, url.rstrip("/"), picture, folder)
            print(folder / picture.file)


if __name__ == "__main__":
    address, *folder = sys.argv[1:]
    asyncio.run(main(address, Path(folder[0]) if folder else Path(__file__).parent))
