// The page as a whole: who is playing, which conversation is open, and what comes in.

import { ask, listen, read } from "./api.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { openForm, reopenForm } from "./forms.js";
import { icon } from "./icons.js";
import { Messages, spokenLine } from "./messages.js";
import { Sidebar } from "./sidebar.js";
import { isUnread, markRead, recall, remember, state, wish } from "./store.js";
import { setWords, t } from "./texts.js";
import { announce, mountToasts, toast } from "./toasts.js";
import { Tour } from "./tour.js";
import { welcome } from "./welcome.js";

const progress = { flying: 0, needed: 0, reached: 0 };
let stopListening = () => {};
let view = null;

async function boot() {
  await speak(recall("locale") ?? navigator.language);
  view = layout();
  document.body.append(view.root);
  mountToasts(view.root.querySelector(".foot"));
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("keydown", shortcut);
  const known = state.personas.find((one) => one.id === recall("persona")) ?? state.personas[0];
  await play(known.id);
  reopenForm(state.persona.id, state.conversation.id, answered);
}

function layout() {
  const messages = new Messages({ press, earlier });
  const composer = new Composer(type);
  const tour = new Tour({ play, open, type });
  const restart = () => tour.restart();
  const sidebar = new Sidebar({ open, play, speak: changeLanguage, tour: restart });
  const menu = h("button", { type: "button", class: "icon-button menu-button", "aria-controls": "sidebar", onclick: () => sidebar.open() }, icon("menu", 22));
  const title = h("h1", {});
  const about = h("p", { class: "about" });
  const line = h("p", { class: "offline", role: "status" });
  const skip = h("a", { class: "skip", href: "#composer" });
  const head = h("header", { class: "head" }, menu, h("div", { class: "head-words" }, title, about), line);
  const foot = h("div", { class: "foot" }, messages.jump, tour.root, composer.root);
  const main = h("main", {}, head, messages.root, foot);
  const root = h("div", { class: "app" }, skip, sidebar.root, sidebar.backdrop, main);
  return { root, messages, composer, tour, sidebar, menu, title, about, line, skip };
}

/** Loads the page's words; `locale` may be the browser's own word for a language. */
async function speak(locale) {
  const setup = await read("setup", { locale });
  setWords(setup.texts);
  state.locale = setup.locale;
  state.locales = setup.locales;
  state.personas = setup.personas;
  state.commands = setup.commands;
  document.documentElement.lang = setup.locale.replace("_", "-");
}

async function changeLanguage(locale) {
  remember("locale", locale);
  await speak(locale);
  await play(state.persona.id, state.conversation.id);
}

/** Takes a person's seat: their conversations, their messages, live from now on. */
async function play(id, conversation = null) {
  stopListening();
  remember("persona", id);
  state.persona = state.personas.find((one) => one.id === id);
  const found = await read("conversations", { persona: id, locale: state.locale });
  state.conversations = found.conversations;
  state.people = found.people;
  progress.reached = found.revision;
  const wanted = conversation ?? recall(`conversation.${id}`);
  const known = state.conversations.find((one) => one.id === wanted) ?? state.conversations[0];
  await open(known.id);
  const live = { message, elsewhere, reached, online };
  stopListening = listen({ persona: id, locale: state.locale, after: found.revision }, live);
}

async function open(id) {
  state.conversation = state.conversations.find((one) => one.id === id);
  const { conversation, persona, locale } = state;
  remember(`conversation.${persona.id}`, id);
  const page = await read("messages", { persona: persona.id, conversation: id, locale });
  if (state.conversation !== conversation) return;
  view.messages.show(page.messages, page.more, () => welcome(type));
  seen();
  drawHead();
  view.composer.enter();
  view.tour.draw();
  settle();
  if (matchMedia("(pointer: fine)").matches && !document.querySelector("dialog[open]")) view.composer.focus();
}

async function earlier(before) {
  const { conversation, persona, locale } = state;
  const page = await read("messages", { persona: persona.id, conversation: conversation.id, locale, before });
  if (state.conversation === conversation) view.messages.prepend(page.messages, page.more);
}

function drawHead() {
  view.title.replaceChildren(state.conversation.title);
  view.about.replaceChildren(state.conversation.about);
  view.menu.setAttribute("aria-label", t("sidebar.open"));
  view.skip.replaceChildren(t("skip"));
  view.line.replaceChildren(t("offline"));
}

/** The open conversation counts as read while the page is looked at. */
function seen() {
  const { conversation, persona } = state;
  if (!document.hidden && conversation) markRead(persona.id, conversation.id, conversation.latest);
  drawMarks();
}

function drawMarks() {
  const unread = state.conversations.some(isUnread);
  document.title = `${unread ? "● " : ""}${t("bot")}`;
  view.menu.classList.toggle("marked", unread);
  view.sidebar.draw();
}

function message(one) {
  const place = state.conversations.find((each) => each.id === one.conversation);
  if (one.author !== state.persona.id) place.latest = Math.max(place.latest, one.id);
  if (place === state.conversation && view.messages.take(one) && one.author !== state.persona.id) {
    announce(spokenLine(one));
  }
  seen();
}

function elsewhere({ persona, id }) {
  state.people[persona] = Math.max(state.people[persona] ?? 0, id);
  drawMarks();
}

function reached(revision) {
  progress.reached = revision;
  settle();
}

function online(yes) {
  view.line.classList.toggle("shown", !yes);
}

/** Tells that everything asked for has been answered and is on the page. */
function settle() {
  const busy = progress.flying > 0 || progress.reached < progress.needed;
  view.messages.root.setAttribute("aria-busy", String(busy));
}

async function carry(kind, content) {
  progress.flying += 1;
  settle();
  try {
    return await ask(wish(kind, content));
  } catch (error) {
    toast(t("unreachable.line"), "bad");
    return null;
  } finally {
    progress.flying -= 1;
    settle();
  }
}

async function type(text) {
  const reply = await carry("command", { text });
  if (reply) answered(reply);
  return reply !== null;
}

async function press(one, { action, value }) {
  const reply = await carry("press", { message: one.id, action, value });
  if (reply) answered(reply, { action });
}

/** Shows what came straight back; cards arrive with the live updates. */
function answered(reply, asked = null) {
  progress.needed = Math.max(progress.needed, reply.revision);
  settle();
  if (reply.toast) toast(reply.toast);
  const wrong = Object.values(reply.errors);
  if (wrong.length) toast(wrong.join(" "), "bad");
  else if (asked) view.tour.note(asked.action);
  if (reply.form) openForm(reply.form, answered);
}

/** "/" goes to the composer from anywhere, Alt and an arrow to the next conversation. */
function shortcut(event) {
  if (document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    view.composer.put("/");
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    const at = state.conversations.indexOf(state.conversation);
    const next = state.conversations[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) open(next.id);
  }
}

boot();
