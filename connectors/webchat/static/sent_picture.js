/** A picture of the conversation: fetched once its message is shown, and made larger by a press. */

import { make, makeButton, setText } from "./elements.js";

const GONE = "图片已经删除";
const AWAY = "图片没有打开，点此重试";

/** The bubble; `fetch()` gives the picture as a blob, `title` says whose it is. */
export function makeSentPicture(fetch, title) {
  const bubble = make("div", "bubble", "[图片]");
  load(bubble, fetch, title);
  return bubble;
}

async function load(bubble, fetch, title) {
  try {
    const image = make("img", "thumbnail");
    image.alt = `${title}，点开放大`;
    image.src = URL.createObjectURL(await fetch());
    const picture = makeButton("picture", "");
    picture.append(image);
    picture.addEventListener("click", (event) => {
      event.stopPropagation(); // other buttons of the log say something
      picture.classList.toggle("large");
    });
    bubble.replaceWith(picture);
  } catch (error) {
    if (error.status === 404) return setText(bubble, GONE);
    const again = makeButton("retry", AWAY);
    again.addEventListener("click", (event) => {
      event.stopPropagation();
      again.replaceWith(bubble);
      load(bubble, fetch, title);
    });
    bubble.replaceWith(again);
  }
}
