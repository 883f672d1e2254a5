/** The customer's chat page: brings session, outbox, events and view together. */

import { Composer } from "./composer.js";
import { EventStream } from "./events.js";
import { Outbox } from "./outbox.js";
import { Session, TOKEN_KEY } from "./session.js";
import { ConversationView } from "./view.js";

const TITLE = document.title;
const HIDDEN_FOR_LONG_MS = 5 * 60_000;
const WELCOME = {
  id: 0,
  sender: "bot",
  text: "您好，我是小禾，青禾农商银行的智能助手。可以问我贷款、还款、社保卡等问题，也可以测额度、申请贷款。",
  buttons: ["测额度", "我想贷款", "需要什么材料", "转人工"].map((title) => ({ title })),
};
const HOLDERS = { queue: "正在为您转接人工客服，您可以继续留言", agent: "人工客服正在为您服务" };
const OFFLINE = "网络已断开，恢复后会自动发送";
const UNSTABLE = "连接不稳定，正在为您重新连接";
const SLOW_DOWN = "您发得太快了，请稍等几秒";
const REFUSALS = { text_empty: "请先输入内容", text_too_long: "内容太长了，请删减到500字以内再发送" };
const REFUSED = "这条消息没能发出，请修改后再试";
const CHOICE_EXPIRED = "这个选项已失效，请直接输入您的需要";

const byId = (id) => document.getElementById(id);
const dialog = byId("confirm");
let holder = "bot";
let isHealthy = true;
let hiddenTimer;

const session = new Session(() => {
  view.forgetIds();
  stream.start({ afresh: true });
});
const outbox = new Outbox((item) => session.postMessage(item), {
  onState(item) {
    view.showOwn(item);
    refreshTyping();
  },
  onDelivered(item, { message, replies, holder: current }) {
    composer.warn("");
    receive([message, ...replies], current);
  },
  onRefused(item, { status, code }) {
    view.remove(item.message_id);
    if (!item.button) composer.restore(item.text);
    const sentence = REFUSALS[status === 413 ? "text_too_long" : code] || REFUSED;
    composer.warn(item.button ? CHOICE_EXPIRED : sentence);
    refreshTyping();
  },
  onSlowDown: () => composer.warn(SLOW_DOWN),
});
const view = new ConversationView({
  onChoice: (title, token) => outbox.add(title, token),
  onRetry: (messageId) => outbox.retry(messageId),
});
const composer = new Composer((text) => outbox.add(text));
const stream = new EventStream(session, {
  onHistory(history) {
    view.showQuietly(history.messages);
    setHolder(history.holder);
  },
  onMessage: (message) => receive([message], holder),
  onHolder: setHolder,
  onHealth(isWell) {
    isHealthy = isWell;
    refreshOfflineBar();
  },
});

function receive(messages, current) {
  messages.forEach((message) => view.show(message));
  setHolder(current);
  if (document.hidden && messages.some(({ sender }) => sender !== "customer")) document.title = `有新消息 · ${TITLE}`;
}

function setHolder(current) {
  holder = current;
  setText(byId("holder-bar"), HOLDERS[holder] || "");
  byId("holder-bar").dataset.holder = holder;
  refreshTyping();
}

function refreshTyping() {
  view.showTyping(outbox.isSending && holder === "bot" && navigator.onLine);
}

function refreshOfflineBar() {
  setText(byId("offline-bar"), navigator.onLine ? (isHealthy ? "" : UNSTABLE) : OFFLINE);
  refreshTyping();
}

/** Leaves an unchanged text alone, or a screen reader would read it again. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showConversation() {
  view.clear();
  view.showQuietly([WELCOME]);
  setHolder("bot");
  outbox.items.forEach((item) => view.showOwn(item));
  stream.start({ afresh: true });
  outbox.run();
}

async function startNewSession() {
  try {
    await session.open();
  } catch {
    composer.warn("暂时无法开始新会话，请稍后再试");
    return;
  }
  outbox.clear();
  showConversation();
}

/** Keeps the page inside what the soft keyboard leaves free, where the browser does not do so itself (iOS). */
function fitViewport() {
  const { scale, height, offsetTop } = window.visualViewport;
  if (scale > 1) return; // the reader has zoomed in
  document.documentElement.style.setProperty("--viewport-height", `${height}px`);
  document.documentElement.style.setProperty("--viewport-top", `${offsetTop}px`);
}

byId("human").addEventListener("click", () => {
  const isAsked = outbox.items.some(({ text, state }) => text === "转人工" && state !== "failed");
  if (!isAsked) outbox.add("转人工");
});
byId("new-session").addEventListener("click", () => dialog.showModal());
dialog.addEventListener("close", () => {
  if (dialog.returnValue === "start") startNewSession();
  dialog.returnValue = "";
});
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => stream.stop(), HIDDEN_FOR_LONG_MS);
  } else {
    document.title = TITLE;
    if (!stream.isAlive) stream.start();
  }
});
window.addEventListener("online", () => {
  refreshOfflineBar();
  stream.start();
  outbox.hurry();
});
window.addEventListener("offline", refreshOfflineBar);
window.addEventListener("storage", ({ key, newValue }) => {
  if (key !== TOKEN_KEY || !newValue) return;
  session.adopt(JSON.parse(newValue));
  showConversation();
});
for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, fitViewport);

showConversation();
refreshOfflineBar();
if (matchMedia("(pointer: fine)").matches) composer.focus();
