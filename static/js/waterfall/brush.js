const GRIP_PX = 7;
const CLICK_PX = 3;

/** The window on the minimap: draw a new one, move it, pull its ends; a double click shows all. */
export class Brush {
  constructor(box, state, signal) {
    Object.assign(this, { box, state, drag: null, widthPx: 1 });
    const on = (type, act) => box.addEventListener(type, act, { signal });
    on("pointerdown", (event) => this.begin(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", () => (this.drag = null));
    on("pointercancel", () => (this.drag = null));
    on("dblclick", () => state.resetRange());
  }

  /** The width is read here and not in a frame: reading it there would make the browser lay out the page. */
  resize(widthPx) {
    this.widthPx = Math.max(1, widthPx);
  }

  render() {
    const { fromNs, toNs } = this.state;
    this.box.style.setProperty("--from", `${this.toPx(fromNs)}px`);
    this.box.style.setProperty("--to", `${this.toPx(toNs)}px`);
    this.box.dataset.zoomed = this.state.isZoomed();
  }

  begin(event) {
    if (event.button) return;
    const x = this.xOf(event);
    const { fromNs, toNs } = this.state;
    this.drag = { grip: this.gripAt(x), x, fromNs, toNs };
    this.box.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  gripAt(x) {
    if (!this.state.isZoomed()) return "new";
    const from = this.toPx(this.state.fromNs);
    const to = this.toPx(this.state.toNs);
    if (Math.abs(x - from) < GRIP_PX) return "from";
    if (Math.abs(x - to) < GRIP_PX) return "to";
    return x > from && x < to ? "window" : "new";
  }

  move(event) {
    if (!this.drag) return;
    const { grip, x, fromNs, toNs } = this.drag;
    const now = this.xOf(event);
    const atNs = this.toNs(now);
    if (grip === "window") {
      const shiftNs = atNs - this.toNs(x);
      this.state.setRange({ fromNs: fromNs + shiftNs, toNs: toNs + shiftNs }, { keepWidth: true });
    } else if (grip === "from") {
      this.state.setRange({ fromNs: Math.min(atNs, toNs - 1), toNs });
    } else if (grip === "to") {
      this.state.setRange({ fromNs, toNs: Math.max(atNs, fromNs + 1) });
    } else if (Math.abs(now - x) > CLICK_PX) {
      this.state.setRange({ fromNs: Math.min(this.toNs(x), atNs), toNs: Math.max(this.toNs(x), atNs) });
    }
  }

  xOf({ clientX }) {
    return clientX - this.box.getBoundingClientRect().left;
  }

  toPx(ns) {
    const { fromNs, toNs } = this.state.model;
    return ((ns - fromNs) / (toNs - fromNs)) * this.widthPx;
  }

  toNs(px) {
    const { fromNs, toNs } = this.state.model;
    return fromNs + (px / this.widthPx) * (toNs - fromNs);
  }
}
