// The conversation as it stands: messages by day, edited in place, newest in view.

import { drawCard } from "./card.js";
import { h } from "./dom.js";
import { drawFile } from "./files.js";
import { icon } from "./icons.js";
import { avatar, botAvatar, personById } from "./people.js";
import { state } from "./store.js";
import { t } from "./texts.js";
import { drawHistory, drawOrigin } from "./threads.js";

const NEAR_END_PX = 120;
const ROOM_PX = 16;

export class Messages {
  /** `press(message, button)` runs a button, `use(message, action)` does something with what
   * was typed; `earlier(id)` loads what came before. */
  constructor({ press, use, earlier }) {
    this.press = press;
    this.use = use;
    this.earlier = earlier;
    this.shown = [];
    this.list = h("div", { class: "column" });
    this.root = h(
      "div",
      { class: "messages", role: "log", "aria-live": "off", tabindex: "0", "aria-busy": "true" },
      this.list,
    );
    this.jump = h(
      "button",
      { type: "button", class: "jump", hidden: true, onclick: () => this.toEnd(true) },
      icon("down", 16),
      h("span", {}),
    );
    this.root.addEventListener("scroll", () => this.nearEnd() && this.hideJump());
  }

  nearEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < NEAR_END_PX;
  }

  hideJump() {
    this.jump.hidden = true;
  }

  toEnd(smooth = false) {
    this.root.scrollTo({ top: this.root.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.hideJump();
  }

  /** Brings a new message into view: all of it, or its beginning when it is long. */
  follow(row) {
    const long = row.offsetHeight > this.root.clientHeight - ROOM_PX;
    if (long) this.root.scrollTop += row.getBoundingClientRect().top - this.root.getBoundingClientRect().top - ROOM_PX;
    else this.toEnd();
  }

  /** Shows a conversation from its newest messages; `empty` is drawn when there is none. */
  show(messages, more, empty) {
    this.shown = [...messages];
    this.more = more;
    this.empty = empty;
    this.redraw();
    this.toEnd();
  }

  /** Puts older messages above, keeping what is read where it is. */
  prepend(messages, more) {
    const fromEnd = this.root.scrollHeight - this.root.scrollTop;
    this.shown = [...messages, ...this.shown];
    this.more = more;
    this.redraw();
    this.root.scrollTop = this.root.scrollHeight - fromEnd;
  }

  /** Adds a new message or draws a known one anew; true when it is new. */
  take(message) {
    const at = this.shown.findIndex((one) => one.id === message.id);
    if (at >= 0) {
      if (this.shown[at].revision < message.revision) this.replace(at, message);
      return false;
    }
    // An edit of something older than what is loaded: it is drawn when it is loaded.
    if (this.shown.length && message.id < this.shown[0].id) return false;
    const follow = this.nearEnd() || message.author === state.persona.id;
    if (!this.shown.length) this.list.replaceChildren();
    this.list.append(...this.withDay(message, this.shown[this.shown.length - 1]));
    this.list.lastElementChild.classList.add("fresh");
    this.shown.push(message);
    this.redrawFirst(message.body.thread);
    if (follow) this.follow(this.list.lastElementChild);
    else this.offerJump();
    return true;
  }

  replace(at, message) {
    const follow = this.nearEnd();
    this.shown[at] = message;
    const old = this.list.querySelector(`[data-id="${message.id}"]`);
    const fresh = this.draw(message, this.shown[at - 1]);
    const key = old.contains(document.activeElement) && document.activeElement.dataset.key;
    fresh.classList.add("changed");
    old.replaceWith(fresh);
    if (key) (fresh.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? this.root).focus();
    if (follow) this.toEnd();
  }

  /** The card under which a message came names it from now on. */
  redrawFirst(id) {
    const at = id ? this.shown.findIndex((one) => one.id === id) : -1;
    if (at >= 0) this.list.querySelector(`[data-id="${id}"]`).replaceWith(this.draw(this.shown[at], this.shown[at - 1]));
  }

  /** Brings a message of this conversation into view. */
  goTo(id) {
    const row = this.list.querySelector(`[data-id="${id}"]`);
    row.scrollIntoView({ block: "start", behavior: "smooth" });
    (row.querySelector("button") ?? this.root).focus({ preventScroll: true });
  }

  offerJump() {
    this.jump.lastElementChild.replaceChildren(t("messages.new"));
    this.jump.hidden = false;
  }

  redraw() {
    this.root.setAttribute("aria-label", t("messages.label", { place: state.conversation.title }));
    if (!this.shown.length) {
      this.list.replaceChildren(this.empty());
      return;
    }
    const rows = this.shown.flatMap((message, at) => this.withDay(message, this.shown[at - 1]));
    const load = { type: "button", class: "button earlier", onclick: () => this.earlier(this.shown[0].id) };
    this.list.replaceChildren(...(this.more ? [h("button", load, t("messages.earlier"))] : []), ...rows);
  }

  withDay(message, before) {
    const row = this.draw(message, before);
    if (before?.date === message.date) return [row];
    const day = h("div", { class: "day" }, h("time", { datetime: message.date }, message.day));
    return [day, row];
  }

  draw(message, before) {
    const own = message.author === state.persona.id;
    const who = personById(message.author);
    const name = message.bot ? t("bot") : (who?.name ?? message.author);
    const continued = before && before.author === message.author && before.date === message.date
      && before.clock === message.clock && before.private === message.private;
    const kind = message.bot ? "from-bot" : own ? "own" : "from-other";
    return h(
      "article",
      {
        class: `message ${kind}${continued ? " continued" : ""}${message.private ? " private" : ""}`,
        "data-id": message.id,
        "aria-label": t("message.label", { who: name, when: message.clock }),
      },
      !own && (message.bot ? botAvatar() : avatar(who ?? { id: message.author, name })),
      h("div", { class: "message-main" }, this.head(message, name, own), this.body(message)),
    );
  }

  head(message, name, own) {
    return h(
      "header",
      { class: "message-head" },
      !own && h("span", { class: "author" }, name),
      h("time", { datetime: message.at }, message.clock),
      message.edited && h("span", { class: "edited" }, t("message.edited", { when: message.edited })),
      message.private && h("span", { class: "private-mark" }, icon("eye", 14), t("message.private")),
    );
  }

  body(message) {
    if (message.body.kind === "line") return [h("p", { class: "bubble" }, message.body.text), this.uses(message)];
    if (message.body.kind === "file") return drawFile(message.body);
    const go = (id) => this.goTo(id);
    return [
      drawOrigin(message, this.shown, go),
      drawCard(message.body, (button) => this.press(message, button)),
      drawHistory(message, this.shown, go),
    ];
  }

  /** What can be made of a line that somebody typed, other than a command. */
  uses(message) {
    if (message.bot || /^[/／]/.test(message.body.text)) return null;
    return h(
      "span",
      { class: "message-uses" },
      state.shortcuts.map(({ action, name }) =>
        h("button", { type: "button", class: "use", onclick: () => this.use(message, action) }, name),
      ),
    );
  }
}

/** The one line that is read out for a new message. */
export function spokenLine(message) {
  const who = message.bot ? t("bot") : (personById(message.author)?.name ?? message.author);
  return `${who}: ${message.body.summary ?? message.body.text}`;
}
