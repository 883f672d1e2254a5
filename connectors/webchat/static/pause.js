/** Waiting between tries: longer each time, and never all customers at once. */

/** Milliseconds to wait after so many failures: about 1, 2, 4 … seconds, a quarter more or less by chance. */
export function backOff(failures, longest = 30_000) {
  return Math.min(1000 * 2 ** failures, longest) * (0.75 + Math.random() / 2);
}

/** Resolves after so many milliseconds, or as soon as the signal aborts. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener("abort", finish);
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
  });
}
