/** One message on screen: its bubble or card, the choices under it, and whether it has been sent. */

import { buildCard } from "./card.js";
import { linkText } from "./content.js";
import { make, makeButton, setText } from "./elements.js";
import { FILE, makeSentFile } from "./sent_file.js";
import { makeSentPicture } from "./sent_picture.js";
import { HUMAN } from "./starters.js";
import { makeThumbs } from "./thumbs.js";

const AUTHORS = { customer: "您", bot: "小禾", agent: "人工客服", system: "系统提示" };
const UNSENT = { waiting: "等待发送", sending: "发送中" };

/**
 * The message's node. `upload` is what the customer is sending besides words; `document` the id of what the gateway keeps
 * of that, or of what an agent sent: `fetchDocument` gives it.
 */
export function buildMessage({ author, text, card, upload, document, buttons = [], message_id, thumb }, fetchDocument) {
  const node = make("div", `message from-${author}`, make("time", "stamp"), make("p", "author", AUTHORS[author]));
  const content = author === "customer" || card ? [text] : linkText(text);
  if (document && text.startsWith(FILE)) node.append(makeSentFile(() => fetchDocument(document), text));
  else if (document) node.append(makeSentPicture(() => fetchDocument(document), author === "customer" ? "您发的照片" : "客服发的图片"));
  else if (upload) node.append(makeUpload(upload, text));
  else node.append(make("div", card ? "visually-hidden" : "bubble", ...content));
  if (card) node.append(buildCard(card));
  if (thumb) node.append(makeThumbs(thumb));
  if (message_id) node.dataset.messageId = message_id;
  if (buttons.length) {
    const legend = make("legend", "visually-hidden", "快捷回复");
    node.append(make("fieldset", "choices", legend, ...buttons.map(makeChoice)));
  }
  return node;
}

/** The bubble of the customer's own message says what was recorded: a password is masked there. */
export function confirmText(node, text) {
  const bubble = node.querySelector(".bubble");
  if (text && bubble) setText(bubble, text);
}

/** `state` is "waiting", "sending", "failed" or "sent"; `share` is how much of an upload has gone. */
export function showState(node, state, share = 0) {
  node.dataset.state = state;
  showShare(node, state === "sending" ? share : 0);
  if (UNSENT[state] && node.querySelector(".state")?.textContent === UNSENT[state]) return;
  node.querySelector(".state, .retry")?.remove();
  if (state === "failed") node.append(makeButton("retry", "未发送，点此重试"));
  else if (UNSENT[state]) node.append(make("p", "state", UNSENT[state]));
}

/** Once something was said after them, choices are used up, except those that last; a human is in the header. */
export function ageChoices(node, isPast) {
  const choices = node.querySelector(".choices");
  if (!choices) return;
  const buttons = [...choices.querySelectorAll("button")];
  for (const button of buttons) {
    button.disabled = isPast && !button.matches(".lasting");
    button.hidden = isPast && button.textContent === HUMAN;
  }
  choices.classList.toggle("past", isPast);
  choices.hidden = buttons.every(({ hidden }) => hidden);
}

function makeUpload(upload, text) {
  const going = make("progress", "share");
  going.setAttribute("aria-label", "发送进度");
  going.hidden = true;
  if (text.startsWith(FILE)) return make("div", "bubble", text, going);
  const image = make("img", "thumbnail");
  image.alt = "您发的照片";
  image.src = URL.createObjectURL(upload);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src));
  return make("div", "picture", image, going);
}

function showShare(node, share) {
  const going = node.querySelector(".share");
  if (!going) return;
  going.hidden = !share || share >= 1;
  going.value = share;
}

function makeChoice({ title, token, lasting }) {
  const choice = makeButton(lasting ? "choice lasting" : "choice", title);
  if (token) choice.dataset.token = token;
  return choice;
}
