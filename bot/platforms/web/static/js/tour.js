// A short tour for the first visit: what a person of this role tries first.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { spoken } from "./people.js";
import { state } from "./store.js";
import { t } from "./texts.js";

// Each step is a command, so that it has an answer on any day. `done` names the action that, once answered, advances the
// tour by itself; `role` whose command it is, if not the tour's own.
const LEAD = { key: "lead", command: "lead", done: /^lead\.(create|save)$/ };
const FOLLOWUP = { key: "followup", command: "followup", done: /^followup\.(create|save)$/ };
const TOURS = {
  rep: [LEAD, FOLLOWUP, { key: "day", command: "pipeline" }, { key: "manager", role: "manager", command: "report" }],
  manager: [{ key: "team", command: "pipeline" }, { key: "list", command: "leads" }, { key: "report", command: "report" }, { key: "rules", command: "playbook" }],
  admin: [{ key: "people", command: "people" }, { key: "rules", command: "playbook" }, { key: "import", command: "import" }, { key: "report", command: "report" }],
  other: [{ key: "tasks", command: "tasks" }, { key: "help", command: "genjin" }],
};
const KEPT = "genjin.tour";
const ROLE = "genjin.tour.role";

export class Tour {
  /** `act` has play(persona id) and type(line). */
  constructor(act) {
    this.act = act;
    this.root = h("section", { class: "tour", hidden: true });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.end();
    });
    const kept = localStorage.getItem(KEPT);
    this.at = kept === null ? 0 : Number(kept);
  }

  /** The role whose tour this is: that of the person at its first step. */
  get role() {
    return (this.at > 0 && localStorage.getItem(ROLE)) || state.persona.role;
  }

  get steps() {
    return TOURS[this.role] ?? TOURS.other;
  }

  get running() {
    return this.at >= 0 && this.at < this.steps.length;
  }

  restart() {
    this.go(0);
    this.root.querySelector("button")?.focus();
  }

  go(at) {
    localStorage.setItem(ROLE, this.role);
    this.at = at;
    localStorage.setItem(KEPT, String(at));
    this.draw();
  }

  end() {
    const inside = this.root.contains(document.activeElement);
    this.go(this.steps.length);
    if (inside) document.getElementById("composer").focus();
  }

  /** Advances if the step's own action was just answered. */
  note(action) {
    if (this.running && this.steps[this.at].done?.test(action)) this.go(this.at + 1);
  }

  draw() {
    this.root.hidden = !this.running;
    if (!this.running) return;
    const step = this.steps[this.at];
    const last = this.at === this.steps.length - 1;
    const next = () => (last ? this.end() : this.go(this.at + 1));
    const count = t("tour.count", { at: this.at + 1, of: this.steps.length });
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
    const player = this.player(step.role ?? this.role);
    const isOther = player.id !== state.persona.id;
    const label = isOther ? t("tour.as", { name: player.name, command: spoken(command) }) : t("tour.try", { command: spoken(command) });
    const run = async () => {
      if (isOther) await this.act.play(player.id);
      const { at } = this;
      const last = at === this.steps.length - 1;
      if ((await this.act.type(spoken(command))) && !step.done && !last && this.at === at) this.go(at + 1);
    };
    return h("button", { type: "button", class: "button primary", onclick: run }, label);
  }

  player(role) {
    if (state.persona.role === role) return state.persona;
    return state.personas.find((one) => one.role === role) ?? state.persona;
  }
}
