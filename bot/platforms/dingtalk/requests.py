"""Parses Stream payloads into requests of the product. Pure: no network, no memory."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.core.requests import Conversation, Request, Sender, Value
from handlers.core.ui import Checklist, DateTime, Field, Form, LeadPick, MultiChoice

PLATFORM = "dingtalk"
OTHER = "__other"
"""Ends the name of the text field beside a lead picker: a lead that is not in the list."""
ROWS = 6
"""Rows of a list in one message: each is a paragraph of a phone's screen."""

_MENTION = re.compile(r"^@\S{1,100}(?:[\s\u2005]+|$)")
"""The mention of the robot. DingTalk usually takes it out, which leaves a blank: a name that then
comes first is a colleague's."""


class MalformedPayload(ValueError):
    """A frame that lacks its identifying fields; DingTalk's bug or a stranger's."""


@dataclass(frozen=True, slots=True)
class AnswerAddress:
    """Where a person asked, and the short-lived address to answer there.

    ``webhook_until`` is in milliseconds since 1970; the webhook serves answers only and is never
    stored for later.
    """

    person: str
    conversation: Conversation
    webhook: str = ""
    webhook_until: int = 0


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in a message; ``code`` is what DingTalk exchanges for its content, for a while."""

    name: str
    code: str

    def as_answer(self) -> str:
        """The file as an open form stores it; ``of_answer`` parses it back."""
        return f"{self.code} {self.name}"

    @classmethod
    def of_answer(cls, answer: str) -> "SentFile":
        code, _, name = answer.partition(" ")
        return cls(name, code)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to the robot. ``text`` is None if it holds no text (a picture, a file).

    ``sender.id`` is empty for a person outside the organisation, also one of another organisation
    in a shared group, and for everybody until the app is published.
    """

    id: str
    sender: Sender
    seat: AnswerAddress
    text: str | None
    turn: str
    """Messages with the same turn are handled in order of arrival."""
    file: SentFile | None = None
    quoted: str | None = None
    """The text of the message that this one answers; "" if DingTalk does not tell, None if there
    is none."""
    under: str = ""
    """The ``processQueryKey`` of the message of ours that this one answers; empty for none."""

    @property
    def request_id(self) -> str:
        return f"{PLATFORM}:{self.id}"

    def request(
        self,
        action: str,
        text: str = "",
        state: Mapping[str, str] | None = None,
    ) -> Request:
        return Request(
            self.request_id,
            action,
            self.sender,
            self.seat.conversation,
            text,
            state=state or {},
            surface=self.seat,
            rows=ROWS,
        )

    def typed(self, action: str, text: str) -> Request:
        """The request of a typed line, which may answer a message of ours."""
        line = (self.text or "") if self.under else ""
        asked = self.request(action, text)
        return replace(asked, under=self.under, line=line, typed=self.text or "")


@dataclass(frozen=True, slots=True)
class CardAction:
    """A submitted card form or a pressed button of a card.

    ``params`` is what the client sent, unparsed and untrusted; ``button`` the id of the pressed
    button, ``frame`` the id under which this press came, and comes again if it has to.
    """

    track_id: str
    person: str
    params: Mapping[str, Any]
    button: str = ""
    frame: str = ""

    @property
    def digest(self) -> str:
        """A digest that stays equal for a redelivery and differs for a corrected submission."""
        return digest_of(self.params)


def read_message(payload: Mapping[str, Any]) -> ChatMessage:
    """Parse ``/v1.0/im/bot/messages/get``. Raises MalformedPayload."""
    message_id, sender_id = str(payload.get("msgId") or ""), str(payload.get("senderId") or "")
    if not message_id or not sender_id:
        raise MalformedPayload("a message without msgId or senderId")
    person = _member(payload)
    private = str(payload.get("conversationType")) != "2"
    conversation = Conversation(
        PLATFORM,
        person if private else str(payload.get("conversationId") or ""),
        private,
        "" if private else str(payload.get("conversationTitle") or ""),
    )
    seat = AnswerAddress(
        person,
        conversation,
        str(payload.get("sessionWebhook") or ""),
        int(payload.get("sessionWebhookExpiredTime") or 0),
    )
    sender = Sender(
        PLATFORM,
        person,
        str(payload.get("senderNick") or ""),
        is_owner=payload.get("isAdmin") is True,
    )
    words, file = _words(payload, private), _file(payload) if private else None
    quoted = _quoted(payload)
    under = str(payload.get("originalProcessQueryKey") or "") if quoted is not None else ""
    turn = person or sender_id
    return ChatMessage(message_id, sender, seat, words, turn, file, quoted, under)


def _member(payload: Mapping[str, Any]) -> str:
    """The sender's id in the organisation that the robot belongs to; "" for people outside it."""
    theirs, ours = payload.get("senderCorpId"), payload.get("chatbotCorpId")
    if theirs and ours and theirs != ours:
        return ""
    return str(payload.get("senderStaffId") or "")


def _quoted(payload: Mapping[str, Any]) -> str | None:
    """The quoted text.

    DingTalk documents neither ``isReplyMsg``, ``repliedMsg`` nor ``originalProcessQueryKey`` beside
    them; of pictures, files and cards it sends no text.
    """
    text = payload.get("text")
    replied = text.get("repliedMsg") if isinstance(text, dict) else None
    if not isinstance(replied, dict):
        return "" if isinstance(text, dict) and text.get("isReplyMsg") is True else None
    content = replied.get("content")
    if isinstance(content, str):
        return content.strip()
    if not isinstance(content, dict):
        return ""
    rich = content.get("richText")
    parts = [part for part in rich if isinstance(part, dict)] if isinstance(rich, list) else []
    words = [str(part.get("content") or part.get("text") or "") for part in parts if _is_text(part)]
    return (str(content.get("text") or "") or "".join(words)).strip()


def _is_text(part: Mapping[str, Any]) -> bool:
    return (part.get("msgType") or part.get("type") or "text") == "text"


def _file(payload: Mapping[str, Any]) -> SentFile | None:
    content = payload.get("content")
    if payload.get("msgtype") != "file" or not isinstance(content, dict):
        return None
    code = "".join(str(content.get("downloadCode") or "").split())
    return SentFile(str(content.get("fileName") or "file"), code) if code else None


def _words(payload: Mapping[str, Any], private: bool) -> str | None:
    content = payload.get("content")
    content = content if isinstance(content, dict) else {}
    match payload.get("msgtype"):
        case "text":
            text = str((payload.get("text") or {}).get("content") or "")
        case "richText":
            parts = content.get("richText") or []
            text = "".join(str(part.get("text") or "") for part in parts)
        case "audio":
            text = str(content.get("recognition") or "")
        case _:
            text = ""
    text = (text if private else _MENTION.sub("", text)).strip()
    return text or None


def read_card_action(payload: Mapping[str, Any], frame: str = "") -> CardAction:
    """Parse ``/v1.0/card/instances/callback``. Raises MalformedPayload."""
    track_id, person = str(payload.get("outTrackId") or ""), str(payload.get("userId") or "")
    if not track_id or not person:
        raise MalformedPayload("a card callback without outTrackId or userId")
    content = payload.get("content") or payload.get("value") or {}
    try:
        content = json.loads(content) if isinstance(content, str) else content
    except json.JSONDecodeError as error:
        raise MalformedPayload("a card callback whose content is no JSON") from error
    private = content.get("cardPrivateData") if isinstance(content, dict) else None
    params = private.get("params") if isinstance(private, dict) else None
    params = params if isinstance(params, dict) else {}
    # Button groups also send the id as ``actionId`` beside the content.
    named = params.get("button") or payload.get("actionId") or ""
    return CardAction(track_id, person, params, str(named), frame)


def submitted(form: Form, raw: object, *, unfolded: bool = True) -> dict[str, Value]:
    """The answers of a card's form, one for every field of ours and for nothing else.

    Fields the client omits were left empty; those that were folded keep their values.
    """
    answers = raw if isinstance(raw, dict) else {}
    return {
        field.name: _answer(field, answers.get(field.name))
        if unfolded or not field.folded
        else field.value
        for field in form.fields
    }


def asks_for_more(raw: object, name: str) -> bool:
    """Whether the box ``name`` of a card's form was ticked."""
    ticked = raw.get(name) if isinstance(raw, dict) else None
    return ticked is True or str(ticked).lower() == "true"


def other_leads(form: Form, raw: object) -> dict[str, str]:
    """Text typed beside a lead picker instead of choosing from it, by field name."""
    answers = raw if isinstance(raw, dict) else {}
    typed = {
        field.name: _text(answers.get(field.name + OTHER))
        for field in form.fields
        if isinstance(field, LeadPick)
    }
    return {name: text for name, text in typed.items() if text}


def _answer(field: Field, raw: object) -> Value:
    if isinstance(field, MultiChoice | Checklist):
        return _values(raw)
    text = _text(raw)
    return text.replace(" ", "T", 1)[:16] if isinstance(field, DateTime) else text


def _text(raw: object) -> str:
    """A plain answer, or the value of ``{"index": 1, "value": "2"}``."""
    if isinstance(raw, dict):
        raw = raw.get("value")
    if isinstance(raw, list):
        raw = raw[0] if raw else ""
    return "" if raw is None else str(raw).strip()


def _values(raw: object) -> tuple[str, ...]:
    """``{"index": [1], "value": ["2"]}``, or a plain list of values."""
    if isinstance(raw, dict):
        raw = raw.get("value")
    if isinstance(raw, list):
        return tuple(_text(item) for item in raw if _text(item))
    text = _text(raw)
    return (text,) if text else ()


def digest_of(values: Mapping[str, Any]) -> str:
    """A short digest of answers, or of what is shown: equal for equal values."""
    canonical = json.dumps(values, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(canonical.encode()).hexdigest()[:20]
