import { formatDuration } from "../shared/time.js";
import { paintCritical } from "./bar-stretches.js";
import { FLAG } from "./flags.js";
import { rowColour } from "./palette.js";
import { BAR_PX } from "./shapes.js";

const EDGE_PX = 3;

/** All members of a group in one row, merged to pixels, and their sum beside it. */
export function paintGroup(bars, group, top) {
  const { ink, palette, scale, size: { lanePx }, state } = bars;
  const { startNs, durationNs } = state.model;
  const { first, end } = state.tree.groups;
  let sumNs = 0;
  let endNs = 0;
  for (let row = first[group]; row < end[group]; row++) {
    sumNs += durationNs[row];
    endNs = Math.max(endNs, startNs[row] + durationNs[row]);
  }
  const from = Math.max(scale.toPx(startNs[first[group]]), -EDGE_PX);
  const to = Math.min(scale.toPx(endNs), lanePx + EDGE_PX);
  if (to < 0 || from > lanePx) {
    bars.paintOutside(to < 0, top);
    return;
  }
  ink.fillStyle = rowColour(palette, state, first[group]);
  ink.globalAlpha = palette.tint * 0.6;
  ink.fillRect(from, top + 5, Math.max(1, to - from), 2);
  ink.globalAlpha = 1;
  paintMembers(bars, group, top);
  if (state.isCritical) for (let row = first[group]; row < end[group]; row++) paintCritical(bars, row, top);
  bars.paintLabel(`Σ ${formatDuration(sumNs)}`, { left: from, top, width: to - from });
}

function paintMembers({ ink, palette, scale, size: { lanePx }, state }, group, top) {
  const { startNs, durationNs, flags } = state.model;
  const { first, end } = state.tree.groups;
  const colour = rowColour(palette, state, first[group]);
  let drawnPx = -EDGE_PX;
  for (let row = first[group]; row < end[group]; row++) {
    const start = scale.toPx(startNs[row]);
    const stop = Math.max(start + 1, start + durationNs[row] * scale.pxPerNs);
    if (stop < 0 || start > lanePx || stop - drawnPx < 0.6) continue;
    const left = Math.max(start, drawnPx);
    const gap = stop - start > 3 ? 0.8 : 0; // so that neighbours can be counted
    ink.fillStyle = flags[row] & FLAG.ERROR ? palette.error : colour;
    ink.fillRect(left, top, Math.max(1, Math.min(stop, lanePx + EDGE_PX) - left - gap), BAR_PX);
    drawnPx = stop;
  }
}
