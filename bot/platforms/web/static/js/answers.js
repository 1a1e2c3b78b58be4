// Where messages stand: by time, but an answer to a pressed button stands by that button. Knows the messages' data and the
// cards' elements, not how they are drawn.

import { h } from "./dom.js";

/** The message in whose card this one is drawn; null for one that has a row of its own. */
export function holderOf(message, shown) {
  if (message.body.details) return shown.find((one) => one.id === message.body.thread) ?? null;
  const asked = askedBy(message, shown);
  if (!asked) return null;
  const above = asked.body.details ? null : holderOf(asked, shown);
  return above ?? (isAmid(asked.body, message.body.pressed) ? asked : null);
}

/** The message with a row of its own that this one is drawn in. */
export function topOf(message, shown) {
  const holder = holderOf(message, shown);
  return holder ? topOf(holder, shown) : message;
}

/** The messages without those that go with the person's next line; `drop` takes each of these away. */
export function lasting(messages, drop = () => {}) {
  return messages.filter((one) => !one.body.passing || void drop(one));
}

/** The messages with a row of their own, in the order in which they are drawn. */
export function arranged(messages) {
  return inOrder(messages.filter((one) => !holderOf(one, messages)), messages);
}

/** The answers inside a message's card, by the button that they stand under. */
export function answersIn(holder, shown) {
  const found = new Map();
  for (const one of shown) {
    if (one.body.details || holderOf(one, shown) !== holder || isSuperseded(one, shown)) continue;
    const key = buttonOf(one, holder, shown);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found].map(([key, all]) => [key, inOrder(all, shown)]);
}

/** Whether the same button was answered again, and nothing refers to this answer. */
export function isSuperseded({ id, body }, shown) {
  if (!body.beside || !body.pressed) return false;
  const again = shown.some((one) => one.id > id && one.body.beside === body.beside && one.body.pressed === body.pressed && !one.body.details);
  return again && !shown.some((one) => one.body.beside === id || one.body.thread === id);
}

/** The button of the holder's card that a message is the answer to, or the answer to one of its answers. */
export function buttonOf(message, holder, shown) {
  const asked = askedBy(message, shown);
  return asked === holder ? message.body.pressed : buttonOf(asked, holder, shown);
}

const askedBy = ({ body }, shown) => (body.beside && body.pressed ? shown.find((one) => one.id === body.beside) : null);

/** Answers after what they answer, everything else by time. */
function inOrder(list, shown) {
  const known = new Set(list.map((one) => one.id));
  const answers = new Map();
  const first = [];
  for (const message of list) {
    const asked = shown.find((one) => one.id === message.body.beside);
    const beside = asked && topOf(asked, shown).id;
    const under = known.has(message.body.beside) ? message.body.beside : beside;
    if (!known.has(under)) first.push(message);
    else if (answers.has(under)) answers.get(under).push(message);
    else answers.set(under, [message]);
  }
  const withAnswers = (message) => [message, ...(answers.get(message.id) ?? []).flatMap(withAnswers)];
  return first.flatMap(withAnswers);
}

/** Whether a button is amid a card, with more of the card below it; those at its end have their answers below the card. */
function isAmid(body, pressed) {
  if (!amid.has(body)) amid.set(body, new Set(keysIn([body.chart, body.sections])));
  return amid.get(body).has(pressed);
}

const amid = new WeakMap();

function keysIn(part) {
  if (part === null || typeof part !== "object") return [];
  return [...(part.action ? [keyOf(part)] : []), ...Object.values(part).flatMap(keysIn)];
}

/** What identifies a button on its card. */
export const keyOf = ({ action, value }) => `${action} ${value}`;

/** The place for answers below a button of a card's element, made when it is first needed. */
export function slotIn(card, pressed) {
  const own = (node) => node.closest(".card") === card;
  const known = [...card.querySelectorAll(".answers")].find((one) => own(one) && one.dataset.pressed === pressed);
  if (known) return known;
  const button = [...card.querySelectorAll("[data-key]")].find((one) => own(one) && one.dataset.key === pressed);
  const row = button?.closest(".rows > li");
  const slot = h(row ? "li" : "div", { class: "answers", "data-pressed": pressed });
  const folded = button?.closest("details");
  if (folded && own(folded)) folded.open = true;
  const head = button?.closest(".section-head");
  if (head && own(head)) head.closest(".section").append(slot);
  else (row ?? button?.closest(".table-wrap, .buttons") ?? card.lastElementChild).after(slot);
  return slot;
}

/** Keeps the sections of a redrawn message open that somebody opened. */
export function keepOpen(old, fresh) {
  const [were, are] = [old, fresh].map((node) => [...node.querySelectorAll("details.section")]);
  if (were.length !== are.length) return;
  are.forEach((one, at) => {
    one.open ||= were[at].open;
  });
}
