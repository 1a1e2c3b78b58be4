// The page's state, and what it persists: choices, read marks, drafts.

export const state = {
  locale: "en",
  locales: [],
  personas: [],
  commands: [],
  shortcuts: [],
  persona: null,
  conversations: [],
  people: {},
  conversation: null,
};

const PREFIX = "genjin.";

/** A stored choice; the tab's own one first, so that two tabs can play two people. */
export function recall(name) {
  return sessionStorage.getItem(PREFIX + name) ?? localStorage.getItem(PREFIX + name);
}

export function remember(name, value) {
  sessionStorage.setItem(PREFIX + name, value);
  localStorage.setItem(PREFIX + name, value);
}

/** The id of the last message the persona has seen in the conversation. */
export function lastRead(persona, conversation) {
  return Number(localStorage.getItem(`${PREFIX}read.${persona}.${conversation}`) ?? 0);
}

export function markRead(persona, conversation, id) {
  if (id > lastRead(persona, conversation)) {
    localStorage.setItem(`${PREFIX}read.${persona}.${conversation}`, String(id));
  }
}

/** Whether somebody else wrote to this conversation since the persona last read it. */
export function isUnread(conversation) {
  return conversation.latest > lastRead(state.persona.id, conversation.id);
}

/** Whether the bot wrote to another person since they were last played. */
export function waitsFor(persona) {
  return (state.people[persona.id] ?? 0) > lastRead(persona.id, persona.dm);
}

/** Unfinished input of this tab: survives a reload, but not the tab. */
export function keepDraft(name, draft) {
  sessionStorage.setItem(`${PREFIX}draft.${name}`, JSON.stringify(draft));
}

export function draftOf(name) {
  const kept = sessionStorage.getItem(`${PREFIX}draft.${name}`);
  return kept === null ? null : JSON.parse(kept);
}

export function dropDraft(name) {
  sessionStorage.removeItem(`${PREFIX}draft.${name}`);
}

/** The part of a request that says who asks, and where. */
export function wish(kind, content, id = crypto.randomUUID()) {
  return {
    id,
    kind,
    persona: state.persona.id,
    conversation: state.conversation.id,
    locale: state.locale,
    ...content,
  };
}
