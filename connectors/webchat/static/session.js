/** The customer's session with the gateway: its token, and the calls that carry it. */

import { pauseAfter } from "./pause.js";
import { forget, recall, remember } from "./storage.js";
import { upload as postBlob } from "./upload.js";

export const TOKEN_KEY = "xiaohe.token";
const SHARED_KEY = "xiaohe.shared-phone";
const PATIENCE_MS = 20_000;
const END_TRIES = 5;
const NAME_MAX = 80;
const LONE_SURROGATE = /\p{Surrogate}/gu; // where a name was cut within a character

export class Session {
  /** On a phone that others use too the token goes with the page, and the session ends soon after its last use. */
  isShared = recall("sessionStorage", SHARED_KEY) === true;
  token = recall(this.#area, TOKEN_KEY);
  #opening = null;

  /** `onReplaced` is called when the session had ended and another has taken its place. */
  constructor(onReplaced) {
    this.onReplaced = onReplaced;
  }

  /** Opens a new session; calls made meanwhile share it. */
  open() {
    this.#opening = this.#opening || this.#fetchToken().finally(() => (this.#opening = null));
    return this.#opening;
  }

  /** Opens a new session in place of this one, which ends: whoever has its token has nothing any more. */
  async renew() {
    const { token } = this;
    await this.open(); // first: other tabs find the new token as soon as the old one is refused
    if (token) endSurely(token);
  }

  /** From now on this is a shared phone: the session so far ends, and nothing of it stays behind. */
  async share() {
    const { token } = this;
    this.isShared = true;
    try {
      await this.open();
    } catch (error) {
      this.isShared = false;
      throw error;
    }
    remember("sessionStorage", SHARED_KEY, true);
    forget("localStorage", TOKEN_KEY);
    if (token) endSurely(token);
  }

  /** The page is closed: on a shared phone that ends the session. */
  leave() {
    if (!this.isShared || !this.token) return;
    endOnce(this.token).catch(() => undefined); // it also ends by itself
    this.token = null;
    forget("sessionStorage", TOKEN_KEY);
  }

  /** -> {message, replies, holder}; the same message_id may be posted again and acts once. */
  postMessage({ message_id, text, button }, signal) {
    const body = JSON.stringify(button ? { message_id, button } : { message_id, text });
    return this.#call("messages", { method: "POST", body, signal });
  }

  /** As postMessage, for a picture or a file, which has a name; `onProgress(share)` tells how much of it has gone. */
  postUpload({ message_id, upload }, signal, onProgress) {
    const options = { headers: { "Content-Type": upload.type }, body: upload, signal, onProgress };
    const query = new URLSearchParams({ message_id });
    const isPicture = upload.type.startsWith("image/");
    // Not in the address: proxies log that, and names of files name people.
    if (!isPicture) options.headers["X-File-Name"] = encodeURIComponent(upload.name.slice(-NAME_MAX).replace(LONE_SURROGATE, ""));
    return this.#call(`${isPicture ? "pictures" : "files"}?${query}`, options, undefined, postBlob);
  }

  /** Keeps whether an answer helped ("up" or "down"), and what was missing in it. */
  postThumb(id, thumb, missing) {
    return this.#call("thumbs", { method: "POST", body: JSON.stringify({ id, thumb, missing }) }, () => undefined);
  }

  /** Tells an agent that the customer is typing. */
  postTyping() {
    return this.#call("typing", { method: "POST" }, () => undefined);
  }

  /** -> {messages, holder}, the oldest message first. */
  fetchHistory() {
    return this.#call("messages");
  }

  /** -> a picture or a file of the conversation, as a blob. */
  fetchDocument(id) {
    return this.#call(`documents/${id}`, {}, (response) => response.blob());
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

  get #area() {
    return this.isShared ? "sessionStorage" : "localStorage";
  }

  async #fetchToken() {
    const body = JSON.stringify({ is_shared: this.isShared });
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    this.token = (await fetchInTime("sessions", options)).token;
    remember(this.#area, TOKEN_KEY, this.token);
  }

  async #call(path, options = {}, read = undefined, send = fetchInTime) {
    if (!this.token) await this.open();
    const { token } = this;
    const headers = { "Content-Type": "application/json", ...options.headers, ...bear(token) };
    try {
      return await send(path, { ...options, headers }, read);
    } catch (error) {
      if (error.status === 401 && token === this.token) {
        const other = recall(this.#area, TOKEN_KEY); // another tab may have begun a new session
        if (other && other !== token) this.token = other;
        else await this.open();
        this.onReplaced();
      }
      throw error;
    }
  }
}

const bear = (token) => ({ Authorization: `Bearer ${token}` });

/** Also gets through while the page is being closed. */
function endOnce(token) {
  return fetchInTime("sessions", { method: "DELETE", headers: bear(token), keepalive: true }, () => undefined);
}

async function endSurely(token) {
  for (let failures = 0; failures < END_TRIES; failures++) {
    try {
      return await endOnce(token);
    } catch {
      await pauseAfter(failures, new AbortController().signal);
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
