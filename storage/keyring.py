"""The secret keys: read from the setting or from a file of its own, never from the database.

New keys are put in front: what is written is sealed with the newest, what was written before
stays readable as long as its key is in the ring. Blind indexes use the oldest key, so that
putting a new one in front does not break a single look-up; taking the oldest away asks for
``storage.reseal`` to index anew.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES: Final = 32
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,20}")


class BadKeyring(ValueError):
    """The keys cannot be used. The message never shows one."""


class Keyring:
    """Secret keys by id, newest first."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise BadKeyring("there is no key")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise BadKeyring("a key id is 1 to 20 letters, digits, dots or dashes")
            if len(key) != _KEY_BYTES:
                raise BadKeyring(f"key {key_id!r} has {len(key)} bytes, not {_KEY_BYTES}")
        self._keys = dict(keys)

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self.ids)})"

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    @property
    def newest(self) -> str:
        return self.ids[0]

    @property
    def oldest(self) -> str:
        return self.ids[-1]

    def derive(self, key_id: str, purpose: str) -> bytes:
        """A 32-byte key for one purpose only."""
        salt, told = b"genjin", purpose.encode()
        return HKDF(SHA256(), _KEY_BYTES, salt, told).derive(self._keys[key_id])


def parse_keyring(text: str) -> Keyring:
    """Read ``id:base64,id:base64``, newest first; raises BadKeyring."""
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, colon, encoded = entry.partition(":")
        if not colon:
            raise BadKeyring("write each key as id:base64")
        if key_id in keys:
            raise BadKeyring(f"key id {key_id!r} is there twice")
        try:
            keys[key_id] = base64.b64decode(encoded, altchars=b"-_", validate=True)
        except binascii.Error as error:
            raise BadKeyring(f"key {key_id!r} is not base64") from error
    return Keyring(keys)


def new_key(key_id: str) -> str:
    """A fresh key, written as ``parse_keyring`` reads it."""
    encoded = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return f"{key_id}:{encoded}"


def keyring_in(path: Path) -> Keyring:
    """The keyring in a file; made, readable by its owner alone, when the file is not there."""
    if not path.exists():
        _create(path, new_key("k1"))
    return parse_keyring(path.read_text("ascii"))


def _create(path: Path, text: str) -> None:
    """Put the whole file in place at once: of several processes one wins, all read its keys."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # Another process was first; its keys are as good.
    finally:
        draft.unlink()
