// One-line confirmations, and screen reader announcements of new messages.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";

const SHOWN_MS = 7000;
let region = null;
let announcer = null;

/** `place` holds the toasts: at its top, away from the newest message and its buttons. */
export function mountToasts(place) {
  region = h("div", { class: "toasts", role: "status" });
  announcer = h("div", { class: "hidden", "aria-live": "polite" });
  place.append(region, announcer);
}

/** Shows a line for a while, and for as long as the pointer or the focus is on it. */
export function toast(text, tone = "plain") {
  const box = h("div", { class: `toast ${tone}` }, h("span", { class: "toast-text" }, text));
  const gone = () => box.remove();
  const close = h(
    "button",
    { type: "button", class: "icon-button", "aria-label": t("close"), onclick: gone },
    icon("close", 16),
  );
  box.append(close);
  let timer = setTimeout(gone, SHOWN_MS);
  const stay = () => clearTimeout(timer);
  const leave = () => {
    timer = setTimeout(gone, SHOWN_MS);
  };
  box.addEventListener("pointerenter", stay);
  box.addEventListener("focusin", stay);
  box.addEventListener("pointerleave", leave);
  box.addEventListener("focusout", leave);
  // A modal dialog makes everything outside it inert, so a toast over a dialog goes inside it.
  const dialogs = document.querySelectorAll("dialog[open] .dialog-toasts");
  (dialogs[dialogs.length - 1] ?? region).append(box);
}

export function announce(text) {
  announcer.replaceChildren(text);
}
