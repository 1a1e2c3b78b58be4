// Draws what Slack and DingTalk were sent as HTML, for docs/screenshots/cards.py.
//
// Reads {"slack": [blocks, …], "dingtalk": [markdown, …], "locale"} from the standard input and
// writes the same lists as HTML. Resolves its packages from the folder it is copied into:
//   npm install slack-blocks-to-jsx react@18 react-dom@18 markdown-it
import { readFileSync } from "node:fs";
import MarkdownIt from "markdown-it";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Message } from "slack-blocks-to-jsx";

const given = JSON.parse(readFileSync(0, "utf8"));

// Slack fills in dates at the reader's; the package knows no locale, so plain text is shown.
const dated = (text) => text.replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, "$1");

function slack(blocks) {
  const shown = JSON.parse(dated(JSON.stringify(blocks)));
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
