/** What the customer has said and the gateway has not yet confirmed: sent in order, one at a time, never lost. */

import { backOff, pause } from "./pause.js";
import { recall, remember } from "./storage.js";

const KEY = "xiaohe.unsent";
const TRIES = 5;
const SLOW_DOWN_MS = 3000;

export class Outbox {
  /** Items in order: {message_id, text, button?, at, state}; state is "waiting", "sending" or "failed". */
  items = recall("sessionStorage", KEY) || [];
  #isRunning = false;
  #hurry = new AbortController();

  /**
   * `deliver(item)` posts an item. Handlers: `onState(item)` on every change, `onDelivered(item, answer)`,
   * `onRefused(item, error)` when trying again cannot help, `onSlowDown()` when the gateway asks for patience.
   */
  constructor(deliver, handlers) {
    this.deliver = deliver;
    this.handlers = handlers;
    this.items.forEach((item) => (item.state = item.state === "failed" ? "failed" : "waiting"));
  }

  get isSending() {
    return this.items.some((item) => item.state === "sending");
  }

  add(text, button) {
    this.#queue({ message_id: makeId(), text, button, at: new Date().toISOString() });
  }

  /** Tries a failed item again, after everything said since. */
  retry(messageId) {
    const item = this.items.find((each) => each.message_id === messageId && each.state === "failed");
    if (!item) return;
    this.#remove(item);
    this.#queue(item);
  }

  /** The connection is back: tries again at once whatever waits or has failed. */
  hurry() {
    this.#hurry.abort();
    this.#hurry = new AbortController();
    this.items.filter((item) => item.state === "failed").forEach((item) => this.#change(item, "waiting"));
    this.run();
  }

  clear() {
    this.items = [];
    this.#save();
  }

  async run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let item; (item = this.items.find((each) => each.state === "waiting")); ) await this.#send(item);
    this.#isRunning = false;
  }

  async #send(item) {
    this.#change(item, "sending");
    try {
      const answer = await this.#tryToDeliver(item);
      if (this.#remove(item)) this.handlers.onDelivered(item, answer);
    } catch (error) {
      if (!this.items.includes(item)) return;
      if (error.status && !isPassing(error)) {
        this.#remove(item);
        this.handlers.onRefused(item, error);
      } else {
        // Without an answer the rest would fail the same way; after a fault the others may still pass.
        const stuck = error.status ? [item] : this.items.filter((each) => each.state !== "failed");
        stuck.forEach((each) => this.#change(each, "failed"));
      }
    }
  }

  async #tryToDeliver(item) {
    for (let failures = 0; ; failures++) {
      try {
        return await this.deliver(item);
      } catch (error) {
        if ((error.status && !isPassing(error)) || failures + 1 === TRIES || !this.items.includes(item)) throw error;
        if (error.status === 401) continue;
        if (error.status === 429) this.handlers.onSlowDown();
        const least = error.status === 429 ? Math.max(SLOW_DOWN_MS, error.retryAfter * 1000) : 0;
        await pause(Math.max(least, backOff(failures)), this.#hurry.signal);
      }
    }
  }

  #queue(item) {
    this.items.push(item);
    this.#change(item, "waiting");
    this.run();
  }

  #remove(item) {
    const isKnown = this.items.includes(item);
    this.items = this.items.filter((each) => each !== item);
    this.#save();
    return isKnown;
  }

  #change(item, state) {
    item.state = state;
    this.#save();
    this.handlers.onState(item);
  }

  #save() {
    remember("sessionStorage", KEY, this.items);
  }
}

function isPassing({ status }) {
  return status >= 500 || [401, 408, 429].includes(status);
}

/** A random UUID; crypto.randomUUID exists on https pages only. */
function makeId() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}
