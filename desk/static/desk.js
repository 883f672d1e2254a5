/** What the staff site does in the browser: alerts, short messages, and a chat that stays at its end. */
const TOASTS_MAX = 3;
const TOLD_MAX = 300;
const KEPT_TOAST = "toast";

window.desk = {
  /** Shows alerts that this browser has not shown to this member yet; `waiting` talks are counted in the title. */
  tell(staff, alerts, waiting) {
    countInTitle(waiting);
    const key = `told:${staff}`;
    const told = new Set(JSON.parse(localStorage.getItem(key) ?? "[]"));
    const isKnown = ({ id, counted }) => told.has(id) || (counted.length && counted.every((each) => told.has(each)));
    const fresh = alerts.filter((alert) => !isKnown(alert));
    if (!fresh.length) return;
    localStorage.setItem(key, JSON.stringify([...told, ...fresh.flatMap(({ id, counted }) => [id, ...counted])].slice(-TOLD_MAX)));
    if (fresh.some(({ path }) => document.hidden || path !== location.pathname)) ring(staff);
    for (const { text, path } of fresh) {
      if (document.hidden) notify(text, path);
      if (path !== location.pathname) this.toast({ text, path, seconds: 10 });
    }
  },
  /** A toast; 0 seconds: until it is closed. Time counts while the page is visible. */
  async toast({ text, path, kind = "info", seconds, isFailure }) {
    const area = document.querySelector(".toasts");
    const toast = document.createElement("div");
    toast.className = `toast ${kind}`;
    if (isFailure) toast.dataset.failure = "";
    const words = toast.appendChild(document.createElement(path ? "a" : "span"));
    words.textContent = text;
    if (path) words.href = path;
    const close = toast.appendChild(document.createElement("button"));
    close.textContent = "知道了";
    close.onclick = () => toast.remove();
    area?.prepend(toast);
    while (area?.childElementCount > TOASTS_MAX) area.lastElementChild.remove();
    if (document.hidden) await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    if (seconds) setTimeout(close.onclick, seconds * 1000);
  },
  /** Of what is shown by now nothing need be told. */
  clearToasts(path) {
    document.querySelectorAll(`.toast:has(a[href="${path}"])`).forEach((toast) => toast.remove());
  },
  /** What failed has worked by now. */
  clearFailures() {
    document.querySelectorAll(".toast[data-failure]").forEach((toast) => toast.remove());
  },
  /** Goes to another page, which says why; not if the member is signing out here and now. */
  leave: (path, text) => {
    if (window.desk.isSigningOut) return;
    if (text) sessionStorage.setItem(KEPT_TOAST, text);
    location.assign(path);
  },
  /** Dials on a phone; a computer only shows the number. */
  call(number) {
    if (matchMedia("(pointer: coarse)").matches) location.href = `tel:${number}`;
  },
};

/** The number of talks that wait stands before whatever the page calls itself. */
let inTitle = 0;
function countInTitle(waiting) {
  inTitle = waiting;
  const title = document.title.replace(/^\(\d+\) /, "");
  const counted = waiting ? `(${waiting}) ${title}` : title;
  if (document.title !== counted) document.title = counted;
}
new MutationObserver(() => countInTitle(inTitle)).observe(document.head, { childList: true, subtree: true });

// Whoever does nothing for an hour is signed out: a page that stays open by itself is no reason to stay in.
const INPUT_MS = 60_000;
let inputTold = Date.now();
for (const kind of ["pointerdown", "keydown", "wheel"]) {
  addEventListener(
    kind,
    () => {
      if (Date.now() - inputTold < INPUT_MS) return;
      inputTold = Date.now();
      fetch("/seen", { method: "POST" }).catch(() => {});
    },
    { capture: true, passive: true },
  );
}

// Phones show notifications of a service worker only. It is not there at once on somebody's first visit.
navigator.serviceWorker?.register("/static/worker.js", { scope: "/" });

async function notify(title, path) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker?.ready;
  await worker?.showNotification(title, { tag: path, renotify: true });
}

/** A short tone, unless the member has switched it off. Browsers allow none before something was pressed on the page. */
const TONE_HZ = 880;
const TONE_SECONDS = 0.4;
let audio;
function ring(staff) {
  if (isSilent(staff) || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new AudioContext();
  const [tone, volume, ends] = [audio.createOscillator(), audio.createGain(), audio.currentTime + TONE_SECONDS];
  tone.frequency.value = TONE_HZ;
  volume.gain.setValueAtTime(0.15, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, ends);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(ends);
}
const isSilent = (staff) => localStorage.getItem(`silent:${staff}`) === "yes";
function showSound(button) {
  const tell = () => (button.textContent = `提示音：${isSilent(button.dataset.staff) ? "关" : "开"}`);
  button.addEventListener("click", () => {
    localStorage.setItem(`silent:${button.dataset.staff}`, isSilent(button.dataset.staff) ? "no" : "yes");
    tell();
  });
  tell();
}

const NEAR_END_PX = 80;

function keepAtEnd(log) {
  let isAtEnd = true;
  const mark = (hasNews) => log.parentElement.classList.toggle("has-news", hasNews);
  const scroll = () => isAtEnd && (log.scrollTop = log.scrollHeight);
  log.addEventListener("scroll", () => {
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    if (isAtEnd) mark(false);
  });
  log.parentElement.querySelector(".new-below")?.addEventListener("click", () => log.scrollTo({ top: log.scrollHeight }));
  new MutationObserver((changes) => {
    scroll();
    if (!isAtEnd && changes.some((change) => change.target === log && change.addedNodes.length)) mark(true);
  }).observe(log, { childList: true, subtree: true, characterData: true });
  new ResizeObserver(scroll).observe(log);
  scroll();
}

/** The header grows with its places, on a phone with its toasts, and whatever fills the screen below it follows. */
function followHeight(header) {
  const tell = () => document.documentElement.style.setProperty("--top", `${header.offsetHeight}px`);
  new ResizeObserver(tell).observe(header);
  tell();
}

/** What the page before this one had to say. */
function showKeptToast() {
  const text = sessionStorage.getItem(KEPT_TOAST);
  sessionStorage.removeItem(KEPT_TOAST);
  if (text) window.desk.toast({ text, seconds: 10 });
}

const SETUPS = { ".talk-log": keepAtEnd, ".top": followHeight, ".toasts": showKeptToast, ".sound": showSound };
new MutationObserver(() => {
  for (const [selector, setUp] of Object.entries(SETUPS)) {
    const found = document.querySelector(`${selector}:not([data-set-up])`);
    if (!found) continue;
    found.dataset.setUp = "";
    setUp(found);
  }
}).observe(document.documentElement, { childList: true, subtree: true });

// A browser asks once, and only after the person has done something on the page.
document.addEventListener(
  "click",
  () => "Notification" in window && Notification.permission === "default" && Notification.requestPermission(),
  { once: true },
);

// Drafts must not be left for the next user.
document.addEventListener("submit", (event) => {
  if (!event.target.matches('form[action="/sign-out"]')) return;
  sessionStorage.clear();
  window.desk.isSigningOut = true;
});
