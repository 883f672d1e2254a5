/** The customer's session with the gateway: its token, and the calls that carry it. */

import { recall, remember } from "./storage.js";

export const TOKEN_KEY = "xiaohe.token";
const PATIENCE_MS = 20_000;

export class Session {
  token = recall("localStorage", TOKEN_KEY);
  #opening = null;

  /** `onReplaced` is called when the gateway no longer knew the token and another has taken its place. */
  constructor(onReplaced) {
    this.onReplaced = onReplaced;
  }

  /** Opens a new session; calls made meanwhile share it. */
  open() {
    this.#opening = this.#opening || this.#fetchToken().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** -> {message, replies, holder}; the same message_id may be posted again and acts once. */
  postMessage({ message_id, text, button }, signal) {
    const body = JSON.stringify(button ? { message_id, button } : { message_id, text });
    return this.#call("messages", { method: "POST", body, signal });
  }

  /** Tells an agent that the customer is typing. */
  postTyping() {
    return this.#call("typing", { method: "POST" }, () => undefined);
  }

  /** -> {messages, holder}, the oldest message first. */
  fetchHistory() {
    return this.#call("messages");
  }

  /** -> a page with all of the customer's data, as a blob; once after they asked to see them. */
  fetchCopy() {
    return this.#call("data-copy", { method: "POST" }, (response) => response.blob());
  }

  /** -> {is_open, opens_at}: whether humans answer now, and when they do next. */
  fetchOffice() {
    return fetchInTime("office");
  }

  /** -> the open response, whose body is the stream of events after that id. */
  openEvents(lastId, signal) {
    return this.#call("events", { headers: { "Last-Event-ID": lastId }, signal }, (response) => response);
  }

  async #fetchToken() {
    this.token = (await fetchInTime("sessions", { method: "POST" })).token;
    remember("localStorage", TOKEN_KEY, this.token);
  }

  async #call(path, options = {}, read = undefined) {
    if (!this.token) await this.open();
    const { token } = this;
    const headers = { "Content-Type": "application/json", ...options.headers, Authorization: `Bearer ${token}` };
    try {
      return await fetchInTime(path, { ...options, headers }, read);
    } catch (error) {
      if (error.status === 401 && token === this.token) {
        await this.open();
        this.onReplaced();
      }
      throw error;
    }
  }
}

/** Throws an error with `status`, `code` and `retryAfter` (s) when refused, without a status when not answered. */
async function fetchInTime(path, options = {}, read = (response) => response.json()) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
  options.signal?.addEventListener("abort", () => limit.abort());
  try {
    const response = await fetch(`/webchat/${path}`, { ...options, cache: "no-store", signal: limit.signal });
    if (response.ok) return await read(response);
    const { error } = await response.json().catch(() => ({}));
    const retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw Object.assign(new Error(error?.reason), { status: response.status, code: error?.code, retryAfter });
  } finally {
    clearTimeout(timer);
  }
}
