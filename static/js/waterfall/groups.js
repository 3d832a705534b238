const MEMBERS_MIN = 6;

/**
 * Runs of at least six equal sibling leaves, such as an N+1 loop: they are shown as one row until opened.
 * Group g holds rows first[g] … end[g]; `at[row]` is the group which starts there, or -1.
 */
export function findGroups({ count, children, parent, operation }) {
  const first = [];
  const end = [];
  const at = new Int32Array(count).fill(-1);
  for (let row = 0; row < count; ) {
    if (children[row] || parent[row] < 0) {
      row++;
      continue;
    }
    let after = row + 1;
    while (after < count && !children[after] && operation[after] === operation[row] && parent[after] === parent[row]) after++;
    if (after - row >= MEMBERS_MIN) {
      at[row] = first.length;
      first.push(row);
      end.push(after);
    }
    row = after;
  }
  return { count: first.length, first: Int32Array.from(first), end: Int32Array.from(end), at };
}

/** The group which holds `row`, or -1. */
export function groupOf({ count, first, end }, row) {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (first[middle] > row) high = middle - 1;
    else if (end[middle] <= row) low = middle + 1;
    else return middle;
  }
  return -1;
}
