import { FLAG } from "./flags.js";

/**
 * The skeleton's delta-coded columns as typed arrays, in the order of the wire: start ascending, duration descending.
 * `startNs` counts from the trace's `t0`; `parent` is a row or -1.
 */
export function decode(skeleton) {
  const count = skeleton.n;
  const columns = {
    count,
    startNs: new Float64Array(count),
    durationNs: new Float64Array(count),
    operation: Uint32Array.from(skeleton.operation),
    parent: new Int32Array(count),
    flags: new Uint16Array(count),
    events: new Uint16Array(count),
  };
  decodeRows(skeleton, columns);
  flagRows(columns.flags, skeleton.errors, FLAG.ERROR);
  flagRows(columns.flags, skeleton.orphan, FLAG.ORPHAN);
  flagRows(columns.flags, skeleton.duplicate, FLAG.DUPLICATE);
  flagRows(columns.flags, skeleton.repaired, FLAG.REPAIRED);
  flagRows(columns.flags, skeleton.cycle, FLAG.CYCLE);
  const events = skeleton.events ?? [];
  for (let at = 0; at < events.length; at += 2) columns.events[events[at]] = Math.min(events[at + 1], 65_535);
  return columns;
}

function decodeRows(skeleton, { count, startNs, durationNs, parent, flags }) {
  let reachedNs = 0;
  for (let row = 0; row < count; row++) {
    reachedNs += skeleton.start[row];
    startNs[row] = reachedNs;
    durationNs[row] = Math.max(0, skeleton.duration[row]);
    const distance = skeleton.parent[row];
    parent[row] = distance === 0 ? -1 : row - distance;
    if (distance === 0) flags[row] |= FLAG.ROOT;
    if (durationNs[row] === 0) flags[row] |= FLAG.EMPTY;
  }
}

/** Set `flag` on rows given as distances from one to the next. */
function flagRows(flags, distances, flag) {
  let row = 0;
  for (const distance of distances ?? []) {
    row += distance;
    flags[row] |= flag;
  }
}
