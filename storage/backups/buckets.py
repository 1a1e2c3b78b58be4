"""Files of backups in a bucket of Amazon S3, or of a service that speaks its protocol.

Large files are sent in parts; the bucket shows a file only once all of its parts are there. Every
request carries the MD5 of what it sends, so that the service refuses what was changed on the way.
Failed requests are repeated by the SDK, and a download that breaks off is continued.
"""

import base64
import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from storage.backups.stores import (
    NAME,
    FileMissing,
    StoredFile,
    StoreFailure,
    StoreUnavailable,
    checked_name,
)

SCHEME: Final = "s3://"
PART: Final = 16_777_216
"""Bytes of one part: 10,000 of them, the protocol's limit, are 160 GB."""
_PIECE: Final = 1_048_576
_ATTEMPTS: Final = 5
_TIMEOUT_S: Final = 60
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BY_HOST: Final = (".aliyuncs.com", ".myqcloud.com", ".myhuaweicloud.com", ".volces.com")
"""Services that want the bucket in the host's name; others of one's own rarely have such hosts."""
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchUpload", "404", "NotFound"})
_FAILURES: Final = {
    "NoSuchBucket": StoreFailure.NO_BUCKET,
    "AccessDenied": StoreFailure.DENIED,
    "AllAccessDisabled": StoreFailure.DENIED,
    "403": StoreFailure.DENIED,
    "InvalidAccessKeyId": StoreFailure.CREDENTIALS,
    "SignatureDoesNotMatch": StoreFailure.CREDENTIALS,
    "ExpiredToken": StoreFailure.CREDENTIALS,
    "InvalidToken": StoreFailure.CREDENTIALS,
    "AuthorizationHeaderMalformed": StoreFailure.CREDENTIALS,
    "ServiceUnavailable": StoreFailure.UNREACHABLE,
    "SlowDown": StoreFailure.UNREACHABLE,
    "InternalError": StoreFailure.UNREACHABLE,
    "RequestTimeout": StoreFailure.UNREACHABLE,
    "QuotaExceeded": StoreFailure.FULL,
    "XMinioStorageFull": StoreFailure.FULL,
    "InsufficientStorage": StoreFailure.FULL,
}


@dataclass(frozen=True, slots=True)
class Account:
    """How a bucket is reached.

    What is empty is looked for where every tool of S3 does: in the environment, in ``~/.aws``, in
    the role of the machine. ``endpoint`` is the address of a service other than Amazon's.
    """

    key_id: str = ""
    secret: str = ""
    token: str = ""
    region: str = ""
    endpoint: str = ""

    def __repr__(self) -> str:
        return f"Account({self.endpoint or 'Amazon S3'})"


def parse_bucket(place: str) -> tuple[str, str]:
    """Split ``s3://bucket/prefix`` into both. Raises ValueError for what can be neither."""
    bucket, _, prefix = place.removeprefix(SCHEME).partition("/")
    prefix = prefix.strip("/")
    if not place.startswith(SCHEME) or not _BUCKET.fullmatch(bucket):
        raise ValueError(f"no bucket: {place!r}")
    if prefix and not NAME.fullmatch(prefix):
        raise ValueError(f"no prefix: {prefix!r}")
    return bucket, prefix


class BucketStore:
    """Files in a bucket, all under one prefix."""

    def __init__(self, place: str, account: Account, *, part: int = PART) -> None:
        """Open ``s3://bucket/prefix``; nothing is sent before the first use."""
        self._bucket, prefix = parse_bucket(place)
        self._prefix = f"{prefix}/" if prefix else ""
        self._account = account
        self._part = part
        self._connected: Any = None

    @property
    def where(self) -> str:
        return f"{SCHEME}{self._bucket}/{self._prefix}".rstrip("/")

    def names(self) -> list[str]:
        with self._failures():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        names = (key.removeprefix(self._prefix) for key in keys)
        return sorted(name for name in names if NAME.fullmatch(name))

    def put(self, name: str, content: Iterable[bytes]) -> StoredFile:
        key = self._key(name)
        size, digest = 0, hashlib.sha256()
        upload, tags = "", list[str]()
        try:
            for part, is_last in _cut(content, self._part):
                size += len(part)
                digest.update(part)
                with self._failures():
                    if is_last and not upload:
                        self._client.put_object(**self._object(key), **_body(part))
                        break
                    upload = upload or self._begin(key)
                    tags.append(self._send(key, upload, len(tags) + 1, part))
            if upload:
                with self._failures():
                    self._complete(key, upload, tags)
        except BaseException:
            if upload:
                # What cannot be cancelled now is found by ``tidy``.
                with contextlib.suppress(StoreUnavailable), self._failures():
                    self._client.abort_multipart_upload(**self._object(key), UploadId=upload)
            raise
        return StoredFile(size, digest.hexdigest())

    def get(self, name: str) -> Iterator[bytes]:
        key = self._key(name)
        done, tag, attempts = 0, "", 0
        while True:
            try:
                with self._failures(name):
                    # A file is never changed; the tag makes sure that it is the same one.
                    more = {"Range": f"bytes={done}-", "IfMatch": tag} if done else {}
                    answer = self._client.get_object(**self._object(key), **more)
                tag = answer["ETag"]
                with contextlib.closing(answer["Body"]) as body:
                    for piece in self._pieces(body):
                        done += len(piece)
                        yield piece
                return
            except _BrokenOff as error:
                attempts += 1
                if attempts >= _ATTEMPTS:
                    raise self._failed(StoreFailure.UNREACHABLE, str(error)) from error

    def delete(self, name: str) -> None:
        with self._failures():
            self._client.delete_object(**self._object(self._key(name)))

    def tidy(self, before: datetime) -> None:
        """Cancel uploads that were begun earlier and never completed: they cost, unseen."""
        with self._failures():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket, Prefix=self._prefix
            )
            begun = [one for page in pages for one in page.get("Uploads", ())]
            old = [one for one in begun if one["Initiated"] < before]
        for upload in old:
            # Gone already, if another one tidies as well.
            with contextlib.suppress(FileMissing), self._failures(upload["Key"]):
                self._client.abort_multipart_upload(
                    **self._object(upload["Key"]), UploadId=upload["UploadId"]
                )

    def _begin(self, key: str) -> str:
        upload: str = self._client.create_multipart_upload(**self._object(key))["UploadId"]
        return upload

    def _send(self, key: str, upload: str, number: int, part: bytes) -> str:
        answer = self._client.upload_part(
            **self._object(key), UploadId=upload, PartNumber=number, **_body(part)
        )
        tag: str = answer["ETag"]
        return tag

    def _complete(self, key: str, upload: str, tags: list[str]) -> None:
        parts = [{"PartNumber": n, "ETag": tag} for n, tag in enumerate(tags, 1)]
        self._client.complete_multipart_upload(
            **self._object(key), UploadId=upload, MultipartUpload={"Parts": parts}
        )

    def _pieces(self, body: Any) -> Iterator[bytes]:
        """Read a download. Raises _BrokenOff, and nothing else."""
        from botocore.exceptions import BotoCoreError, HTTPClientError

        try:
            yield from body.iter_chunks(_PIECE)
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise _BrokenOff(type(error).__name__) from error

    def _key(self, name: str) -> str:
        return self._prefix + checked_name(name)

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": key}

    @property
    def _client(self) -> Any:
        if self._connected is None:
            self._connected = _connect(self._account)
        return self._connected

    @contextlib.contextmanager
    def _failures(self, name: str = "") -> Iterator[None]:
        """Turn what the SDK raises into StoreUnavailable, and into FileMissing for ``name``."""
        from botocore.exceptions import (
            BotoCoreError,
            ClientError,
            HTTPClientError,
            NoCredentialsError,
            PartialCredentialsError,
        )
        from botocore.exceptions import (
            ConnectionError as Unconnected,
        )

        try:
            yield
        except ClientError as error:
            said = error.response.get("Error", {})
            code = str(said.get("Code", ""))
            if name and code in _MISSING:
                raise FileMissing(name) from error
            failure = _FAILURES.get(code, StoreFailure.OTHER)
            raise self._failed(failure, f"{code} {said.get('Message', '')}".strip()) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise self._failed(StoreFailure.CREDENTIALS, str(error)) from error
        except (Unconnected, HTTPClientError) as error:
            raise self._failed(StoreFailure.UNREACHABLE, str(error)) from error
        except (BotoCoreError, ValueError, OSError) as error:
            raise self._failed(StoreFailure.OTHER, str(error)) from error

    def _failed(self, failure: StoreFailure, reason: str) -> StoreUnavailable:
        return StoreUnavailable(self.where, " ".join(reason.split())[:300], failure)


class _BrokenOff(Exception):
    """A download ended early."""


def _body(part: bytes) -> dict[str, Any]:
    # The protocol's check of what arrived, not a protection: the files are sealed.
    digest = hashlib.md5(part, usedforsecurity=False).digest()
    return {"Body": part, "ContentMD5": base64.b64encode(digest).decode()}


def _cut(content: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into parts of ``size``; the last one, which may be empty, is marked."""
    waiting = bytearray()
    for piece in content:
        waiting += piece
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


def _connect(account: Account) -> Any:
    # Imported here: only the commands and the process that takes backups need it.
    import boto3
    from botocore.config import Config

    host = urlsplit(account.endpoint).hostname or ""
    by_host = host.endswith(_BY_HOST)
    config = Config(
        # Amazon's newer checksums are refused by services that only speak its protocol.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "max_attempts": _ATTEMPTS},
        connect_timeout=10,
        read_timeout=_TIMEOUT_S,
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if by_host else "auto"},
    )
    given = {
        "aws_access_key_id": account.key_id,
        "aws_secret_access_key": account.secret,
        "aws_session_token": account.token,
        "region_name": account.region,
        "endpoint_url": account.endpoint,
    }
    session = boto3.session.Session()
    if not account.region and not session.region_name:
        # Services of one's own rarely have regions, and S3 names the right one in its answer.
        given["region_name"] = "us-east-1"
    return session.client("s3", config=config, **{k: v for k, v in given.items() if v})
