"""A modal shows the usual fields; a press shows the others, and nothing typed is lost."""

import asyncio
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bot.platforms.slack import forms
from bot.platforms.slack.forms import FormContext, kept_for_more, unfolded, without_more
from bot.platforms.slack.opening_forms import OpeningForms
from bot.platforms.slack.requests import Surface
from handlers.core.language import Language
from handlers.core.requests import Conversation, Request, Sender
from handlers.core.ui import Choice, Form, Option, Text, fold

ENGLISH = Language("en", ZoneInfo("Asia/Shanghai"))
FIELDS = (
    Text(name="customer", label="Customer", required=True),
    Text(name="contact", label="Contact"),
    Text(name="email", label="E-mail"),
    Choice(name="owner", label="Owner", value="me", options=(Option("me", "Me"),)),
)
FORM = Form("lead.create", "New lead", fold(FIELDS, "customer", "email", "owner"), "Save", "Cancel")


def names(view: Mapping[str, Any]) -> list[str]:
    return [one["element"]["action_id"] for one in view["blocks"] if one["type"] == "input"]


def folded_view() -> dict[str, Any]:
    return forms.form_view(FORM, "{}", ENGLISH, more="kept")


def test_a_required_field_is_never_folded() -> None:
    view = folded_view()
    assert names(view) == ["customer", "contact"]
    [button] = view["blocks"][-1]["elements"]
    assert button["value"] == "kept"


def test_without_a_place_to_keep_them_all_are_shown() -> None:
    assert len(names(forms.form_view(FORM, "{}", ENGLISH))) == 4


def test_a_press_shows_all_with_what_was_typed() -> None:
    view = folded_view() | {"id": "V1", "hash": "h"}
    block = view["blocks"][0]
    view["state"] = {
        "values": {block["block_id"]: {"customer": {"type": "plain_text_input", "value": "Acme"}}}
    }
    payload = {
        "type": "block_actions",
        "view": view,
        "actions": [{"action_id": forms.MORE, "value": "kept"}],
    }
    assert kept_for_more(payload) == "kept"
    assert kept_for_more({"type": "block_actions", "actions": payload["actions"]}) == ""
    whole = unfolded(view, forms.form_view(FORM, "{}", ENGLISH)["blocks"])
    assert names(whole) == ["customer", "contact", "email", "owner"]
    assert whole["blocks"][0]["element"]["initial_value"] == "Acme"
    assert whole["blocks"][-1]["element"]["initial_option"]["value"] == "me"
    assert whole["private_metadata"] == "{}"
    assert [one["block_id"] for one in whole["blocks"][:2]] == [
        one["block_id"] for one in view["blocks"][:2]
    ]
    gone = without_more(view, "Gone")
    assert names(gone) == ["customer", "contact"]


def test_values_of_folded_fields_travel_along() -> None:
    context = FormContext("lead.create", folded={"owner": "me"})
    assert forms.unpack(context.pack(), "").folded == {"owner": "me"}


class TestWhileAFormLoads:
    @staticmethod
    def press(action: str, text: str = "", user: str = "U1") -> Request:
        kind = "command" if text else "button"
        surface = Surface(kind, user, channel="D1", trigger=f"t{action}{text}")  # type: ignore[arg-type]
        asked = Conversation("slack", "D1", private=True)
        return Request("slack:1", action, Sender("slack", user), asked, text=text, surface=surface)

    async def test_no_second_one_opens_and_nothing_typed_is_dropped(self) -> None:
        opening = OpeningForms()
        first = self.press("followup.log")
        working = asyncio.create_task(asyncio.sleep(0))
        opening.started(first, working)
        assert opening.is_loading(first)
        assert opening.is_loading(self.press("stage.advance"))
        assert not opening.is_loading(self.press("stage.advance", user="U2"))
        assert not opening.is_loading(self.press("board.open"))
        assert not opening.is_loading(self.press("followup.open", "LX001 called them"))
        await working
        await asyncio.sleep(0)
        assert not opening.is_loading(first)
        assert not opening.is_loading(self.press("stage.advance"))
