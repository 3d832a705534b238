import { writeAddress } from "./address.js";

const QUIET_MS = 250; // browsers refuse more than some hundred changes of the address a minute

/**
 * Keeps the page's address telling what is shown, so that a pasted link opens the same view. A choice of a span is a step
 * that Back returns from; all else replaces the address.
 */
export class History {
  constructor(root, state, signal) {
    Object.assign(this, { root, state, spanId: "", timer: 0 });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  address() {
    const view = this.root.dataset.view;
    return location.pathname + writeAddress(this.state, location.search, { spanId: this.spanId, view }) + location.hash;
  }

  push() {
    this.flush();
    this.spanId = "";
    history.pushState({ row: this.state.selected }, "", this.address());
  }

  /** The chosen span is known by this id. */
  nameSpan(spanId) {
    this.spanId = spanId;
    this.flush();
  }

  replaceSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), QUIET_MS);
  }

  flush() {
    clearTimeout(this.timer);
    const address = this.address();
    if (address !== location.pathname + location.search + location.hash) {
      history.replaceState({ ...history.state, row: this.state.selected }, "", address);
    }
  }
}
