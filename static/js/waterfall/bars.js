import { formatDuration } from "../shared/time.js";
import { paintGroup } from "./bar-group.js";
import { FLAG } from "./flags.js";
import { rowColour } from "./palette.js";
import { paintCritical, paintSelf } from "./bar-stretches.js";
import { BAR_PX, box, diamond, hatch, octagon, pointer, sizeCanvas } from "./shapes.js";

const FAINT = 0.42;
const EDGE_PX = 3; // how far a bar that goes on is drawn beyond the border
const EVENTS_DRAWN_MAX = 50;
const EVENTS_BAR_PX_MIN = 8; // on a shorter bar a diamond would hide it

/**
 * The time side of the rows on one canvas, painted anew each frame (about 40 rows): solid = self time, tint = waiting for
 * children, diamond = event, line below = critical path, hatch + outline + octagon = error.
 */
export class Bars {
  constructor(canvas, state) {
    Object.assign(this, { canvas, state, textWidths: new Map() });
    this.ink = canvas.getContext("2d");
  }

  /** `size`: lanePx, laneLeftPx, heightPx, rowPx, barTopPx. */
  resize(size, palette) {
    this.size = size;
    this.palette = palette;
    this.ratio = devicePixelRatio || 1;
    sizeCanvas(this.canvas, { widthPx: size.lanePx, heightPx: size.heightPx, ratio: this.ratio });
    this.canvas.style.left = `${size.laneLeftPx}px`;
    this.hatch = hatch(this.ink, palette.hatch, this.ratio);
    this.textWidths.clear();
  }

  /** `shown`: the first position drawn and how far it stands above the edge; `ticks` in nanoseconds. */
  render({ first, offsetPx, count }, scale, ticks) {
    const { ink, state, size, palette } = this;
    ink.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ink.clearRect(0, 0, size.lanePx, size.heightPx);
    this.paintGrid(ticks, scale, offsetPx);
    ink.font = palette.font;
    ink.textBaseline = "middle";
    this.scale = scale;
    const until = Math.min(count, state.tree.length - first);
    for (let at = 0; at < until; at++) {
      const top = offsetPx + at * size.rowPx + size.barTopPx;
      const entry = state.tree.visible[first + at];
      if (entry < 0) paintGroup(this, ~entry, top);
      else this.paintRow(entry, top);
    }
    this.paintCursor();
  }

  /** Lines of the axis; where names stand above the bars, only beside the bars. */
  paintGrid(ticks, scale, offsetPx) {
    const { ink, palette, size: { heightPx, rowPx, barTopPx, isNarrow } } = this;
    ink.fillStyle = palette.grid;
    for (const tick of ticks) {
      const x = Math.round(scale.toPx(tick));
      if (!isNarrow) ink.fillRect(x, 0, 1, heightPx);
      else for (let y = offsetPx; y < heightPx; y += rowPx) ink.fillRect(x, y + barTopPx - 3, 1, rowPx - barTopPx + 3);
    }
  }

  paintRow(row, top) {
    const { ink, state: { model }, size: { lanePx }, palette, scale } = this;
    const isError = (model.flags[row] & FLAG.ERROR) !== 0;
    const from = scale.toPx(model.startNs[row]);
    const to = scale.toPx(model.startNs[row] + model.durationNs[row]);
    ink.globalAlpha = !isError && this.state.isFaint(row) ? FAINT : 1;
    if (Math.max(to, from + 2) < 0 || from > lanePx) {
      this.paintOutside(from < 0, top);
      return;
    }
    const left = Math.max(-EDGE_PX, from);
    const width = Math.max(2, Math.min(lanePx + EDGE_PX, to) - left);
    const bar = { row, left, top, width, from, to };
    ink.fillStyle = rowColour(palette, this.state, row);
    if (!model.children[row] || width < 6) {
      box(ink, bar);
      ink.fill();
    } else {
      paintSelf(this, bar);
    }
    if (isError) this.paintError(bar);
    if (this.state.isCritical) paintCritical(this, row, top);
    this.paintEvents(bar);
    this.paintLabel(formatDuration(model.durationNs[row]), bar, isError);
    ink.globalAlpha = 1;
  }

  paintOutside(isLeft, top) {
    this.ink.fillStyle = this.palette.ink3;
    pointer(this.ink, isLeft ? 5 : this.size.lanePx - 5, top + BAR_PX / 2, isLeft ? 1 : -1);
    this.ink.globalAlpha = 1;
  }

  paintError(bar) {
    const { ink, palette } = this;
    ink.fillStyle = this.hatch;
    box(ink, bar);
    ink.fill();
    ink.strokeStyle = palette.error;
    ink.lineWidth = 1.5;
    box(ink, { ...bar, width: Math.max(bar.width, 3) });
    ink.stroke();
  }

  paintEvents({ row, top, from, width }) {
    const offsets = this.state.events.get(row);
    if (!offsets || width <= EVENTS_BAR_PX_MIN) return;
    const { scale: { pxPerNs }, size: { lanePx } } = this;
    let last = -Infinity;
    for (const offsetNs of offsets.slice(0, EVENTS_DRAWN_MAX)) {
      const x = from + offsetNs * pxPerNs;
      if (x < -4 || x > lanePx + 4 || x - last < 1) continue;
      diamond(this.ink, x, top + BAR_PX / 2, this.palette);
      last = x;
    }
  }

  /** The duration: right of the bar, else left of it, else on it. */
  paintLabel(text, { left, top, width }, isError = false) {
    const { ink, palette, size: { lanePx } } = this;
    const right = left + width;
    const wide = this.textWidth(text) + (isError ? 16 : 0);
    let x = right + 6;
    if (right + 7 + wide >= lanePx) x = left - 7 - wide;
    if (x < 1) {
      x = Math.min(lanePx, right) - wide - 8;
      this.paintGround({ left: x - 3, top: top - 1, width: wide + 6, height: BAR_PX + 2 });
    }
    if (isError) {
      octagon(ink, x + 6, top + BAR_PX / 2, palette);
      x += 16;
    }
    ink.fillStyle = isError ? palette.error : palette.ink2;
    ink.fillText(text, x, top + BAR_PX / 2 + 0.5);
  }

  paintGround(place) {
    const { ink } = this;
    const alpha = ink.globalAlpha;
    ink.globalAlpha = alpha * 0.86;
    ink.fillStyle = this.palette.surface;
    box(ink, place);
    ink.fill();
    ink.globalAlpha = alpha;
  }

  paintCursor() {
    const { ink, state, palette, size } = this;
    if (state.cursorPx < 0) return;
    ink.globalAlpha = 0.6;
    ink.fillStyle = palette.accent;
    ink.fillRect(Math.round(state.cursorPx), 0, 1, size.heightPx);
    ink.globalAlpha = 1;
  }

  textWidth(text) {
    let width = this.textWidths.get(text);
    if (width === undefined) {
      if (this.textWidths.size > 5000) this.textWidths.clear();
      width = this.ink.measureText(text).width;
      this.textWidths.set(text, width);
    }
    return width;
  }
}
