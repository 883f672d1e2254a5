/** The customer's chat page: brings session, outbox, events, view and input together. */

import { Composer } from "./composer.js";
import { confirm } from "./confirm.js";
import { download } from "./copy.js";
import { byId, setText } from "./elements.js";
import { EventStream } from "./events.js";
import { isFramed, tellHost } from "./frame.js";
import { Office, describeHolder } from "./office.js";
import { Outbox } from "./outbox.js";
import { Pictures } from "./pictures.js";
import { FILE } from "./sent_file.js";
import { BACK, showProgress } from "./progress.js";
import { Session, TOKEN_KEY } from "./session.js";
import { HUMAN, WELCOME } from "./starters.js";
import { offerLargerText } from "./textsize.js";
import { ConversationView } from "./view.js";

const HIDDEN_FOR_LONG_MS = 5 * 60_000;
const TYPING_TOLD_MS = 3000;
const TYPING_SHOWN_MS = 5000;
const TITLE = document.title;
const SHARED = "公用手机：关闭页面或一段时间不用，对话就会清除";
const ASK_NEW = {
  title: "开始新会话？",
  text: "开始后，现在的对话就结束了，本页不再显示。",
  stay: "继续当前对话",
  go: "开始新会话",
};
const ASK_END = { ...ASK_NEW, title: "结束会话？", text: "结束后，这部手机上不再显示现在的对话。", go: "结束会话" };
const ASK_SHARED = {
  title: "这是公用手机？",
  text: "关闭页面或一段时间不用，对话就会从这部手机上清除。现在的对话会先结束。",
  stay: "取消",
  go: "按公用手机使用",
};
const PICTURE = "[图片]";
const ASK_UPLOAD = { text: "只用来办您的事。", stay: "不发", go: "发送" };
const TOO_LONG = "内容太长了，请删减到500字以内再发送";
const REFUSALS = { text_too_long: TOO_LONG, body_too_large: TOO_LONG, text_empty: "请先输入内容" };

let holder = "bot";
let sessionNotice = ""; // until the customer's next message
let progress = null; // of the open form
let isHealthy = true;
let agentTypes = 0; // the agent's typing is shown until then
let typingToldAt = 0;

const session = new Session(() => {
  sessionNotice = session.isShared ? "会话已结束，刚才的对话已清除" : "上次的会话已结束，现在是新的会话";
  if (session.isShared) return showAfresh(); // whoever sits here now may be somebody else
  view.forgetIds();
  refreshStatus();
  stream.start({ afresh: true });
});
const outbox = new Outbox(deliver, {
  onState(item) {
    view.showOwn(item);
    refreshStatus();
  },
  onDelivered(item, answer) {
    composer.warn("");
    sessionNotice = "";
    receive([answer.message, ...answer.replies], answer.holder);
  },
  onFailed(item, { code, message }) {
    if (code === "scanner_away") composer.warn(message);
  },
  onRefused(item, { code, message }) {
    view.remove(item.message_id);
    refreshStatus();
    if (item.upload) return composer.warn(message);
    if (!item.button) composer.restore(item.text);
    return composer.warn(
      item.button ? "这个选项已失效，请直接输入您的需要" : REFUSALS[code] || "这条消息没能发出，请修改后再试",
    );
  },
  onSlowDown({ message, retryAfter }) {
    const [reason] = (message || "消息发得太快了").split("，");
    composer.warn(`${reason}，${retryAfter > 60 ? "请过一会儿再发" : "稍后会自动再发"}`);
  },
});
const view = new ConversationView({
  onChoice: sendOnce,
  onRetry: (messageId) => outbox.retry(messageId),
  onThumb: (id, thumb, missing) => session.postThumb(id, thumb, missing),
  fetchDocument: (id) => session.fetchDocument(id),
  onDownload: (button) => download(button, () => session.fetchCopy()),
  onProgress(current) {
    progress = current;
    refreshStatus();
  },
});
const composer = new Composer((text) => outbox.add(text));
new Pictures({
  onPicture: (picture) => outbox.addUpload(PICTURE, picture),
  onFile: (file) => outbox.addUpload(`${FILE} ${file.name}`, file),
  onProblem: (sentence) => composer.warn(sentence),
  confirm: (what, count) => confirm({ ...ASK_UPLOAD, title: count > 1 ? `发送这${count}${what}？` : `发送这${what}？` }),
});
const stream = new EventStream(session, {
  onHistory(history) {
    view.showQuietly(history.messages);
    receive([], history.holder);
  },
  onMessage: (message) => receive([message], holder),
  onHolder: (current) => receive([], current),
  onTyping() {
    agentTypes = Date.now() + TYPING_SHOWN_MS;
    refreshStatus();
    setTimeout(refreshStatus, TYPING_SHOWN_MS);
  },
  onHealth(isWell) {
    isHealthy = isWell;
    refreshStatus();
  },
});

const office = new Office(() => session.fetchOffice(), refreshStatus);

function deliver(item, signal, onProgress) {
  return item.upload ? session.postUpload(item, signal, onProgress) : session.postMessage(item, signal);
}

/** A button that stays on the page is pressed twice by accident: the second press does nothing. */
function sendOnce(text, token) {
  if (!outbox.isUnderWay(text)) outbox.add(text, token);
}

function receive(messages, current) {
  const replies = messages.filter((message) => view.show(message) && message.author !== "customer");
  if (replies.length) {
    agentTypes = 0;
    tellHost("reply");
    if (document.hidden) document.title = `有新消息 · ${TITLE}`;
  }
  holder = current;
  refreshStatus();
}

function refreshStatus() {
  const isWaiting = outbox.items.some(({ state }) => state === "sending");
  const botTypes = isWaiting && holder === "bot" && navigator.onLine;
  view.showTyping(botTypes ? "小禾" : holder === "agent" && Date.now() < agentTypes ? "人工客服" : "");
  showProgress(holder === "bot" ? progress : null);
  setText(byId("holder-bar"), describeHolder(holder, office.state));
  byId("holder-bar").dataset.holder = holder;
  setText(byId("session-bar"), sessionNotice || (session.isShared ? SHARED : ""));
  setText(byId("new-session"), session.isShared ? "结束" : "新会话");
  byId("shared").hidden = session.isShared;
  const problem = navigator.onLine ? "连接不稳定，正在为您重新连接" : "网络已断开，恢复后会自动发送";
  setText(byId("offline-bar"), navigator.onLine && isHealthy ? "" : problem);
}

function showConversation() {
  view.clear();
  view.showQuietly([WELCOME]);
  receive([], "bot");
  outbox.items.forEach((item) => view.showOwn(item));
  stream.start({ afresh: true });
  outbox.run();
}

/** Nothing said or typed so far stays on the page or in its storage. */
function showAfresh() {
  outbox.clear();
  composer.clear();
  showConversation();
}

async function startNewSession() {
  if (!(await confirm(session.isShared ? ASK_END : ASK_NEW))) return;
  try {
    await session.renew();
    sessionNotice = session.isShared ? "会话已结束，刚才的对话已清除" : "";
    showAfresh();
  } catch {
    composer.warn("暂时无法开始新会话，请稍后再试");
  }
}

async function useAsShared() {
  if (!(await confirm(ASK_SHARED))) return;
  try {
    await session.share();
    sessionNotice = "";
    showAfresh();
  } catch {
    composer.warn("暂时没能改成公用手机模式，请稍后再试");
  }
}

/** Keeps the page inside what the soft keyboard leaves free, where the browser does not do so itself (iOS). */
function fitViewport() {
  const { scale, height, offsetTop } = window.visualViewport;
  if (scale > 1) return; // the reader has zoomed in
  document.documentElement.style.setProperty("--viewport-height", `${height}px`);
  document.documentElement.style.setProperty("--viewport-top", `${offsetTop}px`);
}

/** Not by thumb, where it would open the soft keyboard. */
function focusInput() {
  const isFree = document.activeElement === document.body;
  if (isFree && matchMedia("(pointer: fine)").matches) byId("text").focus();
}

byId("text").addEventListener("input", () => {
  if (holder !== "agent" || Date.now() - typingToldAt < TYPING_TOLD_MS) return;
  typingToldAt = Date.now();
  session.postTyping().catch(() => undefined); // no harm if it fails
});
byId("human").addEventListener("click", () => sendOnce(HUMAN));
byId("back").addEventListener("click", () => sendOnce(BACK));
byId("new-session").addEventListener("click", startNewSession);
byId("shared").addEventListener("click", useAsShared);
window.addEventListener("pagehide", () => {
  if (!session.isShared) return;
  session.leave();
  outbox.clear();
  composer.clear();
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted && session.isShared) showAfresh();
});
document.addEventListener("keydown", ({ key, isComposing, keyCode }) => {
  // Escape first ends a composition or closes the dialog.
  if (key === "Escape" && !isComposing && keyCode !== 229 && !byId("confirm").open) tellHost("close");
});
let hiddenTimer;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiddenTimer);
  if (document.hidden && !session.isShared) { // on a shared phone the end of the session must be heard
    hiddenTimer = setTimeout(() => stream.stop(), HIDDEN_FOR_LONG_MS);
  } else if (!document.hidden) {
    document.title = TITLE;
    office.watch();
    stream.start(); // a phone does not notice that its connection broke while it slept
  }
});
window.addEventListener("online", () => {
  stream.start();
  outbox.hurry();
  refreshStatus();
});
window.addEventListener("offline", refreshStatus);
window.addEventListener("storage", ({ key, newValue }) => {
  if (key !== TOKEN_KEY || !newValue || session.isShared) return;
  session.token = JSON.parse(newValue); // another tab has begun a new session
  showConversation();
});
for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, fitViewport);

document.documentElement.classList.toggle("framed", isFramed);
offerLargerText(byId("text-size"));
showConversation();
office.watch();
// In a frame the host page sets the focus whenever it opens the chat.
if (document.hasFocus()) focusInput();
window.addEventListener("focus", focusInput);
