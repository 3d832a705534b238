import { FLAG } from "./flags.js";

/**
 * Rows whose service and span name contain every word of `text`. Each operation is tested once, then one pass over rows.
 * Shape: `rows` ascending, `mask` one byte per row; mask null when nothing is asked.
 */
export function findRows({ count, operation, operations, services }, text) {
  const words = text.trim().toLowerCase().split(/\s+/u).filter(Boolean);
  if (!words.length) return { mask: null, rows: new Int32Array(0) };
  const matches = Uint8Array.from(operations, ([service, name]) => {
    const searched = `${services[service]} ${name}`.toLowerCase();
    return words.every((word) => searched.includes(word)) ? 1 : 0;
  });
  return rowsWhere(count, (row) => matches[operation[row]]);
}

/** Rows with status error. */
export const errorRows = ({ count, flags }) => rowsWhere(count, (row) => flags[row] & FLAG.ERROR);

function rowsWhere(count, test) {
  const mask = new Uint8Array(count);
  const rows = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) {
    if (!test(row)) continue;
    mask[row] = 1;
    rows[length++] = row;
  }
  return { mask, rows: rows.slice(0, length) };
}

/** Where in the ascending `rows` the next row after (step 1) or before (step -1) `row` stands; wraps; -1 if none. */
export function nextIndex(rows, row, step) {
  if (!rows.length) return -1;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle] < row || (step > 0 && rows[middle] === row)) low = middle + 1;
    else high = middle;
  }
  return step > 0 ? low % rows.length : (low - 1 + rows.length) % rows.length;
}
