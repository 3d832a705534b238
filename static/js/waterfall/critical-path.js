const PRODUCER = 4;
const CONSUMER = 5;

/**
 * The stretches which decide when each root ends; per root they tile its duration exactly.
 *
 * Walk back from the root's end. At time t in span s, take the child with the greatest clipped end <= t (ties: later start,
 * then later row): what lies between its end and t is s's own; then walk the child; then go on in s at the child's start.
 * A consumer below its producer does not block it. Each list of children is sorted at most once: O(n log n), flat stacks.
 *
 * Returns the stretches latest first (`rows`, `fromNs`, `toNs`) and by row, ascending (`head`, `rowFromNs`, `rowToNs`:
 * those of row r are head[r] … head[r + 1]).
 */
export function criticalPath(model, kindOf) {
  const walk = new PathWalk(model, kindOf);
  for (let root = 0; root < model.count; root = model.subtreeEnd[root]) walk.root(root);
  const { rows, fromNs, toNs } = walk;
  return { count: rows.length, rows, fromNs, toNs, ...byRow(model.count, walk) };
}

class PathWalk {
  constructor(model, kindOf) {
    Object.assign(this, { model, kindOf, rows: [], fromNs: [], toNs: [] });
    // One entry per open span: row, its window, the time reached, and its children's share of `candidates`.
    Object.assign(this, { spans: [], lows: [], highs: [], reached: [], begins: [], ends: [], candidates: [], top: -1 });
  }

  root(row) {
    this.push(row, this.model.startNs[row], this.model.startNs[row] + this.model.durationNs[row]);
    while (this.top >= 0) this.step();
  }

  step() {
    const { top, reached, begins, ends, candidates } = this;
    let end = ends[top];
    while (end > begins[top] && this.endOf(candidates[end - 1]) > reached[top]) end--;
    if (end === begins[top]) {
      this.note(this.lows[top], reached[top]);
      this.top--;
      return;
    }
    const child = candidates[end - 1];
    const from = this.startOf(child);
    const to = this.endOf(child);
    ends[top] = end - 1;
    this.note(to, reached[top]);
    reached[top] = from;
    this.push(child, from, to);
  }

  /** [from, to) belongs to the span on top. */
  note(from, to) {
    if (to <= from) return;
    this.rows.push(this.spans[this.top]);
    this.fromNs.push(from);
    this.toNs.push(to);
  }

  push(row, low, high) {
    const begin = this.top >= 0 ? this.ends[this.top] : 0;
    this.top++;
    this.spans[this.top] = row;
    this.lows[this.top] = low;
    this.highs[this.top] = high;
    this.reached[this.top] = high;
    this.begins[this.top] = begin;
    this.ends[this.top] = this.gather(row, begin);
  }

  /** Blocking children of `row`, ascending by clipped end, to be consumed from the back. */
  gather(row, begin) {
    const { model: { subtreeEnd }, candidates, kindOf } = this;
    const isProducer = kindOf(row) === PRODUCER;
    let length = begin;
    let isAscending = true;
    let lastEnd = -Infinity;
    for (let child = row + 1; child < subtreeEnd[row]; child = subtreeEnd[child]) {
      if (isProducer && kindOf(child) === CONSUMER) continue;
      const end = this.endOf(child);
      if (end <= this.startOf(child)) continue;
      if (end < lastEnd) isAscending = false;
      lastEnd = end;
      candidates[length++] = child;
    }
    if (!isAscending) this.sort(begin, length);
    return length;
  }

  sort(begin, end) {
    const sorted = this.candidates
      .slice(begin, end)
      .sort((a, b) => this.endOf(a) - this.endOf(b) || this.startOf(a) - this.startOf(b) || a - b);
    for (let at = 0; at < sorted.length; at++) this.candidates[begin + at] = sorted[at];
  }

  startOf(child) {
    return Math.max(this.model.startNs[child], this.lows[this.top]);
  }

  endOf(child) {
    return Math.min(this.model.startNs[child] + this.model.durationNs[child], this.highs[this.top]);
  }
}

function byRow(count, { rows, fromNs, toNs }) {
  const head = new Int32Array(count + 1);
  for (const row of rows) head[row + 1]++;
  for (let row = 0; row < count; row++) head[row + 1] += head[row];
  const next = head.slice();
  const rowFromNs = new Float64Array(rows.length);
  const rowToNs = new Float64Array(rows.length);
  for (let at = rows.length - 1; at >= 0; at--) {
    const slot = next[rows[at]]++;
    rowFromNs[slot] = fromNs[at];
    rowToNs[slot] = toNs[at];
  }
  return { head, rowFromNs, rowToNs };
}
