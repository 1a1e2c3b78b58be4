"""Forms as interactive cards: delivered 1:1, stored in ``Memory`` by ``outTrackId``, claimed once.

The stored row, not the card, decides who may submit and what the form is: nothing that comes back
from a client is trusted but the answers.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.platforms import DeliveryError, Dispatch, Memory
from bot.platforms.dingtalk.client import OpenApi
from bot.platforms.dingtalk.forms.storage import form_from_json, form_to_json
from bot.platforms.dingtalk.render import MORE_FIELDS, form_params
from bot.platforms.dingtalk.requests import (
    PLATFORM,
    ROWS,
    CardAction,
    asks_for_more,
    digest_of,
    other_leads,
    submitted,
)
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Conversation, Request, Sender, Value
from handlers.core.ui import Form, LeadPick, Option
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_KEPT = timedelta(days=7)
_PRESSED_TWICE = timedelta(seconds=20)
"""Within which the same form, asked for again, is a second press and opens no second card."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """How the card looks now, and what has to be said beside it."""

    params: Mapping[str, str]
    reply: Reply = field(default_factory=Reply)
    locale: str = ""


class FormCards:
    """Opens card forms and takes in their submissions."""

    def __init__(
        self,
        api: OpenApi,
        memory: Memory,
        dispatch: Dispatch,
        new_language: Callable[[str], Language],
        default_locale: str,
    ) -> None:
        self._api = api
        self._memory = memory
        self._dispatch = dispatch
        self._new_language = new_language
        self._default_locale = default_locale

    async def open(self, sender: Sender, form: Form, locale: str) -> bool:
        """Deliver a form to a person; False if it is there already, as after a second press.

        Raises the delivery errors; the form is then not open.
        """
        shown, what = f"dingtalk:form:last:{sender.id}", digest_of(form_to_json(form))
        if await self._is_there(shown, what):
            return False
        track_id = uuid.uuid4().hex
        row = {
            "owner": sender.id,
            "name": sender.name,
            "admin": sender.is_owner,
            "locale": locale,
            "form": form_to_json(form),
        }
        await self._memory.put(_open_key(track_id), row, keep=_KEPT)
        params = form_params(form, {}, self._new_language(locale))
        try:
            await self._api.deliver_card(sender.id, track_id, params)
        except DeliveryError:
            await self._memory.take(_open_key(track_id))
            raise
        await self._memory.put(shown, {"form": what, "track_id": track_id}, keep=_PRESSED_TWICE)
        return True

    async def _is_there(self, shown: str, what: str) -> bool:
        """Whether the form was opened a moment ago and is still open."""
        last = await self._memory.get(shown)
        if last is None or last["form"] != what:
            return False
        return await self._memory.get(_open_key(last["track_id"])) is not None

    def saving(self) -> Mapping[str, str]:
        """What the card shows while the response takes longer than DingTalk waits."""
        language = self._new_language(self._default_locale)
        return {"form_status": "disabled", "form_btn_text": language.text("dingtalk.form.saving")}

    def not_taken(self, error: StorageUnavailable) -> Drawn:
        """The card after a submission that could not be taken in.

        Nothing but its button changes, so that everything typed can be sent again.
        """
        language = self._new_language(self._default_locale)
        again = {
            "form_status": "normal",
            "form_btn_text": language.text("dingtalk.form.again"),
        }
        words = language.text(f"error.{error.key}")
        return Drawn(again, Reply(toast=words), language.locale)

    async def submit(self, action: CardAction) -> Drawn | None:
        """Take in a submission; None for a stranger's, which changes nothing."""
        row = await self._memory.get(_open_key(action.track_id))
        if row is None:
            return await self._closed(action)
        if row["owner"] != action.person:
            log.warning("dingtalk.form_card_of_another_person")
            return None
        form, locale = form_from_json(row["form"]), str(row["locale"])
        sender = Sender(PLATFORM, action.person, str(row["name"]), is_owner=bool(row["admin"]))
        unfolded, raw = bool(row.get("unfolded")), action.params.get("form")
        answers = submitted(form, raw, unfolded=unfolded)
        if not unfolded and asks_for_more(raw, MORE_FIELDS):
            return await self._unfold(action, row, form, answers)
        form, answers, errors = await self._find_leads(form, answers, action, sender)
        if errors:
            return await self._again(action, row, form, answers, errors=errors, reply=Reply())
        reply = await self._dispatch(
            Request(
                f"{PLATFORM}:{action.track_id}:{digest_of(answers)}",
                form.action,
                sender,
                Conversation(PLATFORM, action.person, private=True),
                values=answers,
                state=form.state,
                surface=action,
                rows=ROWS,
            )
        )
        if reply.errors:
            shown = replace(reply, errors={}, form=None)
            return await self._again(
                action, row, reply.form or form, answers, errors=reply.errors, reply=shown
            )
        return await self._claim(action, form, answers, reply, locale)

    async def _again(
        self,
        action: CardAction,
        row: Mapping[str, Any],
        form: Form,
        answers: Mapping[str, Value],
        *,
        errors: Mapping[str, str],
        reply: Reply,
    ) -> Drawn:
        """The form as it was sent, with the errors beside the fields; it stays open."""
        language = self._new_language(str(row["locale"]))
        fields = {shown.name: shown for shown in form.fields}
        note = " ".join(why for name, why in errors.items() if name not in fields)
        unfolded = bool(row.get("unfolded")) or any(
            fields[name].folded for name in errors if name in fields
        )
        if unfolded and not row.get("unfolded"):
            await self._memory.put(
                _open_key(action.track_id), {**row, "unfolded": True}, keep=_KEPT
            )
        params = form_params(form, answers, language, errors=errors, note=note, unfolded=unfolded)
        return Drawn(params, reply, language.locale)

    async def _unfold(
        self, action: CardAction, row: Mapping[str, Any], form: Form, answers: Mapping[str, Value]
    ) -> Drawn:
        """The form with all its fields and what was typed; nothing is sent yet."""
        await self._memory.put(_open_key(action.track_id), {**row, "unfolded": True}, keep=_KEPT)
        language = self._new_language(str(row["locale"]))
        return Drawn(form_params(form, answers, language, unfolded=True), locale=language.locale)

    async def _claim(
        self,
        action: CardAction,
        form: Form,
        answers: Mapping[str, Value],
        reply: Reply,
        locale: str,
    ) -> Drawn | None:
        """Close the form for good. Of several claims one gets the row, and all get the same
        card."""
        claimed = await self._memory.take(_open_key(action.track_id))
        if claimed is None:
            return await self._closed(action)
        params = form_params(form, answers, self._new_language(locale), note=reply.toast, sent=True)
        await self._memory.put(
            _closed_key(action.track_id), {"owner": action.person, "params": params}, keep=_KEPT
        )
        return Drawn(params, replace(reply, toast=""), locale)

    async def _closed(self, action: CardAction) -> Drawn | None:
        """The final card for a redelivery or a second press; a form that is too old says so."""
        row = await self._memory.get(_closed_key(action.track_id))
        if row is None:
            language = self._new_language(self._default_locale)
            return Drawn(
                {"form_status": "disabled", "form_btn_text": language.text("dingtalk.form.expired")}
            )
        return Drawn(row["params"]) if row["owner"] == action.person else None

    async def _find_leads(
        self, form: Form, answers: dict[str, Value], action: CardAction, sender: Sender
    ) -> tuple[Form, dict[str, Value], dict[str, str]]:
        """Resolve text typed beside a lead picker to a lead, or to an error with suggestions."""
        errors: dict[str, str] = {}
        language = self._new_language(self._default_locale)
        typed_leads = other_leads(form, action.params.get("form"))
        for picker in (shown for shown in form.fields if isinstance(shown, LeadPick)):
            name, typed = picker.name, typed_leads.get(picker.name)
            if typed is None:
                continue
            leads = await self._search(picker, typed, action, sender)
            if len(leads) == 1:
                answers[name] = leads[0].value
                form = _offering(form, picker, leads)
            elif leads:
                errors[name] = language.text("dingtalk.problem.several_leads", n=len(leads))
                form = _offering(form, picker, leads)
                answers[name] = ""
            else:
                errors[name] = language.text("dingtalk.problem.no_lead", text=typed)
                answers[name] = typed
        return form, answers, errors

    async def _search(
        self,
        picker: LeadPick,
        typed: str,
        action: CardAction,
        sender: Sender,
    ) -> tuple[Option, ...]:
        reply = await self._dispatch(
            Request(
                f"{PLATFORM}:{action.track_id}:{action.digest}:{picker.name}",
                picker.search,
                sender,
                Conversation(PLATFORM, action.person, private=True),
                typed,
                surface=action,
            )
        )
        exact = [
            option
            for option in reply.options
            if typed.casefold() in {option.value.casefold(), option.label.casefold()}
        ]
        return tuple(exact) or reply.options


def _offering(form: Form, picker: LeadPick, leads: tuple[Option, ...]) -> Form:
    options = tuple(dict.fromkeys((*leads, *picker.options)))
    return replace(
        form,
        fields=tuple(
            replace(picker, options=options) if shown.name == picker.name else shown
            for shown in form.fields
        ),
    )


def _open_key(track_id: str) -> str:
    return f"dingtalk:form:{track_id}"


def _closed_key(track_id: str) -> str:
    return f"dingtalk:form:{track_id}:closed"
