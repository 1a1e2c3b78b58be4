// Browser notifications of what arrives while the page is out of sight. Permission is asked for only when somebody has just
// missed something, or presses the bell.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./texts.js";
import { toast } from "./toasts.js";

const KEPT = "genjin.notify";
const ICON = "/static/icon.svg";

export class Notifications {
  /** `open(conversation id)` shows what a notification is about; `changed()` follows a choice. */
  constructor({ open, changed }) {
    this.open = open;
    this.changed = changed;
    this.missed = false;
    this.root = h("section", { class: "tour notify", hidden: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.choose("off");
    });
  }

  get possible() {
    return "Notification" in globalThis;
  }

  get on() {
    return this.possible && Notification.permission === "granted" && localStorage.getItem(KEPT) === "on";
  }

  /** Tells of a message that somebody else wrote, unless the page is in sight. */
  tell({ conversation }, words) {
    if (!document.hidden || !this.possible) return;
    this.missed = true;
    if (!this.on) return;
    const note = new Notification(t("bot"), { body: words, tag: `${KEPT}.${conversation}`, icon: ICON });
    note.addEventListener("click", () => {
      globalThis.focus();
      note.close();
      this.open(conversation);
    });
  }

  /** Offers notifications to somebody who comes back and missed something, once. */
  offer() {
    const undecided = this.possible && Notification.permission === "default" && localStorage.getItem(KEPT) === null;
    if (document.hidden || !this.missed || !undecided) return;
    this.draw();
    this.root.hidden = false;
  }

  draw() {
    this.root.setAttribute("aria-label", t("notify.title"));
    this.root.replaceChildren(
      h("div", { class: "tour-words" }, h("h2", {}, t("notify.title")), h("p", {}, t("notify.text"))),
      h(
        "div",
        { class: "tour-buttons" },
        h("button", { type: "button", class: "button primary", onclick: () => this.allow() }, t("notify.yes")),
        h("button", { type: "button", class: "button", onclick: () => this.choose("off") }, t("notify.no")),
      ),
    );
  }

  choose(choice) {
    const inside = this.root.contains(document.activeElement);
    localStorage.setItem(KEPT, choice);
    this.root.hidden = true;
    if (inside) document.getElementById("composer").focus();
    this.changed();
  }

  /** Asks the browser, whose own question follows. */
  async allow() {
    const answer = await Notification.requestPermission();
    this.choose(answer === "granted" ? "on" : "off");
    if (answer === "denied") toast(t("notify.blocked"));
  }

  /** The bell: shows whether notifications are on, and changes that. */
  bell() {
    if (!this.possible) return null;
    const label = this.on ? t("notify.on") : t("notify.off");
    const turn = () => (this.on ? this.choose("off") : this.allow());
    const props = { type: "button", class: "icon-button bell", "data-focus": "bell", "aria-pressed": String(this.on), title: label, "aria-label": t("notify.bell"), onclick: turn };
    return h("button", props, icon("bell"));
  }
}
