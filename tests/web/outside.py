"""The far side of the public endpoints: a system that signs its calls, and a visitor's browser."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from bot.public_web.signed import signature
from bot.server import web_app
from sales.intake import FormField, Intake, PublicForm
from sales.playbook import Playbook
from storage.database.engine import Database
from tests.office import Office

SECRET = "sample-secret-of-the-tests-" + "x" * 16
BODY: Mapping[str, Any] = {
    "source": "website",
    "detail": "pricing page",
    "customer": "Beech Sample Ltd",
    "contact": "Li Sample",
    "title": "Head of school",
    "phone": "+86 139 1234 5678",
    "email": "li@beech.example",
    "need": "more pupils",
    "industry": "education",
    "region": "east",
    "product": "basic",
    "budget": "8-10万",
    "authority": "decider",
    "clarity": "clear",
    "timeframe": "month",
}
EVERY_FIELD: tuple[FormField, ...] = (
    "customer", "contact", "title", "phone", "email", "wechat", "industry", "region", "product",
    "need", "budget", "timeframe",
)  # fmt: skip
RULES = Intake(
    forms={
        "website": PublicForm(fields=EVERY_FIELD),
        "partner": PublicForm(
            embed_on=("https://www.acme.example", "https://*.beech.example:8443"),
            privacy_url="https://acme.example/privacy",
        ),
    }
)


class Outside:
    """Everybody outside of an office."""

    def __init__(self, office: Office, address: str = "203.0.113.7") -> None:
        self.office = office
        world = office.world
        world.rules(Playbook(intake=RULES))
        app = web_app(world.routes, world.health, world.registry)
        transport = httpx.ASGITransport(app, raise_app_exceptions=True, client=(address, 4711))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://genjin.example")
        self._events = count(1)

    def signed(
        self,
        body: bytes,
        *,
        event: str | None = None,
        late: int = 0,
        secret: str = SECRET,
        **headers: str,
    ) -> dict[str, str]:
        """Headers for a body; ``late`` is by how many seconds the clock behind them is off."""
        at = str(int(self.office.world.clock.now().timestamp()) - late)
        return {
            "Content-Type": "application/json",
            "X-Genjin-Timestamp": at,
            "X-Genjin-Signature": signature(secret, at, body),
            "X-Genjin-Event-Id": event if event is not None else f"event-{next(self._events)}",
        } | {name.replace("_", "-"): value for name, value in headers.items()}

    async def call(
        self, body: Any = BODY, *, to: str = "/intake/leads", **how: Any
    ) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(to, content=raw, headers=self.signed(raw, **how))

    async def open(self, source: str = "website", **query: str) -> "Visitor":
        page = await self.http.get(f"/form/{source}", params=query)
        return Visitor(self, source, page)


class Visitor:
    """A visitor at a form that was just opened. ``page`` is what they see."""

    def __init__(self, outside: Outside, source: str, page: httpx.Response) -> None:
        self.outside = outside
        self.source = source
        self.page = page
        self.ticket = self.value("ticket") if page.status_code == 200 else ""

    def value(self, name: str) -> str:
        """The content of a field of the page."""
        match = re.search(rf'name="{name}"[^>]*? value="([^"]*)"', self.page.text)
        assert match, name
        return match[1]

    def errors(self) -> dict[str, str]:
        return dict(re.findall(r'class="error" id="error-(\w+)">([^<]*)<', self.page.text))

    async def send(self, *, after: float = 20, **typed: str) -> httpx.Response:
        """Submit the form ``after`` this many seconds of filling it in."""
        self.outside.office.world.clock.advance(after)
        given = {"ticket": self.ticket, "lang": self.value("lang")} | typed
        self.page = await self.outside.http.post(f"/form/{self.source}", data=given)
        return self.page


TYPED: Mapping[str, Any] = {
    "customer": "Cedar Sample Ltd",
    "contact": "Wang Sample",
    "phone": "136 1234 5678",
    "email": "wang@cedar.example",
    "need": "a tool for our reps",
}


@contextmanager
def away(database: Database) -> Iterator[None]:
    """An SQLite database that cannot be opened for a while."""
    assert database.url.database
    path = Path(database.url.database)
    database.dispose()
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()
    yield
    path.rmdir()
    aside.rename(path)
