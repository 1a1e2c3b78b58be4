"""Mails that bring customers the link to a proposal: each once, and failures reach the sender."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address

import pytest

from bot.customer_mails import CustomerMails
from bot.platforms import AddressRefused, DeliveryError, Refused, Unavailable, Unclear
from bot.platforms.mail.render import Letterhead, letter_of
from handlers.core.ui import Card
from handlers.proposals.customer_page import Page, ProposalReader
from sales.refusals import Reason
from storage.backups.after_restore import settle_database
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, compose, press
from tests.office import Office, buttons_of, words_of
from tests.web.test_proposals import FRIDAY, a_stocked_library

SMTP = {"smtp_url": "smtp://localhost:25", "smtp_from": "Genjin <genjin@seller.example>"}


@dataclass
class Letters:
    """Takes mails, or refuses the next ones with ``problems``."""

    problems: list[DeliveryError] = field(default_factory=list)
    taken: list[tuple[str, str, str, str, str]] = field(default_factory=list)

    async def send_letter(
        self, to: str, subject: str, body: str, *, sender: str, reply_to: str
    ) -> None:
        if self.problems:
            raise self.problems.pop(0)
        self.taken.append((to, subject, body, sender, reply_to))


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_stocked_library, public_url=SITE, **SMTP) as office:
        yield office


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def mails(office: Office, letters: Letters) -> CustomerMails:
    return CustomerMails(office.world.new_uow, letters, office.world.clock.now)


def mailed(office: Office) -> Card:
    sent = press(office, compose(office, language="zh_CN"), "proposal.send").card
    assert sent
    reply = press(office, sent, "proposal.mail")
    assert reply.update, reply
    return reply.update


def states(office: Office) -> list[tuple[str, str]]:
    return [(row["state"], row["problem"]) for row in office.rows("proposal_mail")]


class TestSending:
    async def test_brings_a_link_that_opens_in_the_customers_language(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        with office.world.new_uow() as uow:
            uow.contacts.save(office.people["robin"].id, "", "robin@seller.example")
            uow.commit()
        mailed(office)
        assert b"/p/" not in office.sealed("proposal_mail", "body")[0]
        assert await mails.send_waiting() == 1
        assert await mails.send_waiting() == 0
        [(to, subject, body, sender, reply_to)] = letters.taken
        assert to == office.lead().email
        assert subject == office.world.languages("zh_CN").text(
            "reader.title", customer="Acme Sample Ltd"
        )
        assert (sender, reply_to) == ("Robin Sample", "robin@seller.example")
        [url] = [line for line in body.splitlines() if line.startswith(SITE)]
        reader = ProposalReader(office.world.new_uow, office.world.contexts)
        assert isinstance(reader.page(url.rpartition("/")[2]), Page)
        assert office.sealed("proposal_mail", "body") == [b""]
        card = office.ask("robin", "proposal.show", pressed="1").card
        assert card
        assert states(office) == [("sent", "")]
        assert to not in words_of(card)

    @pytest.mark.parametrize(
        ("error", "problem"),
        [(AddressRefused("smtp 550", reason=Reason.GONE), "address"),
         (Refused("smtp 554"), "refused"), (Unclear("TimeoutError"), "unclear")],
    )  # fmt: skip
    async def test_what_fails_is_told_to_the_sender(
        self, office: Office, mails: CustomerMails, letters: Letters,
        error: DeliveryError, problem: str,
    ) -> None:  # fmt: skip
        mailed(office)
        letters.problems.append(error)
        assert await mails.send_waiting() == 0
        assert states(office) == [("failed", problem)]
        await office.settle()
        said = [words_of(card) for card in office.inbox("robin")]
        assert any(office.say(f"proposal.mail_failed_{problem}") in words for words in said)

    async def test_waits_while_the_server_is_away_but_not_for_ever(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        mailed(office)
        letters.problems.append(Unavailable("ConnectionRefusedError"))
        assert await mails.send_waiting() == 0
        assert states(office) == [("waiting", "")]
        office.world.clock.advance(timedelta(hours=3).total_seconds())
        assert await mails.send_waiting() == 0
        assert states(office) == [("failed", "late")]
        assert letters.taken == []

    async def test_one_that_a_process_died_over_is_not_sent_twice(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        mailed(office)
        assert mails._claim()
        assert await mails.send_waiting() == 0
        office.world.clock.advance(600)
        assert await mails.send_waiting() == 0
        assert states(office) == [("failed", "unclear")]
        assert letters.taken == []

    async def test_one_of_a_restored_database_is_unclear(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        mailed(office)
        settle_database(office.world.database, office.world.clock.now())
        office.world.clock.advance(600)
        assert await mails.send_waiting() == 0
        assert states(office) == [("failed", "unclear")]

    async def test_a_withdrawn_one_stays(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        press(office, mailed(office), "proposal.revoke")
        assert await mails.send_waiting() == 0
        assert states(office) == [("failed", "withdrawn")]

    async def test_pressed_twice_is_one(
        self, office: Office, mails: CustomerMails, letters: Letters
    ) -> None:
        press(office, mailed(office), "proposal.mail")
        assert await mails.send_waiting() == 1


class TestButton:
    def test_is_there_only_with_an_address_and_a_server(self, offices: Offices) -> None:
        with offices.open(FRIDAY, after=a_stocked_library, public_url=SITE) as office:
            card = press(office, compose(office), "proposal.send").card
            assert card
            assert "proposal.mail" not in {button.action for button in buttons_of(card)}


class TestLetter:
    def test_is_in_a_colleagues_name_and_injects_no_header(self) -> None:
        head = Letterhead(Address("Genjin", addr_spec="genjin@seller.example"), "")
        letter = letter_of(
            "kim@customer.example", "An offer\nBcc: all@elsewhere.example", "Hello\nhttps://x",
            head, FRIDAY, sender="Robin Sample\nX: y", reply_to="robin@seller.example",
        )  # fmt: skip
        assert str(letter["From"]) == '"Robin Sample X: y" <genjin@seller.example>'
        assert letter["Reply-To"] == "robin@seller.example"
        assert letter["Bcc"] is None
        assert "Auto-Submitted" not in letter
        assert letter.get_content() == "Hello\nhttps://x\n"
