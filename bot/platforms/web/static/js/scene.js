// Charts that come laid out: puts their marks into an SVG. Pointing at a part, or going to it with
// the arrow keys, tells its figures below; the same figures are in a table. The words for those who
// do not see it are its name, and not repeated below.

import { framed } from "./chart.js";
import { h, svg } from "./dom.js";

const WIDTH = 320;
const MARGIN = 10;
const PREVIOUS = new Set(["ArrowLeft", "ArrowUp"]);
const NEXT = new Set(["ArrowRight", "ArrowDown"]);

/** `press(index)` is called for a part that is pressed and has a button. */
export function drawScene(chart, press) {
  const draw = () => {
    const readout = h("p", { class: "readout", "aria-live": "polite" });
    return [h("div", { class: "scene" }, picture(chart, readout, press)), readout];
  };
  return framed(chart, draw, () => figures(chart.table));
}

function picture(chart, readout, press) {
  const { height, marks, targets } = chart.scene;
  const points = targets.map((target, index) =>
    svg("rect", {
      class: `point${chart.opens[index] ? " opens" : ""}`,
      x: target.x, y: target.y, width: target.width, height: target.height,
      onpointerenter: () => point(index),
      onclick: () => { point(index); press(index); },
    }),
  );
  let current = -1;
  const point = (index) => {
    points[current]?.classList.remove("current");
    current = index;
    points[current]?.classList.add("current");
    readout.textContent = targets[current]?.tip ?? "";
  };
  const onkeydown = (event) => {
    const step = NEXT.has(event.key) ? 1 : PREVIOUS.has(event.key) ? -1 : 0;
    if (step) point(Math.min(Math.max(current + step, 0), points.length - 1));
    else if (event.key === "Home") point(0);
    else if (event.key === "End") point(points.length - 1);
    else if (event.key === "Enter" && current >= 0) press(current);
    else if (event.key === "Escape" && current >= 0) point(-1);
    else return;
    event.preventDefault();
  };
  return svg(
    "svg",
    {
      viewBox: `${MARGIN} 0 ${WIDTH - 2 * MARGIN} ${Math.ceil(height)}`, role: "img", "aria-label": chart.alt || chart.title,
      tabindex: points.length ? 0 : null, onkeydown, onpointerleave: () => point(-1),
    },
    marks.map(mark),
    points,
  );
}

const color = (name) => `var(--chart-${name})`;

function mark(one) {
  switch (one.kind) {
    case "box":
      return box(one);
    case "shape":
      return svg("polygon", { points: one.points.join(" "), fill: color(one.fill) });
    case "stroke":
      return svg("polyline", {
        points: one.points.join(" "), fill: "none", stroke: color(one.color), "stroke-width": one.width,
        "stroke-dasharray": one.dashed && "4 3", "stroke-linejoin": "round", "stroke-linecap": one.dashed ? null : "round",
      });
    case "dot":
      return one.points
        ? svg("polygon", { points: one.points.join(" "), fill: color(one.fill) })
        : svg("circle", { cx: one.x, cy: one.y, r: 4, fill: color(one.fill) });
    default:
      return svg(
        "text",
        {
          x: one.x, y: one.y, "font-size": one.size, "font-weight": one.bold ? 600 : 400,
          "text-anchor": one.anchor, fill: color(one.color),
        },
        one.text,
      );
  }
}

function box(one) {
  const paint = one.outlined ? { fill: "none", stroke: color(one.fill), "stroke-dasharray": "3 2" } : { fill: color(one.fill) };
  const { x, y, width, height } = one;
  return svg("rect", { x, y, width: Math.max(width, 0), height, rx: Math.min(one.radius, width / 2), ...paint });
}

function figures({ columns, rows }) {
  const heads = columns.map((name) => (name ? h("th", { scope: "col", class: "number" }, name) : h("td", {})));
  const body = rows.map(([name, ...cells]) =>
    h("tr", {}, h("th", { scope: "row" }, name), cells.map((cell) => h("td", { class: "number" }, cell))),
  );
  return h("div", { class: "table-wrap" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, body)));
}
