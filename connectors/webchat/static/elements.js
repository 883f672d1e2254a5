/** Finds, makes and fills elements of the page. */

export const byId = (id) => document.getElementById(id);

/** A new element; `content` is text or nodes. */
export function make(tag, className = "", ...content) {
  const element = Object.assign(document.createElement(tag), { className });
  element.append(...content);
  return element;
}

/** A new button that submits nothing. */
export function makeButton(className, text) {
  return Object.assign(make("button", className, text), { type: "button" });
}

/** Leaves an unchanged text alone, or a screen reader would read it again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
