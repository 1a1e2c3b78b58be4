// How a person or the bot is shown beside their messages.

import { h } from "./dom.js";
import { mark } from "./icons.js";
import { state } from "./store.js";

const TINTS = 6;

export function avatar(persona, size = 32) {
  const tint = Math.max(state.personas.findIndex((one) => one.id === persona.id), 0) % TINTS;
  return h("span", { class: `avatar who-${tint} size-${size}`, "aria-hidden": "true" }, initials(persona.name));
}

export function botAvatar(size = 32) {
  return h("span", { class: "avatar bot" }, mark(size));
}

function initials(full) {
  const name = full.replace(/[（(].*?[）)]/g, "").trim() || full;
  const words = name.split(/\s+/);
  if (words.length > 1) return (words[0][0] + words[words.length - 1][0]).toUpperCase();
  return /^[\x20-\x7e]*$/.test(name) ? name.slice(0, 2).toUpperCase() : [...name].slice(-2).join("");
}

export function personById(id) {
  return state.personas.find((persona) => persona.id === id);
}

/** The command as typed in the reader's language. */
export function spoken(command) {
  const chinese = state.locale.startsWith("zh") && command.aliases.find((one) => /[^\x20-\x7e]/.test(one));
  return `/${chinese || command.name}`;
}
