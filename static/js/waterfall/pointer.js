import { NONE } from "./state.js";

const DRAG_PX = 4;
const WHEEL_ZOOM = 0.0022;

/** The pointer over the rows: hover, choose, fold, pan, zoom. */
export class Pointer {
  constructor(view, state, { tooltip, signal }) {
    Object.assign(this, { view, state, tooltip, drag: null, hasDragged: false, touches: new Map() });
    const on = (element, type, act, options = {}) => element.addEventListener(type, (event) => act.call(this, event), { signal, ...options });
    on(view.grid, "click", this.onClick);
    on(view.grid, "dblclick", this.onDoubleClick);
    on(view.grid, "wheel", this.onWheel, { passive: false });
    on(view.grid, "pointerdown", this.onDown);
    on(view.grid, "pointermove", this.onHover);
    on(view.grid, "pointerleave", this.onLeave);
    on(window, "pointermove", this.onDrag);
    on(window, "pointerup", this.onUp);
    on(window, "pointercancel", this.onUp);
    on(view.axis, "pointerdown", this.onAxisDown);
  }

  /** The entry under the pointer, or NONE. */
  entryAt({ target }) {
    const row = target.closest(".span-row");
    return row ? Number(row.dataset.entry) : NONE;
  }

  /** Pixels from where the bars begin; negative over the names. */
  laneX({ clientX }) {
    return clientX - this.view.grid.getBoundingClientRect().left - this.view.size.laneLeftPx;
  }

  onClick(event) {
    const entry = this.entryAt(event);
    if (entry === NONE || this.hasDragged) return;
    if (getSelection().toString() && event.detail === 1 && event.target.closest(".span-name")) return;
    if (entry < 0 || event.target.closest(".span-twist")) {
      if (this.state.tree.hasChildren(entry)) {
        this.state.current = entry;
        this.state.toggleOpen(entry);
        return;
      }
    }
    this.state.select(entry);
  }

  onDoubleClick(event) {
    const entry = this.entryAt(event);
    if (entry !== NONE && entry >= 0 && this.laneX(event) >= 0) this.state.fit(entry);
  }

  onWheel(event) {
    const { state, view } = this;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      state.zoom(Math.exp(event.deltaY * WHEEL_ZOOM), this.partAt(event));
    } else if (isSideways) {
      state.pan((event.deltaX || event.deltaY) / view.size.lanePx);
    } else if (view.rows.scroll.ratio !== 1) {
      view.rows.scroll.scrollTo(view.rows.scroll.topPx + event.deltaY);
      view.draw();
    } else {
      return;
    }
    event.preventDefault();
  }

  partAt(event) {
    return Math.min(1, Math.max(0, this.laneX(event) / this.view.size.lanePx));
  }

  onDown(event) {
    this.hasDragged = false;
    if (event.button || this.laneX(event) < 0) return;
    this.drag = { x: event.clientX, fromNs: this.state.fromNs, toNs: this.state.toNs };
    if (event.pointerType === "touch") this.touches.set(event.pointerId, event.clientX);
  }

  onDrag(event) {
    if (this.touches.size === 2 && this.touches.has(event.pointerId)) this.pinch(event);
    else if (this.drag) this.pan(event);
    else if (this.axisDrag) this.stretch(event);
  }

  pan({ clientX }) {
    const { x, fromNs, toNs } = this.drag;
    if (!this.hasDragged && Math.abs(clientX - x) <= DRAG_PX) return;
    this.hasDragged = true;
    this.tooltip.hide();
    const shiftNs = ((x - clientX) / this.view.size.lanePx) * (toNs - fromNs);
    this.state.setRange({ fromNs: fromNs + shiftNs, toNs: toNs + shiftNs }, { keepWidth: true });
  }

  pinch({ pointerId, clientX }) {
    const widthPx = () => Math.abs([...this.touches.values()].reduce((a, b) => a - b)) || 1;
    const before = widthPx();
    this.touches.set(pointerId, clientX);
    this.hasDragged = true;
    this.drag = null;
    const middle = [...this.touches.values()].reduce((a, b) => a + b) / 2;
    this.state.zoom(before / widthPx(), this.partAt({ clientX: middle }));
  }

  onUp(event) {
    const range = this.axisDrag?.range;
    this.touches.delete(event.pointerId);
    this.drag = null;
    this.axisDrag = null;
    if (range) this.state.setRange(range);
    this.view.axis.dataset.drawing = "false";
  }

  onAxisDown(event) {
    if (event.button) return;
    event.preventDefault();
    this.axisDrag = { x: this.laneX(event), ...this.scaleNow() };
  }

  scaleNow() {
    const { fromNs, toNs } = this.state;
    const nsPerPx = (toNs - fromNs) / this.view.size.lanePx;
    return { toNsAt: (px) => fromNs + px * nsPerPx };
  }

  /** Draw a window on the axis; the zoom follows when the button is let go. */
  stretch(event) {
    const { x, toNsAt } = this.axisDrag;
    const now = this.laneX(event);
    const { axis } = this.view;
    axis.style.setProperty("--from", `${Math.max(0, Math.min(x, now))}px`);
    axis.style.setProperty("--to", `${Math.min(this.view.size.lanePx, Math.max(x, now))}px`);
    const isWide = Math.abs(now - x) > DRAG_PX;
    axis.dataset.drawing = isWide;
    this.axisDrag.range = isWide ? { fromNs: toNsAt(Math.min(x, now)), toNs: toNsAt(Math.max(x, now)) } : null;
  }

  onHover(event) {
    if (!event.buttons) this.hasDragged = false;
    if (event.pointerType === "touch" || this.hasDragged) return;
    const x = this.laneX(event);
    const entry = this.entryAt(event);
    const isOnLane = x >= 0 && x <= this.view.size.lanePx;
    this.state.hover(entry, isOnLane ? x : -1);
    if (!isOnLane || entry === NONE || entry < 0) {
      this.tooltip.hide();
      return;
    }
    const frame = this.view.frame.getBoundingClientRect();
    this.tooltip.show(entry, { x: event.clientX - frame.left, y: event.clientY - frame.top, frame });
  }

  onLeave() {
    this.tooltip.hide();
    this.state.hover(NONE, -1);
  }
}
