/** Keeps small JSON values in the browser; where storage is forbidden (some frames) the page works without. */

export function recall(area, key) {
  try {
    return JSON.parse(window[area].getItem(key));
  } catch {
    return null;
  }
}

export function remember(area, key, value) {
  try {
    window[area].setItem(key, JSON.stringify(value));
  } catch {
    // The page only forgets sooner.
  }
}

export function forget(area, key) {
  try {
    window[area].removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
