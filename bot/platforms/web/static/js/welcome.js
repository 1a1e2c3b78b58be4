// The empty state of a conversation: who the bot is and what to type first.

import { h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { spoken } from "./people.js";
import { state } from "./store.js";
import { t } from "./texts.js";

// Offers the first few of these that the person's role may use.
const FIRST = ["lead", "followup", "pipeline", "tasks", "library", "genjin"];
const OFFERED = 4;

/** `type(line)` sends a line as if it had been typed. */
export function welcome(type) {
  const direct = state.conversation.kind === "dm";
  const mine = state.commands.filter((one) => one.roles.includes(state.persona.role));
  const commands = FIRST.map((name) => mine.find((one) => one.name === name)).filter(Boolean).slice(0, OFFERED);
  return h(
    "div",
    { class: "welcome" },
    direct ? mark(56) : h("span", { class: "welcome-hash" }, icon("hash", 30)),
    h("h2", {}, direct ? t("welcome.title", { name: state.persona.name }) : state.conversation.title),
    h("p", {}, direct ? t("welcome.text") : state.conversation.about),
    direct && h("p", { class: "welcome-ask" }, t("welcome.ask")),
    direct && h("ul", { class: "suggestions" }, commands.map((command) => h("li", {}, chip(command, type)))),
  );
}

function chip(command, type) {
  return h(
    "button",
    { type: "button", class: "suggestion", onclick: () => type(spoken(command)) },
    h("code", {}, spoken(command)),
    h("span", {}, command.about),
  );
}
