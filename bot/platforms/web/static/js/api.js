// The server API: reading, sending requests, and live updates. Knows nothing of what is drawn.

const PAUSES = [300, 1000, 2500];

/**
 * The server could not be reached or could not respond; nothing typed may be lost because of it.
 * `words` are the server's own explanation, in the reader's language.
 */
export class Unreachable extends Error {
  words = "";

  static async of(path, response) {
    const failure = new Unreachable(`${path}: ${response.status}`);
    failure.final = response.status < 500;
    if (failure.final === false) failure.words = (await response.json().catch(() => ({}))).words ?? "";
    return failure;
  }
}

export async function read(path, params) {
  const response = await reach(`/api/${path}?${new URLSearchParams(params)}`);
  // The link was replaced, or the browser lost its cookie: the page itself says what to do.
  if (response.status === 403) location.reload();
  if (!response.ok) throw await Unreachable.of(path, response);
  return response.json();
}

/** Sends one request, and retries after a pause if no response came: its id makes that harmless. */
export async function ask(wish, { patient = true, signal } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(wish, signal);
    } catch (error) {
      const last = !patient || attempt === PAUSES.length;
      if (error.name === "AbortError" || error.final || last) throw error;
      await new Promise((done) => setTimeout(done, PAUSES[attempt]));
    }
  }
}

async function send(wish, signal) {
  const response = await reach("/api/requests", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
    signal,
  });
  if (response.ok) return response.json();
  throw await Unreachable.of("requests", response);
}

async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(error.message);
  }
}

/**
 * Subscribes to live updates after a revision. `on` has message, elsewhere, position,
 * online(bool). Returns a function that unsubscribes.
 */
export function listen(params, on) {
  let after = params.after;
  let source = null;
  let timer = 0;

  function hear(name) {
    source.addEventListener(name, (event) => {
      after = Number(event.lastEventId);
      on[name]?.(JSON.parse(event.data));
      on.reached(after);
    });
  }

  function connect() {
    source = new EventSource(`/api/events?${new URLSearchParams({ ...params, after })}`);
    source.addEventListener("open", () => on.online(true));
    source.addEventListener("error", () => {
      on.online(false);
      // The browser reconnects by itself after a broken connection, but not after a refusal.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, 2000);
    });
    ["message", "elsewhere", "position"].forEach(hear);
  }

  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
