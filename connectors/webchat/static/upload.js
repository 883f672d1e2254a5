/** Posts a blob and tells how much of it has gone, which fetch cannot. */

const PATIENCE_MS = 120_000;

/**
 * -> the answer's JSON. `onProgress(share)` from 0 to 1. Throws what fetchInTime in session.js throws: an error with
 * `status`, `code` and `retryAfter` (s) when refused, without a status when not answered.
 */
export function upload(path, { headers, body, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/webchat/${path}`);
    request.timeout = PATIENCE_MS;
    request.responseType = "json";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    for (const event of ["error", "abort", "timeout"]) {
      request.addEventListener(event, () => reject(new Error(event)));
    }
    request.addEventListener("load", () => {
      const { status, response } = request;
      if (status < 300 && response) return resolve(response);
      const retryAfter = Number(request.getResponseHeader("Retry-After")) || 0;
      return reject(Object.assign(new Error(response?.error?.reason), { status, code: response?.error?.code, retryAfter }));
    });
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
