"""Runs guided forms: stored in ``Memory``, searched and submitted through ``Dispatch``.

What an answer means is decided in ``guided``; the texts are in ``questions``.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeAlias

from bot.platforms import Dispatch, Memory
from bot.platforms.dingtalk.forms import guided, questions
from bot.platforms.dingtalk.forms.guided import Filling, Search, Step, Word, Wrong
from bot.platforms.dingtalk.forms.storage import (
    form_from_json,
    form_to_json,
    options_from_json,
    value_from_json,
)
from bot.platforms.dingtalk.requests import PLATFORM, ROWS, ChatMessage, SentFile, digest_of
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request, Upload
from handlers.core.ui import File, Form

_KEPT = timedelta(hours=24)
_MOST_OPEN = 6


Fetch: TypeAlias = Callable[[SentFile], Awaitable[Upload]]
"""Reads a file that a person sent; never raises."""


@dataclass(frozen=True, slots=True)
class Said:
    """The result of a message to a form: the product's reply first, then the form's own text."""

    text: str = ""
    reply: Reply = field(default_factory=Reply)


class GuidedForms:
    """The open forms of each person: the last one is asked, those below it wait."""

    def __init__(
        self,
        memory: Memory,
        dispatch: Dispatch,
        new_language: Callable[[str], Language],
        fetch: Fetch,
    ) -> None:
        self._fetch = fetch
        self._memory = memory
        self._dispatch = dispatch
        self._new_language = new_language

    async def open(self, person: str, form: Form, locale: str) -> str:
        """Open a form on top of those already open; returns its first message."""
        filling = guided.begin(form, uuid.uuid4().hex, locale)
        others, dropped = await self._load(person)
        if again := next((one for one in others if one.form == form), None):
            # Opened twice: it goes on where it was, with what was typed.
            others = [other for other in others if other.id != again.id]
            await self._save(person, [*others, again], dropped)
            return questions.question(again, self._new_language(locale))
        kept = [*others, filling]
        if len(kept) > _MOST_OPEN:
            # The oldest makes room, and can be restored.
            dropped, *kept = kept
        await self._save(person, kept, dropped)
        return questions.opening(filling, self._new_language(locale))

    async def send_at_once(self, message: ChatMessage, form: Form, locale: str) -> Said | None:
        """Send a form that a command filled in; None if it has to be asked first. What is refused
        leaves it open."""
        filling = guided.begin(form, uuid.uuid4().hex, locale)
        if filling.missing() or any(isinstance(field, File) for field in form.fields):
            return None
        return await self._submit(message, filling, self._new_language(locale))

    async def open_with(
        self, message: ChatMessage, form: Form, locale: str, changes: str, *, sends: bool
    ) -> Said:
        """Open a form that is filled in, with what a person typed to change in it; with ``sends``
        it is sent at once if all of that was understood. What was not is asked about."""
        language = self._new_language(locale)
        filling, outcome = guided.answer(guided.begin(form, uuid.uuid4().hex, locale), changes)
        if outcome not in (Step.ASK, Step.SUBMIT):
            filling = replace(filling, unplaced=changes)
        await self._keep(message.sender.id, filling)
        if sends and not (filling.wrong or filling.unplaced or filling.missing()):
            return await self._submit(message, filling, language)
        return Said(questions.question(filling, language))

    async def current(self, person: str) -> Filling | None:
        fillings, _ = await self._load(person)
        return fillings[-1] if fillings else None

    async def resume_line(self, person: str, typed: str = "") -> str:
        """A reminder of the form that is still open; empty if there is none."""
        filling = await self.current(person)
        if filling is None:
            return ""
        return questions.resume(filling, self._new_language(filling.locale), typed)

    async def waiting_line(self, person: str, opened: Form) -> str:
        """That the open form waits while ``opened`` is filled in; empty if it is the same, or there
        is none."""
        filling = await self.current(person)
        if filling is None or filling.form == opened:
            return ""
        return questions.waits(filling, self._new_language(filling.locale))

    async def restore(self, message: ChatMessage) -> str:
        """Reopen the form closed last; empty if there is none, or the message does not ask for
        it."""
        person = message.sender.id
        fillings, dropped = await self._load(person)
        if fillings or dropped is None or guided.word_of(message.text or "") is not Word.RESTORE:
            return ""
        await self._save(person, [dropped], None)
        return questions.question(dropped, self._new_language(dropped.locale))

    async def answer(self, message: ChatMessage, filling: Filling) -> Said:
        """Apply a message to the open form."""
        language = self._new_language(filling.locale)
        if message.id in filling.seen:  # DingTalk sent it again
            return Said(questions.question(filling, language))
        asked = filling.question
        if message.file and isinstance(asked, File):
            filling, outcome = guided.sent_file(filling, asked.name, message.file)
        else:
            filling, outcome = guided.answer(filling, message.text or "")
        if isinstance(outcome, Search):
            filling, outcome = await self._search(message, filling, outcome), Step.ASK
        if outcome is Step.ASK and guided.is_answered_whole(asked, filling):
            outcome = Step.SUBMIT
        filling = filling.having_seen(message.id)
        match outcome:
            case Step.SUBMIT:
                return await self._submit(message, filling, language)
            case Step.CANCEL:
                left = await self._close(message.sender.id, filling)
                return Said("\n\n".join([language.text("dingtalk.guided.cancelled"), left]).strip())
            case Step.LOST:
                await self._keep(message.sender.id, filling)
                lost = replace(filling, wrong=Wrong("not_understood"))
                return Said(questions.question(lost, language))
            case _:
                await self._keep(message.sender.id, filling)
                return Said(questions.question(filling, language))

    async def _search(self, message: ChatMessage, filling: Filling, search: Search) -> Filling:
        request = replace(
            message.request(search.action, search.text), id=f"{message.request_id}:search"
        )
        reply = await self._dispatch(request)
        return guided.chosen_lead(filling, search.field, reply.options, search.text)

    async def _submit(self, message: ChatMessage, filling: Filling, language: Language) -> Said:
        """Dispatch the answers; the form is closed only once they were accepted."""
        form, values, upload = filling.form, dict(filling.answers), None
        for asked in form.fields:
            if isinstance(asked, File) and (answer := str(values.get(asked.name, ""))):
                file = SentFile.of_answer(answer)
                values[asked.name], upload = file.name, await self._fetch(file)
        reply = await self._dispatch(
            Request(
                # Pressed twice it is the same request; with a corrected answer it is another one.
                f"{PLATFORM}:{filling.id}:{digest_of(filling.answers)}",
                form.action,
                message.sender,
                message.seat.conversation,
                values=values,
                state=form.state,
                surface=message.seat,
                upload=upload,
                rows=ROWS,
            )
        )
        if reply.repeated:  # The person sent it once; a crash lost the answer.
            reply = Reply()
        if not reply.errors:
            left = await self._close(message.sender.id, filling)
            done = "" if _shows(reply) else language.text("dingtalk.guided.sent")
            return Said("\n\n".join(text for text in (done, left) if text), reply)
        filling = guided.corrected(filling, reply.errors, reply.form)
        await self._keep(message.sender.id, filling)
        others = tuple(why for name, why in reply.errors.items() if name not in filling.errors)
        shown = replace(reply, errors={}, form=None)
        return Said(questions.refused(filling, language, others), shown)

    async def _keep(self, person: str, filling: Filling) -> None:
        fillings, dropped = await self._load(person)
        others = [other for other in fillings if other.id != filling.id]
        await self._save(person, [*others, filling], dropped)

    async def _close(self, person: str, filling: Filling) -> str:
        """Close a form; returns the reminder of the one below it."""
        fillings, _ = await self._load(person)
        # Kept for "restore": a form cancelled by mistake, or a submission that failed.
        await self._save(person, [other for other in fillings if other.id != filling.id], filling)
        return await self.resume_line(person)

    async def _load(self, person: str) -> tuple[list[Filling], Filling | None]:
        row = await self._memory.get(_key(person)) or {}
        dropped = row.get("dropped")
        return (
            [_from_json(stored) for stored in row.get("open", ())],
            _from_json(dropped) if dropped else None,
        )

    async def _save(self, person: str, fillings: list[Filling], dropped: Filling | None) -> None:
        await self._memory.put(
            _key(person),
            {
                "open": [_to_json(filling) for filling in fillings],
                "dropped": _to_json(dropped) if dropped else None,
            },
            keep=_KEPT,
        )


def _key(person: str) -> str:
    return f"dingtalk:guided:{person}"


def _shows(reply: Reply) -> bool:
    return bool(reply.card or reply.update or reply.form or reply.toast)


def _to_json(filling: Filling) -> dict[str, Any]:
    wrong = filling.wrong and {"key": filling.wrong.key, "params": dict(filling.wrong.params)}
    return {
        "id": filling.id,
        "form": form_to_json(filling.form),
        "locale": filling.locale,
        "answers": dict(filling.answers),
        "todo": filling.todo,
        "asked": filling.asked,
        "errors": dict(filling.errors),
        "wrong": wrong,
        "seen": filling.seen,
        "page": filling.page,
        "noted": filling.noted,
        "unplaced": filling.unplaced,
        "refused": filling.refused,
        "found": {
            name: [{"value": option.value, "label": option.label} for option in options]
            for name, options in filling.found.items()
        },
    }


def _from_json(stored: Mapping[str, Any]) -> Filling:
    return Filling(
        stored["id"],
        form_from_json(stored["form"]),
        stored["locale"],
        {name: value_from_json(value) for name, value in stored["answers"].items()},
        tuple(stored["todo"]),
        tuple(stored["asked"]),
        dict(stored["errors"]),
        Wrong(**stored["wrong"]) if stored["wrong"] else None,
        {name: options_from_json(options) for name, options in stored["found"].items()},
        tuple(stored["seen"]),
        stored.get("page", 0),
        tuple(stored.get("noted", ())),
        stored.get("unplaced", ""),
        stored.get("refused", False),
    )
