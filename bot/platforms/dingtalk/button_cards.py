"""Cards with buttons: posted from the app's own template, redrawn in place, pressed without a
message.

What the buttons of a card mean is kept in ``Memory`` by its ``outTrackId``, without what the card
says: variables are updated one by one, so that what stays need not be known. The stored row, not
the card, decides who may press and what a button means: nothing that comes back from a client is
trusted but the button's id. A card that DingTalk does not take is the caller's to send as markdown.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from bot.platforms import DeliveryError, Dispatch, Memory, Refused, Suspended, Unchangeable
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.forms.cards import Drawn
from bot.platforms.dingtalk.forms.storage import buttons_from_json
from bot.platforms.dingtalk.markup import CHARACTERS
from bot.platforms.dingtalk.permissions import Permissions
from bot.platforms.dingtalk.render import (
    MORE,
    NO,
    YES,
    Face,
    button_id,
    buttons_param,
    face_of,
    note_param,
    notification,
    question_param,
)
from bot.platforms.dingtalk.requests import PLATFORM, ROWS, CardAction, digest_of
from bot.platforms.dingtalk.transport import NotPermitted
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Conversation, Request, Sender
from handlers.core.ui import Button, Card
from sales.refusals import Reason

log = structlog.get_logger(__name__)

_PREFIX: Final = "card-"
_KEPT: Final = timedelta(days=180)
_NOTE_STAYS: Final = timedelta(minutes=2)
"""How long a redraw that follows an act keeps what the card said about it."""
_LONGEST_REASON: Final = 200
_SUBJECTS: Final = ("lead:", "followup:")


@dataclass(frozen=True, slots=True)
class _Posted:
    """A posted card. ``shown`` is a digest of what it says; ``offered`` are buttons beside a note
    that was written on it at ``noted_at`` (seconds since 1970)."""

    owner: str
    locale: str
    subject: str
    shown: str
    buttons: tuple[Button, ...]
    more: tuple[Button, ...]
    offered: tuple[Button, ...] = ()
    noted_at: float = 0.0

    def button(self, name: str) -> Button | None:
        """The button of that id, which the card shows or folds away; None without one."""
        every = (*self.offered, *self.buttons, *self.more)
        return next((button for button in every if button_id(button) == name), None)


class ButtonCards:
    """Posts, redraws and listens to the cards of one app. ``now`` is the wall clock."""

    def __init__(
        self,
        api: OpenApi,
        memory: Memory,
        dispatch: Dispatch,
        new_language: Callable[[str], Language],
        *,
        permissions: Permissions,
        now: Callable[[], datetime],
        default_locale: str,
        on: bool,
    ) -> None:
        self._api = api
        self._memory = memory
        self._dispatch = dispatch
        self._new_language = new_language
        self._permissions = permissions
        self._now = now
        self._default_locale = default_locale
        self.on = on
        """Whether there is a template for them."""

    async def takes(self, card: Card) -> bool:
        """Whether a card is to be posted in this way: a lead's or a reminder's, all of whose
        buttons stand below it, as long as DingTalk has not just refused one.

        Raises StorageUnavailable.
        """
        if not self.on or not card.subject.startswith(_SUBJECTS) or card.every_chart:
            return False
        inside = [section for section in card.sections if section.rows or section.table]
        if inside or len(face_of(card).content) > CHARACTERS:
            return False
        return not await self._permissions.is_refused("button_card")

    async def post(self, person: str, card: Card, locale: str, *, note: str = "") -> str:
        """Post a card into a person's 1:1 chat; returns its reference for ``redraw``.

        Raises the delivery errors, after which a press of it finds nothing. See ``falls_back``.
        """
        track_id = f"{_PREFIX}{uuid.uuid4().hex}"
        face = face_of(card)
        posted = self._noted(_posted(person, locale, card, face), note)
        await self._keep(track_id, posted)
        params = {**face.params, "note": note_param(note), "btns": self._buttons(posted)}
        try:
            carrier = await self._api.deliver_button_card(
                person, track_id, params, notification(card)
            )
        except DeliveryError:
            await self._memory.take(_key(track_id))
            raise
        await self._permissions.granted("button_card")
        if carrier:
            await self._memory.put(_carrier_key(carrier), {"ref": track_id}, keep=_KEPT)
        return track_id

    async def refused(self, error: DeliveryError) -> None:
        """Remember that DingTalk takes no cards, so that the next ones are sent as markdown at
        once."""
        why = reason_of(error)
        log.warning("dingtalk.card_not_delivered", reason=why)
        await self._permissions.refused("button_card", why)

    async def ref_of(self, carrier: str) -> str:
        """The reference of the card whose message a person quoted; the argument itself if it is not
        one of these cards."""
        if not self.on or not carrier:
            return carrier
        row = await self._memory.get(_carrier_key(carrier))
        return str(row["ref"]) if row else carrier

    async def redraw(
        self, person: str, ref: str, card: Card, locale: str, *, note: str = ""
    ) -> bool:
        """Redraw a posted card; False if ``ref`` is none of these. Makes no call when it shows
        that already. Raises the delivery errors: Unchangeable, too, without the permission."""
        if not is_button_card(ref):
            return False
        before = await self._posted(ref)
        face = face_of(card)
        posted = self._noted(_posted(person, locale, card, face), note)
        params = dict(face.params)
        if before is not None and not note and self._still_noted(before):
            posted = replace(posted, offered=before.offered, noted_at=before.noted_at)
        else:
            params["note"] = note_param(note)
        if before is not None and posted == before:
            return True
        # What does not go out is tried again, although the buttons mean the new ones already.
        await self._keep(ref, replace(posted, shown=""))
        try:
            await self._api.update_button_card(ref, {**params, "btns": self._buttons(posted)})
        except NotPermitted as error:
            # Only cards are refused: whatever else is sent must not wait for an admin.
            await self.refused(error)
            raise Unchangeable("the app may not redraw cards") from error
        await self._keep(ref, posted)
        return True

    async def confirm(self, ref: str, confirmation: Card) -> bool:
        """Write on a posted card what was done with its lead, with the buttons that this offers;
        False if ``ref`` is none of these cards. Raises the delivery errors."""
        posted = await self._posted(ref) if is_button_card(ref) else None
        if posted is None:
            return False
        note = _said_by(confirmation)
        posted = self._noted(posted, note, confirmation.buttons)
        await self._keep(ref, posted)
        params = {"note": note_param(note), "btns": self._buttons(posted)}
        await self._api.update_button_card(ref, params)
        return True

    async def press(self, action: CardAction) -> Drawn | None:
        """Do what a pressed button asks for; None for everybody but the card's owner."""
        posted = await self._posted(action.track_id)
        if posted is None:
            language = self._new_language(self._default_locale)
            return Drawn({"btns": "[]"}, Reply(toast=language.text("dingtalk.link.unknown")))
        if posted.owner != action.person:
            return None
        if action.button == MORE:
            return Drawn({"btns": self._buttons(posted, opened=True)})
        if action.button == NO:
            return Drawn({"note": "", "btns": self._buttons(posted)})
        button = posted.button(action.button.removeprefix(YES))
        language = self._new_language(posted.locale)
        if button is None:
            note = language.text("dingtalk.card.changed")
            return Drawn({"note": note_param(note), "btns": self._buttons(posted)})
        if button.confirm is not None and not action.button.startswith(YES):
            return Drawn(question_param(button, button.confirm))
        reply = await self._dispatch(_request(action, button))
        return await self._after(action.track_id, posted, reply)

    async def _after(self, ref: str, before: _Posted, reply: Reply) -> Drawn:
        """The card after an act; what it has no room for is said beside it."""
        card, aside = reply.update, reply.card
        if card is None and aside is not None and aside.subject == before.subject:
            card, aside = aside, None
        posted, params = before, dict[str, str]()
        if card is not None and card.subject.startswith(_SUBJECTS):
            face = face_of(card)
            posted, params = _posted(before.owner, before.locale, card, face), dict(face.params)
        elif card is not None:
            aside = aside or card
        notes = [*reply.errors.values(), reply.toast]
        offered: tuple[Button, ...] = ()
        if aside is not None and aside.confirms and aside.confirms == before.subject:
            notes.append(_said_by(aside))
            offered, aside = aside.buttons, None
        note = "\n".join(filter(None, notes))
        posted = self._noted(replace(posted, offered=()), note, offered)
        await self._keep(ref, posted)
        params |= {"note": note_param(note), "btns": self._buttons(posted)}
        rest = replace(reply, update=None, card=aside, toast="", errors={})
        return Drawn(params, rest, posted.locale)

    def _noted(self, posted: _Posted, note: str, offered: tuple[Button, ...] = ()) -> _Posted:
        if not note:
            return posted
        return replace(posted, offered=offered, noted_at=self._now().timestamp())

    def _still_noted(self, posted: _Posted) -> bool:
        return self._now().timestamp() - posted.noted_at < _NOTE_STAYS.total_seconds()

    def _buttons(self, posted: _Posted, *, opened: bool = False) -> str:
        language = self._new_language(posted.locale)
        more = "" if opened or not posted.more else language.text("dingtalk.card.more")
        rest = posted.more if opened else ()
        return buttons_param((*posted.offered, *posted.buttons, *rest), more)

    async def _posted(self, ref: str) -> _Posted | None:
        row = await self._memory.get(_key(ref))
        return _from_json(row) if row else None

    async def _keep(self, ref: str, posted: _Posted) -> None:
        await self._memory.put(_key(ref), asdict(posted), keep=_KEPT)


def is_button_card(ref: str) -> bool:
    """Whether a reference or a pressed ``outTrackId`` is of one of these cards, not of a form."""
    return ref.startswith(_PREFIX)


def falls_back(error: DeliveryError) -> bool:
    """Whether a card that was refused may be sent as markdown: not if DingTalk takes nothing from
    the app at all."""
    everything = (Reason.CREDENTIALS, Reason.QUOTA)
    if isinstance(error, Suspended):
        return error.reason not in everything
    return isinstance(error, Refused)


def reason_of(error: DeliveryError) -> str:
    """The permissions that a refused card lacks, or else DingTalk's words, shortened."""
    said = (error.detail or str(error)) if isinstance(error, Refused) else str(error)
    return said[:_LONGEST_REASON]


def _request(action: CardAction, button: Button) -> Request:
    return Request(
        f"{PLATFORM}:{action.track_id}:{action.frame}:{button_id(button)}",
        button.action,
        Sender(PLATFORM, action.person),
        Conversation(PLATFORM, action.person, private=True),
        state={"value": button.value},
        surface=action,
        rows=ROWS,
    )


def _posted(owner: str, locale: str, card: Card, face: Face) -> _Posted:
    return _Posted(owner, locale, card.subject, digest_of(face.params), face.buttons, face.more)


def _said_by(confirmation: Card) -> str:
    return confirmation.title or confirmation.body


def _from_json(row: Mapping[str, Any]) -> _Posted:
    stored = ("buttons", "more", "offered")
    return _Posted(**{**row, **{name: buttons_from_json(row[name]) for name in stored}})


def _key(ref: str) -> str:
    return f"dingtalk:card:{ref}"


def _carrier_key(carrier: str) -> str:
    return f"dingtalk:carrier:{carrier}"
