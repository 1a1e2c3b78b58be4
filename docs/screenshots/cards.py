"""Takes pictures of the commonest cards on every platform, in both languages, and compares them.

Usage, with a folder for the pictures and one where draw.mjs's packages are installed:

    python -m docs.screenshots.cards take FOLDER PACKAGES
    python -m docs.screenshots.cards compare BEFORE AFTER FOLDER

``take`` plays one story at the local Slack and DingTalk of the tests and in Chromium, and pictures
what each of them was sent. Nothing faithful draws Block Kit or DingTalk's markdown, so a public
package and a plain frame stand in: sizes and order are right, fonts and colours are not. To
picture another commit, copy this file and draw.mjs into its work tree and start it there.
"""

import asyncio
import base64
import html
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser

from sales.playbook import Playbook, PoolMember, RoutingRule
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import new_key, parse_keyring
from tests.conversations.browser import Windows, chromium
from tests.conversations.dingtalk import DingTalkUser, FieldNames
from tests.conversations.slack import SlackUser
from tests.conversations.stages import (
    FRIDAY,
    PEOPLE,
    SITE,
    Stage,
    browser_stage,
    settings_for,
    slack_side,
    sow,
)
from tests.databases import Databases
from tests.doubles.dingtalk import DingTalkServer
from tests.world import TestSettings, open_world

LOCALES = ("en", "zh_CN")
WIDTH = 390
SCALE = 2
PHONE = {"width": WIDTH, "height": 844}
WORDS = {
    "en": {
        "customer": "Harbor Sample Tech",
        "contact": "Noa Sample",
        "title": "Head of purchasing",
        "need": "All talks with customers in one place",
        "budget": "180,000",
        "followup": "/followup LX009 call wants a case of its own industry, 2024-03-08 10:00 send it",
        "won": "/stage LX009 won 120,000",
        "others": "Sample {n:02} Works",
    },
    "zh_CN": {
        "customer": "海港示例科技",
        "contact": "诺样例",
        "title": "采购总监",
        "need": "把所有客户沟通放在一处",
        "budget": "18万",
        "followup": "跟进 LX009 电话 想看同行案例 2024-03-08 10:00 发案例",
        "won": "推进 LX009 成交 12万",
        "others": "示例{n:02}制造",
    },
}
LEAD = {
    "source": "referral",
    "phone": "138 0000 0000",
    "email": "noa@harbor.example",
    "industry": "it",
    "region": "east",
    "authority": "decider",
    "clarity": "clear",
    "timeframe": "month",
}
COMMANDS = {
    "en": {"lead": "/lead", "leads": "/leads", "board": "/pipeline", "help": "/genjin"},
    "zh_CN": {"lead": "录线索", "leads": "我的线索", "board": "漏斗", "help": "帮助"},
}


@dataclass
class Camera:
    """Pictures the newest message of a conversation, or the open form, on one platform."""

    folder: Path
    picture: Callable[[str, str, str], Awaitable[Any]]
    """Takes a conversation, a picture's name and words of the message; returns what is to be
    drawn, or None where the picture is taken."""
    picture_form: Callable[[str, str], Awaitable[Any]]
    taken: dict[str, Any] = field(default_factory=dict)

    async def shoot(self, conversation: str, name: str, words: str = "") -> None:
        self.taken[name] = await self.picture(conversation, name, words)

    async def shoot_form(self, account: str, name: str) -> None:
        self.taken[name] = await self.picture_form(account, name)


async def play(stage: Stage, camera: Camera) -> None:
    """The story: a lead from its logging to its win, then what the day's views show."""
    words, commands = WORDS[stage.locale], COMMANDS[stage.locale]
    max_, robin = stage.people["max"], stage.people["robin"]
    to_robin = RoutingRule(name="East", region=("east",), pool=(PoolMember(person="Robin Sample"),))
    stage.world.rules(Playbook(routing=(to_robin,)))
    sow(stage, words["others"])
    await stage.type_in_channel("/genjin")
    await stage.press_in_channel(stage.say(stage.bind))
    await max_.type(commands["lead"])
    await camera.shoot_form("max", "01-form")
    known = ("customer", "contact", "title", "need", "budget")
    await max_.submit(LEAD | {name: words[name] for name in known})
    await stage.world.settle()
    await seen(stage, "LX009")
    await camera.shoot("robin", "02-offer")
    await robin.press(stage.say("button.accept"), within="LX009")
    await stage.world.settle()
    await camera.shoot("robin", "03-lead", words["contact"])
    await robin.type(words["followup"])
    await stage.world.settle()
    await camera.shoot("robin", "04-followup")
    await stage.travel(3, 4, 14)
    await camera.shoot("channel", "05-digest", stage.say("digest.won_none"))
    await stage.travel(3, 7, 10)
    await camera.shoot("robin", "06-reminder")
    await robin.type(commands["board"])
    await camera.shoot("robin", "07-board")
    await robin.type(commands["leads"])
    await camera.shoot("robin", "08-list")
    await robin.type(words["won"])
    if await robin.form():
        await robin.submit({"criteria": ("signed",), "reason": "-"})
    await camera.shoot("robin", "09-won")
    await stage.world.settle()
    await asyncio.sleep(0.3)
    await camera.shoot("channel", "10-good-news")
    await robin.type(commands["help"])
    await camera.shoot("robin", "11-help")


async def seen(stage: Stage, words: str) -> None:
    await stage.newest("robin", words)
    await asyncio.sleep(0.2)


# One platform each


@asynccontextmanager
async def slack(
    database: Database, fields: Fields, locale: str, folder: Path, _browser: Browser
) -> AsyncIterator[tuple[Stage, Camera]]:
    async with slack_side(PEOPLE) as (server, given):
        for account, (name, _) in PEOPLE.items():
            server.add_user(account.upper(), name, locale.replace("_", "-"))
        settings = TestSettings.of(**given, public_url=SITE, genjin_locale=locale.replace("_", "-"))
        async with open_world(settings, database, fields, FRIDAY) as world:
            world.hire("slack", {a.upper(): given for a, given in PEOPLE.items()}, locale)
            platform: Any = world.platforms["slack"]
            server.settle = platform.settled
            while not platform.health().ok:
                await asyncio.sleep(0.01)
            people = {account: SlackUser(server, account.upper()) for account in PEOPLE}
            boss = people["max"]

            async def picture(conversation: str, _name: str, words: str) -> Any:
                channel = "C1" if conversation == "channel" else ""
                who = "MAX" if channel else conversation.upper()
                found = server.space.visible(who, channel)
                told = [m for m in found if words in f"{m.text} {m.blocks}"]
                assert told, (words, [m.text for m in found])
                message = told[-1]
                return message.blocks or [
                    {"type": "section", "text": {"type": "mrkdwn", "text": message.text}}
                ]

            async def picture_form(account: str, _name: str) -> Any:
                modal = server.space.modal_of(account.upper())
                assert modal
                title = {"type": "header", "text": modal.body["title"]}
                return [title, *modal.body["blocks"]]

            yield (
                Stage(
                    world,
                    dict(people),
                    lambda line: boss.type(line, channel="C1"),
                    lambda label: boss.press(label, channel="C1"),
                    lambda: boss.messages(channel="C1"),
                    locale,
                ),
                Camera(folder, picture, picture_form),
            )


@asynccontextmanager
async def dingtalk(
    database: Database, fields: Fields, locale: str, folder: Path, _browser: Browser
) -> AsyncIterator[tuple[Stage, Camera]]:
    async with DingTalkServer() as server:
        settings = TestSettings.of(
            **settings_for(server), genjin_locale=locale.replace("_", "-"), public_url=SITE
        )
        names = FieldNames()
        async with open_world(settings, database, fields, FRIDAY) as world:
            world.listen = names.listening
            world.hire("dingtalk", PEOPLE, locale)
            await server.gateway.connected(1)
            people = {a: DingTalkUser(server, a, PEOPLE[a][0], names) for a in PEOPLE}
            boss = people["max"]

            async def picture(conversation: str, _name: str, words: str = "") -> Any:
                chat = "cid-managers" if conversation == "channel" else conversation
                entries = [e for e in server.world.chat(chat) if e.author == "bot" and e.text]
                at = max(n for n, e in enumerate(entries) if e.kind != "image" and words in e.text)
                images = takewhile(lambda e: e.kind == "image", entries[at + 1 :])
                drawn = [_inline(server.world.media[image.text][1]) for image in images]
                return "\n\n".join([entries[at].text, *drawn])

            yield (
                Stage(
                    world,
                    dict(people),
                    lambda line: boss.type(line, channel="cid-managers"),
                    boss.press,
                    lambda: boss.messages(channel="cid-managers"),
                    locale,
                    bind="button.bind_names",
                    edits=False,
                ),
                Camera(folder, picture, picture),
            )


@asynccontextmanager
async def web(
    database: Database, fields: Fields, locale: str, folder: Path, browser: Browser
) -> AsyncIterator[tuple[Stage, Camera]]:
    windows = Windows(browser, locale)
    async with browser_stage(windows)(database, fields, FRIDAY) as stage:
        boss: Any = stage.type_in_channel
        pages = {name: person.page for name, person in stage.people.items()}  # type: ignore[attr-defined]
        pages["channel"] = boss.__self__.page
        narrow = {**PHONE, "height": 1600}

        async def picture(conversation: str, name: str, words: str) -> Any:
            page = pages[conversation]
            await asyncio.sleep(0.3)
            before = page.viewport_size
            await page.set_viewport_size(narrow)
            article = page.locator("article:visible").filter(has_text=words).last
            await article.scroll_into_view_if_needed()
            await article.screenshot(path=folder / f"{name}.png")
            await page.set_viewport_size(before)

        async def picture_form(account: str, name: str) -> Any:
            page = pages[account]
            before = page.viewport_size
            await page.set_viewport_size(narrow)
            await page.locator("dialog.form").screenshot(path=folder / f"{name}.png")
            await page.set_viewport_size(before)

        yield stage, Camera(folder, picture, picture_form)


def _inline(picture: bytes) -> str:
    """A picture that DingTalk got as a message of its own, in the markdown of the one before."""
    return f"![](data:image/png;base64,{base64.b64encode(picture).decode()})"


PLATFORMS = {"slack": slack, "dingtalk": dingtalk, "web": web}


# Drawing


STYLE = """body { margin: 0; background: #fff; font: 15px/1.46 Lato, 'Noto Sans',
  'Noto Sans CJK SC', sans-serif; }
main { width: 390px; box-sizing: border-box; padding: 12px; overflow-wrap: anywhere; }
main.dingtalk { background: #f2f3f5; }
.bubble { background: #fff; border-radius: 8px; padding: 10px 12px; }
.bubble h3 { font-size: 17px; margin: 0 0 8px } .bubble h4 { font-size: 15px; margin: 10px 0 4px }
.bubble p { margin: 6px 0 } .bubble a { color: #1677ff; text-decoration: none }
.bubble blockquote { margin: 6px 0; padding-left: 8px; border-left: 3px solid #ddd; color: #888 }
.bubble img { max-width: 100% }
.bubble table { border-collapse: collapse; font-size: 13px }
.bubble td, .bubble th { border: 1px solid #ddd; padding: 3px 6px }
"""


async def draw(
    browser: Browser, packages: Path, shown: dict[str, dict[Path, Any]], locale: str
) -> None:
    """Draw what was sent with draw.mjs, and picture each at the width of a phone."""
    script = packages / "draw.mjs"
    shutil.copy(Path(__file__).with_name("draw.mjs"), script)
    given = {name: list(one.values()) for name, one in shown.items()} | {"locale": locale}
    node = await asyncio.create_subprocess_exec(
        "node", str(script), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await node.communicate(json.dumps(given).encode())
    sheets = (packages / "node_modules/slack-blocks-to-jsx/dist/style.css").read_text()
    page = await browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
    for name, drawn in json.loads(out).items():
        css = (sheets if name == "slack" else "") + STYLE
        bubble = "bubble" if name == "dingtalk" else ""
        for path, body in zip(shown[name], drawn, strict=True):
            await page.set_content(
                f"<style>{css}</style><main class={name}><div class='{bubble}'>{body}</div></main>"
            )
            await page.locator("main").screenshot(path=path)
    await page.close()


async def take(folder: Path, packages: Path) -> None:
    """Play the story on each platform in each language, and write the pictures."""
    with TemporaryDirectory() as temporary:
        databases, fields = Databases(Path(temporary)), Fields(parse_keyring(new_key()))
        async with chromium() as browser:
            for locale in LOCALES:
                shown: dict[str, dict[Path, Any]] = {"slack": {}, "dingtalk": {}}
                for name, opened in PLATFORMS.items():
                    into = folder / f"{name}-{locale}"
                    into.mkdir(parents=True, exist_ok=True)
                    with databases.lent_new("sqlite", Path(temporary)) as database:
                        async with opened(database, fields, locale, into, browser) as (
                            stage,
                            camera,
                        ):
                            await play(stage, camera)
                    if name in shown:
                        shown[name] = {into / f"{n}.png": one for n, one in camera.taken.items()}
                        (into / "sent.json").write_text(
                            json.dumps(camera.taken, ensure_ascii=False, indent=1)
                        )
                await draw(browser, packages, shown, locale)
        databases.stop()


async def compare(before: Path, after: Path, folder: Path) -> None:
    """One sheet a language: a row for each card, each platform before and after beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1480, "height": 900})
        for locale in LOCALES:
            folders = [f"{name}-{locale}" for name in PLATFORMS]
            names = sorted({path.stem for one in folders for path in (after / one).glob("*.png")})
            head = "".join(f"<th>{one} before<th>{one} after" for one in folders)
            rows = "".join(
                f"<tr><th>{html.escape(name)}"
                + "".join(
                    f"<td><img src='{(side / one / f'{name}.png').resolve().as_uri()}'>"
                    for one in folders
                    for side in (before, after)
                )
                for name in names
            )
            sheet = folder / f"cards-{locale}.html"
            sheet.write_text(
                "<meta charset=utf-8><style>body{font:12px sans-serif;margin:4px}"
                "td{vertical-align:top;border-top:1px solid #bbb;padding:3px}img{width:225px}"
                f"</style><table><tr><th>{head}{rows}</table>"
            )
            await page.goto(sheet.resolve().as_uri())
            await page.screenshot(path=sheet.with_suffix(".png"), full_page=True)
            print(sheet.with_suffix(".png"))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["take", folder, packages]:
            asyncio.run(take(Path(folder), Path(packages)))
        case ["compare", before, after, folder]:
            asyncio.run(compare(Path(before), Path(after), Path(folder)))
        case _:
            sys.exit(__doc__)
