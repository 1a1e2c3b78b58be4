// Waits for a server that is still starting, and says so.

import { Unreachable } from "./api.js";
import { h } from "./dom.js";

const AGAIN = 1500;

/** Runs a request that the page depends on, retrying while the server is starting. */
export async function patiently(work) {
  const line = h("p", { class: "starting", role: "status" });
  for (;;) {
    try {
      await work();
      line.remove();
      return;
    } catch (error) {
      if (!(error instanceof Unreachable) || error.final) throw error;
      line.replaceChildren(error.words);
      document.body.append(line);
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}
