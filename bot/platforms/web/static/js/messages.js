// The open conversation: messages by day, edited in place, newest in view.

import { answersIn, arranged, buttonOf, holderOf, isSuperseded, keepOpen, lasting, slotIn, topOf } from "./answers.js";
import { drawCard } from "./card.js";
import { h } from "./dom.js";
import { drawFile } from "./files.js";
import { drawHead } from "./heads.js";
import { icon } from "./icons.js";
import { avatar, botAvatar, personById } from "./people.js";
import { state } from "./store.js";
import { t } from "./texts.js";
import { drawOrigin, Threads } from "./threads.js";

const NEAR_END_PX = 120;
const ROOM_PX = 16;
const BUTTON_PX = 64;

export class Messages {
  /** `press(message, button)` runs a button, `use(message, action)` runs an action on a typed
   * message; `earlier(id)` loads older messages, `reply(message, line)` sends a line under a
   * card. */
  constructor({ press, use, earlier, reply }) {
    this.press = press;
    this.use = use;
    this.earlier = earlier;
    this.shown = [];
    this.threads = new Threads({ send: reply, press, go: (id) => this.goTo(id), card: (one) => this.card(one) });
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

  /** Scrolls a new message into view: all of it, or its beginning if it is long, with the button that it answers. */
  follow(row) {
    const answer = row.parentElement !== this.list;
    const room = answer ? BUTTON_PX : ROOM_PX;
    const long = row.offsetHeight > this.root.clientHeight - room;
    if (long) this.root.scrollTop += row.getBoundingClientRect().top - this.root.getBoundingClientRect().top - room;
    else if (answer || row.nextElementSibling) row.scrollIntoView({ block: "nearest" });
    else this.toEnd();
  }

  /** Shows a conversation at the beginning of its newest message; draws `empty` if there are none. */
  show(messages, more, empty) {
    this.shown = [...lasting(messages.slice(0, -1)), ...messages.slice(-1)];
    this.threads.forget();
    this.more = more;
    this.empty = empty;
    this.redraw();
    this.toEnd();
    if (!this.shown.length) return;
    const newest = this.shown[this.shown.length - 1];
    this.follow(this.row(newest.id) ?? this.row(topOf(newest, this.shown).id));
  }

  /** Prepends older messages, keeping the scroll position. */
  prepend(messages, more) {
    const fromEnd = this.root.scrollHeight - this.root.scrollTop;
    this.shown = [...lasting(messages), ...this.shown];
    this.more = more;
    this.redraw();
    this.root.scrollTop = this.root.scrollHeight - fromEnd;
  }

  /** Adds a new message or redraws a known one; true if it is new. */
  take(message) {
    const at = this.shown.findIndex((one) => one.id === message.id);
    if (at >= 0) {
      if (this.shown[at].revision < message.revision) this.replace(at, message);
      return false;
    }
    // An edit of a message older than those loaded: it is drawn once it is loaded.
    if (this.shown.length && message.id < this.shown[0].id) return false;
    if (message.body.passing && this.shown.some((one) => one.id > message.id)) return false;
    // People who answer under a card stay there, and read the answer there.
    const busy = this.threads.isBusy(message.body.thread);
    const beside = this.shown.some((one) => one.id === message.body.beside);
    const follow = !busy && (beside || this.nearEnd() || message.author === state.persona.id);
    if (!this.shown.length) this.list.replaceChildren();
    const next = message.body.passing || message.author === state.persona.id;
    if (next) this.shown = lasting(this.shown, (one) => this.row(one.id)?.remove());
    this.shown.push(message);
    if (message.body.details && holderOf(message, this.shown)) {
      this.redrawFirst(message.body.thread);
      if (follow) this.toEnd();
      return true;
    }
    const row = this.answer(message) ?? this.insert(message);
    row.classList.add("fresh");
    this.redrawFirst(message.body.thread);
    if (follow) this.follow(row);
    else if (!busy) this.offerJump();
    return true;
  }

  /** Draws a new answer inside the card with the pressed button, which is not drawn anew: what is open in it stays so.
   * Gives its row; null for any other message. */
  answer(message) {
    const holder = holderOf(message, this.shown);
    if (!holder) return null;
    const key = buttonOf(message, holder, this.shown);
    const row = this.draw(message);
    const slot = slotIn(this.list.querySelector(`[data-card="${holder.id}"]`), key);
    const all = answersIn(holder, this.shown).find(([each]) => each === key)[1];
    const before = all[all.indexOf(message) - 1];
    if (before) this.row(before.id).after(row);
    else slot.prepend(row);
    const current = new Set(all.map((one) => String(one.id)));
    [...slot.children].forEach((one) => current.has(one.dataset.id) || one.remove());
    return row;
  }

  /** Draws a new message after the one it follows; returns its row. */
  insert(message) {
    const order = arranged(this.shown);
    const at = order.indexOf(message);
    const rows = this.withDay(message, order[at - 1]);
    const row = rows[rows.length - 1];
    const next = order[at + 1];
    if (!next) {
      this.list.append(...rows);
      return row;
    }
    this.row(order[at - 1].id).after(...rows);
    // The rows after it belong to an earlier day again.
    if (rows.length > 1 && next.date !== message.date) row.after(drawDay(next));
    return row;
  }

  row(id) {
    return this.list.querySelector(`article[data-id="${id}"]`);
  }

  replace(at, message) {
    const follow = this.nearEnd() && !this.threads.isBusy(message.id);
    const held = this.held();
    this.shown[at] = message;
    // A button that is gone leaves its answers a row of their own.
    if (this.held() !== held) this.redrawInPlace();
    else if (isSuperseded(message, this.shown)) return;
    else if (message.body.details) this.redrawFirst(message.body.thread);
    else this.swap(at).classList.add("changed");
    if (follow) this.toEnd();
  }

  held() {
    return this.shown.filter((one) => holderOf(one, this.shown)).map((one) => one.id).join();
  }

  redrawInPlace() {
    const { scrollTop } = this.root;
    this.redraw();
    this.root.scrollTop = scrollTop;
  }

  /** Redraws a message in place, keeping the keyboard focus. */
  swap(at) {
    const old = this.row(this.shown[at].id);
    const order = arranged(this.shown);
    const active = old.contains(document.activeElement) && document.activeElement;
    const [key, within] = active ? [active.dataset.key, active.closest("article").dataset.id] : [];
    const fresh = this.draw(this.shown[at], order[order.indexOf(this.shown[at]) - 1]);
    keepOpen(old, fresh);
    old.replaceWith(fresh);
    if (key) (this.row(within)?.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? this.root).focus({ preventScroll: true });
    return fresh;
  }

  /** Lists a message under the card that it was posted under. */
  redrawFirst(id) {
    const at = id ? this.shown.findIndex((one) => one.id === id) : -1;
    if (at >= 0) this.swap(at);
  }

  /** Scrolls to the first card of a lead; false if none is loaded. */
  goToLead(number) {
    const found = this.shown.findLast((one) => one.body.lead === number && !one.body.thread);
    if (found) this.goTo(found.id);
    return Boolean(found);
  }

  /** Scrolls to a message of this conversation. */
  goTo(id) {
    const message = this.shown.find((one) => one.id === id);
    const row = this.row(id) ?? this.row(topOf(message, this.shown).id);
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
    const order = arranged(this.shown);
    const rows = order.flatMap((message, at) => this.withDay(message, order[at - 1]));
    const load = { type: "button", class: "button earlier", onclick: () => this.earlier(this.shown[0].id) };
    this.list.replaceChildren(...(this.more ? [h("button", load, t("messages.earlier"))] : []), ...rows);
  }

  withDay(message, before) {
    const row = this.draw(message, before);
    return before?.date === message.date ? [row] : [drawDay(message), row];
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
      h("div", { class: "message-main" }, drawHead(message, name, own), this.body(message, before)),
    );
  }

  /** The link back to the card whose button this answers, unless that is right above. */
  pressedCard(message, before) {
    const pressed = message.body.beside && this.shown.find((one) => one.id === message.body.beside);
    if (!pressed?.body.title || pressed === before) return null;
    const about = t("thread.about", { title: pressed.body.title });
    return h("button", { type: "button", class: "thread-origin", onclick: () => this.goTo(pressed.id) }, about);
  }

  body(message, before) {
    const origin = drawOrigin(message, this.shown, (id) => this.goTo(id));
    if (message.body.kind === "line") {
      const bubble = h("p", { class: "bubble" }, message.body.text);
      return origin ? h("div", { class: "said-under" }, origin, bubble) : [bubble, this.uses(message)];
    }
    if (message.body.kind === "file") return drawFile(message.body);
    return [
      origin ?? (holderOf(message, this.shown) ? null : this.pressedCard(message, before)),
      this.card(message),
      this.threads.draw(message, this.shown),
    ];
  }

  /** A message's card, with the answers to its buttons below these. */
  card(message) {
    const card = drawCard(message.body, (button) => this.press(message, button));
    card.dataset.card = message.id;
    for (const [key, answers] of answersIn(message, this.shown)) {
      slotIn(card, key).append(...answers.map((one) => this.draw(one)));
    }
    return card;
  }

  /** The actions on a typed line that is not a command. */
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

const drawDay = ({ date, day }) => h("div", { class: "day" }, h("time", { datetime: date }, day));
