"""The words of a Slack message as its readers see them: blocks, rich text, attachments. Pure.

Payload shapes from docs.slack.dev: reference/block-kit/blocks, …/blocks/rich-text-block and
legacy/legacy-messaging/legacy-secondary-message-attachments. Knows no requests.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bot.platforms.slack.markup import visible

_MOST: Final = 12_000
"""Characters; as many as Slack takes in a message's longest block."""
_DEEPEST: Final = 8
"""Levels of blocks in attachments of shared messages, which may hold further ones."""
_ADDRESSES: Final = ("mailto:", "tel:")


def words_of(message: Mapping[str, Any]) -> str:
    """What a message says, line by line; mentions of users stay ``<@U1>``, for ``named``.

    Where a message has blocks its ``text`` is only what notifications show, so the blocks count;
    attachments (forms and mails that other apps post, forwarded messages) follow.
    """
    lines = [_body(message), *_attached(message, 0)]
    return _joined(lines)[:_MOST].strip()


def _body(message: Mapping[str, Any]) -> str:
    blocks = _joined(_blocks(message.get("blocks"), 0))
    return blocks or visible(_text(message.get("text")))


def _attached(message: Mapping[str, Any], depth: int) -> Iterator[str]:
    for one in _records(message.get("attachments")):
        yield _attachment(one, depth)


def _attachment(given: Mapping[str, Any], depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    lines = [visible(_text(given.get(key))) for key in ("pretext", "title")]
    shared = [
        _joined(_blocks(inner.get("message", {}).get("blocks"), depth + 1))
        for inner in _records(given.get("message_blocks"))
        if isinstance(inner.get("message"), Mapping)
    ]
    body = _joined([*_blocks(given.get("blocks"), depth + 1), *shared])
    lines.append(body or visible(_text(given.get("text"))))
    for field in _records(given.get("fields")):
        pair = (visible(_text(field.get(key))) for key in ("title", "value"))
        lines.append(": ".join(filter(None, pair)))
    lines += _attached(given, depth + 1)
    return _joined(lines) or visible(_text(given.get("fallback")))


def _blocks(given: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    for block in _records(given):
        match block.get("type"):
            case "rich_text":
                yield _rich(block, depth)
            case "section":
                yield _object(block.get("text"))
                yield from (_object(one) for one in _records(block.get("fields")))
            case "header" | "markdown":
                yield _object(block.get("text"))
            case "context":
                yield " ".join(filter(None, map(_object, _records(block.get("elements")))))
            case "table" | "data_table":
                yield from _rows(block.get("rows"), depth)
            case "image":
                yield _object(block.get("title"))
            case _:
                pass


def _object(given: Any) -> str:
    """A text object: mrkdwn as its readers see it, anything else as it stands."""
    if isinstance(given, str):
        return visible(given)
    if not isinstance(given, Mapping):
        return ""
    text = _text(given.get("text"))
    return visible(text) if given.get("type") == "mrkdwn" else text.strip()


def _rows(given: Any, depth: int) -> Iterator[str]:
    for row in given if isinstance(given, list) else ():
        cells = (
            _rich(cell, depth + 1) if cell.get("type") == "rich_text" else _text(cell.get("text"))
            for cell in _records(row)
        )
        yield " · ".join(filter(None, cells))


def _rich(block: Mapping[str, Any], depth: int) -> str:
    """A rich text block: sections, quotes and code as lines, and each item of a list as one."""
    if depth > _DEEPEST:
        return ""
    lines: list[str] = []
    for part in _records(block.get("elements")):
        if part.get("type") == "rich_text_list":
            lines += [_inline(item) for item in _records(part.get("elements"))]
        else:
            lines.append(_inline(part))
    return _joined(lines)


def _inline(section: Mapping[str, Any]) -> str:
    return "".join(_element(one) for one in _records(section.get("elements"))).strip()


def _element(given: Mapping[str, Any]) -> str:
    match given.get("type"):
        case "text":
            return _text(given.get("text"))
        case "link":
            return _text(given.get("text")) or _address(_text(given.get("url")))
        case "user":
            return f"<@{_text(given.get('user_id'))}>"
        case "broadcast":
            return f"@{_text(given.get('range'))}"
        case "channel" | "usergroup" as kind:
            key = "channel_id" if kind == "channel" else "usergroup_id"
            return f"{'#' if kind == 'channel' else '@'}{_text(given.get(key))}"
        case "date":
            return _text(given.get("fallback"))
        case "emoji":
            return _sign(_text(given.get("unicode")))
        case _:
            return ""


def _address(url: str) -> str:
    """A link without words: ``mailto:`` and ``tel:`` are what Slack adds to what was typed."""
    for prefix in _ADDRESSES:
        if url.startswith(prefix):
            return url.removeprefix(prefix)
    return url


def _sign(codes: str) -> str:
    """An emoji by its code points (``1f64f-1f3fb``); one of the workspace's own has none."""
    try:
        return "".join(chr(int(code, 16)) for code in codes.split("-")) if codes else ""
    except (ValueError, OverflowError):
        return ""


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _records(given: Any) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _joined(lines: Iterable[str]) -> str:
    """The lines that say something; one that says again what is above it is left out."""
    kept: list[str] = []
    for line in lines:
        if line.strip() and line not in kept:
            kept.append(line.strip())
    return "\n".join(kept)
