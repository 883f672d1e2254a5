/** The input: grows with the text, counts it, and hands it over when the customer sends. */

import { byId, setText } from "./elements.js";
import { recall, remember } from "./storage.js";

const DRAFT_KEY = "xiaohe.draft";
const LENGTH_MAX = 500;
const COUNT_FROM = 450;
const TOO_LONG = `最多${LENGTH_MAX}字，请删减后再发送`;

export class Composer {
  #text = byId("text");

  /** `onSend(text)` gets what the customer sends, trimmed. */
  constructor(onSend) {
    this.onSend = onSend;
    this.#text.addEventListener("input", () => this.#refresh());
    this.#text.addEventListener("keydown", (event) => {
      // In Safari the Enter that ends a composition is no longer "composing"; only its key code tells.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      if (!event.repeat) this.#submit();
    });
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    // Pressing the button must not close the soft keyboard.
    byId("send").addEventListener("mousedown", (event) => event.preventDefault());
    // On a slow line the customer may have typed before this script was loaded.
    this.#fill(this.#text.value || recall("sessionStorage", DRAFT_KEY) || "");
  }

  /** Shows a sentence at the input until the customer types on. */
  warn(sentence) {
    setText(byId("notice"), sentence);
  }

  /** Puts a text that was not accepted back, before whatever was typed since. */
  restore(text) {
    this.#fill([text, this.#text.value].filter(Boolean).join("\n"));
  }

  clear() {
    this.#fill("");
  }

  #submit() {
    const text = this.#text.value.trim();
    if (countCharacters(text) > LENGTH_MAX) return this.warn(TOO_LONG);
    this.#fill("");
    if (text) this.onSend(text);
  }

  #fill(text) {
    this.#text.value = text;
    this.#refresh();
  }

  #refresh() {
    const length = countCharacters(this.#text.value.trim());
    remember("sessionStorage", DRAFT_KEY, this.#text.value);
    this.warn("");
    setText(byId("counter"), length >= COUNT_FROM ? `${length}/${LENGTH_MAX}` : "");
    this.#text.setAttribute("aria-invalid", length > LENGTH_MAX);
    // The style sheet bounds the height; the page's policy allows a style set by script, not one in the mark-up.
    this.#text.style.height = "auto";
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}

/** Characters as the gateway counts them: an emoji outside the basic plane is one. */
function countCharacters(text) {
  return [...text].length;
}
