// A short tour for the first visit: what to try, in the order of a sale.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { spoken } from "./people.js";
import { state } from "./store.js";
import { t } from "./texts.js";

// `done` names the action that, once answered, advances the tour by itself.
const STEPS = [
  { key: "lead", role: "rep", command: "lead", done: /^lead\.(create|save)$/ },
  { key: "accept", done: /accept/ },
  { key: "followup", command: "followup", done: /^followup\.(create|save)$/ },
  { key: "manager", role: "manager", channel: "managers" },
];
const KEPT = "genjin.tour";

export class Tour {
  /** `act` has play(persona id), open(conversation id) and type(line). */
  constructor(act) {
    this.act = act;
    this.root = h("section", { class: "tour", hidden: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.end();
    });
    const kept = localStorage.getItem(KEPT);
    this.at = kept === null ? 0 : Number(kept);
  }

  get running() {
    return this.at >= 0 && this.at < STEPS.length;
  }

  restart() {
    this.go(0);
    this.root.querySelector("button")?.focus();
  }

  go(at) {
    this.at = at;
    localStorage.setItem(KEPT, String(at));
    this.draw();
  }

  end() {
    const inside = this.root.contains(document.activeElement);
    this.go(STEPS.length);
    if (inside) document.getElementById("composer").focus();
  }

  /** Advances if the step's own action was just answered. */
  note(action) {
    if (this.running && STEPS[this.at].done?.test(action)) this.go(this.at + 1);
  }

  draw() {
    this.root.hidden = !this.running;
    if (!this.running) return;
    const step = STEPS[this.at];
    const last = this.at === STEPS.length - 1;
    const next = () => (last ? this.end() : this.go(this.at + 1));
    const count = t("tour.count", { at: this.at + 1, of: STEPS.length });
    this.root.setAttribute("aria-label", t("tour.label"));
    this.root.replaceChildren(
      h(
        "div",
        { class: "tour-words" },
        h("h2", {}, h("span", { class: "tour-count" }, count), t(`tour.${step.key}.title`)),
        h("p", {}, t(`tour.${step.key}.text`)),
      ),
      h(
        "div",
        { class: "tour-buttons" },
        this.tryButton(step),
        h("button", { type: "button", class: "button", onclick: next }, last ? t("tour.end") : t("tour.next")),
        h("button", { type: "button", class: "icon-button", "aria-label": t("tour.skip"), title: t("tour.skip"), onclick: () => this.end() }, icon("close", 16)),
      ),
    );
  }

  tryButton(step) {
    const command = state.commands.find((one) => one.name === step.command);
    if (!command && !step.channel) return null;
    const player = this.player(step);
    const label = command ? spoken(command) : t("tour.manager.try", { name: player.name });
    const run = async () => {
      if (player.id !== state.persona.id) await this.act.play(player.id);
      if (step.channel && state.conversations.some((one) => one.id === step.channel)) await this.act.open(step.channel);
      if (command) await this.act.type(spoken(command));
    };
    return h("button", { type: "button", class: "button primary", onclick: run }, command ? t("tour.try", { command: label }) : label);
  }

  player(step) {
    if (!step.role || state.persona.role === step.role) return state.persona;
    return state.personas.find((one) => one.role === step.role) ?? state.persona;
  }
}
