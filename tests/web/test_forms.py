"""The public form: happy path, errors in both languages, machines, embedding."""

import asyncio
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from bot.public_web.pages import accepted
from handlers.intake import Outcome
from sales.intake import Intake, PublicForm
from sales.playbook import Playbook
from tests.office import WEST, Office
from tests.pages import without_tokens
from tests.web.outside import RULES, TYPED, Outside, away


class TestHappyPath:
    @pytest.mark.parametrize("locale", ["en", "zh-CN"])
    async def test_from_the_page_to_the_reps_dm(
        self, office: Office, outside: Outside, locale: str
    ) -> None:
        visitor = await outside.open(lang=locale, detail="spring  fair")
        assert f'<html lang="{locale}">' in visitor.page.text
        detail = visitor.value("source_detail")
        answer = await visitor.send(**TYPED, product="advanced", source_detail=detail)
        assert answer.status_code == 303
        thanks = await outside.http.get(answer.headers["location"])
        language = office.world.languages(locale)
        assert language.text("visitor.thanks_title") in thanks.text
        lead = office.lead()
        assert (lead.customer, lead.source) == (TYPED["customer"], "website-spring fair")
        assert (lead.phone, lead.product) == ("+8613612345678", "advanced")
        await office.settle()
        [card] = office.inbox(office.owner())
        assert TYPED["customer"] in card.title

    async def test_a_forms_own_team(self, office: Office, outside: Outside) -> None:
        form = PublicForm(team=WEST)
        office.world.rules(Playbook(intake=Intake(forms={"ads": form})))
        await (await outside.open("ads")).send(**TYPED)
        assert office.owner() == "kim"

    @pytest.mark.every_way
    async def test_a_double_click_is_one_lead(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        typed: dict[str, Any] = {"customer": "No Reach Ltd", "phone": TYPED["phone"]}
        answers = await asyncio.gather(*(visitor.send(**typed) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {303}
        assert len(office.leads()) == 1
        assert office.rows("enquiry") == []

    async def test_a_known_customer_sees_the_same_thanks(
        self, office: Office, outside: Outside
    ) -> None:
        first = await (await outside.open()).send(**TYPED)
        second = await (await outside.open()).send(**TYPED)
        assert first.headers["location"] == second.headers["location"]
        assert len(office.leads()) == len(office.rows("enquiry")) == 1

    async def test_only_the_fields_of_the_form_are_read(
        self, office: Office, outside: Outside
    ) -> None:
        visitor = await outside.open("partner")
        sly: dict[str, Any] = {
            "source": "ads",
            "authority": "decider",
            "budget": "1亿",
            "owner": "keep",
        }
        await visitor.send(**TYPED, **sly)
        lead = office.lead()
        assert (lead.source, lead.authority, lead.budget_low) == ("partner", "unknown", None)


class TestMistakes:
    async def test_stand_beside_the_fields_with_everything_typed_kept(
        self, office: Office, outside: Outside
    ) -> None:
        visitor = await outside.open(lang="en", detail="fair")
        typed: dict[str, Any] = {
            "phone": "12",
            "email": "no@body",
            "need": "two\nlines",
            "budget": "a lot",
        }
        answer = await visitor.send(**typed, product="advanced", source_detail="fair")
        assert answer.status_code == 422
        errors = visitor.errors()
        assert set(errors) == {"customer", "phone", "email", "budget"}
        assert errors["customer"] == office.say("visitor.problem_customer_missing")
        for name in ("phone", "email", "budget"):
            assert visitor.value(name) == typed[name]
            assert "example" in errors[name]
        assert "two\nlines</textarea>" in answer.text
        assert '<option value="advanced" selected>' in answer.text
        assert visitor.value("source_detail") == "fair"
        assert visitor.value("ticket") == visitor.ticket
        assert len(re.findall(" autofocus", answer.text)) == 1
        assert 'aria-describedby="error-customer"' in answer.text
        mended = {"customer": "Mended Ltd", "phone": TYPED["phone"], "email": "", "budget": ""}
        assert (await visitor.send(**mended)).status_code == 303

    async def test_in_chinese(self, outside: Outside) -> None:
        visitor = await outside.open(lang="zh-CN")
        await visitor.send(phone="12")
        errors = visitor.errors()
        assert set(errors) == {"customer", "phone"}
        assert all(re.search("[一-鿿]", words) for words in errors.values())
        shown = re.sub(r"<[^>]+>", " ", visitor.page.text)
        assert not re.search(r"\b(?:Please|required|Send|Phone|field)\b", shown)

    async def test_a_way_to_answer_is_needed(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        await visitor.send(customer="Sample Ltd", phone=" ", email="")
        assert set(visitor.errors()) == {"phone"}
        assert office.leads() == []

    @pytest.mark.parametrize("name", ["customer", "contact", "title", "need"])
    async def test_too_long_is_said_and_kept(self, outside: Outside, name: str) -> None:
        visitor = await outside.open()
        await visitor.send(**{**TYPED, name: "x" * 2001})
        assert set(visitor.errors()) == {name}
        assert "x" * 2001 in visitor.page.text

    @pytest.mark.parametrize(
        "hostile",
        ["<script>x</script>", '"><img src=x onerror=y>', "{{ 7*7 }}", "\u202egnp", "'--", "\x00"],
    )
    async def test_hostile_text_stays_text(
        self, office: Office, outside: Outside, hostile: str
    ) -> None:
        visitor = await outside.open(detail=hostile)
        assert "<script" not in visitor.page.text
        typed: dict[str, Any] = dict.fromkeys(TYPED, hostile)
        await visitor.send(**typed, source_detail=hostile, product=hostile)
        assert visitor.page.status_code == 422
        for danger in ("<script", "<img", "49", "\u202e", "\0"):
            assert danger not in without_tokens(re.sub(r'value="\d{13}\.', "", visitor.page.text))
        await visitor.send(**{**TYPED, "need": hostile, "contact": hostile})
        assert visitor.page.status_code == 303
        assert "\0" not in office.lead().need

    async def test_bytes_of_another_encoding_do_no_harm(self, outside: Outside) -> None:
        visitor = await outside.open()
        body = b"customer=" + "示例科技".encode("gb18030") + b"&need=%C4%E3&ticket=x"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await outside.http.post("/form/website", content=body, headers=headers)
        assert answer.status_code == 409
        for junk in (b"", b"&" * 1000, b"=" * 1000, b"%" * 1000, bytes(range(256))):
            answer = await outside.http.post("/form/website", content=junk, headers=headers)
            assert answer.status_code in (400, 409)
        huge = await outside.http.post("/form/website", content=b"a" * 70_000, headers=headers)
        assert huge.status_code == 400
        assert visitor.page.status_code == 200

    async def test_switching_the_language_keeps_what_was_typed(
        self, office: Office, outside: Outside
    ) -> None:
        visitor = await outside.open(lang="en")
        answer = await visitor.send(**TYPED, switch="zh-CN")
        assert '<html lang="zh-CN">' in answer.text
        assert visitor.value("customer") == TYPED["customer"]
        assert visitor.errors() == {}
        assert office.leads() == []
        assert (await visitor.send(**TYPED)).headers["location"].endswith("zh-CN")


class TestMachines:
    async def test_a_filled_trap_is_asked_again(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        answer = await visitor.send(**TYPED, homepage="http://spam.example")
        assert answer.status_code == 422
        assert office.say("visitor.too_quick") in answer.text
        assert "spam.example" not in answer.text
        assert office.leads() == []
        assert (await visitor.send(**TYPED)).status_code == 303

    async def test_too_quick_is_asked_again(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        assert (await visitor.send(after=1, **TYPED)).status_code == 422
        assert visitor.value("customer") == TYPED["customer"]
        assert office.leads() == []
        assert (await visitor.send(after=3, **TYPED)).status_code == 303

    async def test_made_up_and_foreign_tickets(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        other = await outside.open("partner")
        opened, _, seal = visitor.ticket.rpartition(".")
        for ticket in (
            "", "x", "1.2.3", other.ticket, visitor.ticket[:-1], f" {visitor.ticket}",
            f"{opened.upper()}.{seal}", f"0{visitor.ticket}", f"{opened} .{seal}", "٣.x.y",
        ):  # fmt: skip
            answer = await visitor.send(**TYPED, ticket=ticket)
            assert answer.status_code == 409, ticket
            assert visitor.value("customer") == TYPED["customer"]
        assert office.leads() == []
        # The page that says so carries a good one.
        assert (await visitor.send(**TYPED, ticket=visitor.value("ticket"))).status_code == 303

    async def test_a_form_left_open_for_a_day(self, office: Office, outside: Outside) -> None:
        visitor = await outside.open()
        answer = await visitor.send(after=24 * 3600, **TYPED)
        assert answer.status_code == 409
        assert office.say("visitor.expired") in answer.text
        fresh = visitor.value("ticket")
        assert (await visitor.send(**TYPED, ticket=fresh)).status_code == 303

    async def test_one_address_sends_only_so_much(self, office: Office, outside: Outside) -> None:
        office.world.rules(Playbook(intake=RULES.model_copy(update={"form_per_hour": 2})))
        visitor = await outside.open()
        for _ in range(2):
            await visitor.send()
        answer = await visitor.send(**TYPED)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert visitor.value("customer") == TYPED["customer"]
        elsewhere = Outside(office, address="198.51.100.9")
        office.world.rules(Playbook(intake=RULES.model_copy(update={"form_per_hour": 2})))
        assert (await (await elsewhere.open()).send(**TYPED)).status_code == 303
        assert (await visitor.send(after=3600, **TYPED)).status_code == 303
        assert b"203.0.113" not in repr(office.rows("memory")).encode()

    async def test_the_other_language_counts_too(self, office: Office, outside: Outside) -> None:
        office.world.rules(Playbook(intake=RULES.model_copy(update={"form_per_hour": 2})))
        visitor = await outside.open()
        for _ in range(2):
            assert (await visitor.send(**TYPED, switch="zh-CN")).status_code == 200
        answer = await visitor.send(**TYPED, switch="en")
        assert answer.status_code == 429
        assert visitor.value("customer") == TYPED["customer"]

    async def test_an_ipv6_household_is_one_address(self, office: Office) -> None:
        rules = RULES.model_copy(update={"form_per_hour": 1})
        for number, status in ((1, 303), (2, 429)):
            outside = Outside(office, address=f"2001:db8:1:2::{number}")
            office.world.rules(Playbook(intake=rules))
            assert (await (await outside.open()).send(**TYPED)).status_code == status


class TestWhichForms:
    @pytest.mark.parametrize("source", ["ads", "nothing", "WEBSITE", "a%20b", "a" * 3000])
    async def test_only_those_the_playbook_opens(self, outside: Outside, source: str) -> None:
        answer = await outside.http.get(f"/form/{source}")
        assert answer.status_code == 404
        posted = await outside.http.post(f"/form/{source}", data={"customer": "x"})
        assert posted.status_code == 404

    async def test_none_by_default(self, office: Office, outside: Outside) -> None:
        office.world.rules(Playbook())
        assert (await outside.http.get("/form/website")).status_code == 404
        assert (await outside.http.get("/form/website/thanks")).status_code == 404

    def test_the_playbook_refuses_what_cannot_work(self) -> None:
        refused: tuple[dict[str, Any], ...] = (
            {"forms": {"pigeon": {}}},
            {"forms": {"website": {"fields": ["customer", "need"]}}},
            {"forms": {"website": {"fields": ["phone"]}}},
            {"forms": {"website": {"fields": ["customer", "phone", "phone"]}}},
            {"forms": {"website": {"embed_on": ["https://a.example; script-src *"]}}},
            {"forms": {"website": {"embed_on": ["*"]}}},
            {"forms": {"website": {"embed_on": ["https://a.example\n"]}}},
            {"forms": {"website": {"privacy_url": "javascript:alert(1)"}}},
            {"per_minute": 0},
        )
        for rules in refused:
            with pytest.raises(ValidationError):
                Playbook.model_validate({"intake": rules})


class TestHeaders:
    async def test_are_strict_and_frames_are_ours_alone(self, outside: Outside) -> None:
        visitor = await outside.open()
        sent = await visitor.send()
        missing = await outside.http.get("/form/none")
        for page in (await outside.http.get("/form/website"), sent, missing):
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert policy.endswith("frame-ancestors 'self'")
            assert "script-src" not in policy
            assert page.headers["x-frame-options"] == "SAMEORIGIN"
            assert page.headers["x-content-type-options"] == "nosniff"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert page.headers["cache-control"] == "no-store"
            assert "set-cookie" not in page.headers
            assert "<script" not in page.text

    async def test_named_sites_may_embed(self, outside: Outside) -> None:
        visitor = await outside.open("partner")
        sent = await visitor.send(**TYPED)
        thanks = await outside.http.get(sent.headers["location"])
        for page in (visitor.page, sent, thanks, await outside.http.get("/form/partner")):
            policy = page.headers["content-security-policy"]
            assert policy.endswith(
                "frame-ancestors 'self' https://www.acme.example https://*.beech.example:8443"
            )
            assert "x-frame-options" not in page.headers

    async def test_nothing_comes_from_elsewhere(self, outside: Outside) -> None:
        visitor = await outside.open()
        loaded = re.findall(r'(?:src|href|action)="([^"]+)"', visitor.page.text)
        assert loaded
        for address in loaded:
            assert address.startswith("/form-assets/")
            file = await outside.http.get(address)
            assert file.status_code == 200
            assert file.headers["x-content-type-options"] == "nosniff"
            assert "url(" not in file.text
            assert "@import" not in file.text
        assert (await outside.http.get("/form-assets/../pages.py")).status_code == 404

    async def test_the_privacy_page_is_linked(self, outside: Outside) -> None:
        assert 'href="https://acme.example/privacy"' in (await outside.open("partner")).page.text


class TestLanguage:
    @pytest.mark.parametrize(
        ("header", "locale"),
        [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
            ("en-GB,en;q=0.9", "en"),
            ("de, fr;q=0.9, zh;q=0.3, en;q=0.5", "en"),
            ("de", ""),
            ("", ""),
            ("en;q=0, zh;q=0.1", "zh_CN"),
            ("*;q=0.5", ""),
            (";;;,,,q=9", ""),
            ("zh;q=2", ""),
        ],
    )
    def test_the_browsers_first_wish_we_can_fulfil(self, header: str, locale: str) -> None:
        assert accepted(header) == locale

    async def test_the_choice_wins(self, outside: Outside) -> None:
        headers = {"Accept-Language": "zh-CN"}
        page = await outside.http.get("/form/website", headers=headers)
        assert '<html lang="zh-CN">' in page.text
        page = await outside.http.get("/form/website?lang=en", headers=headers)
        assert '<html lang="en">' in page.text
        assert page.headers["vary"] == "Accept-Language"

    async def test_the_playbooks_own_words(self, office: Office, outside: Outside) -> None:
        words = {"title": {"en": "Ask <us>", "zh": "问我们"}, "consent": {"en": "Fine.", "zh": ""}}
        form = PublicForm.model_validate(words)
        office.world.rules(Playbook(intake=Intake(forms={"website": form})))
        english = (await outside.open(lang="en")).page.text
        assert "<h1>Ask &lt;us&gt;</h1>" in english
        assert "Fine." in english
        chinese = (await outside.open(lang="zh")).page.text
        assert "<h1>问我们</h1>" in chinese
        assert office.world.languages("zh").text("visitor.consent") in chinese


class TestTrouble:
    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_a_database_that_is_away_loses_nothing_typed(
        self, office: Office, outside: Outside
    ) -> None:
        visitor = await outside.open()
        with away(office.world.database):
            answer = await visitor.send(**TYPED)
            assert answer.status_code == 503
            assert office.say("visitor.unavailable") in unescape(answer.text)
            assert visitor.value("customer") == TYPED["customer"]
            assert (await outside.http.get("/form/website")).status_code == 503
        assert (await visitor.send(**TYPED)).status_code == 303
        assert len(office.leads()) == 1

    @pytest.mark.parametrize("database_kind", ["sqlite"])
    async def test_a_defect_is_logged_and_loses_nothing_typed(
        self, office: Office, outside: Outside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visitor = await outside.open()

        def broken(_arrival: object) -> Outcome:
            raise AssertionError("a defect")

        with monkeypatch.context() as patch:
            patch.setattr(office.world.reception, "take", broken)
            with capture_logs() as logged:
                answer = await visitor.send(**TYPED)
            assert answer.status_code == 500
            assert visitor.value("email") == TYPED["email"]
            [incident] = [line["incident"] for line in logged if "incident" in line]
            words = office.say("visitor.broken", incident=incident)
            assert words in unescape(answer.text)
            with capture_logs() as logged:
                call = await outside.call()
            assert call.status_code == 500
            assert "a defect" not in call.text
            [incident] = [line["incident"] for line in logged if "incident" in line]
            assert incident in call.text
        assert (await visitor.send(**TYPED)).status_code == 303

    async def test_nobody_active_still_keeps_the_lead(
        self, office: Office, outside: Outside
    ) -> None:
        for account in office.people:
            office.change_person(account, lambda person: replace(person, active=False))
        assert (await (await outside.open()).send(**TYPED)).status_code == 303
        assert office.lead().owner_id is None
