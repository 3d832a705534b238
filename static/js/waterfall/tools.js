import { $, isWriting } from "../shared/dom.js";
import { formatCount, formatDuration, formatOffset } from "../shared/time.js";
import { NONE } from "./state.js";

const AGAIN_MS = 1500; // Ctrl F twice within this is the browser's own find

/** The line of buttons above the waterfall: finding, filters, folding, zoom. */
export class Tools {
  constructor(root, state, signal) {
    Object.assign(this, { root, state, signal, began: NONE });
    this.input = $(".trace-find input", root);
    this.count = $(".trace-find-count", root);
    this.matches = $("[data-act=matches]", root);
    this.errors = $("[data-act=errors]", root);
    this.critical = $("[data-act=critical]", root);
    this.range = $(".trace-range", root);
    this.shown = $(".trace-shown", root);
    this.listen();
  }

  listen() {
    const { state, root, signal, input } = this;
    const acts = {
      matches: () => state.setFilter(state.filter === "matches" ? "" : "matches"),
      errors: () => state.setFilter(state.filter === "errors" ? "" : "errors"),
      critical: () => state.setCritical(!state.isCritical),
      fold: () => state.foldTo(1),
      unfold: () => state.foldTo(Infinity),
      "reset-zoom": () => state.resetRange(),
      "previous-match": () => state.goToMatch(-1),
      "next-match": () => state.goToMatch(1),
    };
    root.addEventListener("click", ({ target }) => acts[target.closest("[data-act]")?.dataset.act]?.(), { signal });
    input.addEventListener("focus", () => (this.began = state.current), { signal });
    input.addEventListener("input", () => this.find(), { signal });
    input.addEventListener("keydown", (event) => this.onFindKey(event), { signal });
    document.addEventListener("keydown", (event) => this.onFindShortcut(event), { signal });
  }

  /** Each letter looks again from where the reader was when the find began. */
  find() {
    this.state.setFind(this.input.value);
    this.state.goToMatchFrom(this.began);
  }

  onFindKey(event) {
    if (event.key === "Enter") this.state.goToMatch(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") this.leaveFind();
    else return;
    event.preventDefault();
  }

  leaveFind() {
    this.input.value = "";
    this.state.setFind("");
    $(".waterfall-scroll", this.root).focus({ preventScroll: true });
  }

  onFindShortcut(event) {
    const isFind = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "f";
    if (!isFind || document.querySelector("dialog[open]")) return;
    const isAgain = event.timeStamp - (this.askedAt ?? -Infinity) < AGAIN_MS;
    this.askedAt = event.timeStamp;
    if (isAgain || (isWriting(event.target) && event.target !== this.input)) return;
    event.preventDefault();
    this.focusFind();
  }

  focusFind() {
    this.input.focus();
    this.input.select();
  }

  render() {
    const { state } = this;
    const { find } = state;
    if (this.input !== document.activeElement) this.input.value = find.text;
    const total = formatCount(find.rows.length);
    this.count.textContent = !find.mask ? "" : find.index >= 0 ? `${formatCount(find.index + 1)} / ${total}` : total;
    this.input.closest(".trace-find").dataset.asked = find.mask !== null;
    this.matches.disabled = !find.mask;
    this.matches.setAttribute("aria-pressed", state.filter === "matches");
    this.errors.setAttribute("aria-pressed", state.filter === "errors");
    this.critical.setAttribute("aria-pressed", state.isCritical);
    this.shown.textContent = state.tree.kept ? `${formatCount(state.tree.length)} of ${formatCount(state.model.count)} spans` : "";
    this.renderRange();
  }

  renderRange() {
    const { state } = this;
    this.range.hidden = !state.isZoomed();
    const [from, to] = [state.fromNs - state.model.fromNs, state.toNs - state.model.fromNs];
    $("span", this.range).textContent = `${formatOffset(from)} – ${formatOffset(to)} · ${formatDuration(to - from)}`;
  }
}
