// A form as a dialog: usable by keyboard, errors beside the fields, and input never lost.

import { ask } from "./api.js";
import { confirmBox } from "./confirm.js";
import { freshId, h } from "./dom.js";
import { drawField } from "./fields.js";
import { icon } from "./icons.js";
import { draftOf, dropDraft, keepDraft, wish } from "./store.js";
import { t } from "./texts.js";

const DRAFT = "form";

/** Reopens the half-filled form that a reload interrupted, if it was this person's. */
export function reopenForm(persona, conversation, answered) {
  const draft = draftOf(DRAFT);
  if (draft === null || draft.persona !== persona) return;
  if (draft.conversation === conversation) openForm(draft.form, answered, draft);
}

/**
 * `answered(reply, asked)` receives the reply of an accepted form. `values` are earlier input,
 * `message` the card whose button opened the form, which is the one redrawn afterwards, and
 * `pressed` that button.
 */
export function openForm(form, answered, { values = null, message = null, pressed = "" } = {}) {
  // Another button was pressed before this form came: the first one is being filled in.
  if (document.querySelector("dialog.form[open]")) return;
  new FormDialog(form, answered, { message, pressed }).open(values);
}

class FormDialog {
  constructor(form, answered, { message, pressed }) {
    this.answered = answered;
    this.message = message;
    this.pressed = pressed;
    this.before = document.activeElement;
    this.attempt = null;
    this.busy = false;
    this.body = h("div", { class: "form-body" });
    this.problem = h("p", { class: "form-problem", role: "alert", hidden: true });
    this.title = h("h2", { id: freshId("form") });
    this.cancelButton = h("button", { type: "button", class: "button", onclick: () => this.leave() });
    this.submitButton = h("button", { type: "submit", class: "button primary" });
    this.root = this.build();
    this.draw(form, {});
    this.initial = JSON.stringify(this.values());
  }

  build() {
    const close = { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => this.leave() };
    const keys = h("span", { class: "keys" }, h("kbd", {}, "Ctrl"), h("kbd", {}, "Enter"));
    const sheet = h(
      "form",
      { novalidate: true, class: "sheet", onsubmit: (event) => this.submit(event) },
      h("header", { class: "form-head" }, this.title, h("button", close, icon("close"))),
      this.body,
      h("div", { class: "dialog-toasts", role: "status" }),
      h("footer", { class: "form-foot" }, this.problem, keys, this.cancelButton, this.submitButton),
    );
    sheet.addEventListener("input", () => this.keep());
    sheet.addEventListener("change", () => this.keep());
    const root = h("dialog", { class: "form", "aria-labelledby": this.title.id }, sheet);
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave();
    });
    root.addEventListener("pointerdown", (event) => event.target === root && this.leave());
    return root;
  }

  /** Draws a form's fields, with `typed` replacing the values it came with. */
  draw(form, typed) {
    this.form = form;
    this.title.replaceChildren(form.title);
    this.cancelButton.replaceChildren(form.cancel);
    this.submitButton.replaceChildren(form.submit);
    this.fields = form.fields.map((field) => drawField(field, typed[field.name] ?? field.value));
    const intro = form.intro && h("p", { class: "form-intro" }, form.intro);
    const roots = (folded) => this.fields.filter((_, at) => Boolean(form.fields[at].folded) === folded).map((field) => field.root);
    this.more = this.foldedAway(roots(true));
    this.body.replaceChildren(...(intro ? [intro] : []), ...roots(false), ...(this.more ? [this.more] : []));
    this.body.scrollTop = 0;
  }

  /** Fields that are rarely needed, behind one line. */
  foldedAway(roots) {
    if (!roots.length) return null;
    const inner = h("div", { class: "form-more-fields" }, ...roots);
    return h("details", { class: "form-more" }, h("summary", {}, t("form.more", { n: roots.length })), inner);
  }

  open(typed) {
    if (typed) this.draw(this.form, typed);
    document.body.append(this.root);
    this.root.showModal();
    const empty = this.fields.find((field) => !field.read().length && !field.root.closest("details"));
    (empty ?? this.fields[0])?.focus();
    this.keep();
  }

  values() {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.read()]));
  }

  keep() {
    const { persona, conversation } = wish("submit", {});
    keepDraft(DRAFT, { persona, conversation, message: this.message, pressed: this.pressed, form: this.form, values: this.values() });
  }

  key(event) {
    const sends = event.ctrlKey || event.metaKey || (this.fields.length === 1 && event.target.tagName === "TEXTAREA" && !event.shiftKey);
    if (event.key === "Enter" && !event.isComposing && sends) {
      event.preventDefault();
      this.submit(event);
    } else if (event.key === "Escape" && event.target.closest("dialog") === this.root) {
      event.preventDefault();
      this.leave();
    }
  }

  async leave() {
    if (this.busy) return;
    if (JSON.stringify(this.values()) !== this.initial) {
      const words = { title: t("discard.title"), text: t("discard.text") };
      const answers = { yes: t("discard.yes"), no: t("discard.no"), danger: true };
      if (!(await confirmBox({ ...words, ...answers }))) return;
    }
    this.close();
  }

  close() {
    dropDraft(DRAFT);
    this.root.close();
    this.root.remove();
    if (this.before?.isConnected) this.before.focus();
  }

  async submit(event) {
    event.preventDefault();
    if (this.busy) return;
    const values = this.values(), missing = this.missing();
    const incomplete = Object.keys(missing).length > 0;
    // People who typed something see all errors at once.
    if (incomplete && JSON.stringify(values) === this.initial) {
      this.fail(missing);
      return;
    }
    this.wait(true);
    const file = await this.file();
    if (file === false) {
      this.wait(false);
      return;
    }
    const content = { action: this.form.action, state: this.form.state, values, message: this.message, pressed: this.pressed, ...(file && { file }), ...(incomplete && { incomplete }) };
    const text = JSON.stringify(content);
    // The same answers resent after a broken connection are the same request.
    if (this.attempt?.text !== text) this.attempt = { text, wish: wish("submit", content) };
    try {
      const reply = await ask(this.attempt.wish);
      this.attempt = null;
      this.wait(false);
      this.settle(incomplete ? { ...reply, errors: { ...missing, ...reply.errors } } : reply, values);
    } catch (error) {
      this.wait(false);
      if (incomplete) this.fail(missing);
      this.say(error.words || t("unreachable.form"));
    }
  }

  /** The chosen file, null without one; false if it cannot be sent, which is then shown. */
  async file() {
    const field = this.fields.find((one) => one.taken);
    if (!field?.read()) return null;
    const file = await field.taken().catch(() => null);
    if (file === null) field.fail(t("file.too_large"));
    return file ?? false;
  }

  /** The required fields that are empty, each with its error text. */
  missing() {
    const empty = this.fields.filter((field) => field.required && !field.read().length);
    return Object.fromEntries(empty.map((field) => [field.name, t("field.required")]));
  }

  settle(reply, values) {
    if (Object.keys(reply.errors).length) {
      if (reply.form) this.draw(reply.form, values);
      this.fail(reply.errors);
      this.keep();
      return;
    }
    const { action } = this.form;
    this.close();
    this.answered(reply, { action, message: this.message, pressed: this.pressed });
  }

  /** Shows the error beside each field and moves to the first. */
  fail(errors) {
    this.say("");
    this.fields.forEach((field) => field.fail(errors[field.name] ?? ""));
    if (this.more?.querySelector(".failed")) this.more.open = true;
    const known = new Set(this.fields.map((field) => field.name));
    const stray = Object.entries(errors).filter(([name]) => !known.has(name));
    if (stray.length) this.say(stray.map(([, text]) => text).join(" "));
    this.fields.find((field) => errors[field.name])?.focus();
  }

  say(text) {
    this.problem.hidden = !text;
    this.problem.replaceChildren(text);
  }

  wait(busy) {
    this.busy = busy;
    this.root.setAttribute("aria-busy", String(busy));
    this.submitButton.disabled = busy;
  }
}
