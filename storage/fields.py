"""Encryption of single columns, and blind indexes that find a value without storing it.

Knows keys, bytes and column names; knows nothing of tables, connections or what a lead is.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.keyring import Keyring

_VERSION: Final = 1
_NONCE: Final = 12

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
"""Domains that say nothing about the company somebody works for."""


class Unreadable(Exception):
    """A stored value that no key of the ring opens: changed, moved, or its key is gone."""


class Fields:
    """Seals and opens column values. ``place`` is ``table.column`` and is bound to the value.

    A sealed value is ``version | length of key id | key id | nonce | ciphertext``. A callable
    gives the keys when they are first needed: a process starts where they cannot be read yet.
    """

    def __init__(self, keyring: Keyring | Callable[[], Keyring]) -> None:
        self._keyring = keyring

    def load(self) -> None:
        """Read the keys now, not with the first value. Raises like the callable that gives
        them; then they are read with the next use."""
        _ = self._ring

    @cached_property
    def _ring(self) -> Keyring:
        return self._keyring if isinstance(self._keyring, Keyring) else self._keyring()

    @cached_property
    def _ciphers(self) -> dict[str, AESGCM]:
        ring = self._ring
        return {key_id: AESGCM(ring.derive(key_id, "column")) for key_id in ring.ids}

    @cached_property
    def _newest(self) -> str:
        return self._ring.newest

    @cached_property
    def _index_key(self) -> bytes:
        return self._ring.derive(self._ring.oldest, "blind index")

    def seal(self, value: str, place: str) -> bytes:
        key_id = self._newest.encode()
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._newest].encrypt(nonce, value.encode(), place.encode())
        return bytes((_VERSION, len(key_id))) + key_id + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """Raises Unreadable."""
        cipher = self._ciphers.get(self.key_id(sealed))
        if cipher is None:
            raise Unreadable(f"{place}: sealed with the unknown key {self.key_id(sealed)!r}")
        start = 2 + sealed[1]
        nonce, rest = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return cipher.decrypt(nonce, rest, place.encode()).decode()
        except InvalidTag as error:
            raise Unreadable(f"{place}: the value was changed or moved") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the value is sealed with the newest key."""
        return self.key_id(sealed) == self._newest

    def key_id(self, sealed: bytes) -> str:
        """The id of the key a value was sealed with; raises Unreadable for other bytes."""
        if len(sealed) < 2 + _NONCE or sealed[0] != _VERSION:
            raise Unreadable("not a sealed value of this version")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")

    def index(self, value: str, place: str) -> str:
        """A keyed hash, equal for equal values of one place; 64 hexadecimal digits."""
        told = f"{place}\0{value.strip().lower()}".encode()
        return hmac.digest(self._index_key, told, hashlib.sha256).hex()

    def domain_index(self, email: str, place: str) -> str | None:
        """The index of the e-mail's domain; None for free-mail and for no e-mail at all."""
        domain = email.strip().lower().rpartition("@")[2]
        if "@" not in email or not domain or domain in FREE_MAIL:
            return None
        return self.index(domain, place)
