// The sidebar: conversations, persona, language, colours, and the tour.

import { h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { menuOn } from "./menu.js";
import { avatar } from "./people.js";
import { isUnread, state, waitsFor } from "./store.js";
import { t } from "./texts.js";

const THEMES = ["auto", "light", "dark"];
const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };
const LANGUAGES = { en: "English", zh_CN: "中文" };

export class Sidebar {
  /** `on` has open(conversation id), play(persona id), speak(locale), tour(), and bell(), which draws a button. */
  constructor(on) {
    this.on = on;
    this.root = h("aside", { class: "sidebar", id: "sidebar" });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.backdrop = h("div", { class: "backdrop", onclick: () => this.close() });
  }

  draw() {
    // An open menu stays as it is: updates must not close it while somebody uses it.
    if (this.root.querySelector(".menu:not([hidden])")) {
      this.root.querySelector("nav").replaceWith(this.conversations());
      return;
    }
    const focused = this.root.contains(document.activeElement) && document.activeElement.dataset.focus;
    this.root.setAttribute("aria-label", t("sidebar.label"));
    this.root.replaceChildren(
      h(
        "div",
        { class: "brand" },
        mark(30),
        h("span", { class: "brand-name" }, t("bot")),
        h("span", { class: "brand-about" }, t("brand.about")),
      ),
      this.conversations(),
      this.footer(),
    );
    if (focused) this.root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
  }

  conversations() {
    const rows = (kind) => state.conversations.filter((one) => one.kind === kind).map((one) => this.row(one));
    const group = (title, items) => items.length > 0 && [h("h2", {}, title), h("ul", {}, items)];
    return h(
      "nav",
      { "aria-label": t("sidebar.conversations") },
      group(t("sidebar.direct"), rows("dm")),
      group(t("sidebar.channels"), rows("channel")),
    );
  }

  row(conversation) {
    const unread = isUnread(conversation);
    const current = conversation.id === state.conversation?.id;
    const open = () => {
      this.close();
      this.on.open(conversation.id);
    };
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: `place${unread ? " unread" : ""}`,
          "aria-current": current ? "page" : null,
          "data-conversation": conversation.id,
          "data-focus": `place ${conversation.id}`,
          onclick: open,
        },
        conversation.kind === "dm" ? mark(20) : icon("hash", 18),
        h("span", { class: "place-title" }, conversation.title),
        unread && h("span", { class: "dot" }, h("span", { class: "hidden" }, t("sidebar.unread"))),
      ),
    );
  }

  footer() {
    return h(
      "div",
      { class: "sidebar-foot" },
      this.persona(),
      h("div", { class: "tools" }, this.languages(), this.on.bell(), this.theme(), this.tour()),
    );
  }

  persona() {
    const { persona } = state;
    const waiting = state.personas.some((one) => one.id !== persona.id && waitsFor(one));
    const button = h(
      "button",
      { type: "button", class: "persona", "data-focus": "persona", "aria-label": t("persona.label", { name: persona.name, role: persona.role_label }) },
      avatar(persona, 36),
      h("span", { class: "persona-words" }, h("strong", {}, persona.name), h("span", {}, persona.role_label)),
      waiting && h("span", { class: "dot" }, h("span", { class: "hidden" }, t("persona.waiting"))),
      icon("updown", 18),
    );
    const items = state.personas.map((one) => ({ id: one.id, current: one.id === persona.id, content: person(one) }));
    const menu = menuOn(button, t("persona.switch"), items, (id) => {
      this.close();
      this.on.play(id);
    });
    return h("div", { class: "persona-box" }, h("h2", { class: "foot-title" }, t("persona.title")), menu, button);
  }

  languages() {
    const buttons = state.locales.map((locale) =>
      h(
        "button",
        {
          type: "button",
          lang: locale.replace("_", "-"),
          "aria-pressed": String(locale === state.locale),
          "data-focus": `locale ${locale}`,
          "data-locale": locale,
          onclick: () => locale !== state.locale && this.on.speak(locale),
        },
        LANGUAGES[locale],
      ),
    );
    return h("div", { class: "segments", role: "group", "aria-label": t("language.label") }, buttons);
  }

  theme() {
    const now = document.documentElement.dataset.theme ?? "auto";
    const label = `${t("theme.label")}: ${t(`theme.${now}`)}`;
    const turn = () => {
      const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
      if (next === "auto") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      localStorage.setItem("genjin.theme", next);
      this.draw();
    };
    const props = { type: "button", class: "icon-button", id: "theme", "data-focus": "theme", title: label, "aria-label": label, onclick: turn };
    return h("button", props, icon(THEME_ICONS[now]));
  }

  tour() {
    const open = () => {
      this.close();
      this.on.tour();
    };
    const props = { type: "button", class: "icon-button", "data-focus": "tour", title: t("tour.open"), "aria-label": t("tour.open"), onclick: open };
    return h("button", props, icon("compass"));
  }

  /** On a narrow screen the sidebar is a drawer over the rest of the page, which becomes inert. */
  open() {
    this.before = document.activeElement;
    this.root.classList.add("open");
    document.querySelector("main").inert = true;
    this.root.querySelector("[aria-current]")?.focus();
  }

  close() {
    if (!this.root.classList.contains("open")) return;
    this.root.classList.remove("open");
    document.querySelector("main").inert = false;
    this.before?.focus();
  }
}

function person(persona) {
  return [
    avatar(persona, 32),
    h("span", { class: "persona-words" }, h("strong", {}, persona.name), h("span", {}, persona.role_label)),
    persona.id !== state.persona.id && waitsFor(persona)
      && h("span", { class: "dot" }, h("span", { class: "hidden" }, t("sidebar.unread"))),
    persona.id === state.persona.id && icon("check", 18),
  ];
}
