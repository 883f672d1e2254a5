/** The dialog that asks before something is ended. */

import { byId, setText } from "./elements.js";

/** Whether the customer goes on; Escape is a no. One question at a time. */
export function confirm({ title, text, stay, go }) {
  const dialog = byId("confirm");
  const labels = { "confirm-title": title, "confirm-text": text, "confirm-stay": stay, "confirm-go": go };
  for (const [id, label] of Object.entries(labels)) setText(byId(id), label);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "go"), { once: true });
  });
}
