"""Compresses and encrypts the files of a backup as streams, of whatever length.

Knows keys and bytes; knows nothing of databases or of where files are stored. A sealed file is
``magic | length of key id | key id | salt | frames``. Each frame is one megabyte of the compressed
content, encrypted with AES-GCM under a key of this file alone: HKDF of the secret key, the salt and
the file's name. The nonce is the frame's number and whether it is the last one, as in STREAM
(Hoang, Reyhanitabar, Rogaway and Vizár, 2015), and the header is authenticated with every frame. So
a byte that was changed, a frame left out, swapped, repeated or cut off, and a file given another
file's name are all noticed before their content is used.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.backups.streams import PartReader
from storage.database.keyring import Keyring

MAGIC: Final = b"GENJINB1"
_SALT: Final = 16
_TAG: Final = 16
FRAME: Final = 1_048_576
"""Bytes of compressed content in one frame; the last one may be shorter, or empty."""
_LEVEL: Final = 1
"""Most of a database is sealed values, which no level makes smaller; higher ones only take time."""


class BackupDamaged(Exception):
    """A file of a backup is not what was written: damaged, cut off, swapped or foreign."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


class BackupKeyMissing(Exception):
    """A backup was encrypted with a key that is not in the keyring."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


def seal(keyring: Keyring, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """Compress and encrypt ``content`` with the newest key, for a file of this name."""
    key_id, salt = keyring.newest.encode(), os.urandom(_SALT)
    header = MAGIC + bytes((len(key_id),)) + key_id + salt
    cipher = _cipher(keyring, keyring.newest, salt, name)
    yield header
    number = 0
    waiting = bytearray()
    for part in _compressed(content):
        waiting += part
        # The last frame is only known to be the last once there is nothing more.
        while len(waiting) > FRAME:
            frame = bytes(waiting[:FRAME])
            del waiting[:FRAME]
            yield cipher.encrypt(_nonce(number, last=False), frame, header)
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), header)


def unseal(keyring: Keyring, name: str, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """Decrypt and decompress a file of this name.

    Raises BackupDamaged and BackupKeyMissing. Parts that were yielded before are authentic, but
    only a file that was read to its end is whole.
    """
    parts = PartReader(sealed)
    start = parts.read(len(MAGIC) + 1)
    if len(start) <= len(MAGIC) or start[: len(MAGIC)] != MAGIC:
        raise BackupDamaged(name, "not a file of a backup")
    rest = parts.read(start[-1] + _SALT)
    key_id, salt = rest[: start[-1]].decode("ascii", "replace"), rest[start[-1] :]
    if len(salt) != _SALT:
        raise BackupDamaged(name, "cut off")
    if key_id not in keyring.ids:
        raise BackupKeyMissing(key_id)
    cipher = _cipher(keyring, key_id, salt, name)
    yield from _decompressed(name, _frames(parts, cipher, start + rest, name))


def key_id_of(sealed: Iterable[bytes]) -> str:
    """Return the id of the key that a sealed file needs; empty if that cannot be read."""
    start = PartReader(sealed).read(len(MAGIC) + 1 + 255)
    if len(start) <= len(MAGIC) or start[: len(MAGIC)] != MAGIC:
        return ""
    end = len(MAGIC) + 1 + start[len(MAGIC)]
    return start[len(MAGIC) + 1 : end].decode("ascii", "replace")


def _frames(parts: PartReader, cipher: AESGCM, header: bytes, name: str) -> Iterator[bytes]:
    frame, number = parts.read(FRAME + _TAG), 0
    while True:
        following = parts.read(FRAME + _TAG) if len(frame) == FRAME + _TAG else b""
        nonce = _nonce(number, last=not following)
        try:
            yield cipher.decrypt(nonce, frame, header)
        except (InvalidTag, ValueError) as error:
            raise BackupDamaged(name, f"frame {number} was changed or cut off") from error
        if not following:
            return
        frame, number = following, number + 1


def _compressed(content: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(_LEVEL)
    for part in content:
        yield compressor.compress(part)
    yield compressor.flush()


def _decompressed(name: str, frames: Iterable[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj()
    for frame in frames:
        waiting = frame
        while waiting:
            if part := decompressor.decompress(waiting, FRAME):
                yield part
            waiting = decompressor.unconsumed_tail
    yield decompressor.flush()
    if not decompressor.eof or decompressor.unused_data:
        raise BackupDamaged(name, "cut off")


def _cipher(keyring: Keyring, key_id: str, salt: bytes, name: str) -> AESGCM:
    info = b"backup file\0" + name.encode()
    return AESGCM(HKDF(SHA256(), 32, salt, info).derive(keyring.derive(key_id, "backup")))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
