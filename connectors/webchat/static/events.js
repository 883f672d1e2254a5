/** Follows the gateway's stream of events, and opens it again when it ends, fails or falls silent. */

import { pauseAfter } from "./pause.js";

const SILENCE_MS = 45_000;

export class EventStream {
  #controller = new AbortController();
  #hasHistory = false;
  #lastId = 0;
  #hasEnded = false;

  /** Handlers: `onHistory({messages, holder})`, `onMessage(message)`, `onHolder(holder)`, `onTyping()`
   *  when an agent types, `onHealth(isHealthy)`. */
  constructor(session, handlers) {
    this.session = session;
    this.handlers = handlers;
  }

  /** Follows the stream from where it was left; `afresh` fetches the history first. */
  start({ afresh = false } = {}) {
    this.stop();
    if (afresh) [this.#hasHistory, this.#lastId] = [false, 0];
    this.#controller = new AbortController();
    this.#follow(this.#controller.signal);
  }

  stop() {
    this.#controller.abort();
  }

  async #follow(signal) {
    for (let failures = 0; !signal.aborted; failures++) {
      let leastMs = 0;
      try {
        if (!this.#hasHistory) await this.#loadHistory(signal);
        await this.#read(signal, () => {
          failures = 0;
          this.handlers.onHealth(true);
        });
      } catch (error) {
        leastMs = (error.retryAfter || 0) * 1000; // whatever broke: wait and open it again
      }
      if (this.#hasEnded) {
        this.#hasEnded = false; // asked again at once, the gateway refuses the token, and a new session begins
        continue;
      }
      if (failures > 0 && !signal.aborted) this.handlers.onHealth(false);
      await pauseAfter(failures, signal, leastMs);
    }
  }

  async #loadHistory(signal) {
    const history = await this.session.fetchHistory();
    if (signal.aborted) return;
    this.#hasHistory = true;
    this.handlers.onHistory(history);
    // Ids of answers to a post do not count: an agent's message before them may still be on its way here.
    this.#lastId = Math.max(0, ...history.messages.map(({ id }) => id));
  }

  async #read(signal, onHeard) {
    const connection = new AbortController();
    const cut = () => connection.abort();
    signal.addEventListener("abort", cut);
    let timer = setTimeout(cut, SILENCE_MS);
    try {
      const response = await this.session.openEvents(this.#lastId, connection.signal);
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let rest = "", chunk; !(chunk = await reader.read()).done && !signal.aborted; ) {
        clearTimeout(timer);
        timer = setTimeout(cut, SILENCE_MS);
        onHeard();
        const blocks = (rest + decoder.decode(chunk.value, { stream: true })).replace(/\r/g, "").split("\n\n");
        rest = blocks.pop();
        blocks.forEach((block) => this.#dispatch(block));
      }
    } finally {
      clearTimeout(timer);
      cut();
    }
  }

  #dispatch(block) {
    const { event, data, id } = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
    if (event === "holder") this.handlers.onHolder(JSON.parse(data).holder);
    if (event === "ended") this.#hasEnded = true;
    if (event === "typing") this.handlers.onTyping();
    if (event === "message") this.handlers.onMessage(JSON.parse(data));
    this.#lastId = Math.max(this.#lastId, Number(id) || 0);
  }
}
