"""Hostile input: no tracebacks, nothing half done, all within limits.

Many requests on all routes, made of hostile pieces, valid ones and chance; a fixed seed, so that a
failure is the same tomorrow.
"""

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.core.replies import Reply
from handlers.core.requests import Sender, Upload
from handlers.core.ui import Form, Option, Table
from handlers.routes import ROUTES
from sales.people import Role
from sales.permissions import may
from tests.databases import Kind
from tests.furnished import Offices
from tests.office import LEAD, PLATFORM, SHANGHAI, Office
from tests.pairs import EVERY_WAY

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
ROUNDS: Mapping[Kind, int] = {"sqlite": 10, "postgresql": 3} if EVERY_WAY else {"sqlite": 4}
"""How often everybody asks for everything."""
HUGE = 100_000
LONG = 9_000
HOSTILE = (
    "", " ", "\n", "\0", "a\0b", "\ud800", "x\udfffy", "\x1b[31m", "\u202egnp.exe", "\u200b",
    "\u2066LX001\u2069", "\ufeff", "\uffff", "\u202e\u202d", "\u2028x\u2029y", "\x85",
    "👩\u200d👧" * 99,
    "e\u0301" * 500, "\n" * 5000, "ﷺ" * 300, "a\tb\rc\r\nd", "<!channel>", "<@U1>",
    "*b* _i_ `c` ~s~", "# h\n> q\n- l", "[x](http://y)", "<script>x</script>", "&lt;&amp;",
    "=HYPERLINK(1)", "+1-1", "@SUM(A1)", "%s %(x)s {incident} {0}", "{lead.__class__}",
    "' OR 1=1 --", '"; DROP TABLE lead; --', "%", "_", "\\", "100%_\\", "NaN", "Infinity",
    "1e400", "-1", "0", "²", "１２", "٣", "LX²", "LX١", "LX000", "LX999999999", "9" * 30, "9" * 18,
    "2147483648", "9999-12-31", "0001-01-01", "2024-02-30", "99/99", "in 999 months",
    "999个月后", "下下周五", "LX001 电话 x 9999年12月31日", "LX001 " + "1 " * 2000,
    "LX001 x" + " " * HUGE + "x", "x" * HUGE, "9" * HUGE, "1" + ",000" * 3000, " " * HUGE,
    "Aa@" * 9000, "a@b." + "c." * 9000, "138 1234 5678", "999999999999万", "0.000000000001",
    "-5万", "15-20万", "null", "true", "[]", "new:1:2024-W10", "won:1:9999-W53",
    "at_risk:999999999:2999-W52", "overdue:1:0001-W01", "new:٣:٢٠٢٤-W١٠",
    "lost:1:2024-W10:999999999", "coming:1:2024-W99", "2024-Q9/team:1",
    "2099-Q4/person:999999999", "C" * 500, "为" * 3000, "价格 " * 900,
)  # fmt: skip
VALID = {
    "person": ("1", "2", "3", "4", "5", "6", "7", "8"), "source": ("ads", "Exhibition", "展会"),
    "method": ("call", "demo"), "until": ("hour", "day", "2024-03-01"), "reason": ("call", "busy"),
    "next_on": ("2024-03-08", "tomorrow", "下周五"), "lead": ("LX001", "LX002", "lx3"),
    "role": ("rep", "manager", "admin", "service", "product", "finance"),
    "team": ("1", "2"), "weight": ("0", "7"),
    "status": ("active", "inactive"), "owner": ("keep", "rules"), "different": ("branch", "same"),
    "why": ("asked me",), "word": ("no",),
    "other": ("LX001", "LX002", "LX003"), "stays": ("one", "other"),
    "phone": ("+44 20 7946 0018", "138****5678"), "email": ("x@y.example",), "budget": ("8k",),
    "quiet": ("21-8",), "timezone": ("company", "UTC"), "by": ("chat", "mail"),
    "revenue": ("100万",), "customers": ("50",), "conversion": ("30%",),
    "satisfaction": ("1", "5"), "invoice": ("INV-1",), "filed": ("filed",), "note": ("Yes",),
    "own_solutions": ("slow → fast",), "own_modules": ("Import: 1 / 2万", "A: - / 3"),
    "modules": ("3", ("3", "4")), "discount": ("5", "9.5折"), "valid_until": ("2024-03-31",),
    "language": ("en", "zh_CN"), "quantity_0": ("2", "0"),
    "stages": ("captured", ("won", "lost")), "since": ("2024-02-01",),
    "kind": ("csv", "xlsx"), "unowned": ("me", "rules"), "likely": ("take",), "clocks": ("yes",),
    "pains": ("conversion", ("conversion", "scattered")), "basic": ("2万",), "stage": ("won",),
    "text": ("太贵了 too dear 138 1234 5678",), "objection": ("price",),
}  # fmt: skip
NAMES = (
    *LEAD, "source_detail", "product", "owner", "different", "lead", "method", "summary",
    "feedback", "next_step", "next_on", "until", "reason", "note", "person", "name", "role",
    "team", "new_team", "weight", "away_until", "status", "back_on", "question", "problems",
    "unowned", "likely", "clocks", "order",
    "satisfaction", "invoice", "filed", "stages", "since", "until", "kind", "grade",
    "rule", "capacity", "hours",
    "satisfaction", "invoice", "filed", "situation", "problem", "pains", "decision",
    "own_solutions", "solutions", "modules", "own_modules", "cases",
    "discount", "valid_until", "language",
    "opening", "terms", "quantity_0",
    "revenue", "customers", "leads", "conversion", "average_deal", "quiet", "timezone", "by",
    "text", "customer", "result", "average", "basic", "advanced", "stage", "objection",
    "said", "answer", "item", "propose",
    "why", "word", "other", "stays", "kept", "gone", "high_from", "within", "mon",
    "pool", "criteria",
)  # fmt: skip
IDS = (
    "script",
    "1:1",
    "2024-Q1",
    "answer",
    "module",
    "1:0",
    "2:0",
    "2:1",
    "LX001",
    "LX002",
    "LX003",
    "1",
    "2",
    "3",
    "4",
    "new:1:2024-W08",
    "C1",
    "2024-Q1/team:1",
    "2024-Q2/person:3",
    "scoring",
    "automations.rules.0.only",
    "routing.new",
    "clocks.high",
    "working_hours.blocks",
    "on:handover.won.0",
    "remove:handover.won.0",
    "stages.screened@1",
    "vocabulary.regions.0.key",
    "won",
)
ACCOUNTS = ("ada", "max", "robin", "dana", "wes", "kim", "sam", "pat", "stranger")


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(
        FRIDAY, after=something_of_everything, public_url="https://offers.example"
    ) as office:
        office.typed += (*HOSTILE, *IDS, *NAMES, "  ")
        yield office


def something_of_everything(office: Office) -> None:
    for account, customer in (("robin", "One Ltd"), ("dana", "Two Ltd"), ("kim", "Three Ltd")):
        office.log_lead(account, customer=customer, phone="", email="", owner="keep")
    for number in (1, 2, 3):
        account = office.owner(number)
        office.ask(account, "followup.open", text=f"LX00{number} call said so by 3/8 send it")
    for account, role in (("sam", Role.SERVICE), ("pat", Role.PRODUCT)):
        office.hire(account, f"{account.title()} Sample", role)
    values = {"person": str(office.people["pat"].id), "question": "Can it?"}
    for number in (1, 2):
        account = office.owner(number)
        state = {"lead": f"LX00{number}"}
        assert not office.ask(account, "support.create", state=state, values=values).errors
    for kind in ("answer", "module"):
        typed = {"title": f"Sample {kind}", "text": "Sample words"}
        for account in ("robin", "max"):
            state = {"kind": kind}
            assert not office.ask(account, "library.create", state=state, values=typed).errors
    for number in (1, 2):
        typed = {"own_modules": "Import: 1", "valid_until": "2024-03-31", "language": "en"}
        state = {"lead": f"LX00{number}", "proposal": "", "version": ""}
        account = office.owner(number)
        assert not office.ask(account, "proposal.save", state=state, values=typed).errors


class Chance:
    """Requests as they come; ``seed`` makes them the same every time."""

    def __init__(self, office: Office, seed: int) -> None:
        self._office = office
        self._random = random.Random(seed)  # noqa: S311 - chance, not a secret

    def shuffle(self, asked: list[Any]) -> None:
        self._random.shuffle(asked)

    def text(self) -> str:
        dice = self._random
        if dice.random() < 0.2:
            return dice.choice(HOSTILE)[:200] + dice.choice(HOSTILE)[:200]
        return dice.choice(HOSTILE)

    def value(self, name: str) -> Any:
        dice = self._random
        if dice.random() < 0.6:
            return dice.choice(VALID.get(name, (LEAD.get(name, "Sample words"),)))
        return tuple(self.text() for _ in range(3)) if dice.random() < 0.05 else self.text()

    def upload(self) -> Upload:
        """A list of hostile cells, or a file that is none."""
        dice = self._random
        if dice.random() < 0.3:
            return Upload(self.text(), dice.randbytes(200))
        rows = [[self.text()[:200] for _ in range(4)] for _ in range(3)]
        text = io.StringIO()
        csv.writer(text).writerows([("客户", "手机", "E-mail", "Stage"), *rows])
        return Upload(self.text(), text.getvalue().encode(errors="replace"))

    def ids(self) -> str:
        return self._random.choice(IDS) if self._random.random() < 0.6 else self.text()

    def request(self, account: str, action: str) -> Any:
        dice = self._random
        names = NAMES if dice.random() < 0.7 else dice.sample(NAMES, 6)
        versions = ("0", "1", "2", "3", "4", "5", self.text())
        state = {"value": self.ids(), "lead": self.ids(), "followup": self.ids()}
        state |= {"one": self.ids(), "other": self.ids()}
        state |= {"kind": self.ids(), "locale": dice.choice(("en", "zh_CN", self.text()))}
        return self._office.request(
            account,
            action,
            text=dice.choice((self.text(), "LX001", f"LX002 {self.text()}")),
            values={name: self.value(name) for name in names} if dice.random() < 0.8 else {},
            state=state | {"version": dice.choice(versions)},
            channel=dice.choice(("", "C1", self.text())),
            locale=dice.choice(("", "en", "zh-CN", self.text())),
            upload=self.upload() if action == "import.take" else None,
        )


def texts_in(shown: object) -> Iterator[str]:
    """Every text of a reply, whatever it stands in."""
    match shown:
        case str():
            yield shown
        case Mapping():
            for pair in shown.items():
                yield from texts_in(pair)
        case Sequence():
            for one in shown:
                yield from texts_in(one)
        case _ if is_dataclass(shown):
            for field in fields(shown):
                yield from texts_in(getattr(shown, field.name))


def parts_of(shown: object) -> Iterator[object]:
    if is_dataclass(shown):
        yield shown
        for field in fields(shown):
            yield from parts_of(getattr(shown, field.name))
    elif isinstance(shown, tuple):
        for one in shown:
            yield from parts_of(one)


def assert_drawable(reply: Reply) -> None:
    """Words that can be sent, and lengths that every platform takes."""
    for text in texts_in(reply):
        text.encode()
        assert "\0" not in text
        assert len(text) <= 4000, text[:100]
    for part in parts_of(reply):
        match part:
            case Option():
                assert len(part.value) <= 150, part
                assert len(part.label) <= 75, part
            case Form():
                assert len(part.title) <= 24
                assert len(part.fields) <= 50
            case Table():
                assert len(part.rows) <= 99
    assert len(reply.toast) <= 1000
    assert all(0 < len(words) <= 1000 for words in reply.errors.values())


def assert_sound(office: Office) -> None:
    """Whatever happened, the books agree."""
    waiting = Counter(
        row["lead_id"] for row in office.rows("followup") if row["next_at"] and not row["closed_at"]
    )
    open_offers = Counter(row["lead_id"] for row in office.rows("offer") if row["state"] == "open")
    for lead in office.leads():
        assert waiting[lead.id] <= 1, lead.number
        assert open_offers[lead.id] <= 1, lead.number
        assert bool(lead.next_at) == bool(waiting[lead.id]), lead.number
        assert "\n" not in lead.customer + lead.contact + lead.title + lead.source
    people = {row["id"]: row for row in office.rows("person")}
    owners = {lead.id: lead for lead in office.leads()}
    for task in office.rows("task"):
        if task["state"] == "open" and task["assignee_id"]:
            assignee, lead = people[task["assignee_id"]], owners[task["lead_id"]]
            assert assignee["active"]
            assert assignee["role"] != "manager" or assignee["team_id"] == lead.team_id
            assert assignee["role"] != "rep" or assignee["id"] == lead.owner_id
    names = [row["name"] for row in office.rows("person")]
    assert all(name.strip() for name in names)
    assert len(names) == len(set(names))
    assert any(row["role"] == "admin" and row["active"] for row in office.rows("person"))
    for row in office.rows("audit"):
        assert all(len(value) <= 400 for value in row["detail"].values()), row


class TestHostileInput:
    @pytest.mark.parametrize("database_kind", [*ROUNDS], indirect=True)
    def test_no_request_ends_in_a_traceback(self, office: Office, database_kind: Kind) -> None:
        chance, actions = Chance(office, seed=7), sorted(ROUTES)
        broken: Counter[str] = Counter()
        unexpected = office.say("error.unexpected", incident="").split(".")[0]
        unexpected_zh = office.world.languages("zh_CN").text("error.unexpected", incident="")[:8]
        asked = [(who, action) for who in ACCOUNTS for action in actions] * ROUNDS[database_kind]
        chance.shuffle(asked)
        for account, action in asked:
            request = chance.request(account, action)
            reply = office.send(request)
            assert_drawable(reply)
            said = "\n".join((reply.toast, *reply.errors.values()))
            if unexpected in said or unexpected_zh in said:
                broken[request.action] += 1
        assert not broken
        assert_sound(office)

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    def test_every_route_takes_or_refuses_hostile_texts(self, office: Office) -> None:
        """Each route a third of them and one of the longest, the next route others."""
        short = [text for text in HOSTILE if len(text) < LONG]
        long = [text for text in HOSTILE if len(text) >= LONG]
        for action, hostile in (
            (action, hostile)
            for number, action in enumerate(ROUTES)
            for hostile in (*short[number % 3 :: 3], long[number % len(long)])
        ):
            request = office.request(
                "robin" if may(office.people["robin"], action) else "ada",
                action,
                text=hostile,
                state=dict.fromkeys(
                    ("value", "lead", "followup", "version", "one", "other"), hostile
                ),
                values=dict.fromkeys(NAMES, hostile),
                channel=hostile or "C1",
            )
            reply = office.send(request)
            assert_drawable(reply)
            said = "\n".join((reply.toast, *reply.errors.values()))
            assert "went wrong on my side" not in said, (action, hostile[:40])
        assert_sound(office)

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    @settings(
        max_examples=400,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        database=None,
        derandomize=True,
    )
    @given(st.text(st.characters(), max_size=60), st.sampled_from(sorted(ROUTES)))
    def test_any_text_at_all(self, office: Office, text: str, action: str) -> None:
        values = dict(LEAD) | dict.fromkeys(("summary", "customer", "next_step", "name"), text)
        reply = office.ask("robin", action, text=f"LX001 {text}", pressed=text, values=values)
        assert_drawable(reply)
        said = "\n".join((reply.toast, *reply.errors.values()))
        assert "went wrong on my side" not in said

    def test_newcomers_may_be_called_anything(self, office: Office) -> None:
        for number, name in enumerate(HOSTILE):
            sender = Sender(PLATFORM, f"newcomer-{number}", name=name, locale="en")
            request = replace(office.request("", "help.open"), sender=sender)
            assert office.send(request).toast
            for action in ("newcomer.show", "newcomer.choose", "newcomer.admit"):
                reply = office.ask("ada", action, pressed=str(number + 1))
                assert_drawable(reply)
            assert_drawable(office.send(replace(request, id=f"{request.id}-again")))
        assert_sound(office)
        assert len(office.rows("person")) == len(office.people) + len(HOSTILE)
