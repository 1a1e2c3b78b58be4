// Builds the page's elements. Text only ever becomes text nodes or attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element: `on…` props are listeners; null and false ones are omitted. */
export function h(tag, props = {}, ...children) {
  return dress(document.createElement(tag), props, children);
}

/** An SVG element, like `h`. */
export function svg(tag, props = {}, ...children) {
  return dress(document.createElementNS(SVG, tag), props, children);
}

function dress(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  const shown = (child) => child !== null && child !== undefined && child !== false && child !== "";
  node.append(...children.flat(Infinity).filter(shown));
  return node;
}

let counter = 0;

/** An id that is unique in the page. */
export function freshId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** Debounces: runs `act` once, `ms` after the last call; `cancel` drops that call. */
export function afterPause(ms, act) {
  let timer = 0;
  const soon = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), ms);
  };
  soon.cancel = () => clearTimeout(timer);
  return soon;
}
