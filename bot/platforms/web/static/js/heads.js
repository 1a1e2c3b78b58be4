// Who said a message and when: above it, and for screen readers.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { personById } from "./people.js";
import { t } from "./texts.js";

export function drawHead(message, name, own) {
  return h(
    "header",
    { class: "message-head" },
    !own && h("span", { class: "author" }, name),
    h("time", { datetime: message.at }, message.clock),
    message.edited && h("span", { class: "edited" }, t("message.edited", { when: message.edited })),
    message.private && h("span", { class: "private-mark" }, icon("eye", 14), t("message.private")),
  );
}

/** The line that screen readers announce for a new message. */
export function spokenLine(message) {
  const who = message.bot ? t("bot") : (personById(message.author)?.name ?? message.author);
  return `${who}: ${message.body.summary ?? message.body.text}`;
}
