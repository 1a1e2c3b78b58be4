// The page's words in the chosen language, as the server's catalogue has them.

let words = {};

export function setWords(texts) {
  words = texts;
}

/** The words for `key` with `{placeholders}` filled in. */
export function t(key, params = {}) {
  if (!(key in words)) throw new Error(`no words for ${key}`);
  return words[key].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}
