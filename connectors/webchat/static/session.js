/** The customer's session with the gateway: its token, and the calls that carry it. */

import { recall, remember } from "./storage.js";

export const TOKEN_KEY = "xiaohe.token";
const PATIENCE_MS = 20_000;

/** The gateway answered, but not with success. */
export class Refusal extends Error {
  constructor(status, code, retryAfter) {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter; // seconds
  }
}

export class Session {
  #token = recall("localStorage", TOKEN_KEY);
  #opening = null;
  #onReplaced;

  /** `onReplaced` is called when the gateway no longer knew the token and another has taken its place. */
  constructor(onReplaced) {
    this.#onReplaced = onReplaced;
  }

  /** Opens a new session; calls made meanwhile share it. */
  open() {
    this.#opening = this.#opening || this.#fetchToken().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** Goes on with the session that another tab opened. */
  adopt(token) {
    this.#token = token;
  }

  /** -> {message, replies, holder}; the same message_id may be posted again. */
  async postMessage({ message_id, text, button }) {
    const body = JSON.stringify(button ? { message_id, button } : { message_id, text });
    return (await this.#call("messages", { method: "POST", body })).json();
  }

  /** -> {messages, holder}, the oldest message first. */
  async fetchHistory() {
    return (await this.#call("messages")).json();
  }

  /** -> the open response, whose body is the stream of events after that id. */
  openEvents(lastId, signal) {
    const headers = lastId ? { "Last-Event-ID": String(lastId) } : {};
    return this.#call("events", { headers: { Accept: "text/event-stream", ...headers }, signal });
  }

  async #fetchToken() {
    const response = await fetchInTime("sessions", { method: "POST" });
    this.#token = (await response.json()).token;
    remember("localStorage", TOKEN_KEY, this.#token);
  }

  async #call(path, options = {}) {
    if (!this.#token) await this.open();
    const token = this.#token;
    try {
      return await fetchInTime(path, {
        ...options,
        headers: { "Content-Type": "application/json", ...options.headers, Authorization: `Bearer ${token}` },
      });
    } catch (error) {
      if (error.status === 401 && token === this.#token) {
        await this.open();
        this.#onReplaced();
      }
      throw error;
    }
  }
}

/** Raises Refusal; TypeError or AbortError when no answer came in time. */
async function fetchInTime(path, options) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
  options.signal?.addEventListener("abort", () => limit.abort());
  try {
    const response = await fetch(`/webchat/${path}`, { ...options, cache: "no-store", signal: limit.signal });
    if (response.ok) return response;
    const { error } = await response.json().catch(() => ({}));
    throw new Refusal(response.status, error?.code || "", Number(response.headers.get("Retry-After")) || 0);
  } finally {
    clearTimeout(timer);
  }
}
