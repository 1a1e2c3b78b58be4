"""Plays a person of the local web chat over HTTP, as the page's scripts would."""

import base64
import ssl
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from tests.conversations.driver import SeenForm, SeenMessage, SentFile


def loopback_client(**options: Any) -> httpx.AsyncClient:
    """A client without certificates: loopback is plain HTTP, and loading them takes 0.1 s."""
    return httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **options)


@dataclass
class WebUser:
    """Implements ``User``. Use as an async context manager, or pass a client to share.

    ``url`` is the chat's address, ``persona`` the platform id of the person to play.
    """

    url: str
    persona: str
    locale: str = "en"
    conversation: str = ""
    client: httpx.AsyncClient = field(default_factory=loopback_client)
    _form: dict[str, Any] | None = None
    _typed: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    _pressed: int | None = None
    _errors: dict[str, str] = field(default_factory=dict)
    _toasts: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.conversation = self.conversation or f"dm:{self.persona}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.aclose()

    async def type(self, line: str) -> None:
        assert self._form is None, f"the form {self._form['title']!r} is open"
        self._pressed = None
        await self._receive(await self.ask("command", text=line))

    async def form(self) -> SeenForm | None:
        if self._form is None:
            return None
        fields = self._form["fields"]
        return SeenForm(
            title=self._form["title"],
            fields={one["name"]: one["label"] for one in fields},
            values=dict(self._typed),
            errors=dict(self._errors),
            choices={
                one["name"]: tuple(option["label"] for option in one["options"])
                for one in fields
                if "options" in one
            },
        )

    async def send(self, file: SentFile) -> None:
        self._pressed = None
        await self._receive(await self.ask("file", file=_encoded(file)))

    async def submit(
        self, values: Mapping[str, str | tuple[str, ...]], file: SentFile | None = None
    ) -> None:
        assert self._form is not None, await self._nothing_open()
        unknown = set(values) - set(self._typed)
        assert not unknown, f"no fields {sorted(unknown)}, only {sorted(self._typed)}"
        self._typed.update(values)
        form = self._form
        more = {"file": _encoded(file)} if file else {}
        wish = {"action": form["action"], "state": form["state"], "message": self._pressed}
        reply = await self.ask("submit", values=self._typed, **wish, **more)
        self._errors = reply["errors"]
        if not self._errors:
            self._form = None
            await self._receive(reply)
        elif reply["form"]:
            self._open(reply["form"], typed=self._typed)

    async def press(self, label: str, *, within: str = "") -> None:
        seen = await self._stored()
        for message in reversed(seen):
            for button in _buttons(message["body"]):
                if button["label"] == label and within in _text(message["body"]):
                    pressed = {"action": button["action"], "value": button["value"]}
                    self._pressed = message["id"]
                    reply = await self.ask("press", message=message["id"], **pressed)
                    await self._receive(reply)
                    return
        raise AssertionError(f"no button {label!r} within {within!r} in {_shown(seen)}")

    async def answer(self, line: str, *, within: str) -> None:
        card = next(one for one in await self._stored() if within in _text(one["body"]))
        await self._receive(await self.ask("command", text=line, under=card["id"]))

    async def make_lead_of(self, message: str) -> None:
        await self.type(message)
        typed = [one for one in await self._stored() if one["body"].get("text") == message]
        await self._receive(
            await self.ask("message", message=typed[-1]["id"], action="lead.capture")
        )

    async def messages(self) -> list[SeenMessage]:
        seen = [
            (
                message["id"],
                SeenMessage(
                    ref=str(message["id"]),
                    text=_text(message["body"]),
                    buttons=tuple(one["label"] for one in _buttons(message["body"])),
                    has_picture=_has_picture(message["body"]),
                ),
            )
            for message in await self._stored()
        ]
        seen += [(at, SeenMessage(f"toast-{n}", text)) for n, (at, text) in enumerate(self._toasts)]
        return [message for _, message in sorted(seen, key=lambda one: one[0])]

    async def search(self, field: str, query: str) -> list[str]:
        assert self._form is not None, await self._nothing_open()
        [drawn] = [one for one in self._form["fields"] if one["name"] == field]
        if "search" in drawn:
            reply = await self.ask("search", action=drawn["search"], text=query)
            return [option["label"] for option in reply["options"]]
        labels = [option["label"] for option in drawn["options"]]
        return [label for label in labels if query.lower() in label.lower()]

    async def ask(self, kind: str, **content: Any) -> dict[str, Any]:
        """Send one request and return the reply's JSON."""
        wish = {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "persona": self.persona,
            "conversation": self.conversation,
            "locale": self.locale,
            **content,
        }
        response = await self.client.post(
            f"{self.url}/api/requests", json=wish, headers={"Origin": self.url}
        )
        assert response.status_code == httpx.codes.OK, response.text
        reply: dict[str, Any] = response.json()
        return reply

    async def _receive(self, reply: dict[str, Any]) -> None:
        text = reply["toast"] or " ".join(reply["errors"].values())
        if text:
            stored = await self._stored()
            self._toasts.append((stored[-1]["id"] if stored else 0, text))
        if reply["form"]:
            self._errors = {}
            self._open(reply["form"], typed={})

    def _open(self, form: dict[str, Any], typed: Mapping[str, str | tuple[str, ...]]) -> None:
        """Show a form; on an error only the fields change, what was typed stays."""
        self._form = form
        self._typed = {one["name"]: _value(one["value"]) for one in form["fields"]}
        self._typed.update({name: typed[name] for name in typed if name in self._typed})

    async def _stored(self) -> list[dict[str, Any]]:
        query = {
            "persona": self.persona,
            "conversation": self.conversation,
            "locale": self.locale,
        }
        found: list[dict[str, Any]] = []
        more = True
        while more:
            before = {"before": found[0]["id"]} if found else {}
            response = await self.client.get(f"{self.url}/api/messages", params=query | before)
            assert response.status_code == httpx.codes.OK, response.text
            found = response.json()["messages"] + found
            more = response.json()["more"]
        return found

    async def _nothing_open(self) -> str:
        return f"no form is open; the conversation says {_shown(await self._stored())}"


def _encoded(file: SentFile) -> dict[str, str]:
    return {"name": file.name, "content": base64.b64encode(file.content).decode()}


def _value(value: Any) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else str(value)


def _has_picture(body: Mapping[str, Any]) -> bool:
    return any(part.get("chart") for part in (body, *body.get("sections", ())))


def _buttons(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    inner: list[dict[str, Any]] = []
    for section in body.get("sections", ()):
        lines = (row["button"] for row in section["rows"])
        tabled = (section["table"] or {}).get("opens", ())
        charted = (section.get("chart") or {}).get("opens", ())
        inner += [*filter(None, [section["opens"], *charted]), *tabled, *lines, *section["buttons"]]
    charted = (body.get("chart") or {}).get("opens", ())
    return [*inner, *filter(None, charted), *body.get("buttons", ()), *body.get("more", ())]


def _text(body: Mapping[str, Any]) -> str:
    """All text of a message that the page draws, in the order of the page and unfolded."""
    if body["kind"] == "line":
        return str(body["text"])
    if body["kind"] == "file":
        return f"{body['text']}\n{body['name']}"
    parts = [body["title"], body["body"]]
    facts = (*body["facts"], *body.get("more_facts", ()))
    parts += [f"{fact['label']}: {fact['value']}" for fact in facts]
    if body["chart"]:
        parts += [body["chart"]["title"], body["chart"]["alt"]]
    for section in body["sections"]:
        parts += [section["heading"], *section["lines"]]
        if section.get("chart"):
            parts += [section["chart"]["title"], section["chart"]["alt"]]
        parts += [row["text"] for row in section["rows"]]
        table = section["table"] or {"columns": [], "rows": []}
        parts += [" | ".join(row) for row in (table["columns"], *table["rows"])]
    parts += [f"{link['label']} {link['url']}" for link in body["links"]]
    parts += [body["footnote"]]
    return "\n".join(part for part in parts if part)


def _shown(messages: list[dict[str, Any]]) -> str:
    return "\n---\n".join(_text(message["body"]) for message in messages) or "(nothing)"
