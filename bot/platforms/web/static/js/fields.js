// One field of a form: its label, control, hint and error.

import { combobox } from "./combobox.js";
import { freshId, h } from "./dom.js";
import { fileControl } from "./files.js";
import { t } from "./texts.js";

const LINES = {
  text: { type: "text" },
  number: { type: "text", inputmode: "decimal" },
  money: { type: "text", inputmode: "text" },
  phone: { type: "tel", autocomplete: "off" },
  email: { type: "email", autocomplete: "off" },
  date: { type: "date" },
  datetime: { type: "datetime-local" },
};
const WIDE = new Set(["long_text", "multi_choice", "checklist", "lead", "file"]);
const COUNT_FROM = 0.8;

/** Draws a field with `value` in it. Gives { root, name, read, focus, fail(text), taken }. */
export function drawField(field, value) {
  const id = freshId("field");
  const grouped = field.kind === "multi_choice" || field.kind === "checklist";
  const control = grouped ? boxes(field, id, value) : single(field, id, value);
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const hint = field.hint && h("p", { class: "field-hint", id: `${id}-hint` }, field.hint);
  const name = [field.label, field.required && h("span", { class: "required", "aria-hidden": "true" }, "*")];
  const target = control.input;
  const described = [field.hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  target.setAttribute("aria-describedby", described);
  if (field.required) target.setAttribute("aria-required", "true");

  const label = grouped
    ? h("legend", { class: "field-label" }, name)
    : h("label", { class: "field-label", for: id }, name);
  const wide = WIDE.has(field.kind) ? " wide" : "";
  const attributes = { class: `field${wide}`, "data-field": field.name, "data-kind": field.kind };
  const root = grouped ? target : h("div", {});
  for (const [key, text] of Object.entries(attributes)) root.setAttribute(key, text);
  // Behind a hundred boxes nobody reads what to tick.
  const above = grouped && hint ? [hint] : [];
  const below = !grouped && hint ? [hint] : [];
  root.append(label, ...above, control.root, ...below, error);

  const fail = (text) => {
    error.hidden = !text;
    error.replaceChildren(text);
    root.classList.toggle("failed", Boolean(text));
    target.setAttribute("aria-invalid", String(Boolean(text)));
  };
  root.addEventListener("input", () => fail(""));
  root.addEventListener("change", () => fail(""));
  const focus = () => (grouped ? root.querySelector("input") : target).focus();
  return { root, name: field.name, required: field.required, read: control.read, focus, fail, taken: control.taken };
}

function single(field, id, value) {
  if (field.kind === "file") return fileControl(field, id);
  if (field.kind === "choice") return choice(field, id, value);
  if (field.kind === "lead" || field.kind === "person") return combobox(field, id, value);
  if (field.kind === "long_text") return longText(field, id, value);
  const input = h("input", {
    ...LINES[field.kind],
    id,
    class: "input",
    placeholder: field.placeholder || null,
    value,
  });
  return counted(field, input);
}

function longText(field, id, value) {
  const input = h("textarea", { id, class: "input", rows: 3, placeholder: field.placeholder || null, value });
  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight + 2, 320)}px`;
  };
  input.addEventListener("input", grow);
  requestAnimationFrame(() => input.value && grow());
  return counted(field, input);
}

/** Adds a counter when the text comes near its limit. Nothing is cut off while typing. */
function counted(field, input) {
  const read = () => input.value.trim();
  if (!field.max_length) return { root: input, input, read };
  const counter = h("span", { class: "counter", hidden: true });
  const count = () => {
    counter.hidden = input.value.length < field.max_length * COUNT_FROM;
    counter.classList.toggle("over", input.value.length > field.max_length);
    counter.replaceChildren(`${input.value.length} / ${field.max_length}`);
  };
  input.addEventListener("input", count);
  count();
  return { root: h("div", { class: "counted" }, input, counter), input, read };
}

function choice(field, id, value) {
  const blank = !field.required || !field.value;
  const options = field.options.map((option) => h("option", { value: option.value }, option.label));
  if (blank) options.unshift(h("option", { value: "" }, field.placeholder || t("choice.none")));
  const input = h("select", { id, class: "input" }, options);
  input.value = value;
  if (input.selectedIndex < 0) input.selectedIndex = 0;
  return { root: h("div", { class: "select" }, input), input, read: () => input.value };
}

function boxes(field, id, value) {
  const ticked = new Set(value);
  const rows = field.options.map((option, index) =>
    h(
      "label",
      { class: "box", for: `${id}-${index}` },
      h("input", {
        type: "checkbox",
        id: `${id}-${index}`,
        value: option.value,
        checked: ticked.has(option.value),
      }),
      h("span", {}, option.label),
    ),
  );
  const root = h("div", { class: field.kind === "checklist" ? "checklist" : "chips" }, rows);
  const read = () => [...root.querySelectorAll("input:checked")].map((box) => box.value);
  return { root, input: h("fieldset", {}), read };
}
