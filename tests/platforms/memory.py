"""The memory of platforms, for tests without a database."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any


class KeptMemory:
    """A ``Memory`` that outlives a platform; JSON in and out, as storage keeps it."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        assert keep > timedelta(0)
        self.rows[key] = json.dumps(value)

    async def get(self, key: str) -> dict[str, Any] | None:
        return json.loads(self.rows[key]) if key in self.rows else None

    async def take(self, key: str) -> dict[str, Any] | None:
        row = self.rows.pop(key, None)
        self.counts.pop(key, None)
        return json.loads(row) if row else None

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        self.counts[key] = self.counts.get(key, 0) + by
        return self.counts[key]
