"""Takes the pictures of the web chat for the README: a small story in the real product.

Usage: python -m docs.screenshots.take [folder]

Starts ``python -m bot run`` on an empty data directory, once in each language, and plays the
invented company that waits in it. Writes web-chat.png, web-chat-dark.png, digest.png, report.png,
web-chat-zh.png and phone.png. Needs Chromium, as the tests do.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, expect

from tests.conversations.browser import BrowserUser, chromium

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
READY_WITHIN = 30
DESK = {"viewport": {"width": 1240, "height": 880}, "device_scale_factor": 1.5}
TALL = DESK | {"viewport": {"width": 1240, "height": 1180}}
PHONE = {
    "viewport": {"width": 375, "height": 760},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
LEADS = {
    "en": {
        "customer": "Harbor Sample Tech",
        "source": "referral",
        "contact": "Noa Sample",
        "title": "Head of purchasing",
        "phone": "138 0000 0000",
        "email": "noa@harbor.example",
        "need": "All talks with customers in one place",
        "industry": "it",
        "region": "east",
        "budget": "180,000",
        "authority": "decider",
        "clarity": "clear",
        "timeframe": "month",
    },
    "zh_CN": {
        "customer": "海港示例科技",
        "source": "referral",
        "contact": "诺样例",
        "title": "采购总监",
        "phone": "138 0000 0000",
        "email": "noa@harbor.example",
        "need": "把所有客户沟通放在一处",
        "industry": "it",
        "region": "east",
        "budget": "18万",
        "authority": "decider",
        "clarity": "clear",
        "timeframe": "month",
    },
}


@asynccontextmanager
async def product(locale: str) -> AsyncIterator[str]:
    """The product as a new user has it, at the address it prints."""
    with TemporaryDirectory(prefix="genjin-") as folder:
        own = {"GENJIN_DATA_DIR": folder, "GENJIN_LOCALE": locale.replace("_", "-")}
        own |= {"GENJIN_TIMEZONE": where_it_is_morning(), "GENJIN_COUNTRY": "CN"}
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=inherited | own | {"WEB_PORT": "0"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield await asyncio.wait_for(_address(process), READY_WITHIN)
        finally:
            process.terminate()
            await process.communicate()


def where_it_is_morning() -> str:
    """A timezone in which it is ten now: at night a new lead waits for the morning."""
    ahead = (10 - time.gmtime().tm_hour + 9) % 24 - 9
    return f"Etc/GMT{-ahead:+d}"


async def _address(process: asyncio.subprocess.Process) -> str:
    said = []
    assert process.stdout
    async for line in process.stdout:
        said.append(line.decode())
        if found := ADDRESS.search(said[-1]):
            return found.group()
    raise RuntimeError(f"the product did not start:\n{''.join(said)}")


async def log_a_lead(user: BrowserUser, locale: str) -> None:
    await user.type("/lead" if locale == "en" else "/录线索")
    await user.submit(LEADS[locale])
    if left := await user.form():
        raise RuntimeError(f"the form was not accepted: {left.errors}")


async def rep_logs_a_lead(user: BrowserUser, locale: str) -> None:
    """The lead is scored, and the card says why it is whose."""
    await log_a_lead(user, locale)
    card = user.page.get_by_role("article").filter(has_text="****0000")
    await expect(card).to_be_visible()


async def rep_follows_up(user: BrowserUser, locale: str) -> None:
    """The lead is kept, and the first call noted in one line."""
    await rep_logs_a_lead(user, locale)
    await user.type("/followup LX011 call wants a case from its own industry, send it by friday")
    card = user.page.get_by_role("article").filter(has_text="Logged for LX011")
    await expect(card).to_be_visible()


async def manager_sees_the_day(user: BrowserUser, locale: str) -> None:
    await user.type("/pipeline" if locale == "en" else "/漏斗")


async def manager_reads_the_digest(user: BrowserUser, _locale: str) -> None:
    """Last week's, in the channel where it was posted."""
    await user.go_to("managers")
    card = user.page.get_by_role("article").first
    await expect(card).to_be_visible()
    await card.evaluate("(card) => card.scrollIntoView()")


async def manager_compares_sources(user: BrowserUser, _locale: str) -> None:
    await user.type("/report this month by source")
    card = user.page.get_by_role("article").filter(has_text="Source").last
    await expect(card).to_be_visible()
    await card.evaluate("(card) => { card.scrollIntoView(); scrollTo(0, 0) }")


async def take(
    browser: Browser,
    url: str,
    file: Path,
    persona: str,
    play: Callable[[BrowserUser, str], Awaitable[None]],
    locale: str,
    **context: Any,
) -> None:
    """Play the story of one picture and write it."""
    user = await BrowserUser.enter(browser, url, persona, locale=locale, **context)
    await play(user, locale)
    await user.page.evaluate("document.activeElement.blur()")
    # They go by themselves after a while; a picture does not wait for it.
    await user.page.locator(".toast").evaluate_all("(toasts) => toasts.forEach((one) => one.remove())")
    await user.page.screenshot(path=file)
    await user.leave()
    print(file)


async def main(folder: Path) -> None:
    async with chromium() as browser:
        async with product("en") as url:
            light, dark = folder / "web-chat.png", folder / "web-chat-dark.png"
            await take(browser, url, light, "rep-1", rep_follows_up, "en", **TALL)
            await take(
                browser, url, dark, "manager", manager_sees_the_day, "en",
                color_scheme="dark", **DESK,
            )
            digest, report = folder / "digest.png", folder / "report.png"
            await take(browser, url, digest, "manager", manager_reads_the_digest, "en", **TALL)
            await take(browser, url, report, "manager", manager_compares_sources, "en", **TALL)
        async with product("zh_CN") as url:
            desk, phone = folder / "web-chat-zh.png", folder / "phone.png"
            await take(browser, url, phone, "rep-1", rep_logs_a_lead, "zh_CN", **PHONE)
            await take(browser, url, desk, "manager", manager_sees_the_day, "zh_CN", **DESK)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
