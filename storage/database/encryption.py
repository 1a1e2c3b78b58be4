"""Encryption of single columns, and blind indexes that find a value without storing it.

Knows keys, bytes and column names; knows nothing of tables, connections or what a lead is.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sales.errors import KeysUnavailable
from sales.unreadable import UnreadableText
from storage.database.keyring import Keyring

log = structlog.get_logger(__name__)
_VERSION: Final = 1
_NONCE: Final = 12
_MOST_UNREAD: Final = 1000
_UNREADABLE: Final = "(cannot be read: sealed with a key that is not here)"

FREE_MAIL: Final = frozenset(
    {
        "126.com",
        "139.com",
        "163.com",
        "189.cn",
        "21cn.com",
        "aliyun.com",
        "aol.com",
        "foxmail.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.cn",
        "live.com",
        "mail.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "sina.cn",
        "sina.com",
        "sina.com.cn",
        "sohu.com",
        "tom.com",
        "vip.163.com",
        "vip.qq.com",
        "vip.sina.com",
        "wo.cn",
        "yahoo.cn",
        "yahoo.co.jp",
        "yahoo.com",
        "yahoo.com.cn",
        "yandex.com",
        "yandex.ru",
        "yeah.net",
        "zoho.com",
    }
)
"""E-mail domains that say nothing about the company somebody works for."""


class Unreadable(Exception):
    """A stored value that no key of the ring decrypts: changed, moved, or its key is gone."""


@dataclass(frozen=True, slots=True)
class _Ciphers:
    """Everything derived from a keyring, replaced in one assignment."""

    newest: str
    by_id: Mapping[str, AESGCM]
    index_key: bytes
    signing: Mapping[str, bytes]
    mark_keys: Mapping[str, bytes]


class Fields:
    """Encrypts ("seals") and decrypts ("opens") column values.

    ``place`` is ``table.column`` and is bound to the value. A sealed value is ``version | length of
    key id | key id | nonce | ciphertext``. Without a keyring everything but ``use`` raises
    KeysUnavailable. ``unreadable`` is shown instead of a value that cannot be decrypted.
    """

    def __init__(self, keyring: Keyring | None = None, *, unreadable: str = _UNREADABLE) -> None:
        self.unreadable_words = unreadable
        self._ciphers: _Ciphers | None = None
        self._unread: set[bytes] = set()
        if keyring:
            self.use(keyring)

    def use(self, keyring: Keyring, index_by: str = "") -> None:
        """Encrypt with the newest key of the ring from now on, decrypt with any.

        Blind indexes use the key ``index_by``, by default the oldest.
        """
        self._ciphers = _Ciphers(
            keyring.newest,
            {key_id: AESGCM(keyring.derive(key_id, "column")) for key_id in keyring.ids},
            keyring.derive(index_by or keyring.oldest, "blind index"),
            {key_id: keyring.derive(key_id, "audit") for key_id in keyring.ids},
            {key_id: keyring.derive(key_id, "erasure") for key_id in keyring.ids},
        )
        self._unread = set()

    def lock(self) -> None:
        self._ciphers = None

    @property
    def is_locked(self) -> bool:
        return self._ciphers is None

    @property
    def newest(self) -> str:
        """The id of the key that encrypts."""
        return self._unlocked().newest

    @property
    def unread(self) -> int:
        """The number of distinct values ``read`` could not decrypt since the keys were set, up to a
        thousand."""
        return len(self._unread)

    def seal(self, value: str, place: str) -> bytes:
        ciphers = self._unlocked()
        key_id = ciphers.newest.encode()
        nonce = os.urandom(_NONCE)
        sealed = ciphers.by_id[ciphers.newest].encrypt(nonce, value.encode(), place.encode())
        return bytes((_VERSION, len(key_id))) + key_id + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt a value. Raises Unreadable."""
        key_id = self.key_id(sealed)
        cipher = self._unlocked().by_id.get(key_id)
        if cipher is None:
            raise Unreadable(f"{place}: sealed with the unknown key {key_id!r}")
        start = 2 + sealed[1]
        nonce, rest = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return cipher.decrypt(nonce, rest, place.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"{place}: the value was changed or moved") from error

    def read(self, sealed: bytes, place: str) -> str:
        """Decrypt a value, or return an UnreadableText and log it once: one row must not take a
        page down."""
        try:
            return self.open(sealed, place)
        except Unreadable as error:
            self._note(sealed, error)
            return UnreadableText(self.unreadable_words, bytes(sealed))

    def keep(self, value: str, place: str) -> bytes:
        """Encrypt as ``seal``, leaving an unreadable value as it is stored."""
        return value.sealed if isinstance(value, UnreadableText) else self.seal(value, place)

    def _note(self, sealed: bytes, error: Unreadable) -> None:
        fingerprint = hashlib.sha256(sealed).digest()[:8]
        if fingerprint not in self._unread and len(self._unread) < _MOST_UNREAD:
            self._unread.add(fingerprint)
            log.error("encryption.value_unreadable", problem=str(error))

    def _unlocked(self) -> _Ciphers:
        if self._ciphers is None:
            raise KeysUnavailable
        return self._ciphers

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether the value is encrypted with the newest key."""
        return self.key_id(sealed) == self._unlocked().newest

    @staticmethod
    def key_id(sealed: bytes) -> str:
        """Return the id of the key that encrypted a value; raises Unreadable for other bytes."""
        if len(sealed) < 2 + _NONCE or sealed[0] != _VERSION:
            raise Unreadable("not a sealed value of this version")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")

    def index(self, value: str, place: str) -> str:
        """Return a keyed hash, equal for equal values of one place; 64 hexadecimal digits."""
        text = f"{place}\0{value.strip().lower()}".encode()
        return hmac.digest(self._unlocked().index_key, text, hashlib.sha256).hex()

    def sign(self, message: bytes) -> bytes:
        """Return a keyed hash of a message of the audit log, made with the newest key."""
        ciphers = self._unlocked()
        return hmac.digest(ciphers.signing[ciphers.newest], message, hashlib.sha256)

    def is_signed(self, message: bytes, signature: bytes) -> bool:
        """Tell whether any key of the ring signed the message; ``signature`` may be shortened to
        its first 16 bytes."""
        keys = self._unlocked().signing.values()
        size = max(16, len(signature))
        return any(
            hmac.compare_digest(hmac.digest(key, message, hashlib.sha256)[:size], signature)
            for key in keys
        )

    def has_key(self, key_id: str) -> bool:
        return key_id in self._unlocked().signing

    def mark(self, value: str, kind: str, key_id: str) -> str | None:
        """Return a keyed hash that is equal for equal values of a kind in every database of the
        same key; None for a key that is not in the ring. Unlike indexes it outlives a rotation."""
        key = self._unlocked().mark_keys.get(key_id)
        if key is None:
            return None
        return hmac.digest(key, f"{kind}\0{value}".encode(), hashlib.sha256).hex()

    def domain_index(self, email: str, place: str) -> str | None:
        """Return the index of the e-mail's domain; None for free-mail and for an empty e-mail."""
        domain = email.strip().lower().rpartition("@")[2]
        if "@" not in email or not domain or domain in FREE_MAIL:
            return None
        return self.index(domain, place)
