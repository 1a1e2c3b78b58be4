"""Choosing anybody of the workspace in a form, where everybody may be chosen."""

from typing import Any

import pytest

from bot.platforms.slack import SlackPlatform
from handlers.core.replies import Reply
from handlers.core.ui import Form, PersonPick
from tests.conversations.slack import SlackUser
from tests.doubles.slack import LocalSlack
from tests.platforms.slack.conftest import Product

PICK = PersonPick(name="account", label="Colleague", options=(), directory=True, required=True)


async def test_slacks_own_list_is_offered(
    platform: SlackPlatform, product: Product, robin: SlackUser
) -> None:
    product.replies["people.open"] = Reply(form=Form("people.create", "Add", (PICK,), "Add", "No"))
    await robin.type("/people")
    assert product.last.picks_accounts
    await robin.submit({"account": "U2"})
    assert product.last.values == {"account": "U2"}


@pytest.mark.parametrize(
    ("more", "fits"), [({}, True), ({"guest": "multi"}, False), ({"bot": True}, False)]
)
async def test_only_members_are_taken(
    platform: SlackPlatform, slack: LocalSlack, more: dict[str, Any], fits: bool
) -> None:
    slack.add_user("U9", "Lee Sample", email="lee@sample.example", **more)
    found = await platform.account("U9")
    assert (found is not None) is fits
    if found:
        assert (found.id, found.name, found.email) == ("U9", "Lee Sample", "lee@sample.example")


async def test_nobody_is_found_for_an_unknown_id(platform: SlackPlatform) -> None:
    assert await platform.account("U404") is None
