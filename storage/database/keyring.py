"""The secret keys, read from the setting or from their own file, never from the database.

New keys go first: writes are encrypted with the newest, and older values stay readable as long as
their key is in the ring. Whether these are the keys of a database, and which of them its blind
indexes use, is decided in ``storage.database.keys``.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.database.private_files import write_new

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

    def only(self, key_id: str) -> "Keyring":
        """Return a ring of this key alone."""
        return Keyring({key_id: self._keys[key_id]})

    def derive(self, key_id: str, purpose: str) -> bytes:
        """Derive a 32-byte key for one purpose only."""
        salt, info = b"genjin", purpose.encode()
        return HKDF(SHA256(), _KEY_BYTES, salt, info).derive(self._keys[key_id])


def parse_keyring(text: str) -> Keyring:
    """Parse ``id:base64,id:base64``, newest first; raises BadKeyring."""
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


def new_key(key_id: str = "") -> str:
    """Generate a key in the format ``parse_keyring`` reads. Its id is random unless given: two keys
    with one id could not be told apart."""
    encoded = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return f"{key_id or f'k{secrets.token_hex(5)}'}:{encoded}"


class KeyFile:
    """The file that holds the keys when no setting names them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path.absolute())

    def read(self) -> Keyring | None:
        """Read the keys; None without a file. Raises BadKeyring, also for one that is
        unreadable."""
        try:
            return parse_keyring(self.path.read_text("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not plain text"
            raise BadKeyring(f"the file cannot be read: {reason}") from error

    def make(self) -> Keyring:
        """Create a key in a new file that only its owner can read.

        Of several processes one wins, and all get its keys. Raises BadKeyring when the file cannot
        be written.
        """
        try:
            _create(self.path, new_key())
        except OSError as error:
            raise BadKeyring(f"the file cannot be written: {error.strerror}") from error
        keyring = self.read()
        if keyring is None:
            raise BadKeyring("the file is gone again")
        return keyring


class KeySetting:
    """Keys given by ``GENJIN_SECRET_KEYS``. Raises BadKeyring when they cannot be right."""

    def __init__(self, text: str) -> None:
        self._keyring = parse_keyring(text)

    def __str__(self) -> str:
        return "GENJIN_SECRET_KEYS"

    def read(self) -> Keyring:
        return self._keyring

    def make(self) -> Keyring:
        return self._keyring


KeySource: TypeAlias = KeyFile | KeySetting


def _create(path: Path, text: str) -> None:
    """Create the file atomically: of several processes one wins, and all read its keys."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    write_new(draft, [f"{text}\n".encode()])
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # Another process was first; its keys serve as well.
    finally:
        draft.unlink()
