const SVG = "http://www.w3.org/2000/svg";

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Make an element. `attributes` are set as given; `css` become custom properties; children may be text, nodes or null. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (isNothing(value)) continue;
    if (name === "css") setProperties(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => !isNothing(child)));
  return element;
}

/** Make an SVG element. */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.flat());
  return element;
}

/** Set custom properties: {length: 0.4} → `--length: 0.4`. The policy of the page allows this, and no style="". */
export function setProperties(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(`--${name}`, value);
}

/** An icon of the sprite, hidden from screen readers: the text beside it speaks. */
export function icon(name, { className = "icon", size = "" } = {}) {
  const sprite = document.documentElement.dataset.icons;
  const svg = draw("svg", { class: className, "aria-hidden": "true" }, draw("use", { href: `${sprite}#${name}` }));
  if (size) svg.dataset.size = size;
  return svg;
}

/** The octagon that goes with every error. */
export const errorIcon = (size = "") => icon("error", { className: "icon-error", size });

/** The value of a design token, for canvas and charts. */
export const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Whether the reader is writing: then a letter is a letter and no key of the page. */
export function isWriting(target) {
  return target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable='true']"));
}

const isNothing = (value) => value === null || value === undefined || value === false;
