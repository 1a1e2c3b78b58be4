// The page's texts in the chosen language, from the server's catalogue.

let words = {};

export function setWords(texts) {
  words = texts;
}

/** The text for `key` with `{placeholders}` filled in. */
export function t(key, params = {}) {
  if (!(key in words)) throw new Error(`no words for ${key}`);
  return words[key].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}
