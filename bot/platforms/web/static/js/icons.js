// The page's line icons, on a grid of 24.

import { svg } from "./dom.js";

const PATHS = {
  send: ["M5 12h13", "M12 5.5 18.5 12 12 18.5"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h10"],
  close: ["M6 6l12 12", "M18 6 6 18"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z", "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z"],
  hash: ["M9.5 4 7.5 20", "M16.5 4l-2 16", "M4.5 9h16", "M3.5 15h16"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "M5.3 5.3l1.4 1.4", "M17.3 17.3l1.4 1.4", "M5.3 18.7l1.4-1.4", "M17.3 6.7l1.4-1.4"],
  moon: ["M20 14.2A8.2 8.2 0 0 1 9.8 4a8.2 8.2 0 1 0 10.2 10.2Z"],
  auto: ["M12 3.5a8.5 8.5 0 1 0 0 17Z", "M12 3.5a8.5 8.5 0 0 1 0 17", "M12 9h7.9", "M12 15h7.9"],
  compass: ["M12 3.2a8.8 8.8 0 1 0 0 17.6 8.8 8.8 0 0 0 0-17.6Z", "M15.6 8.4l-2 5.2-5.2 2 2-5.2Z"],
  updown: ["M8 10l4-4 4 4", "M8 14l4 4 4-4"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  info: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M12 11v5", "M12 8v.01"],
  warning: ["M12 4 2.8 19.5h18.4Z", "M12 10v4.2", "M12 17v.01"],
  bad: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M12 7.5v5.2", "M12 16v.01"],
  good: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M8.3 12.2l2.6 2.6 4.8-5.2"],
  next: ["M9.5 5.5 16 12l-6.5 6.5"],
  down: ["M12 5v13", "M6 12.5 12 18.5 18 12.5"],
  up: ["M12 19V6", "M6 11.5 12 5.5 18 11.5"],
  more: ["M5.5 12v.01", "M12 12v.01", "M18.5 12v.01"],
  person: ["M12 4.5a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6Z", "M4.8 20c.6-3.8 3.4-5.6 7.2-5.6s6.6 1.8 7.2 5.6"],
  bell: ["M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15Z", "M10 21h4"],
  search: ["M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12Z", "M15 15l5 5"],
};

/** A decorative icon: the text is beside it or in a label. */
export function icon(name, size = 18) {
  const lines = PATHS[name].map((d) => svg("path", { d }));
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" },
    lines,
  );
}

/** The bot's logo: a line that goes on, with a next step at its end. */
export function mark(size = 32) {
  return svg(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true" },
    svg("rect", { width: 32, height: 32, rx: 9, class: "mark-ground" }),
    svg("path", { d: "M8 21.5 13.2 15l4 3.4L24 10.5", class: "mark-line" }),
    svg("circle", { cx: 24, cy: 10.5, r: 2.6, class: "mark-step" }),
  );
}
