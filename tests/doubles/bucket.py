"""A service that speaks the protocol of Amazon S3, in this process: moto's server, on loopback."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
import pytest
from moto.s3 import models
from moto.server import ThreadedMotoServer

from storage.backups.buckets import Account, BucketStore

_numbers = count(1)


@dataclass(frozen=True)
class Service:
    """A running service and an account there."""

    account: Account

    @property
    def client(self) -> Any:
        """The SDK's own client, to look at what is really there."""
        return boto3.client(
            "s3",
            endpoint_url=self.account.endpoint,
            aws_access_key_id=self.account.key_id,
            aws_secret_access_key=self.account.secret,
            region_name="us-east-1",
        )

    def new_bucket(self) -> str:
        """Create a bucket and return its name."""
        name = f"genjin-{next(_numbers)}"
        self.client.create_bucket(Bucket=name)
        return name

    def new_store(self, *, prefix: str = "team/backups", part: int = 300_000) -> BucketStore:
        """A store in a bucket of its own, with parts of a size that a test need not wait for."""
        return BucketStore(f"s3://{self.new_bucket()}/{prefix}", self.account, part=part)

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to reach it."""
        return {
            "AWS_ACCESS_KEY_ID": self.account.key_id,
            "AWS_SECRET_ACCESS_KEY": self.account.secret,
            "AWS_ENDPOINT_URL": self.account.endpoint,
        }


@contextlib.contextmanager
def bucket_service() -> Iterator[Service]:
    """Run a service on a free port, without any bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        # The real limit is 5 MB, for which no test should wait.
        patch.setattr(models, "S3_UPLOAD_PART_MIN_SIZE", 1000)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield Service(Account("key", "secret of a test", endpoint=f"http://{host}:{port}"))
        finally:
            server.stop()
