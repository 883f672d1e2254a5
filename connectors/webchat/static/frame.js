/** What the chat page tells a page of the bank's site that shows it in a frame: signals, never a customer's words. */

export const isFramed = window.parent !== window;

/** `type` is "close" (Escape was pressed) or "reply" (a reply came). */
export function tellHost(type) {
  // To any origin: it tells nothing, and only the bank's own pages may frame this one (frame-ancestors).
  if (isFramed) window.parent.postMessage({ source: "xiaohe", type }, "*");
}
