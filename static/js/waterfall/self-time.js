/**
 * Time in each span during which none of its children ran. Children may overlap and may outlive the span: both clipped.
 * Rows are in tree order and children by start, so one running right edge per span is enough: O(n).
 */
export function selfTime({ count, startNs, durationNs, parent }) {
  const selfNs = Float64Array.from(durationNs);
  const coveredTo = Float64Array.from(startNs);
  for (let row = 0; row < count; row++) {
    const above = parent[row];
    if (above < 0) continue;
    const from = Math.max(startNs[row], coveredTo[above]);
    const to = Math.min(startNs[row] + durationNs[row], startNs[above] + durationNs[above]);
    if (to > from) {
      selfNs[above] -= to - from;
      coveredTo[above] = to;
    }
  }
  return selfNs;
}
