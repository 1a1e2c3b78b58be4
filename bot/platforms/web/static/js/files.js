// Files to send: chosen in a form or dropped onto the page, read here, sent as Base64.

import { h } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const MOST = 10_000_000;

/** The file as a request carries it; null if it is too large. */
export async function readFile(file) {
  if (file.size > MOST) return null;
  const address = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.addEventListener("error", () => failed(reader.error));
    reader.readAsDataURL(file);
  });
  return { name: file.name, content: address.slice(address.indexOf(",") + 1) };
}

/** The control of a form's file field; `taken` resolves to the file once it was read. */
export function fileControl(field, id) {
  let taken = Promise.resolve(null);
  const accept = field.kinds.map((kind) => `.${kind}`).join(",");
  const input = h("input", { type: "file", id, class: "input", accept });
  input.addEventListener("change", () => {
    const [file] = input.files;
    taken = file ? readFile(file) : Promise.resolve(null);
  });
  return { root: input, input, read: () => input.files[0]?.name ?? "", taken: () => taken };
}

/** Accepts files dropped anywhere on `place`. */
export function takeDrops(place, send) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => place.classList.toggle("dropping", on);
  place.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(true);
  });
  place.addEventListener("dragleave", (event) => !place.contains(event.relatedTarget) && mark(false));
  place.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(false);
    send(event.dataTransfer.files[0]);
  });
}

/** A message that offers a file. */
export function drawFile(body) {
  const size = t("file.size", { n: Math.max(1, Math.round(body.size / 1024)) });
  const address = `/api/files/${body.token}?${new URLSearchParams({ persona: state.persona.id })}`;
  return h(
    "div",
    { class: "card" },
    h("p", { class: "card-body" }, body.text),
    h("div", { class: "buttons" }, h("a", { class: "button", href: address, download: body.name }, `${body.name} (${size})`)),
    h("p", { class: "footnote" }, t("file.until")),
  );
}
