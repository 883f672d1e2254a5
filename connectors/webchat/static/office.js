/** When humans answer: asked of the gateway now and then, and told in the bar under the header. */

const ASK_MS = 3 * 60_000;
const CHINA_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const NEAR_DAYS = ["今天", "明天", "后天"];

export class Office {
  /** {is_open, opens_at}, or null while unknown. */
  state = null;
  #timer;

  /** `fetchOffice()` asks the gateway; `onChange()` is called after every answer. */
  constructor(fetchOffice, onChange) {
    this.fetchOffice = fetchOffice;
    this.onChange = onChange;
  }

  /** Asks now, and again every few minutes and when the office opens. */
  async watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.watch(), ASK_MS);
    try {
      this.state = await this.fetchOffice();
    } catch {
      return; // what was known still holds, until the opening it names
    }
    this.onChange();
    const opensIn = Date.parse(this.state.opens_at) - Date.now();
    if (opensIn < ASK_MS) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.watch(), Math.max(opensIn, 0) + 1000);
    }
  }
}

/** Who answers the customer now; empty while it is 小禾 and humans are there too. */
export function describeHolder(holder, office, now = Date.now()) {
  if (holder === "agent") return "人工客服正在为您服务";
  const opensAt = office && !office.is_open ? Date.parse(office.opens_at) : 0;
  if (opensAt <= now) return holder === "queue" ? "已转人工客服，您可以继续留言" : "";
  const opens = describeOpening(opensAt, now);
  return holder === "queue"
    ? `已转人工，同事${opens}起回复；小禾先为您解答`
    : `人工客服${opens}上班，现在小禾为您解答`;
}

/** "明天8:30" or "11月30日8:30", in China's time whatever the browser's is; both moments in ms. */
export function describeOpening(opensAt, now) {
  const china = new Date(opensAt + CHINA_MS);
  const days = Math.floor((opensAt + CHINA_MS) / DAY_MS) - Math.floor((now + CHINA_MS) / DAY_MS);
  const day = NEAR_DAYS[days] ?? `${china.getUTCMonth() + 1}月${china.getUTCDate()}日`;
  return `${day}${china.getUTCHours()}:${String(china.getUTCMinutes()).padStart(2, "0")}`;
}
