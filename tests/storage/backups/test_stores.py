"""A place of backups, of either kind: files appear whole or not at all, and failures are named."""

import os
import random
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.backups.buckets import Account, BucketStore, parse_bucket
from storage.backups.stores import (
    BackupStore,
    DirectoryStore,
    FileMissing,
    StoreFailure,
    StoreUnavailable,
    probe,
)
from tests.doubles.bucket import Service

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BackupStore:
    if request.param == "directory":
        return DirectoryStore(tmp_path / "there")
    service: Service = request.getfixturevalue("bucket_server")
    return service.new_store(prefix="a_team/of-backups")


def cut(content: bytes) -> Iterator[bytes]:
    """Parts of all lengths, the empty ones included."""
    lengths = random.Random(1)  # noqa: S311 - reproducible
    while content:
        length = lengths.choice((0, 1, 1000, 99_999))
        yield content[:length]
        content = content[length:]


class TestAStore:
    @pytest.mark.parametrize("size", [0, 1, 299_999, 300_000, 300_001, 600_000, 1_000_003])
    def test_gives_back_what_was_put(self, store: BackupStore, size: int) -> None:
        content = random.Random(size).randbytes(size)  # noqa: S311 - reproducible
        stored = store.put("one/data", cut(content))
        assert stored.size == size
        assert b"".join(store.get("one/data")) == content
        assert store.names() == ["one/data"]

    def test_replaces_lists_and_deletes(self, store: BackupStore) -> None:
        for name in ("b/x", "a/y", "a/x", "z"):
            store.put(name, [name.encode()])
        store.put("a/x", [b"again"])
        assert store.names() == ["a/x", "a/y", "b/x", "z"]
        assert b"".join(store.get("a/x")) == b"again"
        store.delete("a/x")
        store.delete("a/x")
        assert store.names() == ["a/y", "b/x", "z"]
        with pytest.raises(FileMissing, match="a/x"):
            list(store.get("a/x"))

    def test_shows_nothing_of_what_was_broken_off(self, store: BackupStore) -> None:
        def breaking() -> Iterator[bytes]:
            yield b"x" * 700_000
            raise OSError(5, "the disk that is read")

        with pytest.raises(OSError, match="the disk that is read"):
            store.put("one/data", breaking())
        assert store.names() == []
        with pytest.raises(FileMissing):
            list(store.get("one/data"))

    def test_is_probed(self, store: BackupStore) -> None:
        probe(store)
        assert store.names() == []

    def test_takes_no_name_that_leads_elsewhere(self, store: BackupStore) -> None:
        for name in ("../x", "/x", "a//b", ".x", "a/../b", ""):
            with pytest.raises(ValueError, match="no name"):
                store.put(name, [b"x"])


class TestADirectory:
    def test_is_rid_of_drafts_that_a_kill_left(self, tmp_path: Path) -> None:
        store, folder = DirectoryStore(tmp_path), tmp_path / "one"
        folder.mkdir()
        (folder / ".data.0badcafe.part").write_bytes(b"x")
        store.tidy(LONG_AGO)
        assert folder.exists()
        store.tidy(FAR)
        store.tidy(FAR)
        assert not folder.exists()

    def test_names_its_failures(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("no directory")
        with pytest.raises(StoreUnavailable) as caught:
            DirectoryStore(tmp_path / "file").put("x", [b"x"])
        assert caught.value.failure is StoreFailure.NOT_A_DIRECTORY
        with pytest.raises(StoreUnavailable) as caught:
            DirectoryStore(tmp_path / "file" / "in").names()
        assert caught.value.failure is StoreFailure.NOT_A_DIRECTORY

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_that_may_not_be_read_is_not_empty(self, tmp_path: Path) -> None:
        folder = tmp_path / "closed"
        folder.mkdir(mode=0o000)
        try:
            with pytest.raises(StoreUnavailable) as caught:
                DirectoryStore(folder).names()
            assert caught.value.failure is StoreFailure.DENIED
        finally:
            folder.chmod(0o700)


class TestABucket:
    def test_is_rid_of_uploads_that_a_kill_left(self, bucket_server: Service) -> None:
        store, client = bucket_server.new_store(), bucket_server.client
        bucket = store.where.split("/")[2]
        for key in ("team/backups/one/data", "somebody/else"):
            client.create_multipart_upload(Bucket=bucket, Key=key)
        store.tidy(FAR)
        left = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
        assert [upload["Key"] for upload in left] == ["somebody/else"]

    def test_cancels_its_own_upload_that_fails(self, bucket_server: Service) -> None:
        store, client = bucket_server.new_store(), bucket_server.client

        def breaking() -> Iterator[bytes]:
            yield b"x" * 700_000
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.put("one/data", breaking())
        bucket = store.where.split("/")[2]
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)

    def test_keeps_to_its_prefix(self, bucket_server: Service) -> None:
        store = bucket_server.new_store(prefix="team")
        other = BucketStore(store.where + "2", bucket_server.account)
        other.put("x", [b"x"])
        assert store.names() == []

    def test_names_its_failures(self, bucket_server: Service) -> None:
        with pytest.raises(StoreUnavailable) as caught:
            BucketStore("s3://no-such-bucket", bucket_server.account).names()
        assert caught.value.failure is StoreFailure.NO_BUCKET
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = Account("a", "b", endpoint=f"http://127.0.0.1:{closed.getsockname()[1]}")
            with pytest.raises(StoreUnavailable) as caught:
                BucketStore("s3://some-bucket", nobody).put("x", [b"x"])
            assert caught.value.failure is StoreFailure.UNREACHABLE

    def test_says_that_there_is_no_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        monkeypatch.setenv("HOME", "/nonexistent")
        with pytest.raises(StoreUnavailable) as caught:
            BucketStore("s3://some-bucket", Account(endpoint="http://127.0.0.1:9")).names()
        assert caught.value.failure is StoreFailure.CREDENTIALS

    def test_shows_no_secret(self) -> None:
        account = Account("AKIA", "a-secret-key", "a-token", endpoint="https://minio.example")
        assert "a-secret-key" not in repr(account)
        assert "a-token" not in repr(account)

    @pytest.mark.parametrize(
        "place",
        ["s3://", "s3:///x", "s3://Bucket", "s3://a", "s3://bucket/../x", "s3://bucket/a b", "x"],
    )
    def test_has_a_name_and_a_prefix_that_can_be(self, place: str) -> None:
        with pytest.raises(ValueError, match="no "):
            parse_bucket(place)

    def test_may_have_no_prefix(self) -> None:
        assert parse_bucket("s3://bucket") == ("bucket", "")
        assert parse_bucket("s3://bucket/a/b/") == ("bucket", "a/b")
