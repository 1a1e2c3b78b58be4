"""A one-time code makes whoever sends it an admin: once, for a while, in private."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import first_admin
from handlers.core.commands import Typed, parse_command
from handlers.core.replies import Reply
from sales.newcomers import CODE_LASTS, MOST_ATTEMPTS, START_CODE_LASTS, new_code, read_code
from sales.people import Person, Role
from tests.office import PLATFORM, Office


def person_of(office: Office, account: str) -> Person | None:
    with office.world.new_uow(read_only=True) as uow:
        return uow.people.find(PLATFORM, account)


def a_code(office: Office, *, first: bool = False) -> str:
    with office.world.new_uow() as uow:
        make = first_admin.code_for_first if first else first_admin.code_for_anybody
        code = make(uow, office.world.clock.now())
        uow.commit()
    return code


def claim(office: Office, account: str, code: str, channel: str = "") -> Reply:
    typed = parse_command(f"/genjin admin {code}")
    assert typed
    return office.ask(account, typed.action, text=typed.text, channel=channel)


@pytest.fixture
def without_admin(office: Office) -> Office:
    office.change_person("ada", lambda ada: replace(ada, active=False))
    return office


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/genjin admin AB-CD", "AB-CD"),
        ("genjin ADMIN  AB CD ", "AB CD"),
        ("帮助 管理员 AB-CD", "AB-CD"),
        ("/帮助 管理员 AB-CD", "AB-CD"),
        ("/genjin 管理员 AB-CD", "AB-CD"),
        ("/genjin admin", ""),
    ],
)
def test_is_typed_behind_the_command(line: str, text: str) -> None:
    assert parse_command(line) == Typed("admin.claim", text)


@pytest.mark.parametrize("line", ["/genjin", "/genjin administration", "admin AB", "/lead admin x"])
def test_other_lines_are_no_code(line: str) -> None:
    typed = parse_command(line)
    assert typed is None or typed.action != "admin.claim"


@pytest.mark.parametrize("write", [str.lower, lambda code: code.replace("-", " "), "「{}」".format])
def test_a_code_is_read_however_it_is_written(write: object) -> None:
    code = new_code()
    assert callable(write)
    assert read_code(write(code)) == code.replace("-", "")


@pytest.mark.parametrize(
    "typed", ["", "AB", "A" * 15, "A" * 17, "OIL1" * 4, "x" * 100_000, "\0" * 16]
)
def test_what_cannot_be_one_is_none(typed: str) -> None:
    assert read_code(typed) == ""


class TestClaim:
    async def test_somebody_unknown_becomes_the_first_admin(self, without_admin: Office) -> None:
        office = without_admin
        code = a_code(office, first=True)
        office.ask("zoe", "help.open")
        reply = claim(office, "zoe", code)
        assert reply.card
        zoe = person_of(office, "zoe")
        assert zoe
        assert zoe.role is Role.ADMIN
        assert any(row["act"] == "admin.claim" for row in office.rows("audit"))
        assert office.ask("zoe", "people.add").form
        await office.settle()
        assert office.inbox("zoe") == []

    async def test_somebody_known_is_an_admin_and_the_others_hear(self, office: Office) -> None:
        assert claim(office, "robin", a_code(office)).card
        assert office.person("robin").role is Role.ADMIN
        await office.settle()
        title = office.say("admin_code.made_title", name="Robin Sample")
        assert title in [card.title for card in office.inbox("ada")]
        again = claim(office, "robin", a_code(office))
        assert again.toast == office.say("admin_code.is_admin")

    def test_who_waited_or_was_refused_is_let_in_by_it(self, office: Office) -> None:
        office.ask("zoe", "help.open")
        office.decide(office.say("person.unnamed"), "button.refuse_newcomer")
        assert claim(office, "zoe", a_code(office)).card
        zoe = person_of(office, "zoe")
        assert zoe
        assert zoe.role is Role.ADMIN

    def test_works_once(self, office: Office) -> None:
        code = a_code(office)
        assert claim(office, "robin", code).card
        assert claim(office, "dana", code).toast == office.say("admin_code.wrong")
        assert office.person("dana").role is Role.REP

    @pytest.mark.parametrize(("first", "lasts"), [(True, START_CODE_LASTS), (False, CODE_LASTS)])
    def test_ends(self, without_admin: Office, first: bool, lasts: timedelta) -> None:
        code = a_code(without_admin, first=first)
        without_admin.world.clock.advance(lasts)
        assert claim(without_admin, "zoe", code).toast == without_admin.say("admin_code.wrong")
        assert person_of(without_admin, "zoe") is None

    def test_one_of_a_start_counts_only_while_there_is_no_admin(
        self, without_admin: Office
    ) -> None:
        office = without_admin
        code = a_code(office, first=True)
        office.change_person("ada", lambda ada: replace(ada, active=True))
        assert claim(office, "zoe", code).toast == office.say("admin_code.wrong")
        assert a_code(office, first=True) == ""

    def test_guessing_ends_soon(self, office: Office) -> None:
        code = a_code(office)
        for _ in range(MOST_ATTEMPTS):
            assert claim(office, "robin", new_code()).toast == office.say("admin_code.wrong")
        told = office.say("admin_code.too_many", n=MOST_ATTEMPTS)
        assert claim(office, "robin", code).toast == told
        assert office.person("robin").role is Role.REP
        refused = [row for row in office.rows("audit") if row["act"] == "admin.refused"]
        assert len(refused) == MOST_ATTEMPTS
        assert claim(office, "dana", code).card
        office.world.clock.advance(timedelta(hours=1))
        assert claim(office, "robin", a_code(office)).card

    def test_in_a_channel_it_is_used_up_without_effect(self, office: Office) -> None:
        code = a_code(office)
        reply = claim(office, "robin", code, channel="C1")
        assert reply.toast == office.say("admin_code.not_private")
        assert claim(office, "kim", code).toast == office.say("admin_code.wrong")
        assert {office.person(account).role for account in ("robin", "kim")} == {Role.REP}

    @pytest.mark.parametrize("code", ["", "x", "' OR 1=1 --", "０" * 16, "\u202e"])
    def test_what_is_no_code_makes_nobody_an_admin(self, office: Office, code: str) -> None:
        a_code(office)
        assert claim(office, "robin", code).toast
        assert office.person("robin").role is Role.REP

    def test_an_inactive_person_or_a_guest_stays_out(self, office: Office) -> None:
        code = a_code(office)
        office.change_person("dana", lambda dana: replace(dana, active=False))
        assert claim(office, "dana", code).toast == office.say("error.no_longer_active")
        office.standing["gus"] = "guest"
        assert claim(office, "gus", code).toast == office.say("error.guest_refused")
        assert claim(office, "robin", code).card

    def test_is_stored_as_a_digest_alone(self, office: Office) -> None:
        code = a_code(office)
        claim(office, "robin", code[:-1] + ("2" if code[-1] != "2" else "3"))
        stored = repr([office.rows(table) for table in ("admin_code", "audit", "admin_attempt")])
        assert code not in stored
        assert read_code(code) not in stored
