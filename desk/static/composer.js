/**
 * The reply box. Its text belongs to the browser alone: the server gets what is sent (with a key that makes a
 * resend the same message), confirms or refuses it (`settle`), and may insert text (`insert`).
 *
 * Draft and unconfirmed messages are kept in this tab (sessionStorage), for a page that has to load again.
 */
const ANSWER_MS = 15_000;
const TYPING_MS = 2_000;
const LOOK_MS = 150;
const LOOKED_FOR = /^[/／]([^\n]{0,30})$/;
const DRAFTS = "draft:";
const LONE_SURROGATE = /\p{Surrogate}/gu; // half an emoji, cut by maxlength when pasting

// crypto.randomUUID is missing where a closed network has no https.
const makeKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

export default {
  props: { staff: String, talk: String, files: Number, lengthMax: Number, label: String, placeholder: String },
  emits: ["send", "check", "typing", "look"],
  template: `
    <div class="reply-box">
      <ul v-if="unconfirmed.length" class="unconfirmed" aria-label="还没有发出的消息">
        <li v-for="message in unconfirmed" :key="message.key" :class="{ failed: message.isFailed }">
          <p>{{ message.text }}</p>
          <div v-if="message.isFailed">没有发出
            <button type="button" @click="resend(message)">重发</button>
            <button type="button" @click="discard(message)">删除</button>
          </div>
          <div v-else>发送中…</div>
        </li>
      </ul>
      <ul v-if="offers.length" class="offers" role="listbox" aria-label="常用语和知识库">
        <li v-for="(offer, place) in offers" :key="place" role="option" :aria-selected="place === chosen"
          @mousedown.prevent="take(offer)"><b>{{ offer.title }}</b> {{ offer.text }}</li>
      </ul>
      <p v-else-if="hasNone" class="offers" role="status">没有找到，换个说法试试</p>
      <div class="composer">
        <slot></slot>
        <textarea ref="box" rows="1" :maxlength="lengthMax" :aria-label="label" :placeholder="isPhone ? label : placeholder"
          @keydown="press" @input="change" @blur="stopLooking" @paste="paste"></textarea>
        <button type="button" class="send" aria-label="发送" @click="send">
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2 21 23 12 2 3v7l15 2-15 2z" /></svg>
        </button>
      </div>
    </div>`,
  // A phone has no Shift+Enter to tell of, and no room.
  data: () => ({ unconfirmed: [], offers: [], chosen: 0, hasNone: false, isPhone: matchMedia("(pointer: coarse), (max-width: 40rem)").matches }),
  mounted() {
    this.storageKey = `${DRAFTS}${this.staff}:${this.talk}`;
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(DRAFTS) && !key.startsWith(`${DRAFTS}${this.staff}:`)) sessionStorage.removeItem(key);
    }
    this.restore();
    this.$el.addEventListener("draft", () => this.restore()); // of a talk that goes on in this one
    const talk = this.$el.closest(".talk");
    talk.addEventListener("dragover", (event) => event.preventDefault()); // or the browser would open what is dropped
    talk.addEventListener("drop", (event) => {
      event.preventDefault();
      this.give(event.dataTransfer.files);
    });
    this.inserted = null; // inserted text that was not changed since
    this.typedAt = 0;
  },
  methods: {
    /** What this tab kept: the draft, and messages of which nobody knows whether they were sent. */
    restore() {
      const kept = JSON.parse(sessionStorage.getItem(this.storageKey) ?? "{}");
      this.$refs.box.value = kept.draft ?? "";
      this.returned = kept.returned ?? null; // the message that came back into the box, with its key
      this.unconfirmed = (kept.unconfirmed ?? []).map((message) => ({ ...message, isFailed: false }));
      if (this.unconfirmed.length) {
        this.$emit("check", this.unconfirmed.map((message) => message.key));
        this.unconfirmed.forEach((message) => this.expectAnswer(message.key));
      }
    },
    press(event) {
      if (this.offers.length && !event.isComposing) {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (by) this.chosen = (this.chosen + by + this.offers.length) % this.offers.length;
        else if (event.key === "Enter" || event.key === "Tab") this.take(this.offers[this.chosen]);
        else if (event.key === "Escape") this.stopLooking();
        else return;
        event.preventDefault();
        return;
      }
      if (event.key === "Enter") this.pressEnter(event);
    },
    /** A picture that is pasted; text is pasted as everywhere, also that of a spreadsheet, which brings a picture too. */
    paste(event) {
      const { files, types } = event.clipboardData;
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      this.give(files);
    },
    give(files) {
      if (files.length) getElement(this.files).$refs.qRef.addFiles(files);
    },
    /** What is typed after a slash that begins the text is looked for, not sent. */
    look() {
      const words = LOOKED_FOR.exec(this.$refs.box.value)?.[1];
      this.stopLooking();
      if (words !== undefined) this.looking = setTimeout(() => this.$emit("look", words), LOOK_MS);
    },
    stopLooking() {
      clearTimeout(this.looking);
      this.offers = [];
      this.hasNone = false;
    },
    offer(words, offers) {
      if (LOOKED_FOR.exec(this.$refs.box.value)?.[1] !== words) return; // something else was typed since
      this.offers = offers;
      this.hasNone = !offers.length;
      this.chosen = 0;
    },
    take(offer) {
      this.stopLooking();
      this.write("");
      this.insert(offer.text);
    },
    pressEnter(event) {
      // Enter ends the composition of a Chinese word; only another one sends.
      if (event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    },
    send() {
      const text = this.$refs.box.value.replace(LONE_SURROGATE, "").trim();
      if (!text || LOOKED_FOR.test(text)) return;
      const key = this.returned?.text === text ? this.returned.key : makeKey();
      this.returned = null;
      this.write("");
      this.unconfirmed.push({ key, text, isFailed: false });
      this.post({ key, text });
    },
    resend(message) {
      message.isFailed = false;
      this.post(message);
    },
    post({ key, text }) {
      this.keep();
      this.$emit("send", { key, text });
      this.expectAnswer(key);
    },
    expectAnswer(key) {
      setTimeout(() => {
        const message = this.unconfirmed.find((other) => other.key === key);
        if (message) message.isFailed = true;
      }, ANSWER_MS);
    },
    discard(message) {
      this.unconfirmed = this.unconfirmed.filter((other) => other.key !== message.key);
      this.keep();
    },
    settle(key, isSent) {
      const message = this.unconfirmed.find((other) => other.key === key);
      const isEmpty = !this.$refs.box.value.trim();
      if (isSent || (message && isEmpty)) this.unconfirmed = this.unconfirmed.filter((other) => other.key !== key);
      if (isSent && this.returned?.key === key) {
        if (this.$refs.box.value === this.returned.text) this.write("");
        this.returned = null;
      } else if (!isSent && message && isEmpty) {
        this.returned = { key, text: message.text };
        this.write(message.text);
      } else if (!isSent && message) {
        message.isFailed = true;
      }
      this.keep();
    },
    insert(text) {
      const box = this.$refs.box;
      if (box.value === this.inserted) box.select(); // one suggestion takes the place of another
      const isBehind = /[^\n，,：:、]$/.test(box.value.slice(0, box.selectionStart)); // not in the middle of a sentence
      box.setRangeText(isBehind ? `\n${text}` : text, box.selectionStart, box.selectionEnd, "end");
      this.inserted = box.value === text ? text : null;
      box.focus();
      this.change();
    },
    write(text) {
      this.$refs.box.value = text;
      this.keep();
    },
    change() {
      this.keep();
      this.look();
      const typed = this.$refs.box.value.trim();
      if (typed && !LOOKED_FOR.test(typed) && Date.now() - this.typedAt > TYPING_MS) {
        this.typedAt = Date.now();
        this.$emit("typing");
      }
    },
    keep() {
      const draft = this.$refs.box.value;
      const { returned, unconfirmed } = this;
      if (draft || unconfirmed.length) {
        sessionStorage.setItem(this.storageKey, JSON.stringify({ draft, returned, unconfirmed }));
      } else {
        sessionStorage.removeItem(this.storageKey);
      }
    },
  },
};
