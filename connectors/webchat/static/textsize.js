/** Larger letters for those who want them, remembered in this browser. */

import { recall, remember } from "./storage.js";

const KEY = "xiaohe.large-text";

/** Makes the button a switch between the two sizes. */
export function offerLargerText(button) {
  const show = (isLarge) => {
    document.documentElement.classList.toggle("large-text", isLarge);
    button.setAttribute("aria-pressed", isLarge);
    button.textContent = isLarge ? "A" : "A+";
  };
  show(recall("localStorage", KEY) === true);
  button.addEventListener("click", () => {
    const isLarge = button.getAttribute("aria-pressed") !== "true";
    show(isLarge);
    remember("localStorage", KEY, isLarge);
  });
}
