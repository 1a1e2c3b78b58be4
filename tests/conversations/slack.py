"""A person at Slack, for the stories: types, fills modals, presses buttons, reads.

Everything goes through the real slack-bolt and the project's own local Slack.
"""

import html
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.conversations.driver import SeenForm, SeenMessage, SentFile
from tests.doubles.slack.acts import Acts
from tests.doubles.slack.elements import every_option
from tests.doubles.slack.server import LocalSlack
from tests.doubles.slack.workspace import Json, Message, Modal

_OPEN_FORM = "slack.command#"
"""A typed line has no trigger, so the bot offers its form by a button: a person presses it."""


class SlackUser:
    """Implements ``driver.User``.

    ``user_id`` must have been added to the server; ``timezone`` is where they are, for moments
    picked in a form.
    """

    def __init__(
        self, server: LocalSlack, user_id: str, *, timezone: str = "Asia/Shanghai"
    ) -> None:
        self.timezone = ZoneInfo(timezone)
        self.server = server
        self.space = server.space
        self.user_id = user_id
        self.acts = Acts(server, user_id)
        self._errors: dict[str, str] = {}
        self._errors_in = ""

    async def type(self, line: str, *, channel: str = "") -> None:
        """Write to the bot's 1:1, or in ``channel``: a slash command, or a line that names the bot.

        A command Slack does not know (a Chinese one) goes as a plain message, as Slack's client
        offers to send it.
        """
        room = self.space.rooms[channel] if channel else self.space.direct(self.user_id)
        word, _, rest = line.strip().partition(" ")
        seen = len(self._messages(channel))
        if word in self.server.commands:
            await self.acts.command(word, rest, room)
        else:
            said = html.escape(line.strip(), quote=False)
            await self.acts.say(said, room, mention=bool(channel))
        await self._settled()
        await self._open_offered(channel, seen)

    async def _open_offered(self, channel: str, seen: int) -> None:
        """Open a form that a message after the first ``seen`` ones offers."""
        for message in self._messages(channel)[seen:]:
            for button in _buttons(message.blocks):
                if button["action_id"].startswith(_OPEN_FORM):
                    await self.acts.press(message, button)
                    await self._settled()

    async def form(self) -> SeenForm | None:
        modal = self.space.modal_of(self.user_id)
        if modal is None:
            return None
        await self._unfold(modal)
        return self._seen(modal, self._errors if modal.id == self._errors_in else {})

    async def send(self, file: SentFile) -> None:
        await self.acts.share(file.name, file.content, self.space.direct(self.user_id))
        await self._settled()

    async def submit(
        self, values: Mapping[str, str | tuple[str, ...]], file: SentFile | None = None
    ) -> None:
        modal = self.space.modal_of(self.user_id)
        assert modal, f"no form is open; messages: {await self.messages()}"
        if file:
            [block] = [b for b in _inputs(modal) if b["element"]["type"] == "file_input"]
            _state(modal, block)["files"] = [self.space.upload(file.name, file.content)]
        shown = {block["element"]["action_id"] for block in _inputs(modal)}
        if not shown.issuperset(values):
            await self._unfold(modal)
        for name, value in values.items():
            await self._fill(modal, name, value)
        empty = [
            block["label"]["text"]
            for block in _inputs(modal)
            if not block.get("optional") and not self._answer(_state(modal, block))
        ]
        assert not empty, f"Slack asks to fill {empty} first"
        by_block = await self.acts.submit(modal)
        names = {block["block_id"]: block["element"]["action_id"] for block in _inputs(modal)}
        self._errors = {names[block_id]: text for block_id, text in by_block.items()}
        self._errors_in = modal.id
        await self._settled()

    async def _unfold(self, modal: Modal) -> None:
        """Show the fields that the form folds away, where it does."""
        for block in modal.body["blocks"]:
            if block.get("block_id") == "form.more":
                await self.acts.press_in_modal(modal, block["elements"][0])
                await self._settled()
                return

    async def press(self, label: str, *, within: str = "", channel: str = "") -> None:
        for message in reversed(self._messages(channel)):
            if within not in _words(message):
                continue
            for button in _buttons(message.blocks):
                if button["text"]["text"] == label:
                    await self.acts.press(message, button)
                    await self._settled()
                    return
        raise AssertionError(f"no button {label!r}; there is {await self.messages()}")

    async def answer(self, line: str, *, within: str) -> None:
        message = next(m for m in self._messages("") if within in _words(m))
        thread, seen = message.thread or message.ts, len(self._messages(""))
        await self.acts.say(line, self.space.direct(self.user_id), thread_ts=thread)
        await self._settled()
        await self._open_offered("", seen)

    async def make_lead_of(self, message: str) -> None:
        said = html.escape(message, quote=False)
        await self.acts.use_shortcut("lead.capture", said, self.space.direct(self.user_id))
        await self._settled()

    async def messages(self, *, channel: str = "") -> list[SeenMessage]:
        return [
            SeenMessage(
                message.ref,
                _words(message),
                tuple(button["text"]["text"] for button in _buttons(message.blocks)),
                bool(message.picture) or _has_chart(message.blocks),
            )
            for message in self._messages(channel)
        ]

    async def search(self, field: str, query: str) -> list[str]:
        modal = self.space.modal_of(self.user_id)
        assert modal, "no form is open"
        return [option["text"]["text"] for option in await self._offered(modal, field, query)]

    async def _offered(self, modal: Modal, field: str, query: str) -> list[Json]:
        block = _input(modal, field)
        offered = await self.acts.search(modal, block["block_id"], field, query)
        await self._settled()
        return offered

    async def _fill(self, modal: Modal, name: str, value: str | tuple[str, ...]) -> None:
        block = _input(modal, name)
        state, element = _state(modal, block), block["element"]
        match element["type"]:
            case "plain_text_input":
                assert isinstance(value, str)
                most = element["max_length"]
                assert len(value) <= most, f"{name}: Slack stops typing at {most}"
                state["value"] = value or None
            case "datepicker":
                state["selected_date"] = value or None
            case "datetimepicker":
                state["selected_date_time"] = self._epoch(str(value)) if value else None
            case "users_select":
                state["selected_user"] = value or None
            case "static_select":
                state["selected_option"] = _pick(every_option(element), value) if value else None
            case "external_select":
                offered = await self._offered(modal, name, str(value)) if value else []
                state["selected_option"] = _pick(offered, value) if value else None
            case _:
                wanted = (value,) if isinstance(value, str) and value else value
                state["selected_options"] = [_pick(every_option(element), one) for one in wanted]

    def _epoch(self, moment: str) -> int:
        return int(datetime.fromisoformat(moment).replace(tzinfo=self.timezone).timestamp())

    def _answer(self, state: Json) -> str | tuple[str, ...]:
        """The content of an element, as ``submit`` would take it."""
        if "files" in state:
            return ", ".join(file["name"] for file in state["files"])
        if "selected_options" in state:
            return tuple(option["value"] for option in state["selected_options"])
        if "selected_option" in state:
            return str(state["selected_option"]["value"]) if state["selected_option"] else ""
        if state.get("selected_date_time"):
            at = datetime.fromtimestamp(state["selected_date_time"], self.timezone)
            return at.strftime("%Y-%m-%dT%H:%M")
        given = next(value for key, value in state.items() if key != "type")
        return "" if given is None else str(given)

    def _seen(self, modal: Modal, errors: Mapping[str, str]) -> SeenForm:
        fields, values, choices = {}, {}, {}
        beside = dict(errors)
        last = ""
        for block in modal.body["blocks"]:
            if block["type"] == "context" and last:
                beside[last] = block["elements"][0]["text"]
            if block["type"] != "input":
                continue
            last = block["element"]["action_id"]
            fields[last] = block["label"]["text"]
            values[last] = self._answer(_state(modal, block))
            if options := every_option(block["element"]):
                choices[last] = tuple(option["text"]["text"] for option in options)
        return SeenForm(modal.body["title"]["text"], fields, values, beside, choices)

    def _messages(self, channel: str) -> list[Message]:
        return self.space.visible(self.user_id, channel)

    async def _settled(self) -> None:
        await self.server.settled()
        assert not self.server.violations, self.server.violations


def _inputs(modal: Modal) -> list[Json]:
    return [block for block in modal.body["blocks"] if block["type"] == "input"]


def _input(modal: Modal, name: str) -> Json:
    for block in _inputs(modal):
        if block["element"]["action_id"] == name:
            return block
    raise AssertionError(f"no field {name!r} in {[b['label']['text'] for b in _inputs(modal)]}")


def _state(modal: Modal, block: Json) -> Json:
    return modal.state[block["block_id"]][block["element"]["action_id"]]


def _pick(options: list[Json], value: Any) -> Json:
    for option in options:
        if option["value"] == value:
            return option
    raise AssertionError(f"no option {value!r} among {[option['value'] for option in options]}")


def _buttons(blocks: list[Json]) -> list[Json]:
    """The buttons, and the options of the menus, each as ``Acts.press`` takes it."""
    elements = [
        element
        for block in blocks
        if block["type"] in ("actions", "section")
        for element in (*block.get("elements", ()), block.get("accessory"))
        if element
    ]
    return [
        one
        for element in elements
        for one in (
            [element]
            if element["type"] == "button"
            else [
                {"type": "overflow", "action_id": element["action_id"]} | option
                for option in element["options"]
            ]
        )
    ]


def _has_chart(blocks: list[Json]) -> bool:
    return any(block["type"] == "data_visualization" for block in blocks)


def _words(message: Message) -> str:
    """All visible text, a line for each piece, without Slack's markup."""
    if not message.blocks:
        return html.unescape(message.text)
    return "\n".join(
        piece for block in message.blocks if block["type"] != "actions" for piece in _pieces(block)
    )


def _pieces(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _pieces(one)
    elif isinstance(part, dict):
        match part.get("type"):
            case "mrkdwn":
                yield html.unescape(part["text"]).strip("*")
            case "rich_text_section":
                yield "".join(one.get("text") or one.get("url", "") for one in part["elements"])
            case "data_visualization":
                yield part["title"]
            case "plain_text" | "raw_text":
                yield part["text"]
            case _:
                for value in part.values():
                    yield from _pieces(value)
