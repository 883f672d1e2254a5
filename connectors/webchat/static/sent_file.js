/** A file of the conversation: fetched and saved when it is pressed. */

import { make, makeButton, setText } from "./elements.js";

export const FILE = "[文件]";
const AWAY = "文件没有打开，点此重试";
const GONE = "文件已经删除";

/** The bubble; `fetch()` gives the file as a blob, `text` is [文件] and its name. */
export function makeSentFile(fetch, text) {
  const name = text.slice(FILE.length).trim();
  const button = makeButton("file", `下载 ${name}`);
  button.addEventListener("click", async (event) => {
    event.stopPropagation(); // other buttons of the log say something
    button.disabled = true;
    try {
      save(await fetch(), name);
      setText(button, `下载 ${name}`);
    } catch (error) {
      setText(button, error.status === 404 ? GONE : AWAY);
    }
    button.disabled = false;
  });
  return make("div", "bubble", button);
}

function save(blob, name) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
