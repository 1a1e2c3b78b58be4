"""Plays a person of the local web chat in a real Chromium, reading what is on the screen."""

import base64
import re
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, async_playwright

from bot.platforms.web.access import COOKIE
from tests.chromium import HOW_TO_HAVE_ONE, chromium_path
from tests.conversations.driver import SeenForm, SeenMessage, SentFile

Scheme: TypeAlias = Literal["light", "dark"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000

# Toasts disappear after a while, so they are recorded when shown; they come after the message
# that is the newest once the answer is complete.
_NOTE_TOASTS = """
window.shownToasts = [];
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) {
    if (!node.classList?.contains("toast")) continue;
    window.shownToasts.push({ after: null, text: node.innerText.trim() });
  }
}).observe(document, { childList: true, subtree: true });
"""

_DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer }));
}"""
_DROPPED = "(name) => document.querySelector('[role=log]').innerText.includes(name)"

# Of the chat's own origin, without its scripts.
_BARE = "/static/icon.svg"

_CHOOSE = """(choices) => {
  for (const [name, value] of Object.entries(choices)) {
    localStorage.setItem(`genjin.${name}`, value);
  }
}"""

# An answered confirmation closes before the page sends its request.
_AT_REST = "body:not(:has([aria-busy=true], dialog.confirm)) [role=log]"

_PLACE_TOASTS = """() => {
  const newest = [...document.querySelectorAll("article")].pop();
  for (const toast of window.shownToasts) toast.after ??= Number(newest?.dataset.id ?? 0);
}"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium that connects to nothing but the pages it opens.

    Raises RuntimeError if there is none: tests with the mark ``browser`` are skipped then.
    """
    if (path := chromium_path()) is None:
        raise RuntimeError(HOW_TO_HAVE_ONE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class BrowserUser:
    """Implements ``User`` on an open page. ``problems`` collects what a console would show."""

    page: Page
    problems: list[str] = field(default_factory=list)

    @classmethod
    async def enter(
        cls,
        browser: Browser,
        url: str,
        persona: str,
        *,
        locale: str = "en",
        color_scheme: Scheme = "light",
        **context: Any,
    ) -> "BrowserUser":
        """Open the chat as ``persona``; ``context`` goes to ``Browser.new_context``."""
        user = await cls.open(browser, locale=locale.replace("_", "-"), **context)
        await user.visit(url, persona, locale=locale, color_scheme=color_scheme)
        return user

    @classmethod
    async def open(cls, browser: Browser, **context: Any) -> "BrowserUser":
        """An empty browser window."""
        opened = await browser.new_context(
            **{"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | context
        )
        opened.set_default_timeout(PATIENCE_MS)
        await opened.add_init_script(_NOTE_TOASTS)
        user = cls(await opened.new_page())
        user.page.on("console", user._note_console)
        user.page.on("pageerror", lambda error: user.problems.append(str(error)))
        return user

    async def visit(
        self,
        url: str,
        persona: str,
        *,
        locale: str = "en",
        tour: bool = False,
        color_scheme: Scheme = "light",
    ) -> None:
        """Come to the chat for the first time; without ``tour`` the tour is already done."""
        await self.forget(url)
        choices = {"persona": persona, "locale": locale} | ({} if tour else {"tour": "9"})
        await self.page.evaluate(_CHOOSE, choices)
        await self.page.emulate_media(color_scheme=color_scheme)
        await self.page.goto(url)
        await self.settled()

    async def forget(self, url: str) -> None:
        """Leave the chat as if nobody had been there; the window stays open."""
        if self.page.url == (bare := f"{url}{_BARE}"):
            return
        await self.page.unroute_all(behavior="ignoreErrors")
        await self.page.context.set_offline(False)
        await self.page.goto(bare)
        await self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        await self.page.mouse.move(0, 0)
        self.problems.clear()

    def _note_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            where = (message.location or {}).get("url", "")
            if (
                where.startswith("http")
                and urlsplit(where).netloc != urlsplit(self.page.url).netloc
            ):
                # Late, from the chat of another story, which this window has left.
                return
            self.problems.append(f"{message.text} {where}".strip())

    async def settled(self) -> None:
        """Wait until every request is answered and drawn.

        One condition, not one after another: a form that closes makes the log busy again.
        """
        await self.page.wait_for_selector(_AT_REST)
        await self.page.evaluate(_PLACE_TOASTS)

    async def leave(self) -> None:
        await self.page.context.close()

    async def go_to(self, conversation: str) -> None:
        """Open a channel from the sidebar."""
        await self.page.locator(f"[data-conversation='{conversation}']").click()
        await self.settled()

    async def type(self, line: str) -> None:
        composer = self.page.locator("#composer")
        await composer.fill(line)
        await composer.press("Escape")
        await composer.press("Enter")
        await self.settled()

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog.form")

    async def form(self) -> SeenForm | None:
        if await self.dialog.count() == 0:
            return None
        await self._unfold()
        seen: dict[str, Any] = await self.dialog.evaluate(_READ_FORM)
        return SeenForm(
            title=seen["title"],
            fields=seen["fields"],
            values={
                name: tuple(value) if isinstance(value, list) else value
                for name, value in seen["values"].items()
            },
            errors=seen["errors"],
            choices={name: tuple(labels) for name, labels in seen["choices"].items()},
        )

    async def send(self, file: SentFile) -> None:
        """Drop a file onto the page, as from a file manager."""
        await self.page.evaluate(_DROP, [file.name, base64.b64encode(file.content).decode()])
        await self.page.wait_for_function(_DROPPED, arg=file.name)
        await self.settled()

    async def submit(
        self, values: Mapping[str, str | tuple[str, ...]], file: SentFile | None = None
    ) -> None:
        assert await self.dialog.count(), f"no form is open; the page says {await self._words()}"
        if file:
            chosen: Any = {"name": file.name, "mimeType": "", "buffer": file.content}
            await self.dialog.locator("input[type=file]").set_input_files(chosen)
        await self._unfold()
        for name, value in values.items():
            await self._fill(name, value)
        await self.dialog.locator("[type=submit]").click()
        await self.settled()

    async def _unfold(self) -> None:
        """Show the fields that the form folds away, where it does."""
        await self.dialog.evaluate_all(
            "all => all.forEach(one => one.querySelectorAll('details')"
            ".forEach(part => { part.open = true; }))"
        )

    async def _fill(self, name: str, value: str | tuple[str, ...]) -> None:
        row = self._field(name)
        assert await row.count(), f"no field {name!r} in {await self.form()}"
        kind = await row.get_attribute("data-kind")
        if isinstance(value, tuple):
            for box in await row.locator("input").all():
                wanted = await box.get_attribute("value") in value
                if await box.is_checked() != wanted:
                    # Through its label, as a person would: the box itself may be drawn away.
                    await row.locator(f"label[for='{await box.get_attribute('id')}']").click()
        elif kind == "choice":
            await row.locator("select").select_option(value)
        elif kind in ("lead", "person"):
            await row.locator("input").fill(value)
            await self._pick(row, value)
        else:
            await row.locator("input, textarea").fill(value)

    async def _pick(self, row: Locator, value: str) -> None:
        """Choose the option that the list offers for the value; a value it does not show stays
        typed."""
        await row.locator(".combobox:not(.searching) .listbox:not([hidden])").wait_for()
        offered = row.locator("[role=option]", has_text=value)
        if await offered.count():
            await offered.first.click()

    async def press(self, label: str, *, within: str = "") -> None:
        articles = self.page.get_by_role("article").filter(has_text=within)
        # What is behind a card's menu is drawn, too, and hidden until the menu is open.
        buttons = articles.locator("button", has_text=re.compile(rf"^\s*{re.escape(label)}\s*$"))
        assert await buttons.count(), f"no {label!r} within {within!r} in {await self._words()}"
        if await buttons.last.is_hidden():
            menu = buttons.last.locator("xpath=ancestor::*[@role='menu']/preceding-sibling::button")
            await menu.click()
        await buttons.last.click()
        confirm = self.page.locator("dialog.confirm button").last
        if await confirm.count():
            await confirm.click()
        await self.settled()

    async def answer(self, line: str, *, within: str) -> None:
        article = self.page.get_by_role("article").filter(has_text=within)
        reply = article.locator(".thread-reply input").first
        await reply.fill(line)
        await reply.press("Enter")
        await self.settled()

    async def make_lead_of(self, message: str) -> None:
        await self.type(message)
        line = self.page.get_by_role("article").filter(
            has=self.page.locator(".bubble", has_text=message)
        )
        await line.last.locator(".use").first.click()
        await self.settled()

    async def messages(self) -> list[SeenMessage]:
        drawn = await self.page.evaluate(_READ_MESSAGES)
        seen = [
            (
                one["id"],
                SeenMessage(one["ref"], one["text"], tuple(one["buttons"]), one["picture"]),
            )
            for one in drawn
        ]
        return [message for _, message in sorted(seen, key=lambda one: one[0])]

    async def search(self, field: str, query: str) -> list[str]:
        row = self._field(field)
        await row.locator("input").fill(query)
        await row.locator(".combobox:not(.searching) .listbox:not([hidden])").wait_for()
        return await row.locator("[role=option]").all_inner_texts()

    def _field(self, name: str) -> Locator:
        return self.dialog.locator(f"[data-field='{name}']")

    async def _words(self) -> str:
        return await self.page.locator("body").inner_text()


@dataclass
class Windows:
    """Browser windows that one story after the other plays in, at a chat of the same address.

    A new window would fetch and compile the whole page afresh, most of a second.
    """

    browser: Browser
    locale: str
    port: int = 0
    """Where the chat of the last story listened."""
    _free: list[BrowserUser] = field(default_factory=list)

    def free_port(self) -> int:
        """The same port as before, if nobody took it meanwhile; else 0, which is any."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError:
                return 0
        return self.port

    @asynccontextmanager
    async def lent(self, url: str, cookie: str) -> AsyncIterator[Callable[[str], Any]]:
        """Open the chat as a persona, with the cookie of who was let in.

        What a page logged as an error fails the story.
        """
        entered: list[BrowserUser] = []
        known: Any = {"name": COOKIE, "value": cookie, "url": url, "sameSite": "Strict"}

        async def enter(persona: str) -> BrowserUser:
            named = self.locale.replace("_", "-")
            free = self._free.pop() if self._free else None
            user = free or await BrowserUser.open(self.browser, locale=named)
            entered.append(user)
            await user.page.context.clear_cookies()
            await user.page.context.add_cookies([known | {"httpOnly": True}])
            await user.visit(url, persona, locale=self.locale)
            return user

        yield enter
        problems = [problem for user in entered for problem in user.problems]
        assert problems == [], problems
        for user in entered:
            await user.forget(url)
        self._free += entered


_READ_FORM = """(dialog) => {
  const rows = [...dialog.querySelectorAll("[data-field]")];
  const by = (read) => Object.fromEntries(
    rows.map((row) => [row.dataset.field, read(row)]).filter(([, value]) => value !== null));
  const value = (row) => {
    const boxes = [...row.querySelectorAll("input[type=checkbox]")];
    if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
    return row.querySelector("input, select, textarea").value;
  };
  const choices = (row) => {
    const boxes = [...row.querySelectorAll(".box")];
    if (boxes.length) return boxes.map((box) => box.innerText.trim());
    const options = [...row.querySelectorAll("select option")];
    return options.length ? options.filter((one) => one.value).map((one) => one.label) : null;
  };
  const words = (row, part) => row.querySelector(part).innerText.trim();
  return {
    title: words(dialog, "h2"),
    fields: by((row) => words(row, ".field-label").replace(/\\*$/, "").trim()),
    values: by(value),
    errors: by((row) => words(row, ".field-error") || null),
    choices: by(choices),
  };
}"""

_READ_MESSAGES = """() => {
  const shown = (node) => node.checkVisibility();
  const usable = (one) => shown(one) ? !one.matches(".more-button") : one.matches(".menu-item");
  // Answers inside a card are messages of their own.
  const own = (node) => (one) => one.closest("article") === node;
  const answers = [...document.querySelectorAll(".answers")];
  const words = (node) => {
    answers.forEach((one) => node.contains(one) && (one.style.display = "none"));
    const folded = [...node.querySelectorAll("details.section:not([open])")];
    folded.forEach((one) => { one.open = true; });
    const text = node.querySelector(".card, .bubble").innerText;
    folded.forEach((one) => { one.open = false; });
    answers.forEach((one) => (one.style.display = ""));
    return text;
  };
  const articles = [...document.querySelectorAll("article")].filter(shown).map((node) => ({
    id: Number(node.dataset.id),
    ref: node.dataset.id,
    text: words(node),
    buttons: [...node.querySelectorAll("button")]
      .filter((one) => own(node)(one) && usable(one)).map((one) => one.textContent),
    picture: [...node.querySelectorAll("svg[role=img]")].filter(own(node)).some(shown),
  }));
  const toasts = window.shownToasts.map(({ after, text }, n) => (
    { id: after ?? Infinity, ref: `toast-${n}`, text, buttons: [], picture: false }));
  return [...articles, ...toasts];
}"""
