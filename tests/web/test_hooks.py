"""Signed hooks: who may report what about a customer, and what becomes of it."""

import asyncio
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.public_web.fields import BEHAVIOR, ESIGN, NotAnObject, parse_body
from bot.public_web.tsign import signature
from handlers.core.ui import Card
from sales.leads import Stage
from sales.people import Role
from sales.playbook import Playbook, Signals
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.furnished import Offices
from tests.handlers.proposals.drafted import compose, press, stock
from tests.office import LEAD, Office, open_office
from tests.web.conftest import FRIDAY
from tests.web.outside import SECRET, Outside
from tests.web.test_calls import assert_problem, wrong

BEHAVE, SIGN = "/hooks/behavior", "/hooks/esign"
OPENED = {"kind": "proposal_opened", "lead": "LX001"}
SIGNED = {"state": "signed", "lead": "LX001", "contract": "HT-2024-031", "amount": "12.5万"}
LX001 = "LX001 · Acme Sample Ltd"
ALL_FIELDS = sorted({field.name for field in (*BEHAVIOR, *ESIGN)})
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text())
APP, APP_SECRET = "7438000001", "sample-app-secret-of-the-tests"


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(
        FRIDAY, after=a_lead_and_helpers, intake_secret=SECRET, esign_app_id=APP,
        esign_app_secret=APP_SECRET, public_url="https://genjin.example/",
    ) as office:  # fmt: skip
        yield office


def a_lead_and_helpers(office: Office) -> None:
    """LX001 is Robin's; there is service and finance for what follows a signature."""
    office.hire("sam", "Sam Sample", Role.SERVICE)
    office.hire("fay", "Fay Sample", Role.FINANCE)
    office.log_lead("robin", owner="keep")


def state_of(office: Office) -> dict[str, list[Any]]:
    return office.stored(("lead", "signal", "signing", "task", "message", "audit", "inbound"))


def titles(office: Office, account: str = "robin") -> list[str]:
    return [card.title for card in office.inbox(account)]


class TestBehavior:
    @pytest.mark.parametrize(
        "named",
        [{"lead": "lx-001"}, {"email": "Zhang@ACME.example"}, {"phone": "138 1234 5678"},
         {"contract": "HT-9"}],
        ids=str,
    )  # fmt: skip
    async def test_makes_the_named_lead_hot(
        self, office: Office, outside: Outside, named: dict[str, str]
    ) -> None:
        office.change_lead(1, lambda lead: replace(lead, contract="HT-9"))
        answer = await outside.call({"kind": "proposal_opened"} | named, to=BEHAVE)
        assert (answer.status_code, answer.json()) == (200, {"status": "received"})
        assert office.lead().hot_since
        await office.settle()
        assert office.say("signal.hot_title", lead=LX001) in titles(office)

    @pytest.mark.every_way
    async def test_ten_at_once_are_one(self, office: Office, outside: Outside) -> None:
        calls = (outside.call(OPENED, to=BEHAVE, event="same") for _ in range(10))
        assert {answer.status_code for answer in await asyncio.gather(*calls)} == {200}
        assert len(office.rows("signal")) == 1

    async def test_an_overheard_call_does_not_pass_under_another_event(
        self, office: Office, outside: Outside
    ) -> None:
        for number in range(3):
            await outside.call(OPENED, to=BEHAVE, event=f"e-{number}")
        assert len(office.rows("signal")) == 1

    async def test_figures_belong_to_some_kinds_only(
        self, office: Office, outside: Outside
    ) -> None:
        months = {"kind": "edition_months", "lead": "LX001", "value": 3}
        assert (await outside.call(months, to=BEHAVE)).status_code == 200
        assert office.rows("signal")[0]["value"] == 3
        for value in (3, "-1", "0", "1.5", 10**9, "many", "٣", "9" * 5000):
            bad = {"kind": "product_used" if value == 3 else "usage_up", "lead": "LX001"}
            assert set(wrong(await outside.call(bad | {"value": value}, to=BEHAVE))) == {"value"}

    async def test_each_source_has_its_own_limit(self, office: Office, outside: Outside) -> None:
        office.world.rules(Playbook(signals=Signals(per_minute=1)))
        used = {"kind": "product_used", "lead": "LX001", "source": "product"}
        assert (await outside.call(used, to=BEHAVE)).status_code == 200
        answer = await outside.call({**used, "source": " Product"}, to=BEHAVE)
        assert_problem(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert (await outside.call({**used, "source": "mail"}, to=BEHAVE)).status_code == 200


class TestRefusals:
    @pytest.mark.parametrize("path", [BEHAVE, SIGN])
    async def test_forged_stale_and_misshapen_calls(
        self, office: Office, outside: Outside, path: str
    ) -> None:
        good, before = OPENED if path == BEHAVE else SIGNED, state_of(office)
        for how, status in (
            ({"secret": "another-secret-of-somebody-else-0123"}, 401),
            ({"late": 301}, 401),
            ({"late": -301}, 401),
            ({"event": ""}, 400),
            ({"Content_Type": "text/plain"}, 415),
        ):
            assert_problem(await outside.call(good, to=path, **how), status)
        for raw, status in ((b"x" * 1_000_001, 413), (b"[]", 400), (b"{", 400), (b"[" * 9999, 400)):
            assert_problem(await outside.call(raw, to=path), status)
        assert state_of(office) == before

    @pytest.mark.parametrize("path", [BEHAVE, SIGN])
    @pytest.mark.parametrize(
        "named",
        [{"lead": "LX999"}, {"lead": "' OR 1=1"}, {"email": "nobody@x.example"},
         {"phone": "139 0000 0000"}, {"contract": "HT-2099-404"}, {"contract": "%"}],
        ids=str,
    )  # fmt: skip
    async def test_an_unknown_lead_is_all_that_is_said(
        self, office: Office, outside: Outside, path: str, named: dict[str, str]
    ) -> None:
        before = state_of(office)
        body = {"kind": "proposal_opened"} if path == BEHAVE else {"state": "expired"}
        answer = await outside.call(body | named, to=path)
        assert_problem(answer, 404)
        assert not any(value in answer.text for value in named.values())
        assert state_of(office) == before

    async def test_wrong_fields_are_named_with_what_would_be_right(
        self, office: Office, outside: Outside
    ) -> None:
        errors = wrong(await outside.call({"kind": ["x"], "hat": 1}, to=BEHAVE))
        assert set(errors) == {"kind", "hat", "lead"}
        assert "proposal_opened" in errors["kind"]["allowed"]
        two = wrong(await outside.call({**OPENED, "email": LEAD["email"]}, to=BEHAVE))
        assert set(two) == {"lead"}
        bad = {"state": "maybe", "amount": "plenty", "contract": "x" * 81, "reason": "y" * 151}
        errors = wrong(await outside.call(bad | {"phone": "12", "email": "x"}, to=SIGN))
        assert set(errors) == {*bad, "phone", "email", "lead"}

    async def test_a_contact_stands_in_no_log(
        self, outside: Outside, caplog: pytest.LogCaptureFixture
    ) -> None:
        for body in ({"email": "canary@x.example"}, {"phone": "139-canary"}):
            await outside.call({"kind": "email_opened"} | body, to=BEHAVE)
        assert "canary" not in caplog.text

    async def test_without_secrets_there_is_no_such_page(
        self, database: Database, fields: Fields
    ) -> None:
        with open_office(database, fields, FRIDAY) as office:
            outside = Outside(office)
            for path in (BEHAVE, SIGN):
                assert (await outside.call(OPENED, to=path, secret="")).status_code == 404
            assert (await outside.http.get("/hooks/openapi.json")).status_code == 404

    async def test_an_own_secret_takes_the_place_of_the_other(
        self, database: Database, fields: Fields
    ) -> None:
        own = "the-hooks-own-secret-of-the-tests-" + "h" * 16
        with open_office(
            database, fields, FRIDAY, intake_secret=SECRET, hooks_secret=own
        ) as office:
            office.log_lead("robin", owner="keep")
            outside = Outside(office)
            assert_problem(await outside.call(OPENED, to=BEHAVE), 401)
            assert (await outside.call(OPENED, to=BEHAVE, secret=own)).status_code == 200

    @given(st.dictionaries(st.sampled_from(ALL_FIELDS), ANYTHING))
    def test_any_object_is_read_or_named_wrong(self, body: dict[str, Any]) -> None:
        for fields in (BEHAVIOR, ESIGN):
            try:
                read = parse_body(json.dumps(body).encode(), fields)
            except NotAnObject:
                continue
            assert set(read.values) | set(read.problems) <= set(body)
            assert all(isinstance(value, str) for value in read.values.values())


def send(office: Office, **typed: str) -> Card:
    """A proposal on its way."""
    reply = press(office, compose(office, **typed), "proposal.send")
    assert reply.card, reply
    return reply.card


def signed_card(office: Office) -> Card:
    title = office.say("signing.title_signed", lead=LX001)
    return next(card for card in office.inbox("robin") if card.title == title)


class TestSigned:
    async def test_wins_the_lead_and_starts_what_follows(
        self, office: Office, outside: Outside
    ) -> None:
        assert (await outside.call(SIGNED, to=SIGN)).status_code == 200
        lead = office.lead()
        assert (lead.stage, lead.contract) == (Stage.WON, "HT-2024-031")
        assert (lead.amount, lead.closed_at) == (Decimal(125_000), office.world.clock.now())
        assert len(office.tasks()) == 3
        await office.settle()
        assert office.say("signing.title_signed", lead=LX001) in titles(office)
        for account in ("sam", "fay"):
            assert len(office.inbox(account)) == 1
        [moved] = [row for row in office.rows("audit") if row["act"] == "stage.move"]
        assert (moved["actor_id"], moved["detail"]["reason"]) == (0, "e-signature")

    async def test_again_under_another_event_changes_nothing(
        self, office: Office, outside: Outside
    ) -> None:
        await outside.call(SIGNED, to=SIGN)
        once = state_of(office)
        office.world.clock.advance(60)
        await outside.call(SIGNED, to=SIGN)
        after = state_of(office)
        for table in ("lead", "task", "message"):
            assert after[table] == once[table]

    async def test_another_amount_asks_a_person(self, office: Office, outside: Outside) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.WON, amount=Decimal(120_000)))
        await outside.call(SIGNED, to=SIGN)
        assert office.lead().amount == Decimal(120_000)
        await office.settle()
        card = next(c for c in office.inbox("robin")
                    if c.title == office.say("signing.title_signed", lead=LX001))  # fmt: skip
        assert card.body == office.say("signing.body_disagree")
        form = office.press("robin", card, "signing.say").form
        assert form
        assert office.submit("robin", form, amount="much").errors.keys() == {"amount"}
        assert not office.submit("robin", form).errors
        assert (office.lead().amount, office.lead().contract) == (Decimal(125_000), "HT-2024-031")
        assert office.submit("robin", form).errors, "it was said already"

    async def test_no_amount_at_all_asks_a_person(self, office: Office, outside: Outside) -> None:
        await outside.call({"state": "signed", "lead": "LX001"}, to=SIGN)
        assert office.lead().stage is Stage.CAPTURED
        await office.settle()
        card = next(c for c in office.inbox("robin")
                    if c.body == office.say("signing.body_ask"))  # fmt: skip
        form = office.press("robin", card, "signing.say").form
        assert form
        office.submit("robin", form, amount="8万")
        assert (office.lead().stage, office.lead().amount) == (Stage.WON, Decimal(80_000))
        assert len(office.tasks()) == 3

    async def test_what_no_encoding_takes_is_left_out(self, outside: Outside) -> None:
        told = await outside.call({"kind": "opened", "source": "\ud800"}, to="/hooks/behavior")
        assert_problem(told, 422)

    async def test_nothing_is_no_worth(self, office: Office, outside: Outside) -> None:
        await outside.call(SIGNED | {"amount": "0"}, to=SIGN)
        assert office.lead().stage is not Stage.WON
        await office.settle()
        card = next(one for one in office.inbox("robin")[::-1] if "signing.ask" in repr(one))
        form = office.press("robin", card, "signing.say").form
        assert form is not None
        refused = office.submit("robin", form, amount="0")
        assert refused.errors == {"amount": office.say("problem.amount_nothing", typed="0")}
        assert not office.submit("robin", form, amount="8万").errors
        assert office.lead().amount == Decimal(80_000)

    @pytest.mark.parametrize(("amount", "edition"), [("30000", "basic"), ("55000.49", "advanced")])
    async def test_the_sum_of_an_edition_wins_and_says_which(
        self, office: Office, outside: Outside, amount: str, edition: str
    ) -> None:
        stock(office)
        send(office, discount="0")
        await outside.call(SIGNED | {"amount": amount}, to=SIGN)
        assert (office.lead().stage, office.lead().amount) == (Stage.WON, Decimal(amount))
        await office.settle()
        card = signed_card(office)
        assert office.say(f"edition.{edition}") in repr(card.facts)
        assert card.body == office.say("signing.body_signed")

    async def test_an_amount_that_nobody_quoted_asks_and_shows_both(
        self, office: Office, outside: Outside
    ) -> None:
        stock(office)
        send(office, discount="0")
        await outside.call(SIGNED | {"amount": "31000"}, to=SIGN)
        assert office.lead().stage is Stage.PROPOSAL
        await office.settle()
        card = signed_card(office)
        assert card.body == office.say("signing.body_disagree_quote")
        for sum_ in (31_000, 30_000, Decimal("55000.49")):
            assert office.language.money(Decimal(sum_)) in repr(card.facts)
        form = office.press("robin", card, "signing.say").form
        assert form
        assert not office.submit("robin", form).errors
        assert office.lead().amount == Decimal(31_000)

    async def test_without_an_amount_two_editions_leave_it_open(
        self, office: Office, outside: Outside
    ) -> None:
        stock(office)
        send(office, discount="0")
        await outside.call({"state": "signed", "lead": "LX001"}, to=SIGN)
        assert office.lead().stage is Stage.PROPOSAL
        await office.settle()
        card = signed_card(office)
        assert card.body == office.say("signing.body_ask_quote")
        assert office.language.money(Decimal(30_000)) in repr(card.facts)

    async def test_without_an_amount_the_only_edition_is_taken(
        self, office: Office, outside: Outside
    ) -> None:
        send(office, own_modules="Import: 8,000 / -", discount="10")
        await outside.call({"state": "signed", "lead": "LX001"}, to=SIGN)
        assert (office.lead().stage, office.lead().amount) == (Stage.WON, Decimal(7_200))
        await office.settle()
        assert office.say("edition.basic") in repr(signed_card(office).facts)

    async def test_what_is_only_expected_does_not_go_before_the_quote(
        self, office: Office, outside: Outside
    ) -> None:
        stock(office)
        send(office, discount="0")
        office.change_lead(1, lambda lead: replace(lead, amount=Decimal(28_000)))
        await outside.call(SIGNED | {"amount": "30000"}, to=SIGN)
        assert office.lead().stage is Stage.WON
        assert office.lead().amount == Decimal(30_000)

    async def test_a_proposal_that_was_taken_back_counts_for_nothing(
        self, office: Office, outside: Outside
    ) -> None:
        stock(office)
        press(office, send(office, discount="0"), "proposal.revoke")
        await outside.call(SIGNED, to=SIGN)
        assert office.lead().amount == Decimal(125_000)

    @pytest.mark.parametrize("state", ["rejected", "expired", "revoked"])
    async def test_any_other_end_moves_nothing_and_is_told(
        self, office: Office, outside: Outside, state: str
    ) -> None:
        body = {"state": state, "lead": "LX001", "reason": "wants a discount"}
        await outside.call(body, to=SIGN)
        assert office.lead().stage is Stage.CAPTURED
        await office.settle()
        card = next(c for c in office.inbox("robin")
                    if c.title == office.say(f"signing.title_{state}", lead=LX001))  # fmt: skip
        assert "wants a discount" in repr(card.facts)
        assert office.press("robin", card, "button.stage").form


class TestTheServicesOwnCallbacks:
    """Signed as open.esign.cn describes it: timestamp, query values by name, body; in hex."""

    @staticmethod
    def flow(status: str = "2", **more: Any) -> dict[str, Any]:
        return {
            "action": "SIGN_FLOW_COMPLETE", "timestamp": 1709258400000, "signFlowId": "f-1",
            "signFlowTitle": "Sales contract", "signFlowStatus": status, "statusDescription": "",
        } | more  # fmt: skip

    async def call(
        self, outside: Outside, body: dict[str, Any], *, query: str = "", late: float = 0,
        app: str = APP, secret: str = APP_SECRET,
    ) -> httpx.Response:  # fmt: skip
        raw = json.dumps(body, ensure_ascii=False).encode()
        at = outside.office.world.clock.now() - timedelta(seconds=late)
        timestamp = f"{at.timestamp() * 1000:.0f}"
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "X-Tsign-Open-App-Id": app,
            "X-Tsign-Open-TIMESTAMP": timestamp,
            "X-Tsign-Open-SIGNATURE-ALGORITHM": "hmac-sha256",
            "X-Tsign-Open-SIGNATURE": signature(
                secret, timestamp, dict(httpx.QueryParams(query)), raw
            ),
        }
        return await outside.http.post(f"{SIGN}?{query}", content=raw, headers=headers)

    def test_query_values_go_by_their_names(self) -> None:
        """As the service describes it; its published figures are blacked out in part, so that
        they do not prove themselves."""
        query = {"orderNo": "001", "belong": "pinjie"}
        told = b'1729489875363pinjie001{"a":"\xe7\xad\xbe"}'
        expected = hmac.new(b"app secret", told, sha256).hexdigest()
        body = '{"a":"签"}'.encode()
        assert signature("app secret", "1729489875363", query, body) == expected

    async def test_a_signed_flow_wins_the_lead_once(self, office: Office, outside: Outside) -> None:
        query = "lead=LX001&contract=HT-7&amount=125000"
        office.change_lead(1, lambda lead: replace(lead, amount=Decimal(125_000)))
        for late in (0, 0, 60):
            answer = await self.call(outside, self.flow(), query=query, late=late)
            assert (answer.status_code, answer.json()["code"]) == (200, "200")
        lead = office.lead()
        assert (lead.stage, lead.contract, lead.amount) == (Stage.WON, "HT-7", Decimal(125_000))
        assert len(office.rows("signing")) == 1

    @pytest.mark.parametrize(
        "query",
        ["lead=LX001&contract=HT-7&amount=125000", "lead=LX001&contract=000HT-7&amount=125"],
    )
    async def test_an_amount_of_the_address_alone_wins_nothing(
        self, office: Office, outside: Outside, query: str
    ) -> None:
        """Both addresses have one signature: it joins the values without a frame."""
        assert (await self.call(outside, self.flow(), query=query)).status_code == 200
        assert office.lead().stage is not Stage.WON
        assert [row["verdict"] for row in office.rows("signing")] == ["ask"]

    @pytest.mark.parametrize(
        ("status", "state"), [("3", "revoked"), ("5", "expired"), (7, "rejected")]
    )
    async def test_the_title_may_name_the_lead(
        self, office: Office, outside: Outside, status: Any, state: str
    ) -> None:
        told = self.flow(status, signFlowTitle="合同LX001号", statusDescription="wants less")
        assert (await self.call(outside, told)).status_code == 200
        [row] = office.rows("signing")
        assert (row["state"], row["reason"], row["lead_id"]) == (state, "wants less", 1)

    @pytest.mark.parametrize(
        "more",
        [{"action": "SIGN_MISSON_COMPLETE"}, {"signFlowStatus": "9"}, {},
         {"signFlowTitle": "LX001 and LX002"}, {"signFlowStatus": ["2"], "signFlowTitle": None}],
        ids=str,
    )  # fmt: skip
    async def test_what_is_no_leads_is_left_alone(
        self, office: Office, outside: Outside, more: dict[str, Any]
    ) -> None:
        before = state_of(office)
        assert (await self.call(outside, self.flow() | more)).status_code == 200
        assert state_of(office) == before

    async def test_forged_and_stale_ones_are_refused(
        self, office: Office, outside: Outside
    ) -> None:
        before, query = state_of(office), "lead=LX001&amount=1"
        for how in ({"secret": "x"}, {"app": "other"}, {"late": 301}, {"late": -301}):
            assert_problem(await self.call(outside, self.flow(), query=query, **how), 401)
        raw = json.dumps(self.flow()).encode()
        bare = {"Content-Type": "application/json", "X-Tsign-Open-SIGNATURE": ""}
        assert_problem(await outside.http.post(SIGN, content=raw, headers=bare), 401)
        assert state_of(office) == before
