/** Turns message text and times into what the customer reads. */

const HOTLINE = /^400\d{7}$/;
const CANDIDATE = /(https:\/\/[^\s<>"'，。；：！？、（）【】《》“”]+|[\w-]+)/;
// As knowledge/links.py writes a link with a title, and a picture of this gateway with what it shows.
const TITLED = /“([^“”\n]+)”(?:（ | \( )((?:https?:\/\/[^\s\/]+)?\/pictures\/[0-9a-f]{32}\.jpg|https:\/\/[^\s<>"']+)(?: ）| \))/;
const PICTURE = /\/pictures\/[0-9a-f]{32}\.jpg$/;

/**
 * The text as nodes; titled and plain https addresses and hotlines in it become links, pictures are shown, but no mobile
 * number is a link: it may be their own.
 */
export function linkText(text) {
  const parts = text.split(TITLED); // words, title, address, words, …
  return parts.flatMap((part, place) => {
    if (place % 3 === 0) return linkWords(part);
    return place % 3 === 1 ? [makeTitled(part, parts[place + 1])] : [];
  });
}

function linkWords(text) {
  return text.split(CANDIDATE).flatMap((part) => {
    if (part.startsWith("https://")) {
      const address = part.replace(/[.,;:!?)\]]+$/, "");
      return [makeOutwardLink(address, address), part.slice(address.length)];
    }
    const number = part.replace(/-/g, "");
    return HOTLINE.test(number) ? [makeLink(part, { href: `tel:${number}` })] : [part];
  });
}

function makeTitled(title, address) {
  const path = address.match(PICTURE)?.[0];
  if (!path) return makeOutwardLink(title, address);
  const image = Object.assign(document.createElement("img"), { className: "illustration", alt: title, src: path });
  const link = makeOutwardLink("", path);
  link.append(image);
  return link;
}

function makeOutwardLink(text, address) {
  return makeLink(text, { href: address, target: "_blank", rel: "noopener noreferrer", title: address });
}

function makeLink(text, properties) {
  return Object.assign(document.createElement("a"), { textContent: text, ...properties });
}

/** "14:05", "昨天 14:05", "7月1日 14:05" or "2025年7月1日 14:05" in the customer's own time zone. */
export function describeTime(at, now = new Date()) {
  const clock = `${at.getHours()}:${String(at.getMinutes()).padStart(2, "0")}`;
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (at.toDateString() === now.toDateString()) return clock;
  if (at.toDateString() === yesterday.toDateString()) return `昨天 ${clock}`;
  const year = at.getFullYear() === now.getFullYear() ? "" : `${at.getFullYear()}年`;
  return `${year}${at.getMonth() + 1}月${at.getDate()}日 ${clock}`;
}
