/**
 * Puts 小禾's chat on a page of the bank's site: a button, and a panel with the chat page in a frame.
 *
 *   <script src="https://chat.bank.example/widget.js" async></script>
 *
 * Optional attributes: data-position="left", data-label="…". What customers say stays in the frame; out of it come
 * only two signals, "close" and "reply".
 */
(() => {
  "use strict";

  const TAG = "xiaohe-widget";
  const { src, dataset } = document.currentScript;
  const { origin } = new URL(src);
  const side = dataset.position === "left" ? "left" : "right";
  const label = dataset.label || "问小禾";

  // Sizes in px: rem depends on the host page.
  const STYLE = `
    :host { /* only what is important here beats the host page's own rules */
      all: initial !important;
      position: fixed !important;
      bottom: calc(20px + env(safe-area-inset-bottom)) !important;
      ${side}: calc(20px + env(safe-area-inset-${side})) !important;
      z-index: 2147483647 !important;
      color-scheme: light dark !important;
      --brand: #14503a !important;
      --page: #f2f5f0 !important;
    }
    button {
      border: 0;
      background: var(--brand);
      color: #fff;
      cursor: pointer;
      touch-action: manipulation;
      -webkit-tap-highlight-color: transparent;
    }
    button:focus-visible { outline: 3px solid #f0c75e; outline-offset: -3px; }
    .launcher {
      display: grid;
      place-items: center;
      position: relative;
      width: 60px;
      height: 60px;
      padding: 0;
      border-radius: 50%;
      background: #14503a;
      box-shadow: 0 0 0 1px rgb(255 255 255 / 25%), 0 4px 16px rgb(0 0 0 / 30%);
    }
    .launcher.has-unread::after {
      content: "";
      position: absolute;
      top: 1px;
      right: 1px;
      width: 14px;
      height: 14px;
      border: 2px solid #fff;
      border-radius: 50%;
      background: #d93a2b;
    }
    .panel {
      position: fixed;
      bottom: calc(92px + env(safe-area-inset-bottom));
      ${side}: calc(20px + env(safe-area-inset-${side}));
      width: min(400px, 100vw - 40px);
      height: min(640px, 100vh - 112px);
      overflow: hidden;
      border: 0 solid var(--brand);
      border-radius: 18px;
      background: var(--page);
      box-shadow: 0 0 0 1px rgb(128 128 128 / 25%), 0 8px 40px rgb(0 0 0 / 30%);
    }
    .panel:not(.is-open) { visibility: hidden; opacity: 0; transform: translateY(8px); } /* keeps its scroll position */
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    .close { /* stands where the chat page's header leaves room for it */
      position: absolute;
      top: 6px;
      right: 8px;
      height: 44px;
      width: 52px;
      padding: 0;
      border-radius: 10px;
      font: 14px/1.4 system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei",
        "Noto Sans CJK SC", sans-serif;
    }
    @media (hover: hover) { button:hover { filter: brightness(1.25); } }
    @media (max-width: 480px), (max-height: 480px) {
      .launcher[aria-expanded="true"] { visibility: hidden; }
      .panel {
        inset: var(--top, 0) 0 auto;
        box-sizing: border-box;
        width: auto;
        height: var(--height, 100%);
        border-width: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left);
        border-radius: 0;
        padding-bottom: env(safe-area-inset-bottom);
      }
    }
    @media (prefers-color-scheme: dark) { :host { --brand: #11291f !important; --page: #101714 !important; } }
    @media (prefers-reduced-motion: no-preference) {
      .panel { transition: opacity 0.15s, transform 0.15s, visibility 0s 0.15s; }
      .panel.is-open { transition-delay: 0s; }
    }
    @media print { :host { display: none !important; } }
  `;

  function mount() {
    const host = document.createElement(TAG);
    const root = host.attachShadow({ mode: "open" });
    const launcher = make("button", { type: "button", class: "launcher", "aria-expanded": false }, drawIcon());
    const close = make("button", { type: "button", class: "close" }, "关闭");
    const panel = make("div", { class: "panel", role: "dialog", "aria-label": label }, close);
    let frame = null;

    const isOpen = () => panel.classList.contains("is-open");

    function show(willBeOpen) {
      panel.classList.toggle("is-open", willBeOpen);
      launcher.setAttribute("aria-expanded", willBeOpen);
      if (!willBeOpen) return launcher.focus({ preventScroll: true });
      showUnread(false);
      if (frame) return frame.focus({ preventScroll: true });
      frame = make("iframe", { src: `${origin}/`, title: "与小禾对话", referrerpolicy: "no-referrer" });
      panel.append(frame);
      // Given to a frame that is still empty, the focus would be lost; the customer may also have taken it elsewhere.
      close.focus({ preventScroll: true });
      frame.addEventListener("load", () => root.activeElement === close && frame.focus({ preventScroll: true }));
    }

    function showUnread(hasUnread) {
      launcher.classList.toggle("has-unread", hasUnread);
      launcher.setAttribute("aria-label", hasUnread ? `${label}，有新消息` : label);
    }

    /** The soft keyboard takes its room from the panel, or it would cover the input. */
    function fitPanel() {
      const { scale, height, offsetTop } = window.visualViewport;
      if (scale > 1) return; // the reader has zoomed in
      panel.style.setProperty("--height", `${height}px`);
      panel.style.setProperty("--top", `${offsetTop}px`);
    }

    launcher.addEventListener("click", () => show(!isOpen()));
    close.addEventListener("click", () => show(false));
    document.addEventListener("keydown", ({ key, target, defaultPrevented }) => {
      // Pressed in a field or a dialog of the host page, Escape is not meant for us.
      const isOurs = target === host || target === document.body;
      if (key === "Escape" && isOurs && !defaultPrevented && isOpen()) show(false);
    });
    window.addEventListener("message", ({ source, origin: from, data }) => {
      if (!frame || source !== frame.contentWindow || from !== origin || data?.source !== "xiaohe") return;
      if (data.type === "close" && isOpen()) show(false);
      if (data.type === "reply" && !isOpen()) showUnread(true);
    });
    for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, fitPanel);

    showUnread(false);
    applyStyle(root);
    root.append(launcher, panel);
    // Not into the body: it may not exist yet, and a filter or transform on it would break fixed positioning.
    document.documentElement.append(host);
  }

  /** A style sheet built by script passes the strictest style-src of a host page. */
  function applyStyle(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", {}, STYLE)); // Safari before 16.4
    }
  }

  /** The picture of icon.svg, drawn here so that a host page's img-src need not allow it. */
  function drawIcon() {
    return draw(
      "svg",
      { viewBox: "8 6 48 52", width: 42, height: 42, "aria-hidden": true },
      draw("path", { d: "M32 54V27", stroke: "#f4efd9", "stroke-width": 4, "stroke-linecap": "round" }),
      draw("path", { d: "M32 40C19 40 12 32 11 20c12 0 20 7 21 20Z", fill: "#8fd0a3" }),
      draw("path", { d: "M32 46c13 0 20-7 21-18-12 0-20 6-21 18Z", fill: "#c3e6b8" }),
      draw("path", { d: "M32 28c-5-5-5-13 0-19 5 6 5 14 0 19Z", fill: "#f0c75e" }),
    );
  }

  function draw(tag, ...content) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), ...content);
  }

  function make(tag, ...content) {
    return fill(document.createElement(tag), ...content);
  }

  function fill(node, attributes, ...children) {
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  if (!document.querySelector(TAG)) mount(); // the script may stand on the page twice
})();
