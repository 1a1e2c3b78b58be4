"""What is sealed stays sealed, and what is looked for is found without being stored."""

import stat
from pathlib import Path

import pytest

from storage.database.encryption import Fields, Unreadable
from storage.database.keyring import BadKeyring, KeyFile, Keyring, new_key, parse_keyring

OLD, NEW = new_key("old"), new_key("new")
PLACE = "lead.phone"


def fields(*keys: str) -> Fields:
    return Fields(parse_keyring(",".join(keys)))


class TestSeal:
    def test_opens_what_it_sealed(self) -> None:
        ring = fields(NEW)
        assert ring.open(ring.seal("+8613800005678", PLACE), PLACE) == "+8613800005678"

    def test_seals_the_same_value_differently_each_time(self) -> None:
        ring = fields(NEW)
        assert ring.seal("same", PLACE) != ring.seal("same", PLACE)

    def test_shows_nothing_of_the_value(self) -> None:
        assert b"13800005678" not in fields(NEW).seal("+8613800005678", PLACE)

    def test_refuses_a_value_moved_to_another_column(self) -> None:
        ring = fields(NEW)
        with pytest.raises(Unreadable):
            ring.open(ring.seal("x", PLACE), "lead.email")

    def test_refuses_a_value_with_any_byte_changed(self) -> None:
        ring = fields(NEW)
        sealed = ring.seal("secret", PLACE)
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] ^= 1
            with pytest.raises(Unreadable):
                ring.open(bytes(changed), PLACE)


class TestRotation:
    def test_opens_what_an_older_key_sealed(self) -> None:
        sealed = fields(OLD).seal("x", PLACE)
        ring = fields(NEW, OLD)
        assert ring.open(sealed, PLACE) == "x"
        assert not ring.is_current(sealed)

    def test_seals_with_the_newest(self) -> None:
        ring = fields(NEW, OLD)
        sealed = ring.seal("x", PLACE)
        assert ring.is_current(sealed)
        with pytest.raises(Unreadable, match="unknown key 'new'"):
            fields(OLD).open(sealed, PLACE)

    def test_finds_by_index_after_a_key_was_put_in_front(self) -> None:
        assert fields(OLD).index("x", PLACE) == fields(NEW, OLD).index("x", PLACE)


class TestIndex:
    def test_is_one_for_spellings_of_one_address(self) -> None:
        ring = fields(NEW)
        assert ring.index(" Robin@Sample.example", PLACE) == ring.index(
            "robin@sample.example", PLACE
        )

    def test_differs_between_places_and_keys(self) -> None:
        told = {
            fields(NEW).index("x", PLACE),
            fields(NEW).index("x", "lead.email"),
            fields(OLD).index("x", PLACE),
        }
        assert len(told) == 3

    @pytest.mark.parametrize("email", ["", "robin@qq.com", "ROBIN@GMAIL.COM", "no-at-sign"])
    def test_knows_no_company_behind_free_mail(self, email: str) -> None:
        assert fields(NEW).domain_index(email, "lead.email_domain") is None

    def test_is_one_for_a_company_domain(self) -> None:
        ring = fields(NEW)
        one = ring.domain_index("robin@Acme.example", "lead.email_domain")
        assert one is not None
        assert one == ring.domain_index("kim@acme.example", "lead.email_domain")


class TestKeyring:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "no key"),
            ("justakey", "id:base64"),
            ("k1:c2hvcnQ=", "5 bytes, not 32"),
            ("k1:!!!", "not base64"),
            (f"{OLD},{OLD}", "twice"),
            ("bad id:" + OLD.partition(":")[2], "key id"),
        ],
        ids=["empty", "no id", "too short", "not base64", "twice", "bad id"],
    )
    def test_says_what_is_wrong(self, text: str, problem: str) -> None:
        with pytest.raises(BadKeyring, match=problem):
            parse_keyring(text)

    def test_never_shows_a_key(self) -> None:
        assert OLD.partition(":")[2] not in repr(parse_keyring(OLD))

    def test_creates_a_file_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "secret.keys"
        assert KeyFile(path).read() is None
        made = KeyFile(path).make()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        read = KeyFile(path).read()
        assert read is not None
        assert read.derive(made.newest, "x") == made.derive(made.newest, "x")
        assert list(path.parent.iterdir()) == [path]
        assert KeyFile(path).make().ids == made.ids, "what is there stays"
        assert KeyFile(tmp_path / "other").make().ids != made.ids

    def test_derives_another_key_for_another_purpose(self) -> None:
        ring = Keyring({"a": bytes(32)})
        assert ring.derive("a", "column") != ring.derive("a", "blind index")
