// Elements of the page. Text is only ever set as text, never as HTML.
import { visible } from './format.js';

/** @param {string} selector @param {ParentNode} [parent] @returns {any} */
export const find = (selector, parent = document) => parent.querySelector(selector);

/** @param {string} tag @param {Record<string, string | number>} attributes @param {string} [text] */
export function svgElement(tag, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text !== undefined) made.textContent = visible(text);
  return made;
}

/** @param {string} tag @param {string} text @param {string} [className] */
export function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = visible(text);
  if (className) made.className = className;
  return made;
}
