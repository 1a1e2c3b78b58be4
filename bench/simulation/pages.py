"""Writes the reports that were posted as pages and as text, so that one can look at them."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Final

from bench.simulation.reports import KeptReport
from bot.charts import draw
from handlers.core.ui import AnyChart, Card, DrawnChart, Section, Table
from tests.office import SHANGHAI

_STYLE: Final = (
    "body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;max-width:44em;margin:1em auto;"
    "padding:0 1em}article{border:1px solid #ccc;border-radius:8px;padding:1em;margin:1em 0}"
    "table{border-collapse:collapse}td,th{border-bottom:1px solid #ddd;padding:2px 8px;"
    "text-align:left}img{max-width:100%}.b{border:1px solid #888;border-radius:4px;padding:0 6px;"
    "margin:2px;display:inline-block;font-size:13px}footer{color:#666;font-size:13px}"
)


def write_pages(kept: Iterable[KeptReport], folder: Path, locale: str) -> int:
    """Write a page for each month and channel, and all of it as text; returns how many reports."""
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, list[KeptReport]] = {}
    for one in kept:
        pages.setdefault(f"{one.at:%Y-%m} {one.to}", []).append(one)
    for name, reports in pages.items():
        stem = name.replace(" ", "_").replace("/", "_").replace(":", "_")
        body = "\n".join(_article(one, locale) for one in reports)
        page = f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><h1>{name}</h1>{body}"
        (folder / f"{stem}.html").write_text(page, encoding="utf-8")
        words = "\n\n".join(f"[{_when(one)}]\n{as_text(one.card)}" for one in reports)
        (folder / f"{stem}.txt").write_text(words, encoding="utf-8")
    links = "".join(f'<li><a href="{path.name}">{path.stem}</a>' for path in _pages_in(folder))
    index = f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style><ul>{links}</ul>"
    (folder / "index.html").write_text(index, encoding="utf-8")
    return sum(len(reports) for reports in pages.values())


def _pages_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.html") if path.name != "index.html")


def _when(report: KeptReport) -> str:
    return f"{report.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def as_text(card: Card) -> str:
    """Everything that a card says, line by line."""
    return "\n".join(filter(None, _lines(card)))


def _lines(card: Card) -> Iterator[str]:
    yield f"# {card.title}"
    for fact in card.facts:
        yield f"{fact.label}: {fact.value}"
    yield card.body
    if card.chart:
        yield f"[{card.chart.alt}]"
    for section in card.sections:
        yield f"## {section.heading}" if section.heading else ""
        yield from section.lines
        yield from (row.text for row in section.rows)
        if section.table:
            yield " | ".join(section.table.columns)
            yield from (" | ".join(row) for row in section.table.rows)
        if section.chart:
            yield f"[{section.chart.alt}]"
        yield " ".join(f"[{button.label}]" for button in section.buttons)
    yield " ".join(f"[{button.label}]" for button in (*card.buttons, *card.more))
    yield card.footnote


def _article(report: KeptReport, locale: str) -> str:
    card = report.card
    parts = [
        f"<h2>{escape(card.title)}</h2>",
        *(_paragraph(f"{f.label}: {f.value}") for f in card.facts),
    ]
    parts.append(_paragraph(card.body))
    chart = _chart(card.chart, locale)
    parts += [] if card.chart_below else [chart]
    parts += [_section(section, locale) for section in card.sections]
    parts += [chart] if card.chart_below else []
    parts += [_button(one.label) for one in (*card.buttons, *card.more)]
    parts.append(f"<footer>{escape(card.footnote)} · {_when(report)}</footer>")
    return f"<article>{''.join(parts)}</article>"


def _section(section: Section, locale: str) -> str:
    parts = [f"<h3>{escape(section.heading)}</h3>" if section.heading else ""]
    parts += [_paragraph(line) for line in section.lines]
    parts += [_paragraph(row.text) for row in section.rows]
    parts += [_table(section.table)] if section.table else []
    parts.append(_chart(section.chart, locale))
    parts += [_button(one.label) for one in section.buttons]
    return "".join(parts)


def _paragraph(words: str) -> str:
    return f"<p>{escape(words).replace(chr(10), '<br>')}</p>" if words else ""


def _button(label: str) -> str:
    return f"<span class=b>{escape(label)}</span>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}" for name in table.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) for row in table.rows)
    return f"<table><tr>{head}{rows}</table>"


def _chart(chart: AnyChart | None, locale: str) -> str:
    if chart is None:
        return ""
    if not isinstance(chart, DrawnChart):
        return _paragraph(f"[{chart.title}: {chart.alt}]")
    picture = b64encode(draw(chart, locale)).decode()
    return f'<img alt="{escape(chart.alt)}" src="data:image/png;base64,{picture}">'
