/**
 * The box of internal notes. Its text belongs to the browser until it is added, and is kept in this tab as the reply's
 * draft is. After an @ it offers colleagues.
 */
const MENTION = /@([^\s@]{0,20})$/;
const OFFERED_MAX = 6;

export default {
  props: { staff: String, talk: String, lengthMax: Number, names: Array },
  emits: ["add"],
  template: `
    <div class="note-box">
      <ul v-if="offers.length" class="offers" role="listbox" aria-label="同事">
        <li v-for="(name, place) in offers" :key="name" role="option" :aria-selected="place === chosen"
          @mousedown.prevent="take(name)">{{ name }}</li>
      </ul>
      <div class="composer">
        <textarea ref="box" rows="2" :maxlength="lengthMax" aria-label="内部备注" placeholder="写给同事，@姓名 会通知他"
          @keydown="press" @input="change" @blur="offers = []"></textarea>
        <button type="button" @click="add">记下</button>
      </div>
    </div>`,
  data: () => ({ offers: [], chosen: 0 }),
  mounted() {
    this.sent = []; // not confirmed yet
    this.storageKey = `draft:${this.staff}:note:${this.talk}`;
    this.$refs.box.value = sessionStorage.getItem(this.storageKey) ?? "";
  },
  methods: {
    press(event) {
      if (event.isComposing || event.keyCode === 229) return; // chooses a Chinese word only
      if (this.offers.length) {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (by) this.chosen = (this.chosen + by + this.offers.length) % this.offers.length;
        else if (event.key === "Enter" || event.key === "Tab") this.take(this.offers[this.chosen]);
        else if (event.key === "Escape") this.offers = [];
        else return;
        event.preventDefault();
      } else if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.add();
      }
    },
    change() {
      const box = this.$refs.box;
      this.keep();
      const typed = MENTION.exec(box.value.slice(0, box.selectionStart))?.[1];
      const isWhole = typed === undefined || this.names.includes(typed);
      this.offers = isWhole ? [] : this.names.filter((name) => name.includes(typed)).slice(0, OFFERED_MAX);
      this.chosen = 0;
    },
    take(name) {
      const box = this.$refs.box;
      const typed = MENTION.exec(box.value.slice(0, box.selectionStart))?.[0] ?? "";
      box.setRangeText(`@${name} `, box.selectionStart - typed.length, box.selectionStart, "end");
      this.offers = [];
      this.keep();
    },
    add() {
      const words = this.$refs.box.value.trim();
      if (!words) return;
      this.sent.push(words); // what is typed from now on is another note
      this.$refs.box.value = "";
      this.keep();
      this.$emit("add", words);
    },
    /** A note was added, or comes back. */
    settle(words, isAdded) {
      const box = this.$refs.box;
      this.sent = this.sent.filter((sent) => sent !== words);
      if (!isAdded) box.value = [words, box.value].filter(Boolean).join("\n");
      this.keep();
    },
    keep() {
      const value = [...this.sent, this.$refs.box.value].filter(Boolean).join("\n");
      if (value) sessionStorage.setItem(this.storageKey, value);
      else sessionStorage.removeItem(this.storageKey);
    },
  },
};
