// A table: headings that sort its rows, and rows that open what they show.

import { keyOf } from "./answers.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

const SHORT = 11;
const NUMBER_WIDTH = 6;
const NUMERIC = /^([¥$€£]?\s?[-+−]?[\d.,]+\s?[%万]?|—)$/;

/** `act(button, node)` runs a button; `node` is what was pressed. */
export function drawTable(table, act) {
  const opens = table.opens ?? [];
  const align = alignments(table);
  const head = table.columns.map((name, at) => heading(table, name, at, align(at), act));
  const body = table.rows.map((cells, at) => row(table, cells, at, align, act));
  return h(
    "div",
    { class: "table-wrap" },
    h(
      "table",
      // The roles hold where a phone draws each row as a block.
      { class: opens.length > 0 && kindOf(table), role: "table" },
      table.caption && h("caption", { class: "hidden" }, table.caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
      h("tbody", { role: "rowgroup" }, body),
    ),
  );
}

/** The class of each column: figures end at one edge, and long texts wrap. */
function alignments({ columns, rows, numbers = [] }) {
  const figures = (at) => at > 0 && rows.length > 0 && rows.every((cells) => NUMERIC.test(cells[at].trim()));
  const long = (at) => rows.some((cells) => width(cells[at]) > SHORT);
  const kinds = columns.map((_, at) => {
    if (numbers.length ? numbers.includes(at) : figures(at)) return "number";
    return long(at) ? "long" : null;
  });
  return (at) => kinds[at];
}

/** How a phone draws rows that open something: beside a lead's number stands what names it, but a figure needs its own
 * name, and beside a longer name there is no room. */
function kindOf({ rows, numbers = [] }) {
  if (numbers.includes(1)) return "opens named figures";
  return rows.some((cells) => width(cells[0]) > NUMBER_WIDTH) ? "opens named" : "opens";
}

/** The width of a text in Latin letters. */
function width(text) {
  return [...text].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);
}

function heading(table, name, at, align, act) {
  const sort = table.sorts?.[at];
  const sorted = table.sorted?.column === at && (table.sorted.descending ? "descending" : "ascending");
  const props = { scope: "col", role: "columnheader", class: align, "aria-sort": sorted || null };
  if (!sort) return h("th", props, name);
  const arrow = icon(sorted === "ascending" ? "up" : sorted ? "down" : "updown", 14);
  const button = h("button", { type: "button", class: "sort", title: sort.label, "data-key": keyOf(sort) }, name, arrow);
  button.addEventListener("click", () => act(sort, button));
  return h("th", props, button);
}

function row(table, cells, at, align, act) {
  const open = table.opens?.[at];
  const emphasized = new Set((table.emphasized ?? []).filter((cell) => cell[0] === at).map((cell) => cell[1]));
  const kind = (column) => [align(column), emphasized.has(column) && "emphasized"].filter(Boolean).join(" ") || null;
  const rest = (from) =>
    cells.slice(from).map((cell, index) => {
      const column = from + index;
      return h("td", { role: "cell", class: kind(column), "data-label": table.columns[column] }, cell);
    });
  if (!open) return h("tr", { role: "row" }, rest(0));
  const props = { type: "button", class: "row-open", "aria-label": open.label, "data-key": keyOf(open) };
  const button = h("button", props, cells[0]);
  const drawn = h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, button), rest(1));
  drawn.addEventListener("click", () => {
    // Text that was selected in the row was meant to be copied.
    if (!String(getSelection())) act(open, button);
  });
  return drawn;
}
