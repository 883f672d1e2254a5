/** Turns message text and times into what the customer reads. */

const PHONE = /^(1[3-9]\d{9}|400\d{7})$/;
const CANDIDATE = /(https:\/\/[^\s<>"'，。；：！？、（）【】《》“”]+|[\w-]+)/;

/** The text as nodes; https addresses and phone numbers in it become links. */
export function linkText(text) {
  return text.split(CANDIDATE).flatMap((part) => {
    if (part.startsWith("https://")) {
      const address = part.replace(/[.,;:!?)\]]+$/, "");
      const link = makeLink(address, { href: address, target: "_blank", rel: "noopener noreferrer" });
      return [link, part.slice(address.length)];
    }
    const number = part.replace(/-/g, "");
    return PHONE.test(number) ? [makeLink(part, { href: `tel:${number}` })] : [part];
  });
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

/** Leaves an unchanged text alone, or a screen reader would read it again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
