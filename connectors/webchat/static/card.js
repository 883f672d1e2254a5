/** A card: what was filled in, with a way to change each row, a quota with its reasons, a copy to download, a list. */

import { buildDownload } from "./copy.js";
import { linkText } from "./content.js";
import { make, makeButton } from "./elements.js";

/**
 * The card's node. Screen readers read the message's text instead, which says the same in sentences; only the buttons
 * are for them too.
 */
export function buildCard(card) {
  const node = make("div", `card ${card.kind}`, hide(make("p", "card-title", card.title)));
  if (card.kind === "result") node.append(...buildResult(card));
  else node.append(buildRows(card.rows), ...card.notes.map((note) => hide(make("p", "note", ...linkText(note)))));
  if (card.kind === "copy") node.append(buildDownload());
  return node;
}

function buildResult({ rows, notes }) {
  const [quota, ...others] = rows;
  const reasons = notes.slice(0, -1).map((reason) => make("li", "", reason));
  return [
    ...(quota ? [buildRow(quota, "quota")] : []),
    ...(others.length ? [buildRows(others)] : []),
    ...(reasons.length ? [hide(make("ul", "reasons", ...reasons))] : []),
    ...notes.slice(-1).map((step) => hide(make("p", "next-step", step))),
  ];
}

function buildRows(rows) {
  return make("div", "rows", ...rows.map((row) => buildRow(row, "row")));
}

function buildRow({ label, value, say }, className) {
  const row = make("div", className, hide(make("span", "label", label)), hide(make("span", "value", ...linkText(value))));
  if (say) {
    const change = makeButton("change", "改");
    change.dataset.say = say;
    change.setAttribute("aria-label", `改${label}`);
    row.append(make("span", "action", change));
  }
  return row;
}

/** What can be pressed is for all. */
function hide(node) {
  if (!node.querySelector("a")) node.setAttribute("aria-hidden", "true");
  return node;
}
