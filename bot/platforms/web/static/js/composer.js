// The input line: completes commands, and never loses a line.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { avatar, spoken } from "./people.js";
import { draftOf, dropDraft, keepDraft, state } from "./store.js";
import { t } from "./texts.js";

const MAX_HEIGHT = 160;

export class Composer {
  /** `send(line)` resolves to true once the line was accepted. */
  constructor(send) {
    this.send = send;
    this.said = [];
    this.recalled = 0;
    this.input = h("textarea", { id: "composer", rows: 1, autocomplete: "off", spellcheck: "false" });
    this.button = h("button", { type: "submit", class: "send" }, icon("send"));
    this.list = new Listbox(this.input, {
      label: t("composer.commands"),
      draw: (command) => [
        h("code", {}, spoken(command)),
        h("span", { class: "option-about" }, command.about),
        spoken(command) !== `/${command.name}` && h("code", { class: "option-alias" }, `/${command.name}`),
        h("span", { class: "option-usage" }, command.usage),
      ],
      choose: (command) => this.complete(command),
      className: "above",
    });
    this.who = h("span", { class: "composer-who" });
    this.help = h("p", { class: "composer-help", id: "composer-help" });
    this.input.setAttribute("aria-describedby", "composer-help");
    this.root = h(
      "form",
      { class: "composer", onsubmit: (event) => this.submit(event) },
      h("div", { class: "composer-box" }, this.list.root, this.who, this.input, this.button),
      this.help,
    );
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.list.hide());
  }

  /** Redraws the texts and restores the draft of this conversation. */
  enter() {
    const { title } = state.conversation;
    this.who.replaceChildren(avatar(state.persona, 28));
    this.input.placeholder = t("composer.placeholder");
    this.input.setAttribute("aria-label", t("composer.label", { place: title, name: state.persona.name }));
    this.button.setAttribute("aria-label", t("composer.send"));
    this.list.root.setAttribute("aria-label", t("composer.commands"));
    this.help.replaceChildren(t("composer.help"));
    this.input.value = draftOf(this.place) ?? "";
    this.fit();
    this.list.hide();
  }

  get place() {
    return `line.${state.persona.id}.${state.conversation.id}`;
  }

  focus() {
    this.input.focus();
  }

  put(text) {
    this.input.value = text;
    this.focus();
    this.changed();
  }

  changed() {
    this.fit();
    if (this.input.value) keepDraft(this.place, this.input.value);
    else dropDraft(this.place);
    const found = this.matches();
    if (found.length) this.list.show(found);
    else this.list.hide();
  }

  fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, MAX_HEIGHT)}px`;
    this.button.classList.toggle("ready", this.input.value.trim() !== "");
  }

  /** The commands that complete the first word. */
  matches() {
    const text = this.input.value;
    if (!text || /\s/.test(text)) return [];
    const slash = /^[/／]/.test(text);
    const query = text.replace(/^[/／]/, "").toLowerCase();
    // Without a slash only Chinese names are offered: English names are also ordinary words.
    if (!slash && /^[\x20-\x7e]/.test(text)) return [];
    const names = (command) => [command.name, ...command.aliases];
    return state.commands.filter((command) => names(command).some((name) => name.startsWith(query)));
  }

  isWhole() {
    const query = this.input.value.trim().replace(/^[/／]/, "").toLowerCase();
    return state.commands.some((command) => command.name === query || command.aliases.includes(query));
  }

  complete(command) {
    this.input.value = `${spoken(command)} `;
    this.changed();
    this.list.hide();
    this.focus();
  }

  key(event) {
    if (event.isComposing || this.list.move(event)) return;
    const offered = this.list.current;
    if (event.key === "Tab" && !event.shiftKey && offered) {
      event.preventDefault();
      this.complete(offered);
    } else if (event.key === "Escape" && this.list.open) {
      event.preventDefault();
      this.list.hide();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (offered && !this.isWhole()) this.complete(offered);
      else this.submit(event);
    } else if (event.key === "ArrowUp" && this.said.length && this.input.value === this.recall()) {
      event.preventDefault();
      this.recalled = Math.min(this.recalled + 1, this.said.length);
      this.put(this.recall());
      this.list.hide();
    }
  }

  recall() {
    return this.said[this.said.length - this.recalled] ?? "";
  }

  async submit(event) {
    event.preventDefault();
    const line = this.input.value.trim();
    if (!line) return;
    this.list.hide();
    this.said.push(line);
    this.recalled = 0;
    const { place } = this;
    this.input.value = "";
    dropDraft(place);
    this.fit();
    const taken = await this.send(line);
    // Put the line back where it was typed, unless something newer is there.
    if (taken) return;
    if (draftOf(place) === null) keepDraft(place, line);
    if (place === this.place && !this.input.value) this.put(line);
  }
}
