"""Rules that every card of the product follows, on every platform.

``Office`` checks each card that any test produces.
"""

import json
from collections.abc import Iterable
from urllib.parse import unquote

from bot.platforms.dingtalk import render as dingtalk
from bot.platforms.slack import render as slack
from bot.platforms.web import render as web
from handlers.core.language import Language
from handlers.core.ui import Button, Card
from tests.doubles.slack import blocks

MOST_AT_ONCE = 5
"""Most buttons at the foot of a card; a section that lists things has one for each."""


def problems_of(card: Card, language: Language) -> list[str]:
    """The rule violations of ``card``; each line names the card."""
    found = [*_of_next_step(card), *_of_order(card), *_on_slack(card, language)]
    found += [*_on_dingtalk(card, language), *_on_web(card)]
    return [f"{card.title}: {problem}" for problem in found]


def _all(card: Card) -> list[Button]:
    return list(card.every_button)


def _opening(card: Card) -> list[Button]:
    """The buttons of tables' rows."""
    return [button for part in card.sections if part.table for button in part.table.opens]


def _of_next_step(card: Card) -> Iterable[str]:
    # Without exceptions: even a card of something finished or empty offers a next step.
    if not (_all(card) or card.links):
        yield "is a dead end"


def _of_order(card: Card) -> Iterable[str]:
    if len(card.buttons) > MOST_AT_ONCE:
        yield f"has {len(card.buttons)} buttons at once: {[one.label for one in card.buttons]}"
    if card.more and not card.buttons:
        yield "has nothing but a menu"
    if sum(one.style == "primary" for one in (*card.buttons, *card.more)) > 1:
        yield "has two next steps"
    if any(one.style == "primary" for one in card.more):
        yield "hides the next step"
    twice = {one for one in card.buttons if (one.action, one.value) in _meant(card.more)}
    if twice:
        yield f"has {twice} twice"


def _meant(buttons: Iterable[Button]) -> set[tuple[str, str]]:
    return {(one.action, one.value) for one in buttons}


def _on_slack(card: Card, language: Language) -> Iterable[str]:
    yield from _drawn_on_slack(card, slack.card(card, language))
    if any(part.table for part in card.sections):
        # Where a workspace has no tables yet, and on its Home tab.
        yield from _drawn_on_slack(card, slack.card(card, language, tables=False))


def _drawn_on_slack(card: Card, drawn: slack.Drawing) -> Iterable[str]:
    yield from (f"Slack: {problem}" for problem in blocks.message(drawn.text, drawn.blocks))
    shown = set()
    for block in drawn.blocks:
        for element in (*block.get("elements", ()), block.get("accessory") or {}):
            match element.get("type"):
                case "button":
                    action = element["action_id"].partition("#")[0]
                    shown.add((action, element.get("value", "")))
                case "overflow":
                    options = ({"selected_option": one} for one in element["options"])
                    shown |= {slack.chosen_in_menu(one) for one in options}
    if lost := _meant((*card.buttons, *card.few_more, *_opening(card))) - shown:
        yield f"Slack: no {lost}"


def _on_dingtalk(card: Card, language: Language) -> Iterable[str]:
    buttons = dingtalk.card_buttons(card)
    words = {button: f"{button.label} #{number}" for number, button in enumerate(buttons)}
    drawn = unquote(dingtalk.card_markdown(card, words, language))
    if lost := [said for said in words.values() if f"content={said})" not in drawn]:
        yield f"DingTalk: no {lost}"


def _on_web(card: Card) -> Iterable[str]:
    drawn = json.loads(json.dumps(web.card_body(card)))
    inside = [
        button
        for section in drawn["sections"]
        for button in (
            section["opens"],
            *((section["chart"] or {}).get("opens", ())),
            *(row["button"] for row in section["rows"]),
            *(section["table"] or {}).get("opens", ()),
            *section["buttons"],
        )
        if button
    ]
    charted = [one for one in drawn["chart"]["opens"] if one] if drawn["chart"] else []
    every = (*drawn["buttons"], *drawn["more"], *charted, *inside)
    shown = [(one["action"], one["value"]) for one in every]
    rest = () if card.rest is None else (card.rest,)
    if lost := _meant(_all(card)) - _meant(rest) - set(shown):
        yield f"web: no {lost}"
