/** What is still open in a conversation: the choices of the current question, the card to change, the form. */

/**
 * `messages` are {author, card, progress}, oldest first. The result: `lastSaid`, the index of what the customer said
 * last, before which all choices are used up but those that last; `card`, the index of the card whose rows can be
 * changed, or -1; `progress` of the open form, or null.
 */
export function findOpen(messages) {
  const lastSaid = messages.findLastIndex(({ author }) => author === "customer");
  const progress = messages.findLast(({ author }) => author === "bot")?.progress ?? null;
  const card = messages.findLastIndex(({ card }) => card && card.kind !== "list"); // an answer beside the form
  // A summary belongs to its form: once that is submitted or left, there is nothing to change in it.
  const isOver = card >= 0 && messages[card].progress && !progress;
  return { lastSaid, card: isOver ? -1 : card, progress };
}
