/** The conversation on screen: one bubble a message however often it arrives, in the order of their ids. */

import { describeTime, linkText } from "./content.js";

const SENDERS = { customer: "您", bot: "小禾", agent: "人工客服", system: "系统提示" };
const GAP_MS = 5 * 60_000;
const END_PX = 40;

export class ConversationView {
  #isAtEnd = true;
  #isStale = false;

  /** Handlers: `onChoice(title, token)` when a quick reply is pressed, `onRetry(messageId)`. */
  constructor(handlers) {
    this.handlers = handlers;
    [this.scroller, this.log, this.typing, this.typingStatus, this.jump] = [
      "scroller", "log", "typing", "typing-status", "jump",
    ].map((id) => document.getElementById(id));
    this.scroller.addEventListener("scroll", () => {
      this.#isAtEnd = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < END_PX;
      if (this.#isAtEnd) this.jump.hidden = true;
    });
    this.jump.addEventListener("click", () => {
      this.scroller.focus({ preventScroll: true });
      this.scrollToEnd();
    });
    // Follows the end when messages come, the typing dots show or the soft keyboard takes its room.
    const observer = new ResizeObserver(() => this.#isAtEnd && this.scrollToEnd());
    [this.scroller, this.log, this.typing].forEach((element) => observer.observe(element));
  }

  /** Shows a message of the gateway; one already shown, or the customer's own bubble, is only confirmed. */
  show(message) {
    const known = this.#find("id", message.id) || this.#find("messageId", message.message_id);
    if (known?.dataset.id) return;
    const node = known || this.#build(message);
    Object.assign(node.dataset, { id: message.id, at: message.at || "" });
    this.#setState(node, "sent");
    this.#place(node);
    if (!known && !this.#isAtEnd && message.sender !== "customer") this.jump.hidden = false;
  }

  /** Shows an item of the outbox and how it fares. */
  showOwn(item) {
    const node = this.#find("messageId", item.message_id) || this.#build({ ...item, sender: "customer" });
    if (node.dataset.id) return;
    node.dataset.at = item.at;
    this.#setState(node, item.state);
    if (item.state === "waiting") {
      this.#place(node);
      this.scrollToEnd();
    } else if (!node.isConnected) this.#place(node);
  }

  /** Shows many messages, or the first words, without a screen reader reading them all out. */
  showQuietly(messages) {
    this.log.setAttribute("aria-live", "off");
    messages.forEach((message) => this.show(message));
    setTimeout(() => this.log.setAttribute("aria-live", "polite"), 300);
  }

  remove(messageId) {
    this.#find("messageId", messageId)?.remove();
    this.#refreshSoon();
  }

  clear() {
    this.log.replaceChildren();
    this.jump.hidden = true;
    this.#isAtEnd = true;
  }

  /** Another session counts its messages by its own ids: those shown must not hide them. */
  forgetIds() {
    [...this.log.children].forEach((node) => delete node.dataset.id);
  }

  showTyping(isTyping) {
    if (this.typing.hidden !== isTyping) return;
    this.typing.hidden = !isTyping;
    this.typingStatus.textContent = isTyping ? "小禾正在输入" : "";
  }

  scrollToEnd() {
    this.#isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #find(name, value) {
    return [...this.log.children].find((node) => value != null && node.dataset[name] === String(value));
  }

  #build({ sender, text, buttons = [], message_id }) {
    const node = make("div", `message from-${sender}`);
    const bubble = make("div", "bubble");
    bubble.append(...(sender === "customer" ? [text] : linkText(text)));
    node.append(make("time", "stamp"), make("p", "sender", SENDERS[sender]), bubble);
    if (buttons.length) node.append(this.#buildChoices(buttons));
    if (message_id) node.dataset.messageId = message_id;
    return node;
  }

  #buildChoices(buttons) {
    const choices = make("fieldset", "choices");
    choices.append(make("legend", "visually-hidden", "快捷回复"));
    buttons.forEach(({ title, token }) => {
      const button = make("button", "choice", title);
      button.type = "button";
      button.addEventListener("click", (event) => {
        choices.disabled = true;
        button.classList.add("chosen");
        this.handlers.onChoice(title, token);
        // A button pressed by key loses the focus when it is disabled; a tap must not open the soft keyboard.
        if (event.detail === 0) document.getElementById("text").focus();
      });
      choices.append(button);
    });
    return choices;
  }

  #setState(node, state) {
    node.dataset.state = state;
    node.querySelector(".retry")?.remove();
    if (state === "failed") {
      const retry = make("button", "retry", "发送失败，点此重试");
      retry.type = "button";
      retry.addEventListener("click", () => this.handlers.onRetry(node.dataset.messageId));
      node.append(retry);
    }
  }

  /** Puts the bubble where it belongs: what has not been sent yet stays below what has. */
  #place(node) {
    let before = this.log.lastElementChild;
    while (before && (before === node || comesAfter(before, node))) before = before.previousElementSibling;
    if (!node.isConnected || node.previousElementSibling !== before) {
      if (before) before.after(node);
      else this.log.prepend(node);
    }
    this.#refreshSoon();
  }

  #refreshSoon() {
    if (this.#isStale) return;
    this.#isStale = true;
    queueMicrotask(() => {
      this.#isStale = false;
      this.#refreshStamps();
      this.#refreshChoices();
    });
  }

  #refreshStamps() {
    let last = 0;
    for (const node of this.log.children) {
      const at = Date.parse(node.dataset.at) || last;
      node.classList.toggle("has-gap", at - last > GAP_MS);
      node.firstChild.textContent = at - last > GAP_MS ? describeTime(new Date(at)) : "";
      last = at;
    }
  }

  #refreshChoices() {
    let isLast = true;
    for (const node of [...this.log.children].reverse()) {
      const choices = node.querySelector(".choices");
      if (choices) choices.disabled = !isLast;
      if (!node.matches(".from-system")) isLast = false;
    }
  }
}

function comesAfter(other, node) {
  const isUnsent = ({ dataset }) => dataset.state === "waiting" || dataset.state === "failed";
  return (isUnsent(other) && !isUnsent(node)) || Number(other.dataset.id) > Number(node.dataset.id);
}

function make(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
