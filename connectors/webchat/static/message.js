/** One message on screen: its bubble or card, the choices under it, and whether it has been sent. */

import { buildCard } from "./card.js";
import { linkText } from "./content.js";
import { make, makeButton, setText } from "./elements.js";
import { HUMAN } from "./starters.js";

const AUTHORS = { customer: "您", bot: "小禾", agent: "人工客服", system: "系统提示" };
const UNSENT = { waiting: "等待发送", sending: "发送中" };

/** The message's node. */
export function buildMessage({ author, text, card, buttons = [], message_id }) {
  const node = make("div", `message from-${author}`, make("time", "stamp"), make("p", "author", AUTHORS[author]));
  const content = author === "customer" ? [text] : linkText(text);
  node.append(make("div", card ? "visually-hidden" : "bubble", ...content));
  if (card) node.append(buildCard(card));
  if (message_id) node.dataset.messageId = message_id;
  if (buttons.length) {
    const legend = make("legend", "visually-hidden", "快捷回复");
    node.append(make("fieldset", "choices", legend, ...buttons.map(makeChoice)));
  }
  return node;
}

/** The bubble of the customer's own message says what was recorded: a password is masked there. */
export function confirmText(node, text) {
  if (text) setText(node.querySelector(".bubble"), text);
}

/** `state` is "waiting", "sending", "failed" or "sent". */
export function showState(node, state) {
  node.dataset.state = state;
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

function makeChoice({ title, token, lasting }) {
  const choice = makeButton(lasting ? "choice lasting" : "choice", title);
  if (token) choice.dataset.token = token;
  return choice;
}
