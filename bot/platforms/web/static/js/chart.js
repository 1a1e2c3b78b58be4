// Charts drawn as SVG: grouped bars or lines, with a legend and the same figures as a table.

import { freshId, h, svg } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const WIDE = 640;
const NARROW = 330;
const HEIGHT = 250;
const PAD = { top: 22, right: 12, bottom: 34, left: 44 };
const LABELS_UP_TO = 16;

const figure = (value) =>
  new Intl.NumberFormat(state.locale.replace("_", "-"), { maximumFractionDigits: 1 }).format(value);
const compact = (value) =>
  new Intl.NumberFormat(state.locale.replace("_", "-"), { notation: "compact", maximumFractionDigits: 1 }).format(value);

/** The figure of a chart: its title, what `draw` gives, and the same figures in a `table`. If
 * drawing fails, the chart is shown in words. */
export function framed(chart, draw, table) {
  try {
    const id = freshId("chart");
    return h(
      "figure",
      { class: "chart", "aria-labelledby": id },
      h("figcaption", { id }, chart.title),
      draw(),
      h("details", { class: "chart-table" }, h("summary", {}, t("chart.table")), table()),
    );
  } catch (error) {
    console.error(error);
    return h("div", {}, h("p", { class: "chart-words" }, chart.alt || chart.title));
  }
}

/** `press(index)` is called for a category that is pressed, if the chart has buttons. */
export function drawChart(chart, press) {
  const draw = () => [chart.series.length > 1 && legend(chart.series), picture(chart, press)];
  return framed(chart, draw, () => figures(chart));
}

function legend(series) {
  const items = series.map((one, index) => h("li", { class: `tint-${index % 12}` }, one.name));
  return h("ul", { class: "legend", "aria-hidden": "true" }, items);
}

function picture(chart, press) {
  const width = matchMedia("(max-width: 760px)").matches ? NARROW : WIDE;
  const scale = scaleFor(chart, width);
  const parts = [gridLines(scale), baseline(scale), categoryLabels(chart, scale)];
  parts.push(chart.kind === "bar" ? bars(chart, scale) : lines(chart, scale));
  if (chart.opens?.length) parts.push(pressable(chart, scale, press));
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": chart.alt || chart.title },
    parts,
  );
}

/** A column over each category that takes its clicks, above low bars too. People without a pointer
 * use the buttons below the chart. */
function pressable(chart, scale, press) {
  const columns = chart.opens.map(
    (button, index) =>
      button &&
      svg(
        "rect",
        {
          class: "column-press", x: scale.x(index) - scale.slot / 2, y: 0, width: scale.slot, height: HEIGHT,
          onclick: () => press(index),
        },
        svg("title", {}, button.label),
      ),
  );
  return svg("g", {}, columns);
}

/** Positions of values and categories, and the round values of the grid lines. */
function scaleFor(chart, width) {
  const values = chart.series.flatMap((one) => one.values);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values) || 1;
  const counted = values.every(Number.isInteger);
  const step = niceStep((high - low) / 4, counted);
  const from = Math.floor(low / step) * step;
  const to = Math.ceil(high / step) * step;
  const inner = HEIGHT - PAD.top - PAD.bottom;
  const slot = (width - PAD.left - PAD.right) / Math.max(chart.categories.length, 1);
  const ticks = [];
  for (let value = from; value <= to + step / 2; value += step) ticks.push(Number(value.toFixed(6)));
  return {
    ticks,
    right: width - PAD.right,
    slot,
    y: (value) => PAD.top + inner * (1 - (value - from) / (to - from)),
    x: (index) => PAD.left + slot * (index + 0.5),
  };
}

/** The next round step; a whole number if the values are `counted`. */
function niceStep(rough, counted) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * power);
  const round = counted ? [1, ...steps.filter(Number.isInteger)] : steps;
  return round.find((step) => step >= rough);
}

function gridLines(scale) {
  return scale.ticks.map((value) => [
    svg("line", { class: "grid", x1: PAD.left, x2: scale.right, y1: scale.y(value), y2: scale.y(value) }),
    svg("text", { class: "tick", x: PAD.left - 8, y: scale.y(value) + 4, "text-anchor": "end" }, compact(value)),
  ]);
}

function baseline(scale) {
  return svg("line", { class: "base", x1: PAD.left, x2: scale.right, y1: scale.y(0), y2: scale.y(0) });
}

function categoryLabels(chart, scale) {
  const usual = Math.max(3, Math.floor(scale.slot / 7));
  const small = chart.categories.some((name) => /[a-z]{2}/i.test(name) && widthOf(name) > usual);
  const room = small ? Math.max(3, Math.floor(scale.slot / 5.8)) : usual;
  return chart.categories.map((name, index) => {
    const shown = inTwoLines(name, room);
    const at = { x: scale.x(index), "text-anchor": "middle" };
    const rows = shown.map((row, nth) => svg("tspan", { x: at.x, y: HEIGHT - (shown.length > 1 ? 19 : 12) + nth * 14 }, row));
    const label = svg("text", { class: `category${small ? " small" : ""}`, ...at }, rows);
    if (shown.join("").endsWith("…")) label.append(svg("title", {}, name));
    return label;
  });
}

const widthOf = (words) => [...words].reduce((sum, one) => sum + (one.charCodeAt(0) > 0x2e7f ? 1.8 : 1), 0);

/** A name in one line, or in two, and only then cut: otherwise two stages whose names begin alike
 * would look the same on a phone. */
function inTwoLines(name, room) {
  if (widthOf(name) <= room) return [name];
  const letters = [...name];
  const space = name.lastIndexOf(" ", letters.length - 1);
  const half = space > 0 && widthOf(name.slice(0, space)) <= room ? space : breakOf(letters, room);
  const within = /[a-z]/i.test(letters[half - 1]) && /[a-z]/i.test(letters[half]);
  const first = letters.slice(0, half).join("").trim() + (within ? "-" : "");
  const second = letters.slice(half).join("").trim();
  return [first, cut(second, room)];
}

/** Half of a short name, else as much as fits: two and two reads better than three and one. */
function breakOf(letters, room) {
  const even = Math.ceil(letters.length / 2);
  if (widthOf(letters.slice(0, even).join("")) <= room) return even;
  let end = even;
  while (end > 1 && widthOf(letters.slice(0, end).join("")) > room) end -= 1;
  return end;
}

function cut(words, room) {
  const letters = [...words];
  if (widthOf(words) <= room) return words;
  while (letters.length > 1 && widthOf(letters.join("")) > room - 1) letters.pop();
  return `${letters.join("")}…`;
}

function bars(chart, scale) {
  const group = Math.min(scale.slot * 0.72, 92 * chart.series.length);
  const gap = chart.series.length > 1 ? 3 : 0;
  const width = Math.min(64, group / chart.series.length - gap);
  const labelled = chart.categories.length * chart.series.length <= LABELS_UP_TO;
  return chart.series.map((one, at) =>
    one.values.map((value, index) => {
      const left = scale.x(index) + (at - (chart.series.length - 1) / 2) * (width + gap) - width / 2;
      const top = Math.min(scale.y(value), scale.y(0));
      const height = Math.max(Math.abs(scale.y(value) - scale.y(0)), value ? 2 : 0);
      return svg(
        "g",
        { class: `tint-${at % 12}` },
        svg("rect", { class: "bar", x: left, y: top, width, height, rx: Math.min(4, height / 2) }, hover(chart, one, index)),
        labelled && svg("text", { class: "value", x: left + width / 2, y: top - 6, "text-anchor": "middle" }, compact(value)),
      );
    }),
  );
}

function lines(chart, scale) {
  return chart.series.map((one, at) => {
    const points = one.values.map((value, index) => `${scale.x(index)},${scale.y(value)}`);
    const dots = one.values.map((value, index) =>
      svg("circle", { class: "dot", cx: scale.x(index), cy: scale.y(value), r: 4 }, hover(chart, one, index)),
    );
    return svg("g", { class: `tint-${at % 12}` }, svg("polyline", { class: "line", points: points.join(" ") }), dots);
  });
}

function hover(chart, one, index) {
  return svg("title", {}, `${chart.categories[index]} · ${one.name}: ${figure(one.values[index])}`);
}

function figures(chart) {
  const head = ["", ...chart.series.map((one) => one.name)];
  const rows = chart.categories.map((name, index) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      chart.series.map((one) => h("td", { class: "number" }, figure(one.values[index]))),
    ),
  );
  const heads = head.map((name) => (name ? h("th", { scope: "col", class: "number" }, name) : h("td", {})));
  return h("div", { class: "table-wrap" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows)));
}
