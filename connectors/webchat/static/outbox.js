/** Messages that the gateway has not confirmed yet: sent in order, one at a time, never lost. */

import { pauseAfter } from "./pause.js";
import { recall, remember } from "./storage.js";

const KEY = "xiaohe.unsent";
const TRIES = 5;
const SLOW_DOWN_MS = 3000;
const RETRY_AFTER_MAX = 60; // seconds

export class Outbox {
  /**
   * In order: {message_id, text, button?, upload?, share?, at, state}; state is "waiting", "sending" or "failed",
   * `share` how much of an upload has gone. An upload is in the page's memory only, and goes with it.
   */
  items = recall("sessionStorage", KEY) || [];
  #isRunning = false;
  #cleared = new AbortController();
  #hurried = new AbortController();

  /**
   * `deliver(item, signal, onProgress)` posts an item. Handlers: `onState(item)` at every change,
   * `onDelivered(item, answer)`, `onRefused(item, error)` when trying again cannot help, `onFailed(item, error)` when it
   * is up to the customer to try again, `onSlowDown(error)` when the gateway answers 429: the item
   * is sent again when it may be, or kept for the customer to send if that takes too long.
   */
  constructor(deliver, handlers) {
    this.deliver = deliver;
    this.handlers = handlers;
    this.items.filter(({ state }) => state === "sending").forEach((item) => (item.state = "waiting"));
  }

  add(text, button) {
    this.#enqueue({ message_id: makeId(), text, button, at: new Date().toISOString() });
  }

  addUpload(text, upload) {
    this.#enqueue({ message_id: makeId(), text, upload, at: new Date().toISOString() });
  }

  /** Whether the same was sent or pressed just now, and is not answered yet. */
  isUnderWay(text) {
    return this.items.some((item) => item.text === text && item.state !== "failed");
  }

  /** Tries a failed item again, after everything said since. */
  retry(messageId) {
    const item = this.items.find(({ message_id }) => message_id === messageId);
    if (item && this.#remove(item)) this.#enqueue(item);
  }

  /** The connection is back: tries at once whatever waits or has failed. */
  hurry() {
    this.#hurried.abort();
    this.#hurried = new AbortController();
    this.items.filter(({ state }) => state === "failed").forEach((item) => this.#change(item, "waiting"));
    this.run();
  }

  clear() {
    this.items = [];
    this.#cleared.abort();
    this.#cleared = new AbortController();
    this.hurry();
  }

  async run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let item; (item = this.items.find(({ state }) => state === "waiting")); ) await this.#send(item);
    this.#isRunning = false;
  }

  async #send(item) {
    this.#change(item, "sending");
    for (let failures = 0; this.items.includes(item); failures++) {
      try {
        const answer = await this.deliver(item, this.#cleared.signal, (share) => this.#progress(item, share));
        if (this.#remove(item)) this.handlers.onDelivered(item, answer);
      } catch (error) {
        const { status, retryAfter } = error;
        if (status === 429) this.handlers.onSlowDown(error);
        if (status && status < 500 && ![401, 408, 429].includes(status)) {
          if (this.#remove(item)) this.handlers.onRefused(item, error);
        } else if (failures + 1 === TRIES || retryAfter > RETRY_AFTER_MAX) {
          return this.#giveUp(item, error);
        } else if (status !== 401) {
          const least = status === 429 ? Math.max(SLOW_DOWN_MS, retryAfter * 1000) : 0;
          await pauseAfter(failures, this.#hurried.signal, least);
        }
      }
    }
  }

  /** Without an answer the rest would fail the same way; after a fault the others may still pass. */
  #giveUp(item, error) {
    this.handlers.onFailed(item, error);
    const stuck = error.status ? [item] : this.items.filter(({ state }) => state !== "failed");
    stuck.forEach((each) => this.#change(each, "failed"));
  }

  #enqueue(item) {
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

  #progress(item, share) {
    item.share = share;
    if (item.state === "sending") this.handlers.onState(item);
  }

  #change(item, state) {
    item.state = state;
    item.share = 0;
    this.#save();
    this.handlers.onState(item);
  }

  #save() {
    remember("sessionStorage", KEY, this.items.filter(({ upload }) => !upload));
  }
}

/** A random UUID; crypto.randomUUID exists on https pages only. */
function makeId() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
}
