"""Notices by e-mail, handed to a real SMTP server."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address as MailAddress
from pathlib import Path
from typing import Any

import pytest

from bot.platforms import (
    Address,
    AddressRefused,
    DeliveryError,
    Refused,
    Suspended,
    Unavailable,
    Unclear,
    Unwanted,
)
from bot.platforms.mail.adapter import MailPlatform
from bot.platforms.mail.config import SmtpServer, parse_smtp_url
from bot.platforms.mail.render import Letterhead
from handlers.core.language import Languages
from handlers.core.ui import Card
from sales.contacts import without_contacts
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.dead_letters import DeadLetters
from tests.office import SHANGHAI, Office, open_office
from tests.platforms.mail.conftest import PASSWORD, USER, Serve, Server

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
ROBIN = Address("email", "person", "3")
CARD = Card(title="Hello\nBcc: x@y.example", body="<b>bold</b>")


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve()


@pytest.fixture(params=["en", "zh_CN"])
def office(
    request: pytest.FixtureRequest, database: Database, fields: Fields, server: Server
) -> Iterator[Office]:
    settings: dict[str, Any] = {
        "smtp_url": f"smtp://localhost:{server.port}",
        "smtp_from": "Genjin <bot@genjin.example>",
        "chat_url": "https://chat.example/?a=1&b=2",
    }
    with open_office(database, fields, FRIDAY, request.param, **settings) as office:
        yield office


def choose_mail(office: Office, account: str, email: str = "robin@mail.example") -> None:
    form = office.ask(account, "quiet.choose").form
    assert form is not None
    assert not office.submit(account, form, by="mail", email=email).errors


def plan_a_step(office: Office) -> None:
    office.log_lead("robin", owner="keep")
    line = "LX001 call asked from 139 1234 5678 by 3/7 write to li@acme.example"
    assert not office.ask("robin", "followup.open", text=line).errors


class TestReminders:
    async def test_come_by_chat_and_by_mail(self, office: Office, server: Server) -> None:
        choose_mail(office, "robin")
        plan_a_step(office)
        await office.travel(2024, 3, 4, 15)  # The weekly report does not come between.
        chat = len(office.inbox("robin"))
        server.box.got.clear()
        await office.travel(2024, 3, 6, 9)
        assert len(office.inbox("robin")) == chat + 1
        [mail] = server.box.got
        assert mail["To"] == "robin@mail.example"
        assert mail["From"] == "Genjin <bot@genjin.example>"
        assert mail["Subject"] == office.inbox("robin")[-1].title
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] == "<https://chat.example/?a=1&b=2>"
        text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert html is not None
        words, page = text.get_content(), html.get_content()
        for part in (words, page):
            assert "LX001" in part
            assert office.say("mail.why")[:20] in part
            for contact in ("13912345678", "139 1234", "li@acme", "acme.example", "****", "***@"):
                assert contact not in part
        assert "https://desk.example/" in words
        assert 'href="https://desk.example/' in page

    async def test_only_to_who_chose_so(self, office: Office, server: Server) -> None:
        plan_a_step(office)
        await office.travel(2024, 3, 6, 9)
        choose_mail(office, "robin")
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        assert "r***@mail.example" in repr(form)
        assert "robin@" not in repr(form)
        office.submit("robin", form, by="chat")
        await office.travel(2024, 3, 12, 9)
        assert server.box.got == []
        [email] = office.sealed("notice_choice", "email")
        assert b"robin@mail.example" not in email

    def test_an_address_is_wanted_and_read(self, office: Office) -> None:
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        for email in ("", "robin", "a@b@c.example", "x y@z.example"):
            assert set(office.submit("robin", form, by="mail", email=email).errors) == {"email"}

    async def test_wait_for_a_server_that_is_down_and_lose_none(
        self, office: Office, server: Server
    ) -> None:
        choose_mail(office, "robin")
        server.box.answers = ["451 later", "421 much later"]
        plan_a_step(office)
        await office.travel(2024, 3, 6, 9)
        assert len([m for m in server.box.got if "LX001" in str(m["Subject"])]) >= 1
        assert server.box.answers == []

    async def test_one_that_is_refused_is_a_dead_letter(
        self, office: Office, server: Server
    ) -> None:
        choose_mail(office, "robin")
        server.box.answers = ["550 no such user robin@mail.example"] * 9
        plan_a_step(office)
        await office.travel(2024, 3, 6, 9)
        letters = DeadLetters(office.world.database).listed(9)
        assert {letter.problem for letter in letters} == {"refused: smtp 550"}
        assert {letter.lane for letter in letters} == {f"email:person:{office.people['robin'].id}"}


class TestHandingOver:
    def platform(self, server: SmtpServer, trusted: Path | None = None) -> MailPlatform:
        return MailPlatform(
            server,
            Letterhead(MailAddress("Genjin", addr_spec="bot@genjin.example"), ""),
            lambda person_id: "robin@mail.example" if person_id == 3 else None,
            Languages(SHANGHAI),
            now=lambda: datetime(2024, 3, 1, tzinfo=UTC),
            tls=ssl.create_default_context(cafile=str(trusted)) if trusted else None,
        )

    async def post(self, platform: MailPlatform, to: Address = ROBIN) -> str:
        return await platform.post(to, CARD, locale="en")

    @pytest.mark.parametrize("direct", [True, False])
    async def test_encrypted_and_logged_in(
        self, serve: Serve, certificate: Path, direct: bool
    ) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        server = serve(tls=context, direct=direct, password=True)
        given = SmtpServer("localhost", server.port, direct, not direct, USER, PASSWORD)
        platform = self.platform(given, certificate)
        assert await self.post(platform)
        [mail] = server.box.got
        assert mail["Subject"] == "Hello Bcc: •••"
        assert mail["Bcc"] is None
        assert "<b>" not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert platform.health().ok
        wrong = SmtpServer("localhost", server.port, direct, not direct, USER, "wrong")
        refused = self.platform(wrong, certificate)
        with pytest.raises(Suspended):
            await self.post(refused)
        assert refused.health().problem == "health.mail.login"
        with pytest.raises(Unavailable):
            await self.post(self.platform(given))  # nobody signed for this certificate

    async def test_nothing_goes_out_without_the_encryption_that_was_asked_for(
        self, server: Server
    ) -> None:
        platform = self.platform(SmtpServer("localhost", server.port, direct=False, upgrade=True))
        await platform.start()
        with pytest.raises(Unavailable):
            await self.post(platform)
        assert platform.health().problem == "health.mail.unreachable"
        await platform.stop()
        assert server.box.got == []

    @pytest.mark.parametrize(
        ("answer", "error"),
        [("550 no", Refused), ("452 full", Unavailable), ("hang up", Unclear)],
    )
    async def test_tells_a_no_from_a_not_now_and_from_silence(
        self, server: Server, answer: str, error: type[DeliveryError]
    ) -> None:
        server.box.answers = [] if answer == "hang up" else [answer]
        server.box.hang_up = answer == "hang up"
        platform = self.platform(SmtpServer("localhost", server.port, direct=False, upgrade=False))
        with pytest.raises(error):
            await self.post(platform)

    async def test_nobody_is_written_to_who_wants_no_mail(self, server: Server) -> None:
        platform = self.platform(SmtpServer("localhost", server.port, direct=False, upgrade=False))
        with pytest.raises(Unwanted):
            await self.post(platform, Address("email", "person", "4"))

    @pytest.mark.parametrize(
        ("stage", "answer", "error"),
        [
            ("rcpt", "550 no such mailbox", AddressRefused),
            ("rcpt", "552 mailbox full", AddressRefused),
            ("rcpt", "450 greylisted", Unavailable),
            ("rcpt", "530 log in first", Suspended),
            ("mail", "553 not your address", Suspended),
            ("mail", "451 later", Unavailable),
        ],
    )
    async def test_who_is_refused_decides_who_can_mend_it(
        self, server: Server, stage: str, answer: str, error: type[DeliveryError]
    ) -> None:
        server.box.at_stage[stage] = [answer]
        platform = self.platform(SmtpServer("localhost", server.port, direct=False, upgrade=False))
        with pytest.raises(error):
            await self.post(platform)
        assert server.box.got == []
        assert await self.post(platform)


class TestLetters:
    async def test_reach_somebody_outside_in_a_colleagues_name(self, server: Server) -> None:
        local = parse_smtp_url(f"smtp://localhost:{server.port}")
        platform = TestHandingOver().platform(local)
        await platform.send_letter(
            "kim@customer.example", "方案", "您好\nhttps://offers.example/p/1",
            sender="罗小样", reply_to="robin@seller.example",
        )  # fmt: skip
        [mail] = server.box.got
        assert mail["To"] == "kim@customer.example"
        assert mail["Reply-To"] == "robin@seller.example"
        assert mail["Subject"] == "方案"
        assert mail["From"] == "罗小样 <bot@genjin.example>"
        assert mail.get_content().splitlines() == ["您好", "https://offers.example/p/1"]


class TestSettings:
    def test_what_the_url_says(self) -> None:
        assert parse_smtp_url("smtps://u:p%40x@mail.example") == SmtpServer(
            "mail.example", 465, direct=True, upgrade=False, user="u", password="p@x"
        )
        assert parse_smtp_url("smtp://u:p@mail.example").upgrade
        assert parse_smtp_url("smtp://mail.example").port == 587
        assert not parse_smtp_url("smtp://mail.example:25?starttls=no").upgrade
        assert not parse_smtp_url("smtp://u:p@localhost:2525").upgrade
        assert "p@x" not in repr(parse_smtp_url("smtps://u:p%40x@mail.example"))

    @pytest.mark.parametrize(
        "url",
        [
            "", "mail.example", "http://mail.example", "smtp://", "smtps://u@mail.example",
            "smtp://u:secret@mail.example?starttls=no", "smtp://mail.example:port", "smtp://[x",
        ],
    )  # fmt: skip
    def test_refuses_the_rest_and_repeats_no_password(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"^(?!.*secret)"):
            parse_smtp_url(url)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call 138 1234 5678 or +44 20 7946 0018", "call ••• or •••"),
        ("z***@acme.example, 138****5678", "•••, •••"),
        ("mail Li@Acme.example by 3/5", "mail ••• by 3/5"),
        ("LX001 · 12.5万 · 2024-03-05 10:00", "LX001 · 12.5万 · 2024-03-05 10:00"),
    ],
)
def test_a_text_without_contacts(text: str, left: str) -> None:
    assert without_contacts(text) == left


class TestLinks:
    async def test_lead_to_the_posted_card(self, office: Office, server: Server) -> None:
        """The reminder stands under the lead's first card in the chat: there the mail leads."""
        office.log_lead("max")
        await office.settle()
        account = office.owner()
        choose_mail(office, account)
        await office.settle()
        first = next(
            ref
            for ref, posted in enumerate(office.desk.posted)
            if posted.to == account and posted.card.subject == "lead:1"
        )
        office.ask(account, "followup.open", text="LX001 call asked by 3/7 write")
        await office.travel(2024, 3, 6, 12)
        [mail] = server.box.got
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body
            assert f"https://desk.example/{first}" in body.get_content()
            assert "https://chat.example" not in body.get_content()
        assert mail["List-Unsubscribe"] == "<https://chat.example/?a=1&b=2>"

    async def test_lead_to_the_chat_where_there_is_no_card(
        self, office: Office, server: Server
    ) -> None:
        office.desk.takes_replies = office.desk.can_edit = False
        choose_mail(office, "robin")
        plan_a_step(office)
        await office.travel(2024, 3, 6, 12)
        body = server.box.got[0].get_body(("plain",))
        assert body
        assert "https://chat.example/?a=1&b=2" in body.get_content()
