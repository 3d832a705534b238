import { FLAG } from "./flags.js";

/**
 * Columns in wire order → rows in tree order (pre-order), children by start. Every span appears exactly once; a ring of
 * parents is cut at its earliest member. No recursion: a chain of a million spans is fine.
 *
 * `subtreeEnd[row]` is the first row after the subtree, so it is the next sibling, and folding is a jump.
 */
export function layout(columns) {
  const links = linkChildren(columns);
  const order = { source: new Int32Array(columns.count), depth: new Int32Array(columns.count), length: 0 };
  const seen = new Uint8Array(columns.count);
  for (let row = 0; row < columns.count; row++) if (columns.parent[row] < 0) walk(row, columns.parent, links, seen, order);
  for (let row = 0; order.length < columns.count; row++) {
    if (!seen[row]) walk(cutRing(row, columns, links), columns.parent, links, seen, order);
  }
  return arrange(columns, order);
}

/** First child and next sibling of each row, in row order. */
function linkChildren({ count, parent }) {
  const first = new Int32Array(count).fill(-1);
  const next = new Int32Array(count).fill(-1);
  for (let row = count - 1; row >= 0; row--) {
    const above = parent[row];
    if (above < 0) continue;
    next[row] = first[above];
    first[above] = row;
  }
  return { first, next };
}

function walk(root, parent, { first, next }, seen, order) {
  let row = root;
  let depth = 0;
  for (;;) {
    seen[row] = 1;
    order.source[order.length] = row;
    order.depth[order.length++] = depth;
    let child = unseen(first[row], next, seen);
    if (child >= 0) {
      depth++;
    } else {
      while (row !== root && (child = unseen(next[row], next, seen)) < 0) {
        row = parent[row];
        depth--;
      }
      if (row === root) return;
    }
    row = child;
  }
}

function unseen(row, next, seen) {
  while (row >= 0 && seen[row]) row = next[row];
  return row;
}

/** Cut the ring above `row` at its earliest member, which becomes a root. */
function cutRing(row, { parent, flags }, { first, next }) {
  const climbed = new Set();
  while (!climbed.has(row)) {
    climbed.add(row);
    row = parent[row];
  }
  let earliest = row;
  for (let member = parent[row]; member !== row; member = parent[member]) earliest = Math.min(earliest, member);
  const above = parent[earliest];
  if (first[above] === earliest) {
    first[above] = next[earliest];
  } else {
    let before = first[above];
    while (next[before] !== earliest) before = next[before];
    next[before] = next[earliest];
  }
  parent[earliest] = -1;
  next[earliest] = -1;
  flags[earliest] |= FLAG.CYCLE | FLAG.ROOT;
  return earliest;
}

function arrange(columns, { source, depth }) {
  const { count } = columns;
  const rows = {
    count, source, depth,
    rowOfSource: new Int32Array(count),
    startNs: new Float64Array(count), durationNs: new Float64Array(count),
    operation: new Uint32Array(count), flags: new Uint16Array(count), events: new Uint16Array(count),
    parent: new Int32Array(count).fill(-1), children: new Int32Array(count), subtreeEnd: new Int32Array(count),
    maxDepth: 0,
  };
  const open = new Int32Array(count + 1);
  let opened = 0;
  for (let row = 0; row < count; row++) {
    const from = source[row];
    rows.rowOfSource[from] = row;
    copyRow(rows, row, columns, from);
    while (opened > depth[row]) rows.subtreeEnd[open[--opened]] = row;
    if (opened) attach(rows, row, open[opened - 1]);
    open[opened++] = row;
    if (depth[row] > rows.maxDepth) rows.maxDepth = depth[row];
  }
  while (opened) rows.subtreeEnd[open[--opened]] = count;
  return { ...rows, ...bounds(rows) };
}

function copyRow(rows, row, columns, from) {
  rows.startNs[row] = columns.startNs[from];
  rows.durationNs[row] = columns.durationNs[from];
  rows.operation[row] = columns.operation[from];
  rows.flags[row] = columns.flags[from];
  rows.events[row] = columns.events[from];
}

//   |------ parent ------|
// |-- EARLY --|     |-- LATE --|       drawn where they are, never moved
function attach({ startNs, durationNs, parent, children, flags }, row, above) {
  parent[row] = above;
  children[above]++;
  if (startNs[row] < startNs[above]) flags[row] |= FLAG.EARLY;
  else if (startNs[row] + durationNs[row] > startNs[above] + durationNs[above]) flags[row] |= FLAG.LATE;
}

/** Earliest start and latest end of all spans, never only the root's; at least 1 ns apart, so that a scale exists. */
function bounds({ count, startNs, durationNs }) {
  let fromNs = count ? Infinity : 0;
  let toNs = 0;
  for (let row = 0; row < count; row++) {
    fromNs = Math.min(fromNs, startNs[row]);
    toNs = Math.max(toNs, startNs[row] + durationNs[row]);
  }
  return { fromNs, toNs: Math.max(toNs, fromNs + 1) };
}
