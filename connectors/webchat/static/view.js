/** The conversation on screen: one bubble a message however often it arrives, in the order of their ids. */

import { describeTime } from "./content.js";
import { byId, setText } from "./elements.js";
import { ageChoices, buildMessage, confirmText, showState } from "./message.js";
import { findOpen } from "./open.js";
import { pressThumb } from "./thumbs.js";

const GAP_MS = 5 * 60_000;
const END_PX = 40;

export class ConversationView {
  #scroller = byId("scroller");
  #log = byId("log");
  #typing = byId("typing");
  #jump = byId("jump");
  #isAtEnd = true;
  #top = 0;
  #isStale = false;
  #messages = new WeakMap(); // node -> message

  /**
   * Handlers: `onChoice(text, token)` when a quick reply or 改 is pressed, `onRetry(messageId)`, `onDownload(button)`,
   * `onThumb(id, thumb, missing)` at an answer (a promise), `fetchDocument(id)` (a promise of a blob), `onProgress(progress)` with that of the open form, or null.
   */
  constructor(handlers) {
    this.handlers = handlers;
    this.#log.addEventListener("click", (event) => this.#press(event));
    this.#scroller.addEventListener("scroll", () => this.#noticeScroll());
    this.#jump.addEventListener("click", () => {
      this.#scroller.focus({ preventScroll: true });
      this.#scrollToEnd();
    });
    // Stays at the end when messages come, the typing dots show or the soft keyboard takes its room.
    const observer = new ResizeObserver(() => this.#isAtEnd && this.#scrollToEnd());
    [this.#scroller, this.#log, this.#typing].forEach((element) => observer.observe(element));
  }

  /** Shows a message of the gateway; one already shown is left alone (false), the customer's own bubble confirmed. */
  show(message) {
    const known = this.#find("id", message.id) || this.#find("message-id", message.message_id);
    if (known && message.author === "customer") confirmText(known, message.text);
    if (known?.dataset.id) return false;
    const node = known || this.#build(message);
    Object.assign(node.dataset, { id: message.id, at: message.at || "" });
    showState(node, "sent");
    this.#place(node);
    if (!known && !this.#isAtEnd && message.author !== "customer") this.#jump.hidden = false;
    return true;
  }

  /** Shows an item of the outbox and its state. */
  showOwn(item) {
    const node = this.#find("message-id", item.message_id) || this.#build({ ...item, author: "customer" });
    if (node.dataset.id) return;
    node.dataset.at = item.at;
    showState(node, item.state, item.share);
    if (item.state === "waiting" || !node.isConnected) {
      this.#place(node);
      this.#scrollToEnd();
    }
  }

  /** Shows messages without a screen reader reading them all out. */
  showQuietly(messages) {
    this.#log.setAttribute("aria-live", "off");
    messages.forEach((message) => this.show(message));
    setTimeout(() => this.#log.setAttribute("aria-live", "polite"), 300);
  }

  remove(messageId) {
    this.#find("message-id", messageId)?.remove();
    this.#refreshSoon();
  }

  clear() {
    this.#log.replaceChildren();
    this.#refreshSoon();
    this.#scrollToEnd();
  }

  /** Another session counts its messages by its own ids: those shown must not hide them. */
  forgetIds() {
    [...this.#log.children].forEach((node) => delete node.dataset.id);
  }

  /** `who` is typing; nobody when empty. */
  showTyping(who) {
    this.#typing.hidden = !who;
    setText(byId("typing-status"), who ? `${who}正在输入` : "");
  }

  #find(name, value) {
    return this.#log.querySelector(`:scope > [data-${name}="${CSS.escape(value ?? "")}"]`);
  }

  #build(message) {
    const node = buildMessage(message, this.handlers.fetchDocument);
    this.#messages.set(node, message);
    return node;
  }

  #press({ target, detail }) {
    const button = target.closest("button");
    if (!button || button.type === "submit") return;
    if (button.matches(".retry")) {
      this.handlers.onRetry(button.parentElement.dataset.messageId);
    } else if (button.matches(".thumb")) {
      const id = Number(button.closest(".message").dataset.id);
      pressThumb(button, (thumb, missing) => this.handlers.onThumb(id, thumb, missing));
    } else if (button.matches(".download")) {
      this.handlers.onDownload(button);
    } else {
      button.classList.add("chosen");
      this.handlers.onChoice(button.dataset.say || button.textContent, button.dataset.token);
    }
    // Pressed by key, the button has just lost the focus; a tap (detail 1) must not open the soft keyboard.
    if (detail === 0) byId("text").focus();
  }

  /** Puts the bubble in its place: unsent messages stay below sent ones. */
  #place(node) {
    let before = this.#log.lastElementChild;
    while (before && (before === node || comesAfter(before, node))) before = before.previousElementSibling;
    if (!node.isConnected || node.previousElementSibling !== before) {
      if (before) before.after(node);
      else this.#log.prepend(node);
    }
    this.#refreshSoon();
  }

  #refreshSoon() {
    if (!this.#isStale) queueMicrotask(() => this.#refresh());
    this.#isStale = true;
  }

  /** Times between long gaps; what can be pressed, changed or gone on with. */
  #refresh() {
    this.#isStale = false;
    const nodes = [...this.#log.children];
    const open = findOpen(nodes.map((node) => this.#messages.get(node)));
    let lastAt = 0;
    for (const [index, node] of nodes.entries()) {
      const at = Date.parse(node.dataset.at) || lastAt;
      const hasGap = at - lastAt > GAP_MS;
      node.classList.toggle("has-gap", hasGap);
      setText(node.querySelector(".stamp"), hasGap ? describeTime(new Date(at)) : "");
      ageChoices(node, index < open.lastSaid);
      node.querySelectorAll(".change").forEach((change) => (change.disabled = index !== open.card));
      lastAt = at;
    }
    this.handlers.onProgress(open.progress);
  }

  /** Only the reader scrolls up; content that grows below does not count as leaving the end. */
  #noticeScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < END_PX;
    this.#isAtEnd = isNearEnd || (this.#isAtEnd && scrollTop >= this.#top);
    if (isNearEnd) this.#jump.hidden = true;
    this.#top = scrollTop;
  }

  #scrollToEnd() {
    this.#isAtEnd = true;
    this.#jump.hidden = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

function comesAfter(other, node) {
  const isUnsent = ({ dataset }) => dataset.state === "waiting" || dataset.state === "failed";
  return (isUnsent(other) && !isUnsent(node)) || Number(other.dataset.id) > Number(node.dataset.id);
}
