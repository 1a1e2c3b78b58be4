// Ctrl+K: goes to any lead, person, command or conversation by a part of its name.

import { ask } from "./api.js";
import { afterPause, h } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { spoken } from "./people.js";
import { state, wish } from "./store.js";
import { t } from "./texts.js";

const TYPING_PAUSE_MS = 80;
const LONGEST = 60;
const MOST_COMMANDS = 6;
const ICONS = { lead: "next", person: "person", command: "send", place: "hash" };

export class Finder {
  /** `go` has lead(number), open(conversation id) and type(line). */
  constructor(go) {
    this.go = go;
    this.far = [];
    this.running = null;
    this.input = h("input", { type: "text", class: "finder-input", autocomplete: "off", spellcheck: "false", maxlength: LONGEST });
    this.list = new Listbox(this.input, { label: "", draw: drawn, choose: (found) => this.choose(found), className: "finder-list" });
    this.dialog = h("dialog", { class: "finder" }, h("div", { class: "finder-box" }, icon("search"), this.input), this.list.root);
    this.button = h("button", { type: "button", class: "icon-button finder-button", "aria-keyshortcuts": "Control+K", onclick: () => this.open() }, icon("search", 20));
    this.searchSoon = afterPause(TYPING_PAUSE_MS, () => this.search());
    this.input.addEventListener("input", () => {
      this.moved = false;
      this.far = this.far.filter((one) => named(one, this.query));
      this.show();
      this.searchSoon();
    });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("pointerdown", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.left());
  }

  get query() {
    return this.input.value.trim().toLowerCase();
  }

  /** Redraws the texts. */
  draw() {
    this.button.title = `${t("finder.open")} (Ctrl+K)`;
    this.button.setAttribute("aria-label", t("finder.open"));
    this.dialog.setAttribute("aria-label", t("finder.open"));
    this.input.setAttribute("aria-label", t("finder.placeholder"));
    this.input.placeholder = t("finder.placeholder");
    this.list.root.setAttribute("aria-label", t("finder.open"));
  }

  open() {
    this.before = document.activeElement;
    this.input.value = "";
    this.moved = false;
    this.far = [];
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.input.focus();
    this.show();
    this.search();
  }

  left() {
    this.searchSoon.cancel();
    this.running?.abort();
    this.list.hide();
    this.dialog.remove();
    if (this.before?.isConnected) this.before.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (this.list.move(event)) {
      this.moved = true;
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (this.list.current) this.choose(this.list.current);
    } else if (event.key === "Tab") event.preventDefault();
  }

  choose({ kind, id }) {
    this.dialog.close();
    if (kind === "lead") this.go.lead(id);
    else if (kind === "place") this.go.open(id);
    else if (kind === "person") this.go.type(`${wordOf("people")} ${id}`);
    else this.go.type(wordOf(id));
  }

  show({ empty = "" } = {}) {
    const chosen = this.moved && this.list.current;
    const near = [...commands(this.query), ...places(this.query)];
    // What begins as typed first, then what the server knows: leads and people.
    const first = this.query ? near.filter((one) => one.begins) : [];
    const all = [...first, ...this.far, ...near.filter((one) => !first.includes(one))];
    const at = all.findIndex((one) => chosen && one.kind === chosen.kind && one.id === chosen.id);
    this.list.show(all, { empty, select: Math.max(at, 0) });
  }

  async search() {
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    try {
      const reply = await ask(wish("search", { action: "finder.options", text: this.query }), { patient: false, signal: mine.signal });
      this.far = reply.options.map(({ value, label }) => ({ kind: value.split(":")[0], id: value.slice(value.indexOf(":") + 1), label }));
      this.show({ empty: t("pick.nothing") });
    } catch (error) {
      if (error.name !== "AbortError") this.show({ empty: t("pick.unreachable") });
    }
  }
}

/** The commands that the person may use and that a text means. */
function commands(query) {
  const text = query.replace(/^[/／]/, "");
  const mine = state.commands.filter(({ roles }) => !roles.length || roles.includes(state.persona.role));
  const found = mine
    .filter((one) => [one.name, ...one.aliases, one.about.toLowerCase()].some((name) => name.includes(text)))
    .map((one) => ({ kind: "command", id: one.name, label: spoken(one), hint: one.about, begins: [one.name, ...one.aliases].some((name) => name.startsWith(text)) }));
  return [...found.filter((one) => one.begins), ...found.filter((one) => !one.begins)].slice(0, MOST_COMMANDS);
}

function places(query) {
  const others = query ? state.conversations.filter(({ title }) => title.toLowerCase().includes(query)) : [];
  return others.map(({ id, title }) => ({ kind: "place", id, label: title, begins: title.toLowerCase().startsWith(query) }));
}

const named = ({ label }, query) => label.toLowerCase().includes(query);

const wordOf = (name) => spoken(state.commands.find((one) => one.name === name));

function drawn({ kind, label, hint }) {
  return [
    icon(ICONS[kind], 16),
    h("span", { class: "finder-label" }, label),
    h("span", { class: "option-about" }, hint ?? ""),
    h("span", { class: "finder-kind" }, t(`finder.${kind}`)),
  ];
}
