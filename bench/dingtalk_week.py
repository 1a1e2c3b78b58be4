"""A working week of twenty people on the local DingTalk: what it costs of the monthly quotas.

Run with ``python -m bench.dingtalk_week``. The real SDK, guided forms (no card template), a moved
clock. Prints messages from people (stream frames), answers by webhook, and API calls by kind for a
mean working day, the cost of the commonest jobs, and the working day on which the 3,000 messages
and 5,000 calls a month of the standard edition are used up, counted as frames and as frames plus
answers (DingTalk does not say which it counts).

People do what the bot suggests: they answer all that it asks for in one message where it invites
them to, and question by question where it does not.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import text

from sales.people import Identity, Person, Role, Team
from sales.playbook import Playbook, PoolMember, RoutingRule
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.conversations.dingtalk import DingTalkUser, FieldNames
from tests.conversations.dingtalk_reading import ASKED, ASKS, GO_ON, links_of
from tests.conversations.stages import settings_for
from tests.databases import Databases
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.world import Entry
from tests.world import TestSettings, World, open_world

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MONDAY: Final = date(2026, 11, 23)
DAYS: Final = 5
WORKDAYS_A_MONTH: Final = 22
CALLS, MESSAGES = 5_000, 3_000
REPS, MANAGERS = 17, 2
TELLS: Final = "录线索 … 提交"
"""What tells that a lead can be logged with the command."""
LEADS_EACH: Final = 4
"""Leads that each manager and the admin log in a day."""
TEAMS: Final = ("East", "North")
INVITES: Final = ("一条消息全写上",)
"""Words with which a question invites several answers in one message."""


@dataclass
class Costs:
    """Counts since the last look: what came in, and each kind of call that went out."""

    server: DingTalkServer
    frames: int = 0
    at: int = 0
    day: Counter[str] = field(default_factory=Counter)
    jobs: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)

    def since(self) -> Counter[str]:
        new = self.server.world.calls[self.at :]
        self.at = len(self.server.world.calls)
        counted = Counter(call.name for call in new)
        counted["frames"], self.frames = self.frames, 0
        self.day += counted
        return counted

    def note(self, job: str) -> None:
        """Attribute everything since the last look to one piece of work."""
        counted = self.since()
        api = sum(counted.values()) - counted["frames"] - counted["webhook"]
        self.jobs.setdefault(job, []).append((counted["frames"], counted["webhook"], api))


class Colleague(DingTalkUser):
    """Somebody at work, whose messages are counted."""

    costs: Costs

    async def type(self, line: str, *, channel: str = "") -> None:
        self.costs.frames += 1
        await super().type(line, channel=channel)

    def read(self) -> list[Entry]:
        return self._chat()

    def last(self) -> str:
        return next((e.text for e in reversed(self._chat()) if e.author == "bot"), "")

    async def press_any(self, *labels: str, within: str = "") -> bool:
        """Press the newest button whose label contains one of these, and say yes if asked."""
        for entry in reversed(self._chat()[-30:]):
            for label, words in links_of(entry.text).items():
                if (
                    entry.author == "bot"
                    and within in entry.text
                    and any(one in label for one in labels)
                ):
                    await self.type(words)
                    if self.last().startswith(ASKS):
                        await self.type(next(iter(links_of(self.last()).values())))
                    return True
        return False

    async def fill(self, line: str, answers: Mapping[str, str]) -> None:
        """Fill the open form: in one line where the bot invites it, else one by one."""
        left = dict(answers)
        if any(words in self.last() for words in INVITES):
            await self.type(line)
        for _ in range(20):
            guided = self._guided()
            if guided is None or "还开着" in guided.text:
                return
            asked = ASKED.findall(guided.text)
            if asked and asked[-1] in left and "/" in guided.text:
                await self.type(left.pop(asked[-1]))
            elif "提交" in guided.links:
                await self.type("提交")
                return
            elif word := next((one for one in GO_ON if one in guided.links), ""):
                await self.type(word)
            else:
                raise AssertionError(f"stuck at {guided.text}")


@dataclass
class Company:
    world: World
    costs: Costs
    people: dict[str, Colleague]
    number: int = 0

    def of(self, kind: str) -> list[str]:
        return [account for account in self.people if account.startswith(kind)]

    async def log_lead(self, account: str) -> None:
        """By form; every second one on the line that the form tells of, where it tells of one."""
        self.number += 1
        customer = f"样例{'甲乙丙丁戊己庚辛'[self.number % 8]}{self.number}科技"
        phone = f"1390000{self.number:04d}"
        answers = {
            "客户": customer, "来源": "线上广告", "联系人": "张样例", "电话": phone,
            "客户需求": "询价", "预算": "15万", "区域": "华东",
        }  # fmt: skip
        person = self.people[account]
        if self.number % 2 and any(TELLS in entry.text for entry in person.read()):
            await person.type(f"录线索 张样例 {phone} {customer} 询价 线上广告 15万 提交")
            await person.fill("提交", answers)
            self.costs.note("lead in one line")
            return
        await person.type("录线索")
        await person.fill(f"张样例 {phone} {customer} 询价 线上广告 15万 提交", answers)
        self.costs.note("lead by form")

    async def log_followup(self, account: str, lead: str) -> None:
        person = self.people[account]
        await person.type(f"跟进 {lead}")
        await person.fill(
            "对方要同行案例 提交",
            {"方式": "电话", "沟通内容": "对方要同行案例"},
        )
        self.costs.note("follow-up by form")

    async def say(self, account: str, line: str, job: str) -> None:
        await self.people[account].type(line)
        self.costs.note(job)

    async def see_phone(self, account: str, lead: str) -> None:
        person = self.people[account]
        await person.type(lead)
        await person.press_any("查看联系方式", within=lead)
        await person.fill("打电话", {"用途": "打电话"})
        self.costs.note("see a phone")

    async def move(self, account: str, lead: str) -> None:
        person = self.people[account]
        await person.type(f"推进 {lead}")
        for step in range(4):  # which stage, its criteria, and why it moves without some of them
            await person.fill("客户催得急 提交" if step else "提交", {"备注": "客户催得急"})
        self.costs.note("stage")

    async def settle(self, job: str = "notices") -> None:
        await self.world.settle()
        self.costs.note(job)

    async def travel(self, day: date, hour: int, minute: int = 0) -> None:
        await self.world.travel(
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
        )
        self.costs.note("notices")


async def play_day(company: Company, day: date) -> None:
    """One working day: boards, leads, offers, follow-ups, phones, stages, questions."""
    reps, managers = company.of("rep"), company.of("boss")
    await company.travel(day, 9, 1)
    for account in (*reps, *managers):
        await company.say(account, "漏斗", "own board")
    for account in (*managers, "ada") * LEADS_EACH:
        await company.log_lead(account)
    await company.settle()
    for account in reps:
        if await company.people[account].press_any("接受", "我来跟"):
            company.costs.note("accept")
    await company.travel(day, 10, 30)
    await work_on_leads(company, reps)
    await company.settle()
    await company.travel(day, 14, 0)
    for account in reps[::2]:
        await company.say(account, "我的线索", "list")
    for account in managers:
        await company.people[account].type("漏斗", channel="cid-team")
        company.costs.note("board asked in a group")
    await company.travel(day, 17, 30)
    for account in reps:
        if await company.people[account].press_any("完成", "已完成"):
            company.costs.note("reminder done")
    await company.travel(day, 20, 0)


async def work_on_leads(company: Company, reps: Sequence[str]) -> None:
    """Follow-ups in one line and by form, phones and stages."""
    mine = leads_of(company.world)
    for place, account in enumerate(reps):
        own = mine.get(account, [])
        if not own:
            continue
        first, last = own[place % len(own)], own[-1]
        await company.say(
            account, f"跟进 {first} 电话 需要同行案例 下周五发方案", "follow-up in one line"
        )
        if place % 2:
            await company.log_followup(account, last)
        if place % 3 == 0:
            await company.see_phone(account, last)
        if place % 4 == 0:
            await company.move(account, last)


def leads_of(world: World) -> dict[str, list[str]]:
    """The numbers of each account's open leads, oldest first."""
    with world.database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT i.external_id, l.id FROM lead l JOIN identity i ON i.person_id = l.owner_id"
                " WHERE l.stage NOT IN ('won', 'lost') ORDER BY l.id"
            )
        ).all()
    owned: dict[str, list[str]] = {}
    for account, number in rows:
        owned.setdefault(account, []).append(f"LX{number:03d}")
    return owned


def hire(world: World) -> dict[str, str]:
    """Twenty people in two teams; returns the name of each account."""
    roles = {
        **{f"rep{n}": Role.REP for n in range(REPS)},
        **{f"boss{n}": Role.MANAGER for n in range(MANAGERS)},
        "ada": Role.ADMIN,
    }
    names = {account: f"Sample {account}" for account in roles}
    with world.new_uow() as uow:
        teams = [uow.people.add_team(Team(name=name)) for name in TEAMS]
        for place, (account, role) in enumerate(roles.items()):
            team = teams[place % len(teams)]
            person = uow.people.add(
                Person(name=names[account], role=role, team_id=team.id, locale="zh_CN")
            )
            uow.people.link(Identity("dingtalk", account, person.id), world.clock.now())
        uow.commit()
    world.prepare_database()
    pool = tuple(PoolMember(person=names[a]) for a in names if a.startswith("rep"))
    world.rules(Playbook(routing=(RoutingRule(name="华东", region=("east",), pool=pool),)))
    return names


@asynccontextmanager
async def opened() -> AsyncIterator[Company]:
    with TemporaryDirectory(prefix="genjin-dingtalk-") as directory:
        databases = Databases(Path(directory))
        database = open_database(databases.new("sqlite"), Path(directory))
        fields = Fields(parse_keyring(new_key()))
        database.seal_with(fields)
        async with DingTalkServer() as server:
            settings = TestSettings.of(**settings_for(server), genjin_locale="zh-CN")
            began = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 8, tzinfo=SHANGHAI)
            names = FieldNames()
            async with open_world(settings, database, fields, began) as world:
                world.listen = names.listening
                hired = hire(world)
                await server.gateway.connected(1)
                costs = Costs(server)
                people = {a: Colleague(server, a, hired[a], names) for a in hired}
                for person in people.values():
                    person.costs = costs
                yield Company(world, costs, people)
        database.dispose()
        databases.stop()


async def play(days: int = DAYS) -> Costs:
    async with opened() as company:
        boss = company.people["boss0"]
        await boss.type("/genjin", channel="cid-team")
        await boss.press_any("绑定", "发到这个群")
        await company.settle("setting up")
        company.costs.day.clear()
        company.costs.jobs.clear()
        for day in range(days):
            await play_day(company, MONDAY + timedelta(days=day))
        return company.costs


def spent_on(a_day: float, limit: int) -> str:
    """The working day of a month on which a limit is used up."""
    day = ceil(limit / a_day) if a_day else 0
    return f"working day {day}" if day <= WORKDAYS_A_MONTH else "not in a month"


def main() -> int:
    days = int(sys.argv[1]) if sys.argv[1:] else DAYS
    costs = asyncio.run(play(days))
    frames, answers = costs.day["frames"] / days, costs.day["webhook"] / days
    kinds = {n: c / days for n, c in costs.day.items() if n not in ("frames", "webhook")}
    calls, everybody = sum(kinds.values()), REPS + MANAGERS + 1
    print(f"{everybody} people, a mean working day of {days}\n")
    print(f"messages in {frames:.0f}, answers {answers:.0f}, API calls {calls:.0f}")
    print("  " + ", ".join(f"{n} {c:.0f}" for n, c in sorted(kinds.items(), key=lambda k: -k[1])))
    print(f"3,000 messages: {spent_on(frames, MESSAGES)} (frames),"
          f" {spent_on(frames + answers, MESSAGES)} (frames + answers)")  # fmt: skip
    print(
        f"5,000 API calls: {spent_on(calls, CALLS)}; a month takes {calls * WORKDAYS_A_MONTH:.0f}"
    )
    for name, each in (("frames", frames), ("frames + answers", frames + answers)):
        enough = MESSAGES / WORKDAYS_A_MONTH / (each / everybody)
        print(f"people for whom 3,000 {name} a month are enough: {enough:.0f}")
    print("\n| job | times | in | answers | API calls |\n|---|--:|--:|--:|--:|")
    for job, times in sorted(costs.jobs.items()):
        if any(map(sum, times)):
            means = (sum(column) / len(times) for column in zip(*times, strict=True))
            print(f"| {job} | {len(times)} | " + " | ".join(f"{m:.1f}" for m in means) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
