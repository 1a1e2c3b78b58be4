// A confirmation before something that cannot be undone.

import { freshId, h } from "./dom.js";

/** Resolves to true for yes; Esc and the backdrop mean no. */
export function confirmBox({ title, text, yes, no, danger = false }) {
  return new Promise((resolve) => {
    const titleId = freshId("confirm");
    const textId = freshId("confirm");
    const before = document.activeElement;
    const box = h(
      "dialog",
      { class: "confirm", role: "alertdialog", "aria-labelledby": titleId, "aria-describedby": textId },
      h("h2", { id: titleId }, title),
      h("p", { id: textId }, text),
      h(
        "div",
        { class: "confirm-buttons" },
        h("button", { type: "button", class: "button", onclick: () => box.close("no") }, no),
        h(
          "button",
          { type: "button", class: `button ${danger ? "danger filled" : "primary"}`, onclick: () => box.close("yes") },
          yes,
        ),
      ),
    );
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      box.close("no");
    });
    box.addEventListener("click", (event) => {
      if (event.target === box) box.close("no");
    });
    box.addEventListener("close", () => {
      box.remove();
      if (before?.isConnected) before.focus();
      resolve(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
    box.querySelector("button").focus();
  });
}
