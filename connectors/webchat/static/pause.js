/** Waits after a failure: about 1, 2, 4 … 30 s, a quarter more or less by chance; an abort ends it early. */
export function pauseAfter(failures, signal, leastMs = 0) {
  const wait = Math.max(leastMs, Math.min(1000 * 2 ** failures, 30_000) * (0.75 + Math.random() / 2));
  return new Promise((resolve) => {
    setTimeout(resolve, wait);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
