// Reports to our own server, once, that a person reads this page, and at the end for how long.
//
// A page that was only loaded reports nothing: it has to be visible for a few seconds, and somebody
// has to move, touch, turn a wheel or press a key, which link previews and mail scanners do not do.

const { seen, ticket, after } = document.documentElement.dataset;
const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "keydown"];
let before = 0;
let since = document.visibilityState === "visible" ? performance.now() : null;
let person = false;
let told = false;

const seconds = () => (before + (since === null ? 0 : performance.now() - since)) / 1000;

function tell() {
  const said = new URLSearchParams({ ticket, seconds: String(Math.floor(seconds())) });
  // keepalive, so that it arrives even if the page is being closed.
  fetch(seen, { method: "POST", body: said, keepalive: true }).catch(() => {});
  told = true;
}

function look() {
  if (told || !person || since === null) return;
  const missing = Number(after) - seconds();
  if (missing <= 0) tell();
  else setTimeout(look, missing * 1000 + 20);
}

for (const sign of SIGNS) {
  addEventListener(
    sign,
    (event) => {
      if (!event.isTrusted || person) return;
      person = true;
      look();
    },
    { passive: true },
  );
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    since = performance.now();
    look();
    return;
  }
  before += since === null ? 0 : performance.now() - since;
  since = null;
  if (told) tell();
});
