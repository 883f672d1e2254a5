/**
 * The agents' page: links to talks, the way back to the lists and the browser's own way back change what is shown, without
 * loading the page again. A talk that was opened before is shown at once; the server follows.
 */
const TALK = /^\/talks\/([^/?#]+)$/;

// On a phone the keyboard would cover what is to be read.
const HAS_KEYBOARD = matchMedia("(pointer: fine) and (min-width: 45rem)").matches;
let isEntering = false;
const PAUSE_MS = 1000;
let pause;

const ACT_KEYS = "AEKMT";
const BOXES = { L: ".reply-box textarea", P: ".note-box textarea" };

const WAITS = ".assigned, .unanswered:not(.snoozed)"; // a row whose customer waits for a word

const findPlace = () => document.querySelector(".workplace");
const readTalk = (path) => TALK.exec(path)?.[1] ?? "";

/** If it `isTyped` somebody may still be typing to the customer before: the box gets the cursor after a pause. */
function show(id, isTyped = false) {
  const place = findPlace();
  keepShown();
  place.classList.toggle("open", Boolean(id));
  place.dispatchEvent(new CustomEvent("open-talk", { detail: id }));
  clearTimeout(pause);
  pause = undefined;
  isEntering = HAS_KEYBOARD && !isTyped;
  if (isTyped) enterAfterPause();
  window.desk?.clearToasts(location.pathname);
  follow();
  document.querySelector(".workplace .row[aria-current]")?.scrollIntoView({ block: "nearest" });
}

/** Only the talk of the address is shown, also while the server still follows an earlier click. */
function keepShown() {
  const id = readTalk(location.pathname);
  for (const talk of document.querySelectorAll(".workplace .talk")) {
    const isShown = talk.dataset.talk === id;
    if (talk.classList.contains("shown") !== isShown) talk.classList.toggle("shown", isShown);
  }
}

/** Once a talk is there its box has the cursor, but not where one only looks on at a colleague's. */
function enter() {
  const box = isEntering && document.querySelector(".talk.shown .talk-foot:not(.looks-on) .reply-box textarea");
  if (!box?.offsetParent) return;
  isEntering = false;
  box.focus();
}

function enterAfterPause() {
  clearTimeout(pause);
  pause = setTimeout(() => {
    pause = undefined;
    if (document.activeElement?.matches("input, textarea") || document.querySelector(".q-dialog")) return; // writes elsewhere
    isEntering = HAS_KEYBOARD;
    enter();
  }, PAUSE_MS);
}
document.addEventListener("keydown", () => pause && enterAfterPause());

/** Alt with an arrow: the next of one's own talks that waits for an answer, or else the next one. */
function step(by) {
  const own = [...document.querySelectorAll(".workplace .row.mine")];
  const isWaiting = (row) => row.pathname !== location.pathname && row.matches(WAITS);
  const rows = own.some(isWaiting) ? own.filter((row) => isWaiting(row) || row.pathname === location.pathname) : own;
  if (!rows.length) return;
  const here = rows.findIndex((row) => row.pathname === location.pathname);
  go(rows.at((here < 0 ? (by > 0 ? 0 : -1) : here + by) % rows.length).pathname);
}

function follow() {
  mark();
  filter();
  count();
  enter();
}

/** Shows the rows of one kind: danger, complaint, callback or a channel. A reload keeps it. */
function filter() {
  const queue = document.querySelector(".workplace .queue");
  if (!queue) return;
  const wanted = sessionStorage.getItem("kind") ?? "";
  const rows = [...queue.querySelectorAll(".row[href]")];
  const isOf = (row, kind) => !kind || row.dataset.kinds.split(" ").includes(kind);
  // A call that one is to make stands in one's own list.
  const own = new Set([...queue.querySelectorAll(".row.mine")].map((row) => row.pathname));
  const isTwice = (row) => !row.matches(".mine") && own.has(row.pathname);
  for (const row of rows) row.hidden = isTwice(row) || !isOf(row, wanted);
  for (const part of queue.querySelectorAll("section")) {
    const shown = part.querySelectorAll(".row:not([hidden])").length;
    part.hidden = part.querySelector(".row") ? !shown : Boolean(wanted);
    const told = part.querySelector("h2 small");
    if (told && told.textContent !== String(shown)) told.textContent = shown;
  }
  for (const button of queue.querySelectorAll("[data-kind]")) {
    const { kind } = button.dataset;
    const found = kind ? rows.filter((row) => isOf(row, kind) && !isTwice(row)).length : 1;
    button.setAttribute("aria-pressed", String(kind === wanted));
    button.hidden = !found && kind !== wanted;
    const told = button.querySelector("small");
    if (told && told.textContent !== String(found)) told.textContent = found;
  }
}

/** How long an offered talk may still be accepted; the server's clock counts, so the end is noted when it is first seen. */
const ends = new WeakMap();
function count() {
  for (const told of document.querySelectorAll(".workplace [data-seconds]")) {
    if (!ends.has(told)) ends.set(told, performance.now() + told.dataset.seconds * 1000);
    const left = `${Math.max(0, Math.ceil((ends.get(told) - performance.now()) / 1000))}秒`;
    if (told.textContent !== left) told.textContent = left;
  }
}
setInterval(count, 1000);

/** The row of the shown talk, and those with a draft. */
function mark() {
  const talks = new Set(Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")).map((key) => key.split(":").pop()));
  for (const row of document.querySelectorAll(".workplace .row[href]")) {
    if (row.pathname === location.pathname) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    const canWrite = row.matches(".mine:not(.callback)") && row.pathname !== location.pathname;
    row.classList.toggle("drafted", canWrite && talks.has(readTalk(row.pathname)));
  }
}

function go(path, { isTyped = false } = {}) {
  if (path === location.pathname) return;
  history.pushState(null, "", path);
  show(readTalk(path), isTyped);
}

window.workplace = {
  /** A talk is gone on with as a new one: with what was not sent in the first. */
  goOnWith(staff, before, id) {
    const [from, to] = [before, id].map((talk) => `draft:${staff}:${talk}`);
    const draft = sessionStorage.getItem(from);
    if (draft) sessionStorage.setItem(to, draft);
    sessionStorage.removeItem(from);
    document.querySelector(`.talk[data-talk="${id}"] .reply-box`)?.dispatchEvent(new Event("draft"));
    go(`/talks/${id}`);
  },
  /** A colleague has the talk now; what one was writing is not lost. */
  lose(staff, id, text) {
    const { draft } = JSON.parse(sessionStorage.getItem(`draft:${staff}:${id}`) ?? "{}");
    window.desk.toast(draft ? { text: `${text}。您没发出的话：${draft}` } : { text, seconds: 10 });
  },
  /** The talk that was shown is gone. */
  leave() {
    if (location.pathname === "/") return;
    history.replaceState(null, "", "/");
    mark();
  },
  /** The shown talk is done: the next of one's own that waits for an answer, if there is any, or else the next one. */
  goOn() {
    const own = [...document.querySelectorAll(".workplace .row.mine")].filter((row) => row.pathname !== location.pathname);
    const next = own.find((row) => row.matches(WAITS)) ?? own[0];
    if (next) go(next.pathname, { isTyped: true });
  },
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest(".workplace [data-kind]");
  if (choice) {
    sessionStorage.setItem("kind", choice.dataset.kind);
    filter();
  }
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[href]");
  if (!link || link.target || !findPlace() || link.origin !== location.origin) return;
  if (!TALK.test(link.pathname) && !link.matches(".back")) return;
  event.preventDefault();
  go(link.pathname);
});

/** The lists may be drawn anew while a row is pressed: then the browser makes no click of press and release. */
const findRow = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest(".workplace .row[href]");
let pressed = null;
document.addEventListener("pointerdown", (event) => {
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  pressed = isPlain ? findRow(event) : null;
});
document.addEventListener("pointerup", (event) => {
  const path = pressed && !pressed.isConnected ? pressed.pathname : null;
  pressed = null;
  if (path && findRow(event)?.pathname === path) go(path);
});

addEventListener("popstate", () => findPlace() && show(readTalk(location.pathname)));

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !event.target.closest("input, textarea, [contenteditable]")) {
    document.querySelector("dialog.keys")?.showModal();
  }
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && findPlace()) {
    event.preventDefault();
    findPlace().dispatchEvent(new CustomEvent("find"));
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || !findPlace()) return;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]; // the key's place: with Alt a Mac writes another character
  if (["ArrowUp", "ArrowDown"].includes(event.key)) step(event.key === "ArrowDown" ? 1 : -1);
  else if (letter in BOXES) enterBox(BOXES[letter]);
  else if (ACT_KEYS.includes(letter) && !event.repeat) press(letter);
  else return;
  event.preventDefault();
});

/** What the shown talk's buttons and menu do; the server knows which of them there are (desk/pages/talk_acts.py). */
function press(letter) {
  if (document.querySelector(".talk.shown") && !document.querySelector(".q-dialog")) {
    findPlace().dispatchEvent(new CustomEvent("press", { detail: { letter, talk: readTalk(location.pathname) } }));
  }
}

function enterBox(selector) {
  const box = document.querySelector(`.talk.shown ${selector}`);
  if (box?.offsetParent && !document.querySelector(".q-dialog")) box.focus();
}

new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
new MutationObserver(keepShown).observe(document.documentElement, {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: ["class"],
});
