// A small menu on a button: pick one of several, or run an action, by pointer or keyboard.

import { freshId, h } from "./dom.js";

/** Fills `button`'s menu. `items` have id and content, and `current` if they are the present
 * choice; `pick(id)` receives the choice. */
export function menuOn(button, label, items, pick) {
  const id = freshId("menu");
  const rows = items.map((item) =>
    h(
      "button",
      {
        type: "button",
        role: item.current === undefined ? "menuitem" : "menuitemradio",
        "aria-checked": item.current === undefined ? null : String(item.current),
        tabindex: "-1",
        class: `menu-item${item.danger ? " danger" : ""}`,
        "data-id": item.id,
        onclick: () => {
          close();
          pick(item.id);
        },
      },
      item.content,
    ),
  );
  const root = h("div", { class: "menu", role: "menu", id, "aria-label": label, hidden: true }, rows);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-controls", id);
  button.setAttribute("aria-expanded", "false");

  function open() {
    root.hidden = false;
    place();
    button.setAttribute("aria-expanded", "true");
    (rows.find((row) => row.getAttribute("aria-checked") === "true") ?? rows[0])?.focus();
    document.addEventListener("pointerdown", outside);
  }

  function close() {
    const inside = root.contains(document.activeElement);
    root.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
    if (inside) button.focus();
  }

  /** Places the menu where there is room: below or above, at the button's left or right edge. */
  function place() {
    root.classList.remove("above", "from-right");
    const frame = (root.closest("[role=log]") ?? document.body).getBoundingClientRect();
    const box = root.getBoundingClientRect();
    const at = button.getBoundingClientRect();
    root.classList.toggle("above", box.bottom > frame.bottom && at.top - box.height > frame.top);
    root.classList.toggle("from-right", box.right > frame.right);
  }

  function outside(event) {
    if (!root.contains(event.target) && !button.contains(event.target)) close();
  }

  button.addEventListener("click", () => (root.hidden ? open() : close()));
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    if (root.hidden) open();
  });
  root.addEventListener("keydown", (event) => {
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      rows[(to + rows.length) % rows.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  return root;
}
