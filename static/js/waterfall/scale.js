/** Map nanoseconds since the trace's start to pixels. */
export function timeScale({ fromNs, toNs, widthPx }) {
  const pxPerNs = widthPx / (toNs - fromNs);
  return {
    pxPerNs,
    toPx: (ns) => (ns - fromNs) * pxPerNs,
    toNs: (px) => fromNs + px / pxPerNs,
  };
}

/** A billionth of the trace, and never less than a nanosecond: below that a double has no digits left. */
const widthMinNs = (bounds) => Math.max(1, (bounds.toNs - bounds.fromNs) / 1e9);

/** `range` moved and narrowed so that it lies in `bounds`. `keepWidth`: slide at the border, do not shrink. */
export function clampRange({ fromNs, toNs }, bounds, { keepWidth = false } = {}) {
  let from = fromNs;
  let to = toNs;
  if (!keepWidth) {
    from = Math.max(from, bounds.fromNs);
    to = Math.min(to, bounds.toNs);
  }
  const width = Math.min(Math.max(to - from, widthMinNs(bounds)), bounds.toNs - bounds.fromNs);
  from = Math.min(Math.max(from, bounds.fromNs), bounds.toNs - width);
  return { fromNs: from, toNs: from + width };
}

/** Widen (factor > 1) or narrow `range` around `part`, its fraction which stays in place. */
export function zoomRange({ fromNs, toNs }, { part, factor }, bounds) {
  const fixedNs = fromNs + part * (toNs - fromNs);
  const widthNs = (toNs - fromNs) * factor;
  const range = { fromNs: fixedNs - part * widthNs, toNs: fixedNs + (1 - part) * widthNs };
  return clampRange(range, bounds, { keepWidth: true });
}

/** Move `range` by `part` of its own width. */
export function panRange({ fromNs, toNs }, part, bounds) {
  const shiftNs = part * (toNs - fromNs);
  return clampRange({ fromNs: fromNs + shiftNs, toNs: toNs + shiftNs }, bounds, { keepWidth: true });
}

/** A span with some air on both sides. */
export function rangeAround(startNs, durationNs, bounds) {
  const airNs = Math.max(1, durationNs * 0.08);
  return clampRange({ fromNs: startNs - airNs, toNs: startNs + durationNs + airNs }, bounds);
}
