// The page as a whole: the persona, the open conversation, and incoming messages.

import { keyOf } from "./answers.js";
import { ask, listen, read, Unreachable } from "./api.js";
import { Composer } from "./composer.js";
import { h } from "./dom.js";
import { Finder } from "./finder.js";
import { readFile, takeDrops } from "./files.js";
import { openForm, reopenForm } from "./forms.js";
import { icon } from "./icons.js";
import { spokenLine } from "./heads.js";
import { Messages } from "./messages.js";
import { Notifications } from "./notifications.js";
import { Sidebar } from "./sidebar.js";
import { patiently } from "./starting.js";
import { isUnread, markRead, recall, remember, state, wish } from "./store.js";
import { setWords, t } from "./texts.js";
import { announce, mountToasts, toast } from "./toasts.js";
import { Tour } from "./tour.js";
import { welcome } from "./welcome.js";

const progress = { flying: 0, needed: 0, reached: 0 };
let stopListening = () => {};
let view = null;
// Messages that arrive while a conversation is being loaded: drawn once it is.
let arriving = null;
// User actions, each of which reports when the server cannot be reached.
const act = { open: safely(open), play: safely(play), speak: safely(changeLanguage), earlier: safely(earlier), lead: safely(showLead), go: safely(goToLead), type };

async function boot() {
  await patiently(() => speak(recall("locale") ?? navigator.language));
  view = layout();
  document.body.append(view.root);
  mountToasts(view.root.querySelector("main"));
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("keydown", shortcut);
  const known = state.personas.find((one) => one.id === recall("persona")) ?? state.personas[0];
  await play(known.id);
  reopenForm(state.persona.id, state.conversation.id, answered);
  addEventListener("hashchange", act.lead);
  await act.lead();
}

/** An address such as `/#LX001`, as in e-mails, opens the lead's card in the 1:1. */
async function showLead() {
  const number = location.hash.slice(1).toUpperCase();
  if (!/^LX\d{1,9}$/.test(number)) return;
  history.replaceState(null, "", location.pathname + location.search);
  await goToLead(number);
}

async function goToLead(number) {
  if (state.conversation.id !== state.persona.dm) await open(state.persona.dm);
  if (!view.messages.goToLead(number)) await type(`/lead ${number}`);
}

function layout() {
  const messages = new Messages({ press, use, earlier: act.earlier, reply: sayUnder });
  const composer = new Composer(type);
  const tour = new Tour(act);
  const notifications = new Notifications({ open: act.open, changed: () => sidebar.draw() });
  const sidebar = new Sidebar({ ...act, tour: () => tour.restart(), bell: () => notifications.bell() });
  const menu = h("button", { type: "button", class: "icon-button menu-button", "aria-controls": "sidebar", onclick: () => sidebar.open() }, icon("menu", 22));
  const finder = new Finder({ ...act, lead: act.go });
  const title = h("h1", {});
  const about = h("p", { class: "about" });
  const line = h("p", { class: "offline", role: "status" });
  const skip = h("a", { class: "skip", href: "#composer" });
  const head = h("header", { class: "head" }, menu, h("div", { class: "head-words" }, title, about), line, finder.button);
  const foot = h("div", { class: "foot" }, messages.jump, notifications.root, tour.root, composer.root);
  const main = h("main", {}, head, messages.root, foot);
  takeDrops(main, drop);
  const root = h("div", { class: "app" }, skip, sidebar.root, sidebar.backdrop, main);
  return { root, messages, composer, tour, finder, notifications, sidebar, menu, title, about, line, skip };
}

/** Reports if the server cannot be reached; everything then stays as it was. */
function safely(work) {
  return async (...args) => {
    try {
      await meanwhile(() => work(...args));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      toast(error.words || t("unreachable.page"), "bad");
    }
  };
}

/** Loads the page's texts; `locale` may be the browser's own name for a language. */
async function speak(locale) {
  const setup = await read("setup", { locale });
  setWords(setup.texts);
  state.locale = setup.locale;
  state.locales = setup.locales;
  state.personas = setup.personas;
  state.commands = setup.commands;
  state.shortcuts = setup.shortcuts;
  document.documentElement.lang = setup.locale.replace("_", "-");
}

async function changeLanguage(locale) {
  await speak(locale);
  remember("locale", locale);
  await play(state.persona.id, state.conversation.id);
}

/** Switches to a persona: their conversations, their messages, live from now on. */
async function play(id, conversation = null) {
  const found = await read("conversations", { persona: id, locale: state.locale });
  stopListening();
  remember("persona", id);
  state.persona = state.personas.find((one) => one.id === id);
  state.conversations = found.conversations;
  state.people = found.people;
  progress.reached = found.revision;
  const wanted = conversation ?? recall(`conversation.${id}`);
  state.conversation = state.conversations.find((one) => one.id === wanted) ?? state.conversations[0];
  await open(state.conversation.id);
  const live = { message, elsewhere, reached, online };
  stopListening = listen({ persona: id, locale: state.locale, after: found.revision }, live);
}

async function open(id) {
  const { persona, locale } = state;
  const mine = [];
  arriving = mine;
  try {
    const page = await read("messages", { persona: persona.id, conversation: id, locale });
    // Another conversation was chosen meanwhile.
    if (arriving !== mine) return;
    state.conversation = state.conversations.find((one) => one.id === id);
    remember(`conversation.${persona.id}`, id);
    view.messages.show(page.messages, page.more, () => welcome(type));
  } finally {
    if (arriving === mine) {
      arriving = null;
      mine.forEach(put);
    }
  }
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
  view.finder.draw();
}

/** Marks the open conversation as read while the page is visible. */
function seen() {
  view.notifications.offer();
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
  if (one.author !== state.persona.id) {
    if (one.id > place.latest) view.notifications.tell(one, spokenLine(one));
    place.latest = Math.max(place.latest, one.id);
  }
  if (arriving) arriving.push(one);
  else put(one);
  seen();
}

/** Draws a message of the open conversation and announces a new one to screen readers. */
function put(one) {
  if (one.conversation !== state.conversation.id) return;
  if (view.messages.take(one) && one.author !== state.persona.id) announce(spokenLine(one));
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

/** Signals that every request has been answered and is on the page. */
function settle() {
  const busy = progress.flying > 0 || progress.reached < progress.needed;
  view.messages.root.setAttribute("aria-busy", String(busy));
}

/** Runs something; marks the conversation as busy until it is done. */
async function meanwhile(work) {
  progress.flying += 1;
  settle();
  try {
    return await work();
  } finally {
    progress.flying -= 1;
    settle();
  }
}

async function carry(kind, content) {
  try {
    return await meanwhile(() => ask(wish(kind, content)));
  } catch (error) {
    toast(error.words || t("unreachable.line"), "bad");
    return null;
  }
}

async function type(text) {
  const reply = await carry("command", { text });
  if (reply) answered(reply);
  return reply !== null;
}

/** Sends a line under a card. */
async function sayUnder({ id }, text) {
  const reply = await carry("command", { text, under: id });
  if (reply) answered(reply);
  return reply !== null;
}

async function drop(chosen) {
  const file = await readFile(chosen).catch(() => null);
  if (file === null) toast(t("file.too_large"), "bad");
  else {
    const reply = await carry("file", { file });
    if (reply) answered(reply);
  }
}

async function press(one, { action, value }) {
  const reply = await carry("press", { message: one.id, action, value });
  if (reply) answered(reply, { action, message: one.id, pressed: keyOf({ action, value }) });
}

/** Runs an action on a typed message. */
async function use(one, action) {
  const reply = await carry("message", { message: one.id, action });
  if (reply) answered(reply, { action });
}

/** Shows the direct response; cards arrive with the live updates. */
function answered(reply, asked = null) {
  progress.needed = Math.max(progress.needed, reply.revision);
  settle();
  if (reply.toast) toast(reply.toast);
  const wrong = Object.values(reply.errors);
  if (wrong.length) toast(wrong.join(" "), "bad");
  else if (asked) view.tour.note(asked.action);
  // A form may be followed by another one of the same card.
  if (reply.form) openForm(reply.form, answered, asked ?? {});
}

/** "/" goes to the composer from anywhere, Alt and an arrow to the next conversation, Ctrl+K to anything. */
function shortcut(event) {
  const finds = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (finds) event.preventDefault();
  if (document.querySelector("dialog[open]")) return;
  if (finds) view.finder.open();
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    view.composer.put("/");
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    const at = state.conversations.indexOf(state.conversation);
    const next = state.conversations[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) act.open(next.id);
  }
}

boot();
