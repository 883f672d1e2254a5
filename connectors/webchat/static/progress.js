/** The bar that shows how far an open form is, and leads one step back. */

import { byId, setText } from "./elements.js";

export const BACK = "上一步";

/** `progress` is {step, of, form}, or null while no form is open. */
export function showProgress(progress) {
  byId("progress-bar").hidden = !progress;
  if (!progress) return;
  const { step, of, form } = progress;
  setText(byId("progress-text"), `${step}/${of} ${form}`);
  setText(byId("progress-status"), `${form}，第${step}步，共${of}步`);
  Object.assign(byId("progress"), { max: of, value: step });
  byId("back").hidden = step <= 1;
}
