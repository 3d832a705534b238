import { readAddress } from "./address.js";
import { Drawer } from "./drawer.js";
import { NONE } from "./state.js";

/** The chosen span: its row, its panel and its place in the history. */
export class Selection {
  constructor({ root, state, view, history, signal }) {
    Object.assign(this, { root, state, view, history, isFollowing: false });
    this.drawer = new Drawer(root.dataset.spanUrl, { signal, onClose: () => this.close() });
    addEventListener("popstate", () => this.goBack(), { signal });
    root.addEventListener("click", (event) => this.onLink(event), { signal });
  }

  /** A link to a span of this trace, in the table or in the panel, opens it without another page. */
  async onLink(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.pathname !== location.pathname) return;
    const spanId = new URLSearchParams(link.search).get("span");
    if (!spanId) return;
    event.preventDefault();
    const row = await this.rowOf(spanId);
    if (row === NONE) location.assign(link.href);
    else this.state.select(row);
  }

  /** Called when the state's selection has changed. */
  async follow() {
    const { selected } = this.state;
    if (selected === NONE) {
      this.drawer.close();
      this.history.nameSpan("");
      return;
    }
    if (!this.isFollowing) this.history.push();
    if (this.isFollowing && this.drawer.holds(this.history.spanId)) {
      this.drawer.setOpen(true);
      return;
    }
    const wasOpen = this.drawer.isOpen();
    const opening = this.drawer.open(this.state.model, selected);
    if (!wasOpen) this.view.resize();
    this.view.show(selected, { coveredPx: this.drawer.coveredPx() });
    const spanId = await opening;
    if (spanId && this.state.selected === selected) this.history.nameSpan(spanId);
    this.view.show(selected, { coveredPx: this.drawer.coveredPx() });
  }

  close() {
    if (this.state.selected === NONE) return false;
    this.state.select(NONE);
    this.view.resize();
    this.view.grid.focus({ preventScroll: true });
    return true;
  }

  /** Select what the page was opened with, without a step in the history. */
  restore(row, spanId) {
    this.history.spanId = spanId;
    this.isFollowing = true;
    this.state.select(row);
    this.isFollowing = false;
    this.view.show(row, { isCentered: true, coveredPx: this.drawer.coveredPx() });
  }

  async goBack() {
    const asked = new URLSearchParams(location.search);
    const spanId = asked.get("span") ?? "";
    const row = history.state?.row ?? (await this.rowOf(spanId));
    readAddress(this.state, location.search);
    if (row === NONE) {
      this.history.spanId = "";
      this.state.select(NONE);
      this.view.resize();
    } else {
      this.restore(row, spanId);
    }
  }

  async rowOf(spanId) {
    if (!spanId) return NONE;
    const answer = await fetch(`${this.root.dataset.rowUrl}?span=${encodeURIComponent(spanId)}`);
    if (!answer.ok) return NONE;
    return this.state.model.rowOfSource[(await answer.json()).row] ?? NONE;
  }
}
