"""Steps of the commonest jobs: what a person types, presses and submits until a job is done.

Usage: python -m bench.steps

Plays each job at the local Slack, DingTalk and web chat of the tests, and counts what reaches the
bot: a line typed, a button pressed, a form submitted, a message that answers a question of a
guided form. Fields of one form are one step.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sales.leads import Lead
from sales.leads import Stage as LeadStage
from sales.people import SYSTEM
from sales.playbook import Playbook, PoolMember, RoutingRule
from storage.database.encryption import Fields
from storage.database.keyring import new_key, parse_keyring
from tests.conversations.stages import FRIDAY, STAGES, Stage
from tests.conversations.web import WebUser
from tests.databases import Databases

LEADS = 20
CLOSING = (10, 11)
"""The leads in negotiation, one to be won and one to be lost."""
PASTED = "客户：丁示例有限公司\n王样例 13900001111 wang@ding.example\n想要一套客户管理工具"


@dataclass
class Counter:
    """Counts the requests of all people of a stage; ``steps`` since the last ``reset``."""

    steps: int = 0
    listening: list[Any] = field(default_factory=list)

    def of(self, person: Any) -> None:
        """Count what this person sends, whatever platform it is on."""
        if hasattr(person, "acts"):
            for name in ("command", "say", "press", "submit", "share", "use_shortcut"):
                self._count(person.acts, name)
        elif hasattr(person, "ask"):
            self._count(person, "ask", lambda kind, **_: kind != "search")
        elif (server := person._server) not in self.listening:  # noqa: SLF001 - a test's driver
            self.listening.append(server)
            self._count(server, "write")
            self._count(server, "submit")

    def _count(
        self, target: Any, name: str, counts: Callable[..., bool] = lambda *_, **__: True
    ) -> None:
        inner = getattr(target, name)

        async def counted(*args: Any, **named: Any) -> Any:
            self.steps += counts(*args, **named)
            return await inner(*args, **named)

        setattr(target, name, counted)


@dataclass
class Play:
    """A job's view of the stage."""

    stage: Stage
    counter: Counter

    def begins(self) -> None:
        """Forget the steps that only prepared the job."""
        self.counter.steps = 0

    def lead(self, number: str) -> Lead:
        with self.stage.world.new_uow(read_only=True) as uow:
            return uow.leads(SYSTEM).get(int(number[2:]))

    async def type(self, english: str, chinese: str, who: str = "robin") -> None:
        """Type a line in the stage's language."""
        line = chinese if self.stage.locale == "zh_CN" else english
        await self.stage.people[who].type(line)

    async def submit(self, values: dict[str, Any], who: str = "robin") -> None:
        """Submit the form that is open, with the values whose fields it has."""
        form = await self.stage.people[who].form()
        assert form, "no form is open"
        await self.stage.people[who].submit({n: v for n, v in values.items() if n in form.fields})
        assert not await self.stage.people[who].form()

    async def finish(self, values: dict[str, Any], who: str = "robin") -> None:
        """Submit the form where one is asked for."""
        if await self.stage.people[who].form():
            await self.submit(values, who)

    async def press(self, label: str, within: str, who: str = "robin") -> None:
        await self.stage.press_behind_more(who, self.stage.say(label), within=within)

    async def press_either(self, labels: tuple[str, ...], within: str) -> None:
        """Press the first of these buttons that the newest message has."""
        shown = (await self.stage.newest("robin", within)).buttons
        label = next(one for one in labels if self.stage.say(one) in shown)
        await self.press(label, within)

    async def plan(self, number: str, day: int) -> str:
        """Plan a step of March at ten, and wait for its reminder; returns words of the message."""
        at = f"2024-03-{day:02} 10:00"
        await self.type(
            f"/followup {number} call likes it, {at} send the case",
            f"跟进 {number} 电话 感兴趣，{at} 发案例",
        )
        await self.stage.travel(3, day - 1, 10)
        self.begins()
        return self.lead(number).customer


async def accept(play: Play) -> None:
    boss = play.stage.people["max"]
    await play.type("/lead", "录线索", "max")
    values = {"customer": "Offered Sample Ltd", "source": "ads", "region": "east"}
    await boss.submit(values)
    await play.stage.world.settle()
    await play.stage.newest("robin", "Offered Sample Ltd")
    play.begins()
    await play.press("button.accept", "Offered Sample Ltd")


async def log_a_call(play: Play) -> None:
    await play.type(
        "/followup LX002 call wants a case, 2024-06-03 10:00 send the case",
        "跟进 LX002 电话 想看案例，2024-06-03 10:00 发案例",
    )
    assert play.lead("LX002").next_at


async def correct_it(play: Play) -> None:
    await play.press("button.correct", "LX002")
    await play.submit({"summary": "wants two cases"})


async def snooze(play: Play) -> None:
    await play.press_either(("button.in_an_hour", "button.snooze"), await play.plan("LX003", 5))
    await play.finish({})


async def reschedule(play: Play) -> None:
    customer = await play.plan("LX004", 7)
    before = play.lead("LX004").next_at
    await play.press_either(("button.next_monday", "button.reschedule"), customer)
    await play.finish({"next_on": "2024-03-11"})
    assert play.lead("LX004").next_at != before


async def done(play: Play) -> None:
    await play.press("button.done", await play.plan("LX005", 9))
    await play.finish({})


async def phone_of_a_reminder(play: Play) -> None:
    customer = await play.plan("LX006", 13)
    await play.press_either(("button.phone", "button.open"), customer)
    if not await _shown(play, "13812345606"):
        await play.press("button.contact", customer)
        await play.submit({"reason": "call"})
    assert await _shown(play, "13812345606")


async def phone_of_a_card(play: Play) -> None:
    await play.type("/lead LX007", "LX007")
    play.begins()
    await play.press("button.contact", play.lead("LX007").customer)
    await play.submit({"reason": "call"})


async def _shown(play: Play, digits: str) -> bool:
    seen = await play.stage.people["robin"].messages()
    return any(digits in "".join(filter(str.isdigit, one.text)) for one in seen[-2:])


async def paste_a_lead(play: Play) -> None:
    robin = play.stage.people["robin"]
    before = _count(play)
    if isinstance(robin, WebUser):
        await play.type(f"/lead\n{PASTED}", f"录线索\n{PASTED}")
    else:
        await robin.make_lead_of(PASTED)
    await play.submit({"source": "ads", "owner": "keep"})
    assert _count(play) == before + 1


def _count(play: Play) -> int:
    with play.stage.world.new_uow(read_only=True) as uow:
        return len(uow.leads(SYSTEM).search("", 1000))


async def my_leads_in_a_stage(play: Play) -> None:
    await play.type("/leads captured", "我的线索 线索获取")
    await play.stage.newest("robin", "LX0")


async def find(play: Play) -> None:
    await play.type("/lead Sample 08", "线索 Sample 08")
    await play.stage.newest("robin", "LX008")


async def change_the_stage(play: Play) -> None:
    await play.type("/stage LX009 screened", "推进 LX009 线索筛选")
    await play.finish({"reason": "-"})
    assert play.lead("LX009").stage == "screened"


async def win(play: Play) -> None:
    await play.type("/stage LX010 won 120,000", "推进 LX010 成交 12万")
    await play.finish({"criteria": ("signed",), "reason": "-"})
    assert play.lead("LX010").stage == "won"
    assert play.lead("LX010").amount == Decimal(120_000)


async def lose(play: Play) -> None:
    await play.type("/stage LX011 lost too expensive", "推进 LX011 流失 太贵")
    await play.finish({"reason": "-"})
    assert play.lead("LX011").stage == "lost"


async def hand_over(play: Play) -> None:
    with play.stage.world.new_uow(read_only=True) as uow:
        [dana] = [one for one in uow.people.everyone() if one.name == "Dana Example"]
    await play.type("/lead LX012", "LX012", "max")
    play.begins()
    await play.press("button.reassign", play.lead("LX012").customer, "max")
    await play.submit({"person": str(dana.id)}, "max")
    assert play.lead("LX012").owner_id == dana.id


async def send_a_proposal(play: Play) -> None:
    stage, robin = play.stage, play.stage.people["robin"]
    await play.type("/proposal LX013", "方案 LX013")
    await play.submit({"own_modules": "Leads: 20000 / 36000", "valid_until": "2024-04-30"})
    drafted = stage.say("proposal.draft_body")
    await stage.newest("robin", drafted)
    await robin.press(stage.say("button.send_proposal"), within=drafted)
    if not stage.edits:  # a chat without dialogs asks in the conversation
        await robin.press(stage.say("button.send"))
    await stage.newest("robin", "/p/")


async def my_week(play: Play) -> None:
    await play.type("/report this week", "周报")


async def my_day(play: Play) -> None:
    await play.type("/pipeline", "漏斗")


GUIDED = "dingtalk-guided"
"""The stage whose chat asks one question after the other."""


@dataclass(frozen=True)
class Job:
    """``most``: the steps allowed; ``guided``: in a chat that asks one question after the other,
    by a person who answers each of them."""

    name: str
    play: Callable[[Play], Awaitable[None]]
    most: int
    guided: int

    def allowed(self, stage: str) -> int:
        return self.guided if stage == GUIDED else self.most


JOBS = (
    Job("accept an offer", accept, 1, 1),
    Job("log a call with the next step", log_a_call, 1, 1),
    Job("correct what was logged", correct_it, 2, 9),
    Job("snooze a reminder", snooze, 1, 1),
    Job("move a step to Monday", reschedule, 1, 1),
    Job("mark a step as done", done, 1, 1),
    Job("see the phone on a reminder", phone_of_a_reminder, 1, 1),
    Job("see the phone on a card", phone_of_a_card, 2, 2),
    Job("make a lead of pasted text", paste_a_lead, 2, 12),
    Job("list my leads in a stage", my_leads_in_a_stage, 1, 1),
    Job("find a lead", find, 1, 1),
    Job("move a lead to the next stage", change_the_stage, 2, 4),
    Job("win a deal", win, 1, 1),
    Job("lose a deal with its reason", lose, 2, 5),
    Job("hand a lead to a colleague", hand_over, 2, 3),
    Job("send a proposal", send_a_proposal, 5, 12),
    Job("see my week", my_week, 1, 1),
    Job("see my day", my_day, 1, 1),
)


async def steps_on(stage: Stage) -> dict[str, int]:
    """Play every job on a stage; returns its steps by the job's name."""
    pool = (PoolMember(person="Robin Sample"),)
    stage.world.rules(Playbook(routing=(RoutingRule(name="East", region=("east",), pool=pool),)))
    _sow(stage)
    counter = Counter()
    for person in stage.people.values():
        counter.of(person)
    counted = {}
    for job in JOBS:
        counter.steps = 0
        await job.play(Play(stage, counter))
        counted[job.name] = counter.steps
        await stage.world.settle()
    return counted


def _sow(stage: Stage) -> None:
    """Robin's leads, LX001 to LX020."""
    with stage.world.new_uow() as uow:
        [robin] = [person for person in uow.people.everyone() if person.name == "Robin Sample"]
        for number in range(1, LEADS + 1):
            uow.leads(SYSTEM).add(
                Lead(
                    source="ads",
                    customer=f"Sample {number:02} Works",
                    contact="Lee Sample",
                    stage=LeadStage.NEGOTIATION if number in CLOSING else LeadStage.CAPTURED,
                    region="north",
                    phone=f"+86138123456{number:02}",
                    owner_id=robin.id,
                    team_id=robin.team_id,
                    created_at=FRIDAY - timedelta(days=1),
                    stage_since=FRIDAY,
                    created_by=robin.id,
                )
            )
        uow.commit()


async def main() -> int:
    """Print the table; returns 1 if a job takes more steps than allowed."""
    counted: dict[str, dict[str, int]] = {}
    fields = Fields(parse_keyring(new_key()))
    with TemporaryDirectory() as folder:
        databases = Databases(Path(folder))
        for name, opened in STAGES.items():
            with databases.lent_new("sqlite", Path(folder)) as database:
                async with opened(database, fields, FRIDAY) as stage:
                    counted[name] = await steps_on(stage)
        databases.stop()
    print(f"| job | {' | '.join(counted)} |\n|---|{'---|' * len(counted)}")
    for job in JOBS:
        print(f"| {job.name} | {' | '.join(str(one[job.name]) for one in counted.values())} |")
    return int(any(one[job.name] > job.allowed(n) for n, one in counted.items() for job in JOBS))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
