/** The customer's copy of their data: fetched once with the session's token, and saved as a file. */

import { make, makeButton } from "./elements.js";

/** The button under the card, and what became of it. */
export function buildDownload() {
  const button = makeButton("download", "下载我的信息");
  return make("div", "download-row", button, make("p", "note download-status"));
}

/** Saves the page that `fetchCopy()` gives; where there is none any more, the gateway's reason is shown. */
export async function download(button, fetchCopy) {
  const status = button.parentElement.querySelector(".download-status");
  status.setAttribute("role", "status");
  button.disabled = true;
  try {
    const address = URL.createObjectURL(await fetchCopy());
    Object.assign(document.createElement("a"), { href: address, download: "我的信息.html" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    status.textContent = "已经下载，请妥善保管。";
  } catch (error) {
    status.textContent = error.status === 410 ? error.message : "没能下载，请检查网络后再试。";
    button.disabled = error.status === 410;
  }
}
