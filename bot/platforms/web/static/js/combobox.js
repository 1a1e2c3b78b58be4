// A field to pick one of many: type to filter, locally or on the server.

import { ask } from "./api.js";
import { afterPause, h } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { wish } from "./store.js";
import { t } from "./texts.js";

const TYPING_PAUSE_MS = 120;

/**
 * `field` has options, value and, if the server searches, `search`. Text that was typed but not
 * chosen is submitted as typed: the server reports beside the field what is wrong with it.
 */
export function combobox(field, id, value) {
  const known = new Map(field.options.map((option) => [option.value, option.label]));
  const input = h("input", {
    type: "text",
    id,
    class: "input",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: field.placeholder || t("pick.placeholder"),
    value: known.get(value) ?? value,
  });
  let chosen = known.has(value) ? value : "";
  let running = null;

  const list = new Listbox(input, {
    label: field.label,
    draw: (option) => option.label,
    choose: (option) => {
      known.set(option.value, option.label);
      chosen = option.value;
      input.value = option.label;
      list.hide();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });

  const offer = (options) => {
    const at = options.findIndex((option) => option.value === chosen);
    list.show(options, { empty: t("pick.nothing"), select: Math.max(at, 0) });
  };

  async function find(query) {
    running?.abort();
    running = new AbortController();
    try {
      const content = { action: field.search, text: query };
      const reply = await ask(wish("search", content), { patient: false, signal: running.signal });
      if (document.activeElement === input) offer(reply.options);
      root.classList.remove("searching");
    } catch (error) {
      if (error.name === "AbortError") return;
      root.classList.remove("searching");
      list.show([], { empty: t("pick.unreachable") });
    }
  }
  const findSoon = afterPause(TYPING_PAUSE_MS, find);
  const searching = () => root.classList.contains("searching");

  function stop() {
    findSoon.cancel();
    running?.abort();
    root.classList.remove("searching");
    list.hide();
  }

  function narrow() {
    const query = input.value.trim().toLowerCase();
    if (!query || known.get(chosen) === input.value) {
      offer(field.options);
    } else if (field.search) {
      root.classList.add("searching");
      findSoon(input.value.trim());
    } else offer(field.options.filter((option) => option.label.toLowerCase().includes(query)));
  }

  input.addEventListener("input", () => {
    chosen = "";
    narrow();
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.open || narrow());
  input.addEventListener("blur", stop);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.move(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      narrow();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && list.current) {
      event.preventDefault();
      list.choose(list.current);
    } else if (event.key === "Tab" && list.current && input.value && !chosen) {
      list.choose(list.current);
    } else if (event.key === "Escape" && (list.open || searching())) {
      event.preventDefault();
      event.stopPropagation();
      stop();
    }
  });

  const root = h("div", { class: "combobox" }, icon("search", 16), input, list.root);
  return { root, input, read: () => chosen || input.value.trim() };
}
