/**
 * Pictures and files that the customer chooses, pastes or drops. Pictures are made small enough to send, with nothing in
 * them but the picture; files go as they are.
 */

import { byId } from "./elements.js";

const EDGE_MAX = 3000; // pixels: small print stays readable
const QUALITY = 0.88;
const BYTES_MAX = 10 * 1024 * 1024;
const AT_ONCE = 6;
const FILES = /\.(?:pdf|docx|xlsx)$/i;
const NOT_TAKEN = "只能发照片和PDF、Word、Excel文件";
const TOO_LARGE = "太大了，请发10MB以内的";
const TOO_MANY = `一次最多发${AT_ONCE}个`;

export class Pictures {
  #input = byId("picture");
  #page = byId("page");
  #entered = 0; // elements under what is dragged

  /**
   * Handlers: `onPicture(blob)` or `onFile(file)` for each to be sent, `onProblem(sentence)`, and `confirm(what, count)`,
   * asked before what was pasted or dropped is sent.
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
    if (!files.every(isTaken) || (await this.handlers.confirm(files.every(isPicture) ? "张照片" : "个文件", files.length))) await this.#take(files);
  }

  async #take(files) {
    if (files.length > AT_ONCE) return this.handlers.onProblem(TOO_MANY);
    for (const file of files) {
      if (isTaken(file)) await this.#send(file);
      else this.handlers.onProblem(NOT_TAKEN);
    }
  }

  async #send(file) {
    const small = isPicture(file) ? await shrink(file) : file;
    if (small.size > BYTES_MAX) this.handlers.onProblem(TOO_LARGE);
    else if (isPicture(file)) this.handlers.onPicture(small);
    else this.handlers.onFile(file);
  }
}

const isPicture = ({ type }) => type.startsWith("image/");
const isTaken = (file) => isPicture(file) || FILES.test(file.name);

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
