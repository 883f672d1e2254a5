/** Messages from the chat page to the bank's page that shows it in a frame; never what a customer wrote. */

export const isFramed = window.parent !== window;

/** `type` is "close" (Escape was pressed) or "reply" (a reply came). */
export function tellHost(type) {
  // To any origin: it holds no data, and only the bank's own pages may frame this one (frame-ancestors).
  if (isFramed) window.parent.postMessage({ source: "xiaohe", type }, "*");
}
