// A card: title, facts, text, chart, sections, buttons, and the reason it was sent.

import { keyOf } from "./answers.js";
import { drawChart } from "./chart.js";
import { confirmBox } from "./confirm.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { menuOn } from "./menu.js";
import { drawScene } from "./scene.js";
import { drawTable } from "./table.js";
import { t } from "./texts.js";

const LONG_FACT = 54;
const WIDE_FACT = 22;
const LONG_TEXT = 160;
/** How wide the labels of four buttons may be to stand in one row on a phone. */
const FOUR_IN_A_ROW = 30;

/** `press(button)` runs a button and resolves once it was answered. */
export function drawCard(card, press) {
  const tone = card.tone === "plain" ? null : card.tone;
  const folded = card.sections.filter((one) => one.folded);
  const amid = card.more_facts?.length > 0;
  const text = card.body && drawText(card.body, amid);
  const together = folded.length > 1 || amid;
  return h(
    "div",
    { class: `card${card.title ? "" : " note"}${card.chart || card.sections.some((one) => one.table || one.chart) ? " broad" : ""}`, "data-tone": tone },
    card.title && h("h3", { class: "card-title" }, tone && icon(tone, 20), h("span", {}, card.title)),
    // Of a card with much to read, what decides comes first.
    !amid && text,
    card.facts.length > 0 && facts(card.facts),
    amid && text,
    card.chart && !card.chart_below && drawCharted(card.chart, press),
    card.sections.filter((one) => !one.folded || !together).map((section) => drawSection(section, press)),
    together && drawDetails(card.more_facts ?? [], folded, press),
    card.chart && card.chart_below && drawCharted(card.chart, press),
    card.links.map(drawLink),
    drawButtons(card.buttons, press, card.more),
    card.footnote && h("p", { class: "footnote" }, icon("info", 15), h("span", {}, card.footnote)),
  );
}

/** All that is rarely needed, behind one line. */
function drawDetails(more, folded, press) {
  const parts = folded.map((section) => drawSection({ ...section, folded: false }, press));
  const heading = h("summary", {}, h("h4", {}, t("card.details")));
  return h("details", { class: "section" }, heading, more.length > 0 && facts(more), parts);
}

/** A text; of a long one `amid` much else, its beginning until it is pressed. */
function drawText(words, amid) {
  if (!amid || width(words) <= LONG_TEXT) return h("p", { class: "card-body" }, words);
  return h("details", { class: "long-text" }, h("summary", { class: "card-body" }, words));
}

function facts(all) {
  return h(
    "dl",
    { class: "facts" },
    all.map((fact) =>
      h("div", { class: `fact${size(fact.value)}` }, h("dt", {}, fact.label), h("dd", {}, pressable(fact))),
    ),
  );
}

/** A phone number or an address that was asked for calls or writes when it is pressed. */
function pressable({ value, url }) {
  return /^(tel|mailto):/.test(url ?? "") ? h("a", { href: url }, breakable(value)) : breakable(value);
}

/** A text that would take four lines or more of a column gets a row of its own; on a phone, one of three lines. */
function size(value) {
  const wide = width(value);
  return wide > LONG_FACT ? " long" : wide > WIDE_FACT ? " wide" : "";
}

/** How wide a text is, in Latin letters. */
const width = (text) => [...text].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e7f ? 2 : 1), 0);

/** Lets an address break after its @ rather than within a word. */
function breakable(value) {
  return value.split(/(?<=@)/).flatMap((part, at) => (at ? [h("wbr"), part] : [part]));
}

/** A link drawn in full, so that it can be copied and shared. */
function drawLink({ label, url }) {
  const address = h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url);
  return h("p", { class: "card-link" }, h("span", {}, label), address, navigator.clipboard && copier(url));
}

/** A button that copies a text to be forwarded. */
function copier(text) {
  const node = h("button", { type: "button", class: "button copy" }, t("card.copy"));
  node.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    node.textContent = t("card.copied");
    setTimeout(() => (node.textContent = t("card.copy")), 2000);
  });
  return node;
}

const MANY_BUTTONS = 5;

/** A chart whose bars can be pressed, with the same buttons in words below it; of many parts, with
 * its figures. Cards of earlier versions have none. */
function drawCharted(chart, press) {
  const opens = (chart.opens ?? []).map((button) => button && drawButton(button, press));
  const buttons = opens.some(Boolean) && h("div", { class: "buttons" }, opens);
  const draw = chart.kind === "drawn" ? drawScene : drawChart;
  const figure = draw(chart, (at) => opens[at]?.click());
  const figures = chart.kind === "drawn" && opens.filter(Boolean).length > MANY_BUTTONS && figure.querySelector("details");
  if (buttons) (figures || figure).append(buttons);
  return figure;
}

function drawSection(section, press) {
  const title = section.heading && h("h4", {}, section.heading);
  const heading = section.opens
    ? h("div", { class: "section-head" }, title, drawButton(section.opens, press, "link"))
    : title;
  return h(
    section.folded ? "details" : "section",
    { class: "section" },
    section.folded ? h("summary", {}, heading) : heading,
    section.copies ? drawCopied(section.lines) : drawLines(section.lines),
    section.chart && drawCharted(section.chart, press),
    drawRows(section.rows ?? [], press),
    section.table && drawTable(section.table, (button, node) => run(button, node, press)),
    drawButtons(section.buttons, press),
  );
}

/** A text to be forwarded. */
function drawCopied(lines) {
  const text = lines.join("\n");
  return h("div", { class: "to-copy" }, h("p", { class: "card-body" }, text), navigator.clipboard && copier(text));
}

/** A list, but one line is just a line. */
function drawLines(lines) {
  if (lines.length < 2) return lines.map((line) => h("p", { class: "card-body" }, line));
  return h("ul", { class: "lines" }, lines.map((line) => h("li", {}, line)));
}

/** Lines that open what they name, wherever they are clicked; the button is for everybody else. */
function drawRows(rows, press) {
  if (!rows.length) return null;
  return h(
    "ul",
    { class: "rows" },
    rows.map(({ text, button }) => {
      const node = drawButton({ ...button, label: "" }, press, "row-button");
      node.append(h("span", { class: "hidden" }, button.label), icon("next", 16));
      node.title = button.label;
      const onclick = (event) => !node.contains(event.target) && !String(getSelection()) && node.click();
      return h("li", { onclick }, h("span", { class: "row-text" }, text), node);
    }),
  );
}

/** `more` are behind a menu at the end of the row. */
export function drawButtons(all, press, more = []) {
  if (!all.length && !more.length) return null;
  const wide = all.reduce((sum, one) => sum + width(one.label), 0);
  const row = !more.length || all.length < 3 ? "" : all.length === 3 || (all.length === 4 && wide <= FOUR_IN_A_ROW) ? " row" : " tight";
  return h("div", { class: `buttons${row}` }, all.map((button) => drawButton(button, press)), more.length > 0 && drawMore(more, press));
}

function drawMore(more, press) {
  const node = h(
    "button",
    { type: "button", class: "button more-button", "aria-label": t("card.more"), title: t("card.more"), "data-key": "more" },
    icon("more", 18),
  );
  const items = more.map((button, at) => ({ id: String(at), content: button.label, danger: button.style === "danger" }));
  const menu = menuOn(node, t("card.more"), items, (id) => run(more[Number(id)], node, press));
  return h("div", { class: "more" }, node, menu);
}

function drawButton(button, press, look = "") {
  const style = look ? ` ${look}` : button.style === "plain" ? "" : ` ${button.style}`;
  const node = h(
    "button",
    { type: "button", class: `button${style}`, "data-key": keyOf(button) },
    button.label,
  );
  node.addEventListener("click", () => run(button, node, press));
  return node;
}

/** Asks for confirmation if the button wants it; `node` is what was pressed. */
async function run(button, node, press) {
  if (node.getAttribute("aria-disabled") === "true") return;
  const question = button.confirm && { ...button.confirm, danger: button.style === "danger" };
  if (question && !(await confirmBox(question))) return;
  // Not `disabled`: that would lose the keyboard focus.
  node.setAttribute("aria-disabled", "true");
  try {
    await press(button);
  } finally {
    node.removeAttribute("aria-disabled");
  }
}
