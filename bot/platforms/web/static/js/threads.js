// What belongs together: under a lead's first card what came later, and on each of these the way back.

import { h } from "./dom.js";
import { t } from "./texts.js";

/** Above a message that belongs under another: which one; `go(id)` brings a message into view. */
export function drawOrigin(message, shown, go) {
  const first = message.body.thread && shown.find((one) => one.id === message.body.thread);
  if (!first) return null;
  const about = t("thread.about", { title: first.body.title });
  return h("button", { type: "button", class: "thread-origin", onclick: () => go(first.id) }, about);
}

/** Under a first card: what came later, the newest last; nothing when nothing did. */
export function drawHistory(message, shown, go) {
  const later = shown.filter((one) => one.body.thread === message.id);
  if (!later.length) return null;
  return h(
    "details",
    { class: "thread" },
    h("summary", {}, t("thread.history", { n: later.length })),
    h(
      "ol",
      {},
      later.map((one) =>
        h("li", {}, h("button", { type: "button", onclick: () => go(one.id) }, `${one.day} ${one.clock} · ${one.body.title}`)),
      ),
    ),
  );
}
