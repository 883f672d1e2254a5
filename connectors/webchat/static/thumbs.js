/** The thumbs under an answer, and the line in which the customer may say what was missing. */

import { make, makeButton, setText } from "./elements.js";

const MISSING_MAX = 200;
const NAMES = { up: "有用", down: "没帮上" };
const SVG = "http://www.w3.org/2000/svg";
const HAND = "M4 11h3v9H4zM9.5 11l4-8c1.7 0 2.6 1.2 2.2 2.8L15 9h4.2c1.2 0 2 1 1.8 2.2l-1.5 7.2c-.2 1-1 1.6-2 1.6h-8z";
const GIVEN = { up: "谢谢您的反馈", down: "谢谢，我们会改进。哪里没说清？" };
const FAILED = "没有记下，请再点一次";

/** The thumbs of an answer; `thumb` is the one given before, or "open". */
export function makeThumbs(thumb) {
  const status = make("span", "thumb-status");
  status.setAttribute("role", "status");
  const buttons = Object.entries(NAMES).map(([name, words]) => {
    const button = makeButton("thumb", words);
    button.prepend(drawHand());
    button.dataset.thumb = name;
    return button;
  });
  const thumbs = make("div", "thumbs", ...buttons, status);
  mark(thumbs, thumb);
  return thumbs;
}

/** Gives the pressed thumb by `give(thumb, missing)`; after "down" the customer is asked what was missing. */
export async function pressThumb(button, give) {
  const thumbs = button.closest(".thumbs");
  const { thumb } = button.dataset;
  const status = thumbs.querySelector(".thumb-status");
  try {
    await give(thumb, "");
  } catch {
    return setText(status, FAILED);
  }
  mark(thumbs, thumb);
  setText(status, GIVEN[thumb]);
  thumbs.querySelector(".missing")?.remove();
  if (thumb === "down") thumbs.append(makeForm(status, give));
}

/** Drawn: not every computer has pictures among its letters. */
function drawHand() {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", HAND);
  icon.append(path);
  return icon;
}

function makeForm(status, give) {
  const input = Object.assign(make("input", ""), { maxLength: MISSING_MAX, placeholder: "可以不写" });
  input.setAttribute("aria-label", "哪里没说清");
  const form = make("form", "missing", input, Object.assign(makeButton("tell", "提交"), { type: "submit" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!input.value.trim()) return form.remove();
    try {
      await give("down", input.value);
    } catch {
      return setText(status, FAILED);
    }
    form.remove();
    setText(status, "谢谢，已转给知识团队");
  });
  return form;
}

function mark(thumbs, given) {
  for (const button of thumbs.querySelectorAll(".thumb")) {
    button.setAttribute("aria-pressed", String(button.dataset.thumb === given));
  }
}
