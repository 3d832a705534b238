import { BAR_PX, box } from "./shapes.js";

const CHILDREN_DRAWN_MAX = 20_000;
const PATH_PX = 3;
const EDGE_PX = 3;

/** A bar in the tint of waiting, and solid where the span itself works; pieces are merged to pixels. */
export function paintSelf(bars, bar) {
  const { ink, palette, state: { model } } = bars;
  const alpha = ink.globalAlpha;
  ink.globalAlpha = alpha * palette.tint;
  box(ink, bar);
  ink.fill();
  ink.globalAlpha = alpha;
  const { row, top } = bar;
  const endNs = model.startNs[row] + model.durationNs[row];
  let reachedNs = model.startNs[row];
  let drawnPx = -EDGE_PX;
  let children = 0;
  for (let child = row + 1; child < model.subtreeEnd[row]; child = model.subtreeEnd[child]) {
    const startNs = model.startNs[child];
    if (startNs > reachedNs) drawnPx = paintStretch(bars, { fromNs: reachedNs, toNs: Math.min(startNs, endNs), top, drawnPx });
    reachedNs = Math.max(reachedNs, startNs + model.durationNs[child]);
    if (reachedNs >= endNs || startNs > bars.state.toNs || ++children > CHILDREN_DRAWN_MAX) return;
  }
  if (reachedNs < endNs) paintStretch(bars, { fromNs: reachedNs, toNs: endNs, top, drawnPx });
}

/** Returns the pixel up to which the row is drawn now. */
function paintStretch({ ink, scale, size: { lanePx } }, { fromNs, toNs, top, drawnPx }) {
  const to = Math.min(scale.toPx(toNs), lanePx + EDGE_PX);
  const from = Math.max(scale.toPx(fromNs), drawnPx);
  if (to < 0 || from > lanePx || to - drawnPx < 0.5) return drawnPx;
  ink.fillRect(from, top, Math.max(0.8, to - from), BAR_PX);
  return to;
}

/** The line below a bar where the row is on the critical path. */
export function paintCritical({ ink, palette, scale, size: { lanePx }, state: { model: { critical } } }, row, top) {
  const alpha = ink.globalAlpha;
  ink.globalAlpha = 1;
  ink.fillStyle = palette.path;
  let drawnPx = -EDGE_PX;
  for (let at = critical.head[row]; at < critical.head[row + 1]; at++) {
    const to = Math.min(scale.toPx(critical.rowToNs[at]), lanePx + EDGE_PX);
    const from = Math.max(scale.toPx(critical.rowFromNs[at]), drawnPx);
    if (from > lanePx) break;
    if (to < 0 || to - drawnPx < 0.7) continue;
    ink.fillRect(from, top + BAR_PX + 1.5, Math.max(1.5, to - from), PATH_PX);
    drawnPx = to;
  }
  ink.globalAlpha = alpha;
}
