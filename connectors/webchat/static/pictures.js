/** Pictures that the customer chooses, pastes or drops: made small enough to send, with nothing in them but the picture. */

import { byId } from "./elements.js";

const EDGE_MAX = 3000; // pixels: small print stays readable
const QUALITY = 0.88;
const BYTES_MAX = 10 * 1024 * 1024;
const AT_ONCE = 6;
const NO_PICTURE = "现在只能发照片（JPG、PNG）";
const TOO_LARGE = "照片太大了，请发10MB以内的";
const TOO_MANY = `一次最多发${AT_ONCE}张照片`;

export class Pictures {
  #input = byId("picture");
  #page = byId("page");
  #entered = 0; // elements under what is dragged

  /**
   * Handlers: `onPicture(blob)` for each to be sent, `onProblem(sentence)`, and `confirm(count)`, asked before what was
   * pasted or dropped is sent.
   */
  constructor(handlers) {
    this.handlers = handlers;
    byId("attach").addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      const files = [...this.#input.files];
      this.#input.value = ""; // so that the same one can be chosen again
      this.#take(files);
    });
    byId("text").addEventListener("paste", (event) => {
      const files = [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      this.#takeAsked(files);
    });
    this.#page.addEventListener("dragenter", (event) => hasFiles(event) && this.#mark(++this.#entered));
    this.#page.addEventListener("dragleave", (event) => hasFiles(event) && this.#mark(--this.#entered));
    this.#page.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    this.#page.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // or the browser would open it in place of the page
      this.#mark((this.#entered = 0));
      this.#takeAsked([...event.dataTransfer.files]);
    });
  }

  #mark(entered) {
    this.#page.classList.toggle("dropping", entered > 0);
  }

  async #takeAsked(files) {
    const isPicture = files.every(({ type }) => type.startsWith("image/"));
    if (!isPicture || (await this.handlers.confirm(files.length))) await this.#take(files);
  }

  async #take(files) {
    if (files.length > AT_ONCE) return this.handlers.onProblem(TOO_MANY);
    for (const file of files) {
      if (!file.type.startsWith("image/")) this.handlers.onProblem(NO_PICTURE);
      else await this.#send(file);
    }
  }

  async #send(file) {
    const picture = await shrink(file);
    if (picture.size > BYTES_MAX) this.handlers.onProblem(TOO_LARGE);
    else this.handlers.onPicture(picture);
  }
}

/** As a JPEG that needs no more room than it must; the file itself where this browser cannot read it. */
export async function shrink(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE_MAX / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff"; // under what is transparent
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY))) || file;
  } catch {
    return file; // the gateway says what is wrong with it
  }
}

const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
