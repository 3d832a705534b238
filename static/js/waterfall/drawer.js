import { $, make } from "../shared/dom.js";
import { spanAddress } from "./model.js";

const PANEL = "#span-panel";
const CLOSER = "#span-panel [data-drawer-close]";

/** The panel with the details of one span. htmx brings its HTML; here it is opened, closed and found again after a swap. */
export class Drawer {
  constructor(spanUrl, { onClose, signal }) {
    this.spanUrl = spanUrl;
    this.asked = 0;
    document.addEventListener("click", ({ target }) => {
      if (target.closest(CLOSER)) onClose();
    }, { signal });
  }

  /** The server has put this span's panel into the page. */
  holds(spanId) {
    return spanId !== "" && $(PANEL).dataset.spanId === spanId;
  }

  isOpen() {
    return $(PANEL)?.hidden === false;
  }

  /** Height in pixels which the panel covers at the foot of a narrow page. */
  coveredPx() {
    const panel = $(PANEL);
    return this.isOpen() && getComputedStyle(panel).position === "fixed" ? panel.offsetHeight : 0;
  }

  /** Show the details of `row`. Returns the span's id in hex, or "" when they did not come or are no longer wanted. */
  async open(model, row) {
    const asked = ++this.asked;
    this.setOpen(true);
    $(PANEL).setAttribute("aria-busy", "true");
    const address = this.spanUrl + spanAddress(model, row);
    const isThere = await this.fetch(address);
    if (asked !== this.asked) return "";
    const panel = $(PANEL);
    panel.removeAttribute("aria-busy");
    this.setOpen(true);
    if (isThere) return panel.dataset.spanId ?? "";
    panel.replaceChildren(failure(() => this.open(model, row)));
    return "";
  }

  async fetch(address) {
    let isThere = true;
    const note = ({ detail }) => {
      if (detail.pathInfo?.requestPath.startsWith(this.spanUrl)) isThere = false;
    };
    const failures = ["htmx:responseError", "htmx:sendError"];
    for (const name of failures) document.addEventListener(name, note);
    await htmx.ajax("GET", address, { target: PANEL, swap: "outerHTML" }).catch(() => (isThere = false));
    for (const name of failures) document.removeEventListener(name, note);
    return isThere;
  }

  close() {
    this.asked++;
    this.setOpen(false);
  }

  setOpen(isOpen) {
    const panel = $(PANEL);
    panel.hidden = !isOpen;
    panel.dataset.open = isOpen;
  }
}

function failure(retry) {
  const button = make("button", { class: "button", type: "button" }, "Try again");
  button.addEventListener("click", retry);
  return make("div", { class: "drawer-failed", role: "alert" }, make("p", {}, "The details of this span could not be loaded."), button);
}
