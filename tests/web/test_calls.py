"""Signed calls: who may call, in what shape, how often; and what becomes of the lead."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.app import Storage
from bot.server import web_app
from handlers.core.labels import why_text
from handlers.core.requests import Conversation, Request, Sender
from handlers.intake import LeadArrival, Outcome, Via
from sales.intake import Intake
from sales.leads import Grade, Stage
from sales.playbook import Playbook, RoutingRule
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.clock import MovableClock
from tests.office import EAST, WEST, Office, open_office
from tests.web.conftest import FRIDAY
from tests.web.outside import BODY, SECRET, Outside, away
from tests.world import TestSettings, World


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    return problem


def wrong(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    problem = assert_problem(answer, 422)
    return {error["field"]: error for error in problem["errors"]}


class TestReadings:
    async def test_a_call_without_answers_is_read_by_its_words(
        self, office: Office, outside: Outside
    ) -> None:
        silent = {"title": "Purchasing manager", "need": "a CRM within 30 days", "budget": "15万"}
        answers = dict.fromkeys(("authority", "clarity", "timeframe"), "")
        assert (await outside.call({**BODY, **silent, **answers})).status_code == 200
        lead = office.lead()
        assert lead.score == 10
        assert set(lead.answers_read) == {"authority", "clarity", "timeframe"}

    async def test_an_answer_of_the_caller_is_no_reading(
        self, office: Office, outside: Outside
    ) -> None:
        given = {"title": "Head of IT", "authority": "staff", "timeframe": "later", "need": "asap"}
        assert (await outside.call({**BODY, **given})).status_code == 200
        lead = office.lead()
        assert (lead.authority.value, lead.timeframe.value) == ("staff", "later")


class TestHappyPath:
    async def test_reaches_the_reps_dm_scored_and_explained(
        self, office: Office, outside: Outside
    ) -> None:
        answer = await outside.call()
        assert (answer.status_code, answer.json()) == (200, {"status": "received"})
        lead = office.lead()
        assert lead.customer == "Beech Sample Ltd"
        assert lead.source == "website-pricing page"
        assert (lead.phone, lead.email) == ("+8613912345678", "li@beech.example")
        assert (lead.score, lead.grade) == (8, Grade.HIGH)
        assert office.owner() in ("robin", "dana")
        await office.settle()
        [card] = office.inbox(office.owner())
        assert card.title.startswith("LX001 · Beech Sample Ltd")
        assert why_text(office.offers()[0].why, office.language) in card.footnote
        assert office.press(office.owner(), card, "button.accept").toast

    async def test_goes_where_the_rules_say(self, office: Office, outside: Outside) -> None:
        rule = RoutingRule(name="Schools", industry=("education",), source=("website",), team=WEST)
        office.world.rules(Playbook(routing=(rule,)))
        await outside.call()
        assert office.owner() == "kim"
        assert office.lead().team_id == office.teams[WEST].id
        assert office.offers()[0].why.rule == "Schools"

    async def test_without_a_rule_goes_to_the_named_team(
        self, office: Office, outside: Outside
    ) -> None:
        office.world.rules(Playbook(intake=Intake(team=WEST)))
        await outside.call()
        assert office.owner() == "kim"

    async def test_nobody_there_loses_nothing(self, office: Office, outside: Outside) -> None:
        for account in office.people:
            office.change_person(account, lambda person: replace(person, active=False))
        assert (await outside.call()).status_code == 200
        assert office.lead().owner_id is None
        assert office.lead().team_id == office.teams[EAST].id

    async def test_is_on_record_with_its_source(self, office: Office, outside: Outside) -> None:
        await outside.call()
        [record] = office.rows("audit")
        assert (record["actor_id"], record["act"], record["subject"]) == (
            0,
            "lead.create",
            "lead:1",
        )
        assert record["detail"] == {"grade": "high", "via": "call", "source": "website"}

    @pytest.mark.parametrize(
        ("budget", "low"),
        [(150_000, 150_000), (1.5e5, 150_000), ("15-20万", 150_000), (None, None)],
    )
    async def test_budgets_as_numbers_or_words(
        self, office: Office, outside: Outside, budget: Any, low: int | None
    ) -> None:
        assert (await outside.call({**BODY, "budget": budget})).status_code == 200
        assert office.lead().budget_low == low

    async def test_labels_of_the_vocabulary_are_understood(
        self, office: Office, outside: Outside
    ) -> None:
        await outside.call({**BODY, "source": "官网咨询", "industry": "教育"})
        assert (office.lead().source, office.lead().industry) == (
            "website-pricing page",
            "education",
        )


class TestSignature:
    async def test_forged_calls_are_refused(self, office: Office, outside: Outside) -> None:
        raw = json.dumps(dict(BODY)).encode()
        good = outside.signed(raw)
        forged = [
            outside.signed(raw, secret="another-secret-of-somebody-else-0123"),
            outside.signed(raw + b" "),
            good | {"X-Genjin-Signature": ""},
            good | {"X-Genjin-Signature": "sha256="},
            good | {"X-Genjin-Signature": good["X-Genjin-Signature"][:-1]},
            good | {"X-Genjin-Timestamp": str(int(good["X-Genjin-Timestamp"]) + 1)},
            good | {"X-Genjin-Timestamp": ""},
            good | {"X-Genjin-Timestamp": "now"},
            good | {"X-Genjin-Timestamp": "-1"},
            good | {"X-Genjin-Timestamp": "9" * 40},
        ]
        for headers in forged:
            answer = await outside.http.post("/intake/leads", content=raw, headers=headers)
            assert_problem(answer, 401)
        bare = {"Content-Type": "application/json"}
        assert_problem(await outside.http.post("/intake/leads", content=raw, headers=bare), 401)
        assert office.leads() == []
        assert office.rows("inbound") == []

    @pytest.mark.parametrize("late", [301, 86_400, -301])
    async def test_stale_calls_are_refused(
        self, office: Office, outside: Outside, late: int
    ) -> None:
        problem = assert_problem(await outside.call(late=late), 401)
        assert problem["detail"] == office.say("intake.stale")
        assert office.leads() == []

    @pytest.mark.parametrize("late", [299, -299])
    async def test_clocks_may_differ_a_little(
        self, office: Office, outside: Outside, late: int
    ) -> None:
        assert (await outside.call(late=late)).status_code == 200

    async def test_two_secrets_are_valid_while_one_replaces_the_other(
        self, database: Database, fields: Fields
    ) -> None:
        other = "the-newer-secret-of-the-tests-" + "y" * 16
        both = f"{other}, {SECRET}"
        with open_office(database, fields, FRIDAY, intake_secret=both) as office:
            outside = Outside(office)
            assert (await outside.call()).status_code == 200
            assert (await outside.call(secret=other)).status_code == 200

    async def test_without_a_secret_there_is_no_such_page(
        self, database: Database, fields: Fields
    ) -> None:
        with open_office(database, fields, FRIDAY) as office:
            outside = Outside(office)
            assert (await outside.call(secret="")).status_code == 404
            assert (await outside.http.get("/intake/openapi.json")).status_code == 404


class TestReplay:
    @pytest.mark.every_way
    async def test_ten_at_once_are_one_lead(self, office: Office, outside: Outside) -> None:
        answers = await asyncio.gather(*(outside.call(event="same") for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(office.leads()) == 1
        assert len(office.offers()) == 1
        assert office.rows("enquiry") == []

    async def test_a_retry_signed_anew_is_the_same_event(
        self, office: Office, outside: Outside
    ) -> None:
        body = {"source": "website", "customer": "No Contact Ltd"}
        await outside.call(body, event="e-1")
        office.world.clock.advance(60)
        await outside.call(body, event="e-1")
        assert len(office.leads()) == 1

    async def test_an_overheard_call_does_not_pass_under_another_event(
        self, office: Office, outside: Outside
    ) -> None:
        body = {"source": "website", "customer": "No Contact Ltd"}
        for number in range(3):
            assert (await outside.call(body, event=f"e-{number}")).status_code == 200
        assert len(office.leads()) == 1

    async def test_a_refused_event_may_be_mended(self, office: Office, outside: Outside) -> None:
        wrong(await outside.call({**BODY, "phone": "none"}, event="e-1"))
        assert (await outside.call(event="e-1")).status_code == 200
        assert len(office.leads()) == 1

    @pytest.mark.parametrize("event", ["", " ", "a b", "x" * 101, "é", "../x"])
    async def test_an_event_needs_an_id(self, office: Office, outside: Outside, event: str) -> None:
        raw = json.dumps(dict(BODY)).encode()
        signed = outside.signed(raw, event=event)
        headers = [(name.encode(), value.encode()) for name, value in signed.items()]
        answer = await outside.http.post("/intake/leads", content=raw, headers=headers)
        assert_problem(answer, 400)
        assert office.leads() == []


class TestShape:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b" ",
            b"null",
            b"[]",
            b'"text"',
            b"{",
            b'{"a": NaN}',
            b'{"source": Infinity}',
            b"[" * 100_000,
            b'{"a":' * 50_000,
            '{"customer": "示例科技"}'.encode("gb18030"),
            json.dumps(dict(BODY)).encode("utf-16"),
            b"\xef\xbb\xbf{}",
            b"\x00\x01\x02",
            b'{"budget": ' + b"9" * 5000 + b"}",
        ],
        ids=lambda raw: ascii(raw[:12]),
    )
    async def test_no_json_object_in_utf8(
        self, office: Office, outside: Outside, raw: bytes
    ) -> None:
        assert_problem(await outside.call(raw), 400)
        assert office.leads() == []

    async def test_another_content_type(self, outside: Outside) -> None:
        answer = await outside.call(Content_Type="application/x-www-form-urlencoded")
        assert_problem(answer, 415)

    async def test_an_oversized_body_is_refused_before_it_is_read(self, outside: Outside) -> None:
        assert_problem(await outside.call(b"x" * 1_000_001), 413)

        async def endless() -> Any:
            for _ in range(100):
                yield b"x" * 100_000

        headers = outside.signed(b"") | {"Content-Type": "application/json"}
        answer = await outside.http.post("/intake/leads", content=endless(), headers=headers)
        assert_problem(answer, 413)

    async def test_names_every_wrong_field_at_once_with_an_example(
        self, office: Office, outside: Outside
    ) -> None:
        body = {
            "source": "carrier pigeon",
            "customer": 7,
            "contact": ["a"],
            "title": {"a": 1},
            "phone": "12",
            "email": "nobody",
            "budget": True,
            "need": "x" * 2001,
            "detail": "x" * 81,
            "industry": "magic",
            "timeframe": "yesterday",
            "authority": False,
            "hat": "red",
        }
        errors = wrong(await outside.call(body))
        assert set(errors) == set(body)
        assert all(error["problem"] for error in errors.values())
        assert all("example" in error for field, error in errors.items() if field != "hat")
        assert "website" in errors["source"]["allowed"]
        assert errors["timeframe"]["allowed"] == ["month", "quarter", "later", "unknown"]
        assert office.leads() == []

    async def test_an_empty_object_lacks_customer_and_source(self, outside: Outside) -> None:
        assert set(wrong(await outside.call({}))) == {"customer", "source"}

    async def test_many_unknown_fields_are_not_all_echoed(self, outside: Outside) -> None:
        body = {f"field {number} {'x' * 500}": "" for number in range(1500)}
        answer = await outside.call(body)
        assert len(answer.content) < 20_000

    async def test_speaks_the_callers_language(self, outside: Outside) -> None:
        english = wrong(await outside.call({}))
        chinese = wrong(await outside.call({}, Accept_Language="zh-CN,zh;q=0.9,en;q=0.8"))
        assert english["customer"]["problem"].startswith("Please enter the customer")
        assert "哪" in chinese["customer"]["problem"] or "客户" in chinese["customer"]["problem"]

    @pytest.mark.parametrize(
        "hostile",
        [
            "<script>alert(1)</script>",
            "\u0000\ud800\u202egnp",
            "' OR 1=1 --",
            "{lead.__class__} %s",
            "👩‍🚀" * 60,
            "\n\r\n" * 20 + "x",
            "=HYPERLINK(1)",
        ],
        ids=ascii,
    )
    async def test_hostile_text_is_kept_harmless_or_refused(
        self, office: Office, outside: Outside, hostile: str
    ) -> None:
        body = {**BODY, "customer": hostile, "need": hostile, "contact": hostile[:80]}
        office.typed.append(hostile)
        answer = await outside.call(body)
        assert answer.status_code in (200, 422), answer.text
        await office.settle()
        for lead in office.leads():
            assert "\0" not in lead.customer
            assert "\n" not in lead.customer
            assert "\u202e" not in lead.need
        odd = await outside.call({hostile: "x", **BODY})
        assert odd.status_code == 422


class TestKnownCustomer:
    async def test_looks_the_same_outside_and_tells_the_owner(
        self, office: Office, outside: Outside
    ) -> None:
        office.log_lead("robin", owner="keep", phone=str(BODY["phone"]), email="")
        await office.settle()
        office.desk.posted.clear()
        new = await outside.call({**BODY, "phone": "", "email": "x@other.example"})
        again = await outside.call({**BODY, "need": "now for our branch"})
        assert (again.status_code, again.content) == (new.status_code, new.content)
        assert {**again.headers} == {**new.headers}
        assert len(office.leads()) == 2
        await office.settle()
        told = [card for card in office.inbox("robin") if "LX001" in card.title]
        [card] = told
        assert card.title == office.say("enquiry.title", lead="LX001 · Acme Sample Ltd")
        assert card.body == "now for our branch"
        assert "139****5678" in repr(card)
        assert "13912345678" not in repr(card)
        assert office.lead().need == "wants a customer tool"
        assert [row["act"] for row in office.rows("audit")][-1] == "intake.again"
        sealed = office.sealed("enquiry", "said")[0]
        assert b"13912345678" not in sealed

    async def test_away_owner_and_the_manager_hear(self, office: Office, outside: Outside) -> None:
        office.log_lead("robin", owner="keep", phone=str(BODY["phone"]))
        later = FRIDAY.date().replace(day=20)
        office.change_person("robin", lambda person: replace(person, away_until=later))
        await outside.call()
        await office.settle()
        title = office.say("enquiry.title", lead="LX001 · Acme Sample Ltd")
        for account in ("robin", "max"):
            assert title in [card.title for card in office.inbox(account)]
        assert office.inbox("dana") == office.inbox("kim") == []

    async def test_a_lost_customer_can_be_taken_up_again(
        self, office: Office, outside: Outside
    ) -> None:
        office.log_lead("robin", owner="keep", phone=str(BODY["phone"]))
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.LOST, lost_reason="price"))
        await outside.call()
        await office.settle()
        card = office.inbox("robin")[-1]
        assert office.press("robin", card, "button.stage").form

    async def test_the_card_goes_when_the_lead_does(self, office: Office, outside: Outside) -> None:
        office.log_lead("robin", owner="keep", phone=str(BODY["phone"]))
        await outside.call({**BODY, "need": "a canary"})
        await office.settle()
        assert "a canary" in repr(office.inbox("robin"))
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.settle()
        assert "a canary" not in repr(office.inbox("robin"))

    async def test_a_colleague_of_a_known_contact_goes_to_the_same_rep(
        self, office: Office, outside: Outside
    ) -> None:
        office.log_lead("dana", owner="keep", customer="Beech Sample", email="a@beech.example")
        await outside.call()
        lead = office.leads()[0]
        assert (lead.id, office.owner(2)) == (2, "dana")
        assert office.offers(2)[0].why.reason == "same_customer"
        await office.settle()
        assert office.say("why.same_customer", rule="LX001") in office.inbox("dana")[-1].footnote

    @pytest.mark.every_way
    async def test_ten_different_calls_about_one_customer_at_once(
        self, office: Office, outside: Outside
    ) -> None:
        bodies = [{**BODY, "need": f"need {number}"} for number in range(10)]
        answers = await asyncio.gather(*(outside.call(body) for body in bodies))
        assert {answer.status_code for answer in answers} == {200}
        assert len(office.leads()) == 1
        assert len(office.rows("enquiry")) == 9


class TestLimits:
    async def test_each_source_has_its_own_and_is_told_how_long_to_wait(
        self, office: Office, outside: Outside
    ) -> None:
        office.world.rules(Playbook(intake=Intake(per_minute=2)))
        for number in range(2):
            body = {"source": "website", "customer": f"Sample {number}"}
            assert (await outside.call(body)).status_code == 200
        answer = await outside.call({"source": "官网咨询", "customer": "Sample 3"})
        assert_problem(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert (await outside.call({"source": "ads", "customer": "Sample 4"})).status_code == 200
        office.world.clock.advance(60)
        assert (await outside.call({"source": "website", "customer": "5"})).status_code == 200

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_replicas_count_together(
        self, office: Office, outside: Outside, fields: Fields
    ) -> None:
        office.world.rules(Playbook(intake=Intake(per_minute=1)))
        assert (await outside.call()).status_code == 200
        twin = type(office.world)(
            office.world.settings, Storage(office.world.database, fields), office.world.clock
        )
        raw = json.dumps(dict(BODY)).encode()
        transport = httpx.ASGITransport(web_app(twin.routes, twin.health, twin.registry))
        async with httpx.AsyncClient(transport=transport, base_url="http://twin") as http:
            answer = await http.post("/intake/leads", content=raw, headers=outside.signed(raw))
        assert_problem(answer, 429)
        twin._threads.shutdown()


class TestTrouble:
    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_a_database_that_is_away_is_said(self, office: Office, outside: Outside) -> None:
        with away(office.world.database):
            answer = await outside.call(event="e-1")
            assert_problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
            assert (await outside.http.get("/intake/openapi.json")).status_code == 200
        assert (await outside.call(event="e-1")).status_code == 200
        assert len(office.leads()) == 1

    async def test_no_phone_or_mail_or_secret_in_the_log(
        self, office: Office, outside: Outside, caplog: pytest.LogCaptureFixture
    ) -> None:
        await outside.call()
        await outside.call({**BODY, "phone": "139-canary-0000"})
        for canary in ("13912345678", "139 1234 5678", "li@beech", "canary", SECRET):
            assert canary not in caplog.text


class TestFirstDay:
    def test_a_company_without_people_loses_nothing(
        self, database: Database, fields: Fields
    ) -> None:
        settings = TestSettings.of(genjin_web_chat="off")
        world = World(settings, Storage(database, fields), MovableClock(FRIDAY))
        values = {"source": "website", "customer": "Early Sample Ltd"}
        assert (
            world.reception.take(LeadArrival(via=Via.CALL, ids=("e",), values=values))
            is Outcome.NEW
        )
        first = Sender("desk", "ada", name="Ada Admin", locale="en", is_owner=True)
        ask = Request("desk:1", "lead.open", first, Conversation("desk", "ada", True), "early")
        reply = world.router.dispatch(ask)
        assert reply.card
        assert "Early Sample Ltd" in reply.card.title
        world._threads.shutdown()
