"""A person at a DingTalk client, on the local DingTalk; plays card forms and guided chats.

What it reports is read from the messages and cards the server holds. A guided chat shows labels
only, so ``FieldNames`` tells which field a story means by a name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms import Dispatch
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Form
from tests.conversations.dingtalk_reading import (
    ASKED,
    ASKS,
    COMPLAINT,
    FIELD,
    GO_ON,
    PICTURE,
    SIGN,
    SUBMIT,
    WRONG,
    card_answer,
    first_of,
    form_json,
    keep_typed,
    links_of,
    seen_card,
    shown_in,
    value_of,
    visible,
)
from tests.conversations.driver import SeenForm, SeenMessage, SentFile
from tests.doubles.dingtalk import DingTalkServer
from tests.doubles.dingtalk.world import CardInstance, Entry

Values = Mapping[str, str | tuple[str, ...]]


class FieldNames:
    """Remembers the opened forms: which label has which name in a story."""

    def __init__(self) -> None:
        self.forms: dict[str, Form] = {}

    def listening(self, dispatch: Dispatch) -> Dispatch:
        """Wrap the dispatch that the platform under test is built with."""

        async def listen(request: Request) -> Reply:
            reply = await dispatch(request)
            if reply.form is not None:
                self.forms[reply.form.title] = reply.form
            return reply

        return listen


@dataclass(frozen=True)
class _Guided:
    """The newest message of an open guided form."""

    text: str
    form: Form

    @property
    def links(self) -> dict[str, str]:
        return links_of(self.text)

    @property
    def asked(self) -> Any:
        found = ASKED.findall(self.text)
        return self.labelled(found[-1]) if found and "/" in self.text else None

    def labelled(self, label: str) -> Any:
        return next((one for one in self.form.fields if one.label == label), None)


class DingTalkUser:
    """Implements ``tests.conversations.driver.User``."""

    def __init__(
        self,
        server: DingTalkServer,
        staff_id: str,
        name: str = "",
        names: FieldNames | None = None,
        *,
        is_admin: bool = False,
    ) -> None:
        self._server = server
        self._id = staff_id
        self._names = names or FieldNames()
        self._is_admin = is_admin
        server.staff[staff_id] = name or f"Sample {staff_id}"

    async def type(self, line: str, *, channel: str = "") -> None:
        """Write to the robot in private, or mention it in a group."""
        frame = await self._server.write(self._id, line, group=channel, isAdmin=self._is_admin)
        await self._server.gateway.ack_of(frame)

    async def form(self) -> SeenForm | None:
        if (card := self._card()) is not None:
            return seen_card(card)
        guided = self._guided()
        return None if guided is None else self._seen_guided(guided)

    async def send(self, file: SentFile) -> None:
        frame = await self._server.send_file(self._id, file.name, file.content)
        await self._server.gateway.ack_of(frame)

    async def submit(self, values: Values, file: SentFile | None = None) -> None:
        if file:
            assert not values, "a chat asks for the file first"
            await self.send(file)
        elif (card := self._card()) is not None:
            await self._submit_card(card, values)
        elif self._guided() is not None:
            await self._submit_guided(dict(values))
        else:
            raise AssertionError(f"no form is open; {self._chat()[-3:]}")

    async def press(self, label: str, *, within: str = "") -> None:
        for entry in reversed(self._chat()):
            if entry.kind == "card" and await self._press_card(entry.ref, label, within):
                return
            words = links_of(entry.text).get(label)
            if entry.author == "bot" and words and within in visible(entry.text):
                await self.type(words)
                break
        else:
            raise AssertionError(f"no button {label!r} within {within!r}: {self._chat()[-5:]}")
        answer = self._chat()[-1]
        if answer.author == "bot" and answer.text.startswith(ASKS):
            await self.type(next(iter(links_of(answer.text).values())))

    async def _press_card(self, ref: str, label: str, within: str) -> bool:
        """Press a button of a card, also one that *more* opens, and then *yes* if it asks."""
        card = self._server.world.cards[ref]
        if card.is_form or within not in self._card_text(card):
            return False
        for opener in ("更多", "More"):
            if label not in card.buttons and opener in card.buttons:
                await self._press_drawn(card, card.buttons[opener])
                if label.startswith(opener):
                    return True
        if label not in card.buttons:
            return False
        await self._press_drawn(card, card.buttons[label])
        if card.params["note"].startswith(ASKS):
            await self._press_drawn(card, next(iter(card.buttons.values())))
        return True

    async def _press_drawn(self, card: CardInstance, button: str) -> None:
        frame = await self._server.press(card, button)
        self._server.redraw(card, await self._server.gateway.ack_of(frame))

    @staticmethod
    def _card_text(card: CardInstance) -> str:
        return "\n".join(visible(card.params[name]) for name in ("title", "note", "content"))

    async def answer(self, line: str, *, within: str) -> None:
        """Quote a message of the robot's own; DingTalk sends none of its text along."""
        seen = [self._seen(place, entry) for place, entry in enumerate(self._chat())]
        quoted = next(
            entry
            for entry, read in zip(self._chat(), seen, strict=True)
            if entry.author == "bot" and entry.ref and within in read.text
            if entry.kind != "card" or not self._server.world.cards[entry.ref].is_form
        )
        replied = {"msgType": "unknownMsgType", "msgId": "quoted", "content": {}}
        text = {"content": line, "isReplyMsg": True, "repliedMsg": replied}
        key = self._server.world.carriers.get(quoted.ref, quoted.ref)
        more: dict[str, Any] = {"text": text, "originalProcessQueryKey": key}
        frame = await self._server.write(self._id, line, isAdmin=self._is_admin, **more)
        await self._server.gateway.ack_of(frame)

    async def make_lead_of(self, message: str) -> None:
        """Answer a message in the conversation with the command."""
        replied = {"msgType": "text", "msgId": "quoted", "content": {"text": message}}
        text = {"content": "录线索", "isReplyMsg": True, "repliedMsg": replied}
        frame = await self._server.write(self._id, "录线索", isAdmin=self._is_admin, text=text)
        await self._server.gateway.ack_of(frame)

    async def messages(self, *, channel: str = "") -> list[SeenMessage]:
        return [
            self._seen(place, entry)
            for place, entry in enumerate(self._server.world.chat(channel or self._id))
            if entry.author == "bot"
        ]

    async def search(self, field: str, query: str) -> list[str]:
        if (card := self._card()) is not None:
            return await self._search_card(card, field, query)
        guided = self._guided()
        assert guided is not None, "no form is open"
        asked = next(one for one in guided.form.fields if one.name == field)
        await self.type(f"修改 {asked.label}")
        await self.type(query)
        guided = self._guided()
        assert guided is not None
        if guided.asked is not None and guided.asked.name == field:
            return [
                one
                for one in guided.links
                if links_of(guided.text)[one] == one and query.casefold() in one.casefold()
            ]
        await self.type(f"修改 {asked.label}")  # it took a unique match: look at it
        guided = self._guided()
        assert guided is not None
        now = re.search(r"(?:现在是：|Now: )(.+)", guided.text)
        return [now[1].strip()] if now else []

    # What the client shows

    def _chat(self) -> list[Entry]:
        return self._server.world.chat(self._id)

    def _seen(self, place: int, entry: Entry) -> SeenMessage:
        if entry.kind == "image":
            return SeenMessage(entry.ref, "", has_picture=True)
        if entry.kind == "card":
            card = self._server.world.cards[entry.ref]
            if not card.is_form:
                return SeenMessage(entry.ref, self._card_text(card), tuple(card.buttons))
            words = [card.params["title"], card.params["form_btn_text"]]
            words += [f"{one['label']} {shown_in(one)}" for one in card.fields]
            return SeenMessage(entry.ref, "\n".join(words))
        return SeenMessage(
            entry.ref or f"m{place}",
            visible(entry.text),
            tuple(links_of(entry.text)),
            has_picture=bool(PICTURE.search(entry.text)),
        )

    # Card forms

    def _card(self) -> CardInstance | None:
        cards = self._server.world.cards.values()
        mine = [card for card in cards if card.person == self._id and card.is_form]
        return mine[-1] if mine and mine[-1].params["form_status"] == "normal" else None

    async def _submit_card(self, card: CardInstance, values: Values) -> None:
        shown = {one["name"] for one in card.fields}
        if "__more" in shown and values.keys() - shown:
            await self._unfold(card)
        answers: dict[str, Any] = {}
        fields = {one["name"]: one for one in card.fields if not one.get("readOnly")}
        for name, one in fields.items():
            answer = card_answer(one, values[name]) if name in values else one.get("defaultValue")
            if answer is None and values.get(name) and f"{name}__other" in fields:
                answers[f"{name}__other"] = values[name]
            elif answer not in (None, ""):
                answers[name] = answer
        missing = [
            one["name"]
            for one in fields.values()
            if one.get("required") and one["name"] not in answers
        ]
        if missing:  # the client refuses by itself
            for one in fields.values():
                keep_typed(one, answers, missing)
            card.private["form"] = form_json(card, fields)
            return
        frame = await self._server.submit(card, answers)
        self._server.redraw(card, await self._server.gateway.ack_of(frame))

    async def _unfold(self, card: CardInstance) -> None:
        """Ask for the fields that are rarely needed, as a card shows them only then."""
        typed = {one["name"]: one["defaultValue"] for one in card.fields if "defaultValue" in one}
        frame = await self._server.submit(card, typed | {"__more": True})
        self._server.redraw(card, await self._server.gateway.ack_of(frame))

    async def _search_card(self, card: CardInstance, field: str, query: str) -> list[str]:
        def offered() -> list[str]:
            shown = next(one for one in card.fields if one["name"] == field)
            return [
                one["text"]
                for one in shown["options"]
                if query.casefold() in one["text"].casefold()
            ]

        if not offered():
            frame = await self._server.submit(card, {f"{field}__other": query})
            self._server.redraw(card, await self._server.gateway.ack_of(frame))
        return offered()

    # Guided forms

    def _guided(self) -> _Guided | None:
        """The open guided form: the bot's last message about one since the person spoke."""
        for entry in reversed(self._chat()):
            if entry.author != "bot":
                return None
            title = re.search(rf"{SIGN} \*\*(.+?)\*\*", entry.text)
            if title and title[1] in self._names.forms:
                return _Guided(entry.text, self._names.forms[title[1]])
        return None

    def _seen_guided(self, guided: _Guided) -> SeenForm:
        form = guided.form
        labels = {one.label: one for one in form.fields}
        values = self._typed_values(form)
        errors = {
            labels[found["label"]].name: found["why"]
            for found in COMPLAINT.finditer(guided.text)
            if found["label"] in labels
        }
        asked = guided.asked
        plain = re.search(rf"(?m)^{WRONG} (.+)$", guided.text)
        if asked is not None and plain and asked.name not in errors:
            errors[asked.name] = plain[1].strip()
        choices = {
            one.name: tuple(option.label for option in one.options)
            for one in form.fields
            if hasattr(one, "options")
        }
        return SeenForm(
            form.title, {one.name: one.label for one in form.fields}, values, errors, choices
        )

    def _typed_values(self, form: Form) -> dict[str, str | tuple[str, ...]]:
        """The value of each field, as the chat showed it from the opening until now."""
        labels = {one.label: one for one in form.fields}
        values: dict[str, str | tuple[str, ...]] = {}
        asked, answer = None, ""
        for entry in self._chat():
            if entry.author != "bot":
                answer = entry.text
                continue
            if f"{SIGN} **{form.title}**" not in entry.text:
                continue
            if asked is not None and answer and not re.search(rf"(?m)^{WRONG}", entry.text):
                values[asked.name] = value_of(asked, answer)
            for found in FIELD.finditer(entry.text):
                one = labels.get(found["label"])
                if one is not None and not ASKED.match(found[0]):
                    values[one.name] = value_of(one, found["rest"].split(WRONG)[0].strip())
            asked = labels.get((ASKED.findall(entry.text) or [""])[-1])
            if asked is not None and isinstance(asked.value, tuple):
                ticked = re.findall(r"☑ \d+）\[([^\]]*)\]", entry.text)
                values[asked.name] = value_of(asked, "、".join(ticked))
                asked = None
            answer = ""
        return values

    async def _submit_guided(self, values: dict[str, str | tuple[str, ...]]) -> None:
        tried: set[str] = set()
        while (guided := self._guided()) is not None:
            asked = guided.asked
            if asked is None and values:
                names = {one.name: one.label for one in guided.form.fields}
                name, value = values.popitem()
                await self.type(f"修改 {names[name]}")
                values[name] = value
            elif asked is None:
                await self.type(first_of(guided.links, SUBMIT))
                return
            elif asked.name in values:
                tried.add(asked.name)
                await self._answer(guided, asked, values.pop(asked.name))
            else:
                words = first_of(guided.links, GO_ON)
                if words and asked.name not in tried:
                    await self.type(words)
                elif values:  # it insists; the other answers are typed nevertheless
                    name = next(iter(values))
                    label = next(one.label for one in guided.form.fields if one.name == name)
                    await self.type(f"修改 {label}")
                else:
                    await self.type(SUBMIT[0])
                    return

    async def _answer(self, guided: _Guided, asked: Any, value: str | tuple[str, ...]) -> None:
        labels = {one.value: one.label for one in getattr(asked, "options", ())}
        if isinstance(value, str):
            label = labels.get(value, value)
            await self.type(guided.links.get(label, label) or "清空")
            return
        ticked = {
            one.value
            for one in asked.options
            if re.search(rf"☑ \d+）\[{re.escape(one.label)}\]", guided.text)
        }
        for one in [one.value for one in asked.options if one.value in ticked ^ set(value)]:
            await self.type(guided.links[labels[one]])
        now = self._guided()
        assert now is not None
        await self.type(first_of(now.links, GO_ON))
