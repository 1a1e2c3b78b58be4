// Threads: under a lead's first card the later messages and a reply line, and on each of these
// messages a link back.

import { drawButtons } from "./card.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { draftOf, dropDraft, keepDraft, state } from "./store.js";
import { t } from "./texts.js";

const LONGEST = 4000;

/** The link above a message in a thread to its card; `go(id)` scrolls to a message. */
export function drawOrigin(message, shown, go) {
  const first = message.body.thread && shown.find((one) => one.id === message.body.thread);
  if (!first) return null;
  const about = t("thread.about", { title: first.body.title });
  return h("button", { type: "button", class: "thread-origin", onclick: () => go(first.id) }, about);
}

/** State of one conversation's threads that survives redrawing. */
export class Threads {
  /** `send(message, line)` sends a line under a card and resolves to true once it was accepted;
   * `press(message, button)` runs a button, `go(id)` scrolls to a message, `card(message)`
   * draws a card. */
  constructor({ send, press, go, card }) {
    this.send = send;
    this.press = press;
    this.go = go;
    this.card = card;
    this.forget();
  }

  /** Resets the state when another conversation is shown. */
  forget() {
    this.opened = new Set();
    this.replies = new Map();
  }

  /** Whether somebody is answering under this card just now. */
  isBusy(id) {
    return this.replies.get(id)?.contains(document.activeElement) ?? false;
  }

  /** The thread under a first card: later messages, the newest last, and the reply line. */
  draw(message, shown) {
    return [...this.details(message, shown), this.history(message, shown), message.body.lead && message.body.title && !message.body.thread && this.reply(message)];
  }

  /** What does not fit on a card, posted under it: each a title that opens. */
  details(message, shown) {
    return shown.filter((one) => one.body.details && one.body.thread === message.id).map((one) => {
      const noted = (event) => this.opened[event.target.open ? "add" : "delete"](one.id);
      return h(
        "details",
        { class: "thread details", open: this.opened.has(one.id), ontoggle: noted },
        h("summary", { "data-key": `details-${one.id}` }, one.body.title),
        this.card(one),
      );
    });
  }

  history(message, shown) {
    const later = shown.filter((one) => one.body.thread === message.id && !one.body.details && !one.body.passing);
    if (!later.length) return null;
    const noted = (event) => this.opened[event.target.open ? "add" : "delete"](message.id);
    return h(
      "details",
      { class: "thread", open: this.opened.has(message.id), ontoggle: noted },
      h("summary", { "data-key": "thread" }, t("thread.history", { n: later.length })),
      h("ol", {}, later.map((one) => this.entry(one))),
    );
  }

  entry(one) {
    const quiet = one.body.kind === "card" && !one.body.title;
    const words = one.body.title || one.body.summary || one.body.text;
    const when = `${one.day} ${one.clock}`;
    return h(
      "li",
      {},
      h("button", { type: "button", onclick: () => this.go(one.id) }, `${when} · ${words}`),
      quiet && drawButtons(one.body.buttons, (button) => this.press(one, button)),
    );
  }

  /** The reply line, reused so that nothing typed is lost when the card is redrawn. */
  reply(message) {
    if (!this.replies.has(message.id)) this.replies.set(message.id, this.newReply(message));
    return this.replies.get(message.id);
  }

  newReply(message) {
    const place = `reply.${state.persona.id}.${message.id}`;
    const input = h("input", {
      type: "text",
      "data-key": "reply",
      autocomplete: "off",
      maxlength: LONGEST,
      value: draftOf(place) ?? "",
      placeholder: t("thread.reply", { lead: message.body.lead }),
      "aria-label": t("thread.reply_label", { lead: message.body.lead }),
    });
    const typed = () => (input.value ? keepDraft(place, input.value) : dropDraft(place));
    const say = async (event) => {
      event.preventDefault();
      const line = input.value.trim();
      if (!line) return;
      this.opened.add(message.id);
      input.value = "";
      typed();
      if (await this.send(message, line)) return;
      if (!input.value) input.value = line;
      typed();
    };
    input.addEventListener("input", typed);
    input.addEventListener("keydown", (event) => event.key === "Enter" && event.isComposing && event.preventDefault());
    const button = h("button", { type: "submit", class: "thread-send", "aria-label": t("thread.send", { lead: message.body.lead }) }, icon("send", 16));
    return h("form", { class: "thread-reply", onsubmit: say }, input, button);
  }
}
