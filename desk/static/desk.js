/** What the staff site does in the browser: keeps a chat at its end, and tells of new customers. */
window.desk = {
  async notify(title, path) {
    if (!("Notification" in window) || Notification.permission !== "granted" || !document.hidden) return;
    const worker = await navigator.serviceWorker?.register("/static/worker.js"); // phones know no other way
    await worker?.showNotification(title, { tag: path });
  },
  /** Dials on a phone; on a desk, where nothing dials, the number on the screen has to do. */
  call(number) {
    if (matchMedia("(pointer: coarse)").matches) location.href = `tel:${number}`;
  },
  badge(count) {
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = count ? `(${count}) ${title}` : title;
  },
};

const NEAR_END_PX = 80;

function keepAtEnd(log) {
  let isAtEnd = true;
  const scroll = () => isAtEnd && (log.scrollTop = log.scrollHeight);
  log.addEventListener("scroll", () => {
    isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
  });
  new MutationObserver(scroll).observe(log, { childList: true, subtree: true, characterData: true });
  new ResizeObserver(scroll).observe(log);
  scroll();
}

new MutationObserver(() => {
  const log = document.querySelector(".talk-log:not([data-kept])");
  if (!log) return;
  log.dataset.kept = "";
  keepAtEnd(log);
}).observe(document.documentElement, { childList: true, subtree: true });

// A browser asks once, and only after the person has done something on the page.
document.addEventListener(
  "click",
  () => "Notification" in window && Notification.permission === "default" && Notification.requestPermission(),
  { once: true },
);

// Drafts are nobody else's.
document.addEventListener("submit", (event) => {
  if (event.target.matches('form[action="/sign-out"]')) sessionStorage.clear();
});
