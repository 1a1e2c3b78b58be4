"""The words of messages, in the shapes that docs.slack.dev documents and real apps post."""

from typing import Any

import pytest

from bot.platforms.slack.message_words import words_of


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


class TestWordsOf:
    def test_a_plain_message(self) -> None:
        message = {"text": "call <tel:138|138> &amp; <mailto:a@b.example|a@b.example>"}
        assert words_of(message) == "call 138 & a@b.example"

    @pytest.mark.parametrize(
        ("sent", "seen"),
        [
            ("*Acme* <https://a.example|site>", "Acme site"),
            ("*_Acme_*, ~old~ `code`", "Acme, old code"),
            ("138****0000 a_b_c@x.example 2*3*4", "138****0000 a_b_c@x.example 2*3*4"),
            ("*客户*想要", "客户想要"),
            ("* one\n* two", "* one\n* two"),
        ],
    )
    def test_a_text_without_the_signs_of_its_styles(self, sent: str, seen: str) -> None:
        block = {"type": "section", "text": {"type": "mrkdwn", "text": sent}}
        assert words_of({"blocks": [block]}) == seen

    def test_what_a_person_wrote_as_rich_text(self) -> None:
        message = {
            "text": "shown in notifications",
            "blocks": [
                rich(
                    text("Acme "),
                    {"type": "user", "user_id": "U2"},
                    text(" 138 0000 0000 "),
                    {"type": "link", "url": "mailto:kay@acme.example"},
                    text(" "),
                    {"type": "link", "url": "https://acme.example", "text": "Acme's page"},
                    {"type": "emoji", "name": "pray", "unicode": "1f64f"},
                    {"type": "date", "timestamp": 1, "format": "{date}", "fallback": " Feb 18"},
                    {"type": "broadcast", "range": "here"},
                )
            ],
        }
        assert words_of(message) == (
            "Acme <@U2> 138 0000 0000 kay@acme.example Acme's page🙏 Feb 18@here"
        )

    def test_lists_quotes_and_code_are_lines(self) -> None:
        items = [{"type": "rich_text_section", "elements": [text(one)]} for one in ("a", "b")]
        message = {
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [
                        {"type": "rich_text_list", "style": "bullet", "elements": items},
                        {"type": "rich_text_quote", "elements": [text("said")]},
                        {"type": "rich_text_preformatted", "elements": [text("x = 1")]},
                    ],
                }
            ]
        }
        assert words_of(message) == "a\nb\nsaid\nx = 1"

    def test_what_a_web_form_app_posts_in_blocks(self) -> None:
        message = {
            "text": "New enquiry",
            "bot_id": "B1",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "New enquiry"}},
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": "*Name:*\nKay &amp; Co"},
                        {"type": "plain_text", "text": "a & b"},
                    ],
                },
                {"type": "divider"},
                {
                    "type": "context",
                    "elements": [
                        {"type": "image", "image_url": "https://x.example", "alt_text": "x"},
                        {"type": "mrkdwn", "text": "from the web"},
                    ],
                },
                {"type": "actions", "elements": [{"type": "button"}]},
            ],
        }
        assert words_of(message) == "New enquiry\nName:\nKay & Co\na & b\nfrom the web"

    def test_attachments_with_their_fields(self) -> None:
        message = {
            "text": "",
            "attachments": [
                {
                    "fallback": "not seen",
                    "pretext": "A mail",
                    "title": "Pumps wanted",
                    "text": "We need 12 pumps, <mailto:kay@acme.example|kay@acme.example>",
                    "fields": [{"title": "Company", "value": "Acme", "short": True}],
                },
                {"fallback": "only this is there"},
            ],
        }
        assert words_of(message) == (
            "A mail\nPumps wanted\nWe need 12 pumps, kay@acme.example\nCompany: Acme\n"
            "only this is there"
        )

    def test_a_forwarded_message_is_read_once(self) -> None:
        inner = rich(text("Acme wants 3 pumps"))
        message = {
            "text": "look",
            "blocks": [rich(text("look"))],
            "attachments": [
                {
                    "is_msg_unfurl": True,
                    "is_share": True,
                    "text": "Acme wants 3 pumps",
                    "message_blocks": [{"team": "T", "message": {"blocks": [inner]}}],
                }
            ],
        }
        assert words_of(message) == "look\nAcme wants 3 pumps"

    def test_a_table_is_read_by_rows(self) -> None:
        cells = [{"type": "raw_text", "text": "Acme"}, rich(text("138"))]
        assert words_of({"blocks": [{"type": "table", "rows": [cells]}]}) == "Acme · 138"

    @pytest.mark.parametrize(
        "broken",
        [
            {},
            {"text": 7, "blocks": "x", "attachments": {"a": 1}},
            {"blocks": [None, 7, {"type": "rich_text", "elements": [7, {"elements": "x"}]}]},
            {"blocks": [{"type": "section", "text": 3, "fields": [[]]}]},
            {"attachments": [{"fields": [1], "message_blocks": [{"message": 1}]}]},
            {"blocks": [{"type": "table", "rows": [1, [2]]}]},
            {"blocks": [rich({"type": "emoji", "unicode": "fffffffff"})]},
        ],
    )
    def test_what_is_no_message_says_nothing(self, broken: dict[str, Any]) -> None:
        assert words_of(broken) == ""

    def test_nested_and_endless_ones_end(self) -> None:
        nested: dict[str, Any] = {"text": "deep"}
        for _ in range(500):
            nested = {"text": "over", "attachments": [nested]}
        assert words_of(nested) == "over"
        assert len(words_of({"text": "x" * 99_000})) <= 12_000
