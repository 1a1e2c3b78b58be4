// A list of suggestions below or above an input: navigation, choice, and screen reader support.

import { freshId, h } from "./dom.js";

/** The popup of one combobox. `draw(item)` returns an option's content. */
export class Listbox {
  constructor(input, { label, draw, choose, className = "" }) {
    this.input = input;
    this.draw = draw;
    this.choose = choose;
    this.items = [];
    this.active = -1;
    this.root = h("ul", {
      class: `listbox ${className}`,
      role: "listbox",
      id: freshId("listbox"),
      "aria-label": label,
      hidden: true,
    });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.root.id);
    input.setAttribute("aria-expanded", "false");
  }

  get open() {
    return !this.root.hidden;
  }

  show(items, { empty = "", select = 0 } = {}) {
    this.items = items;
    const rows = items.map((item, index) => this.row(item, index));
    if (!rows.length && empty) rows.push(h("li", { class: "listbox-empty", role: "presentation" }, empty));
    this.root.replaceChildren(...rows);
    this.root.hidden = rows.length === 0;
    this.input.setAttribute("aria-expanded", String(this.open));
    this.activate(items.length ? select : -1);
  }

  row(item, index) {
    return h(
      "li",
      {
        role: "option",
        id: `${this.root.id}-${index}`,
        class: "option",
        onpointermove: () => this.activate(index),
        // Not on click: the input would lose the focus first.
        onpointerdown: (event) => {
          event.preventDefault();
          this.choose(item);
        },
      },
      this.draw(item),
    );
  }

  hide() {
    this.root.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  activate(index) {
    this.active = index;
    this.root.querySelectorAll("[role=option]").forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === index));
      if (at === index) row.scrollIntoView({ block: "nearest" });
    });
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.root.id}-${index}`);
  }

  get current() {
    return this.open ? this.items[this.active] : undefined;
  }

  /** Handles the arrow keys; true if it did. */
  move(event) {
    if (!this.open || !this.items.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return false;
    event.preventDefault();
    const count = this.items.length;
    this.activate((this.active + step + count) % count);
    return true;
  }
}
