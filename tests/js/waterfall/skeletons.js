/**
 * A skeleton from rows [parent row or -1, start, duration, {operation, errors …}], sorted as on the wire. Operations are
 * "service name" or "service name kind".
 */
export function skeletonOf(rows, { operations = ["shop work"], ...changes } = {}) {
  const services = [...new Set(operations.map((each) => each.split(" ")[0]))];
  return {
    v: 1, n: rows.length, rev: "a81c12ef", t0: "1795393953123456789", services,
    operations: operations.map((each) => [services.indexOf(each.split(" ")[0]), each.split(" ")[1], Number(each.split(" ")[2] ?? 1)]),
    parent: rows.map(([parent], row) => (parent < 0 ? 0 : row - parent)),
    start: rows.map(([, start], row) => start - (row ? rows[row - 1][1] : 0)),
    duration: rows.map(([, , duration]) => duration),
    operation: rows.map(([, , , operation]) => operation ?? 0),
    errors: [], events: [], orphan: [], duplicate: [], repaired: [], cycle: [],
    chunks: ["3791650816000000000"], chunk: rows.map(() => 0), place: rows.map((_, row) => row), ...changes,
  };
}

/** Numbers in [0, 1) which are the same on every run (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rows of a random trace: overlapping and overrunning children, orphans, rings, producers with consumers. */
export function randomRows(seed, count) {
  const next = random(seed);
  const times = Array.from({ length: count }, () => [Math.floor(next() * 1000), Math.floor(next() ** 3 * 1000)]);
  times.sort(([a, b], [c, d]) => a - c || d - b);
  return times.map(([start, duration], row) => [parentOf(next, row, count), start, duration, Math.floor(next() * 3)]);
}

function parentOf(next, row, count) {
  const draw = next();
  if (!row || draw < 0.06) return -1;
  const parent = draw < 0.2 ? Math.floor(next() * count) : Math.floor(next() * row);
  return parent === row ? -1 : parent;
}

export const KINDS = { operations: ["shop work 1", "shop send 4", "mail receive 5"] };
