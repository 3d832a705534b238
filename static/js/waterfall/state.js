import { errorRows, findRows, nextIndex } from "./find.js";
import { isCritical } from "./model.js";
import { clampRange, panRange, rangeAround, zoomRange } from "./scale.js";

/** No entry: nothing selected, nothing under the pointer. Entries are rows and ~groups, so -1 would be a group. */
export const NONE = -0x7fffffff;

/**
 * The one state of the waterfall. Drawing reads it, events change it through its methods, and each change is told to the
 * listener as one word: range · rows (which are shown) · current · selection · find · critical · hover.
 */
export class State {
  constructor(model, tree, ranks) {
    Object.assign(this, { model, tree, ranks });
    this.fromNs = model.fromNs;
    this.toNs = model.toNs;
    this.selected = NONE;
    this.current = NONE;
    this.hovered = NONE;
    this.cursorPx = -1;
    this.find = { text: "", mask: null, rows: new Int32Array(0), index: -1 };
    this.filter = ""; // "", "matches" or "errors"
    this.isCritical = false;
    this.events = new Map();
    this.bound = 0; // counts up when rows must be written again
    this.listener = () => {};
  }

  /** The one listener; called with the kind of change. */
  listen(listener) {
    this.listener = listener;
  }

  tell(change) {
    if (["rows", "find", "critical"].includes(change)) this.bound++;
    this.listener(change);
  }

  isZoomed() {
    return this.fromNs > this.model.fromNs || this.toNs < this.model.toNs;
  }

  setRange(range, options) {
    const { fromNs, toNs } = clampRange(range, this.model, options);
    if (fromNs === this.fromNs && toNs === this.toNs) return;
    this.fromNs = fromNs;
    this.toNs = toNs;
    this.tell("range");
  }

  resetRange() {
    this.setRange(this.model);
  }

  /** Zoom by `factor`; `part` of the width stays where it is. */
  zoom(factor, part = 0.5) {
    this.setRange(zoomRange(this, { part, factor }, this.model), { keepWidth: true });
  }

  /** Move by `part` of what is shown. */
  pan(part) {
    this.setRange(panRange(this, part, this.model), { keepWidth: true });
  }

  fit(entry) {
    if (entry === NONE) return;
    const row = this.tree.rowOf(entry);
    this.setRange(rangeAround(this.model.startNs[row], this.model.durationNs[row], this.model));
  }

  toggleOpen(entry) {
    this.setOpen(entry, !this.tree.isOpen(entry));
  }

  setOpen(entry, isOpen) {
    if (!this.tree.hasChildren(entry)) return;
    this.tree.setOpen(entry, isOpen);
    this.keepCurrentShown();
    this.tell("rows");
  }

  foldTo(depth) {
    this.tree.foldTo(depth);
    this.keepCurrentShown();
    this.tell("rows");
  }

  /** What was folded away hands the place to the nearest entry above it. */
  keepCurrentShown() {
    let entry = this.current;
    while (entry !== null && entry !== NONE && this.tree.position(entry) < 0) entry = this.tree.above(entry);
    this.current = entry ?? NONE;
  }

  setFilter(filter) {
    this.filter = filter;
    this.applyFilter();
    this.tell("rows");
  }

  applyFilter() {
    const masks = { matches: this.find.mask, errors: this.filter === "errors" ? errorRows(this.model).mask : null };
    this.tree.filter(masks[this.filter] ?? null);
    this.keepCurrentShown();
  }

  setFind(text) {
    this.find = { text, ...findRows(this.model, text), index: -1 };
    if (this.filter === "matches") this.applyFilter();
    this.tell("find");
  }

  /** Go to the next (1) or previous (-1) match as seen from the current row. */
  goToMatch(step) {
    const from = this.current === NONE ? -1 : this.tree.rowOf(this.current);
    this.find.index = nextIndex(this.find.rows, from, step);
    if (this.find.index >= 0) this.goTo(this.find.rows[this.find.index]);
  }

  /** Go to the first match at an entry or after it; from NONE, the first of all. */
  goToMatchFrom(entry) {
    const from = entry === NONE ? -1 : this.tree.rowOf(entry) - 1;
    this.find.index = nextIndex(this.find.rows, from, 1);
    if (this.find.index >= 0) this.goTo(this.find.rows[this.find.index]);
  }

  goToError(step) {
    const { rows } = errorRows(this.model);
    const index = nextIndex(rows, this.current === NONE ? -1 : this.tree.rowOf(this.current), step);
    if (index >= 0) this.goTo(rows[index]);
  }

  /** Make `row` current, unfolding what hides it and ending a filter that does. */
  goTo(row) {
    if (this.tree.reveal(row) < 0) {
      this.filter = "";
      this.tree.filter(null);
      this.tree.reveal(row);
    }
    this.current = row;
    this.tell("rows");
    this.tell("current");
  }

  /** Make the entry at a position current; positions beyond the ends mean the ends. */
  moveTo(position) {
    if (!this.tree.length) return;
    this.current = this.tree.visible[Math.min(Math.max(position, 0), this.tree.length - 1)];
    this.tell("current");
  }

  /** Choose `row`; NONE chooses nothing. Choosing again what is chosen only goes there. */
  select(row) {
    const isOther = row !== this.selected;
    this.selected = row;
    if (row !== NONE) this.goTo(row);
    if (isOther) this.tell("selection");
  }

  setCritical(isCritical) {
    this.isCritical = isCritical;
    this.tell("critical");
  }

  setEvents(events) {
    this.events = events;
    this.tell("critical");
  }

  hover(entry, cursorPx) {
    if (entry === this.hovered && cursorPx === this.cursorPx) return;
    this.hovered = entry;
    this.cursorPx = cursorPx;
    this.tell("hover");
  }

  /** Is the row beside what is asked for: not found, or not on the critical path? */
  isFaint(row) {
    if (this.find.mask && !this.find.mask[row]) return true;
    return this.isCritical && !isCritical(this.model, row);
  }
}
