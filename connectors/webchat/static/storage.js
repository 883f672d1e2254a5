/** Keeps small values in the browser; where storage is forbidden (private windows, frames) the page works without. */

/** The value kept under the key, else null. `area` is "localStorage" or "sessionStorage". */
export function recall(area, key) {
  try {
    return JSON.parse(window[area].getItem(key));
  } catch {
    return null;
  }
}

/** Keeps the value, anything JSON can hold. */
export function remember(area, key, value) {
  try {
    window[area].setItem(key, JSON.stringify(value));
  } catch {
    // The page only forgets sooner.
  }
}
