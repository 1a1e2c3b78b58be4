"""What the people of the simulated company do with leads, each as a request from the outside.

Every act is answered; what an act changed is counted in the tally when its answer says that it was
done. A share of what is typed is wrong at first, and corrected when the form says so.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from bench.simulation.checks import Checks
from bench.simulation.records import Played, Tally
from bench.simulation.staff import REGIONS
from handlers.core.replies import Reply
from handlers.core.requests import Value
from handlers.core.ui import Checklist, Choice, Form, LongText, PersonPick, Text
from sales.leads import OPEN_STAGES, WORKED_STAGES, Stage, lead_number
from sales.people import Role
from tests.office import LEAD, SHANGHAI, Office

_SOURCES: Final = ("ads", "form", "exhibition", "website", "referral", "partner")
_REASONS: Final = ("price", "competitor", "budget", "timing", "silent")
_BRANDS: Final = (
    "晨曦远航星河蓝鲸青松明月长风金石玉泉天元瑞祥宏图锦程新锐卓越启明聚力鼎盛华彩凌云浩宇"
)
_TRADES: Final = ("科技", "贸易", "制造", "医药", "物流", "教育")
_SAID: Final = ("电话谈了方案", "确认了预算", "对方要比较另外两家", "演示了产品", "约了下周的会")
_NEXT: Final = ("送报价", "再打电话", "上门演示", "等内部讨论结果")
_NEXT_OF: Final[Mapping[Stage, Stage]] = {
    Stage.CAPTURED: Stage.SCREENED,
    Stage.SCREENED: Stage.DISCOVERY,
    Stage.DISCOVERY: Stage.PROPOSAL,
    Stage.PROPOSAL: Stage.NEGOTIATION,
    Stage.NEGOTIATION: Stage.WON,
}


@dataclass(frozen=True)
class Seen:
    """An open lead as its owner sees it in their list."""

    id: int
    stage: Stage
    owner_id: int | None
    team_id: int
    next_at: datetime | None
    pooled: bool

    @property
    def number(self) -> str:
        return lead_number(self.id)


class Acts:
    def __init__(self, office: Office, checks: Checks, tally: Tally, dice: random.Random) -> None:
        self.office, self.checks, self.tally, self.dice = office, checks, tally, dice

    @property
    def now(self) -> datetime:
        return self.office.world.clock.now()

    def ask(self, account: str, action: str, **asked: Any) -> Reply:
        reply = self.office.ask(account, action, **asked)
        self.checks.answered(account, action, reply)
        return reply

    def submit(self, account: str, form: Form, **typed: Value) -> Reply:
        """Submit a form as a person would: what is required and empty is chosen."""
        reply = self.ask(account, form.action, values=self.filled(form) | typed, state=form.state)
        if reply.errors:
            self.checks.wrong(f"{form.action} of {account} refused: {dict(reply.errors)}")
        return reply

    def filled(self, form: Form) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for one in form.fields:
            value: Value = getattr(one, "value", "")
            if isinstance(one, Checklist):
                value = tuple(option.value for option in one.options)
            elif isinstance(one, Choice | PersonPick) and one.required and not value:
                value = self.dice.choice(one.options).value
            elif isinstance(one, Text | LongText) and one.required and not value:
                value = "推进手上的客户"
            values[one.name] = value
        return values

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.office.world.database.read() as connection:
            return list(connection.execute(text(statement), values))

    def create(self, account: str, *, owner: str = "rules") -> int | None:
        """Log a lead; now and then with a mistake first."""
        dice, number = self.dice, len(self.tally.leads) + 1
        source = dice.choice(_SOURCES)
        name = "".join(dice.choices(_BRANDS, k=4)) + dice.choice(_TRADES)
        values: dict[str, Value] = {
            **LEAD,
            "customer": f"{name}{number}有限公司",
            "source": source,
            "contact": f"样例联系人{number}",
            "phone": f"139 {number:08d}"[:8] + f" {number % 10_000:04d}",
            "email": f"buyer@customer{number}.example",
            "budget": dice.choice(("3万", "8万", "15-20万", "50万")),
            "region": dice.choice(REGIONS[: len(self.office.teams)]),
            "timeframe": dice.choice(("month", "quarter", "later")),
            "clarity": dice.choice(("clear", "vague")),
            "owner": owner,
        }
        before = self._newest()
        if dice.random() < 0.06:
            wrong = dice.choice(({"customer": ""}, {"phone": "12"}, {"budget": "很多"}))
            if not self.ask(account, "lead.create", values=values | wrong).errors:
                self.checks.wrong(f"lead.create of {account} took {wrong}")
            if self._newest() != before:
                self.checks.wrong(f"lead.create of {account} stored {wrong}")
        reply = self.ask(account, "lead.create", values=values)
        if "different" in reply.errors:
            reply = self.ask(account, "lead.create", values=values | {"different": "name"})
        if reply.errors or (made := self._newest()) == before:
            self.checks.wrong(f"lead.create of {account} refused: {reply.errors or reply.toast}")
            return None
        self.tally.leads[made] = Played(self.now, source)
        return made

    def _newest(self) -> int:
        return int(self.rows("SELECT coalesce(max(id), 0) FROM lead")[0][0])

    def contact(self, account: str, lead: Seen) -> None:
        """Log a follow-up with the next step; now and then without the summary first."""
        day = self.now.astimezone(SHANGHAI).date() + timedelta(days=self.dice.randint(1, 12))
        values: dict[str, Value] = {
            "lead": lead.number,
            "method": self.dice.choice(("call", "email", "visit")),
            "summary": self.dice.choice(_SAID),
            "feedback": "再考虑",
            "next_step": self.dice.choice(_NEXT),
            "next_on": f"{day}",
        }
        if self.dice.random() < 0.04:
            wrong = values | {"summary": "", "next_on": "31.2."}
            if not self.ask(account, "followup.create", values=wrong).errors:
                self.checks.wrong(f"followup.create of {account} took nothing said")
        reply = self.ask(account, "followup.create", values=values)
        if reply.errors:
            self.checks.wrong(f"followup.create of {account} refused: {dict(reply.errors)}")
        else:
            self.tally.contacts.append((self.now, account, lead.id))

    def quick_line(self, account: str, lead: Seen) -> None:
        """Log a follow-up as one line."""
        before = self._logged()
        reply = self.ask(
            account, "followup.open", text=f"{lead.number} 电话沟通了报价，下周三再联系"
        )
        if self._logged() > before:
            self.tally.contacts.append((self.now, account, lead.id))
        elif reply.form is None:
            self.checks.wrong(f"followup.open of {account} logged nothing: {reply}")

    def _logged(self) -> int:
        return int(self.rows("SELECT count(*) FROM followup")[0][0])

    def advance(self, account: str, lead: Seen) -> None:
        """Move a lead on, or out of the pipeline."""
        chance = self.dice.random()
        to = _NEXT_OF[lead.stage]
        if chance < 0.16:
            to = Stage.LOST
        elif chance < 0.2:
            to = Stage.NURTURE
        elif chance < 0.24 and lead.stage is not Stage.NEGOTIATION:
            to = self.dice.choice(WORKED_STAGES[WORKED_STAGES.index(to) :])
        self.move(account, lead.id, to)

    def move(self, account: str, lead_id: int, to: Stage) -> bool:
        number = lead_number(lead_id)
        asked = self.ask(account, "stage.choose", state={"lead": number}, values={"to": to.value})
        if asked.form is None:
            self.checks.wrong(f"stage.choose of {account}: {asked.errors or asked.toast}")
            return False
        typed: dict[str, Value] = {"reason": "客户同意"}
        amount, reason = self.dice.randint(2, 60) * 10_000, self.dice.choice(_REASONS)
        if to is Stage.WON:
            typed["amount"] = f"{amount // 10_000}万"
        if to is Stage.LOST:
            typed["lost"] = reason
        self.submit(account, asked.form, **typed)
        if self.stage_of(lead_id) is not to:
            return False
        played = self.tally.leads[lead_id]
        played.moves.append((self.now, to))
        if to is Stage.WON:
            played.amount = Decimal(amount)
        if to is Stage.LOST:
            played.reason = reason
        return True

    def stage_of(self, lead_id: int) -> Stage:
        return Stage(self.rows("SELECT stage FROM lead WHERE id = :id", id=lead_id)[0][0])

    def to_aftersales(self, account: str, lead_id: int) -> None:
        self.ask(account, "stage.aftersales", pressed=lead_number(lead_id))
        if self.stage_of(lead_id) is Stage.AFTERSALES:
            self.tally.leads[lead_id].moves.append((self.now, Stage.AFTERSALES))

    def answer_offer(self, account: str, lead_id: int) -> None:
        """Accept it mostly; some are declined, and some not answered at all."""
        chance = self.dice.random()
        number = lead_number(lead_id)
        if chance < 0.8:
            self.ask(account, "offer.accept", pressed=number)
        elif chance < 0.9 and (form := self.ask(account, "offer.decline", pressed=number).form):
            self.submit(account, form, reason="busy")

    def reassign(self, account: str, lead: Seen) -> None:
        form = self.ask(account, "lead.reassign", pressed=lead.number).form
        if form is None:
            return
        [people] = [one for one in form.fields if isinstance(one, PersonPick)]
        others = [one.value for one in people.options if one.value != str(lead.owner_id)]
        if others:
            self.submit(account, form, **{people.name: self.dice.choice(others)})

    def give_up(self, account: str, lead: Seen) -> None:
        if form := self.ask(account, "pool.ask", pressed=lead.number).form:
            self.submit(account, form, reason="busy")

    def claim(self, account: str, lead_id: int) -> None:
        self.ask(account, "pool.claim", pressed=lead_number(lead_id))

    def ask_product(self, account: str, lead: Seen) -> None:
        experts = [a for a, one in self.office.people.items() if one.role is Role.PRODUCT]
        if experts:
            person = str(self.office.people[self.dice.choice(experts)].id)
            asked = {"person": person, "question": "能对接他们的系统吗？"}
            self.ask(account, "support.create", state={"lead": lead.number}, values=asked)

    def finish_task(self, account: str, task_id: int) -> None:
        self.ask(account, "task.accept", pressed=str(task_id))
        form = self.ask(account, "task.finish", pressed=str(task_id)).form
        if form is not None:
            texts = {"note": "已处理", "invoice": f"INV-{task_id}"}
            known = {one.name for one in form.fields}
            self.submit(account, form, **{k: v for k, v in texts.items() if k in known})

    def be_away(self, account: str, days: int) -> None:
        back = self.now.astimezone(SHANGHAI).date() + timedelta(days=days)
        self.ask(account, "people.leave", values={"back_on": f"{back}"})

    def open_leads(self) -> list[Seen]:
        names = ", ".join(f"'{stage.value}'" for stage in OPEN_STAGES)
        found = self.rows(
            "SELECT id, stage, owner_id, team_id, next_at, pooled_at FROM lead "  # noqa: S608
            f"WHERE stage IN ({names}) ORDER BY id"
        )
        return [
            Seen(row[0], Stage(row[1]), row[2], row[3], _instant(row[4]), row[5] is not None)
            for row in found
        ]

    def open_offers(self) -> Sequence[tuple[int, int]]:
        """Leads offered, and to whom."""
        return [
            (row[0], row[1])
            for row in self.rows(
                "SELECT lead_id, person_id FROM offer WHERE state = 'open' ORDER BY id"
            )
        ]

    def open_tasks(self) -> Sequence[tuple[int, int]]:
        return [
            (row[0], row[1])
            for row in self.rows(
                "SELECT id, assignee_id FROM task WHERE state = 'open' "
                "AND assignee_id IS NOT NULL ORDER BY id"
            )
        ]


def _instant(stored: Any) -> datetime | None:
    """SQLite stores text, in UTC."""
    if stored is None or isinstance(stored, datetime):
        return stored
    return datetime.fromisoformat(f"{stored}+00:00")
