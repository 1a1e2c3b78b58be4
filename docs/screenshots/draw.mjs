// Draws what Slack and DingTalk were sent as HTML, for docs/screenshots/cards.py.
//
// Reads {"slack": [blocks, …], "dingtalk": [markdown, …], "locale"} from the standard input and
// writes the same lists as HTML. Resolves its packages from the folder it is copied into:
//   npm install slack-blocks-to-jsx react@18 react-dom@18 markdown-it
import MarkdownIt from "markdown-it";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

let typed = "";
for await (const part of process.stdin.setEncoding("utf8")) typed += part;
const given = JSON.parse(typed);

// Slack fills in dates at the reader's; the package knows no locale, so plain text is shown.
const dated = (text) => text.replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, "$1");

// The package shows *bold* of a verbatim text as it is, and formats plain text, where 10:00: has an
// emoji for it; Slack does not.
function asInSlack(_key, value) {
  if (value?.type === "mrkdwn") return { ...value, verbatim: undefined };
  if (value?.type === "plain_text")
    return { ...value, text: value.text.replaceAll("*", "\u2217").replaceAll(":", ":\u2060") };
  return value;
}

function slack(blocks) {
  const shown = JSON.parse(dated(JSON.stringify(blocks)), asInSlack);
  const props = { name: "Genjin", logo: "", time: new Date(0), blocks: shown };
  return renderToStaticMarkup(createElement(Message, props));
}

// DingTalk's subset: no HTML, no tables in old clients but in the present ones, links by dtmd.
const markdown = new MarkdownIt({ html: false, linkify: false });
markdown.validateLink = () => true;

console.log(
  JSON.stringify({
    slack: given.slack.map(slack),
    dingtalk: given.dingtalk.map((text) => markdown.render(text)),
  }),
);
