/** The thumbs under an answer, and the line in which the customer may say what was missing. */

import { make, makeButton, setText } from "./elements.js";

const MISSING_MAX = 200;
const NAMES = { up: ["👍", "有用"], down: ["👎", "没帮上"] };
const GIVEN = { up: "谢谢您的反馈", down: "谢谢，我们会改进。哪里没说清？" };
const FAILED = "没有记下，请再点一次";

/** The thumbs of an answer; `thumb` is the one given before, or "open". */
export function makeThumbs(thumb) {
  const status = make("span", "thumb-status");
  status.setAttribute("role", "status");
  const buttons = Object.entries(NAMES).map(([name, [sign, words]]) => {
    const button = makeButton("thumb", words);
    const icon = make("span", "", `${sign} `);
    icon.setAttribute("aria-hidden", "true");
    button.prepend(icon);
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
