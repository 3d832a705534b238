import { formatDuration } from "../shared/time.js";

const MARKS = [1, 2, 5];
const LABELS_MAX = 8;
const ROOM = 0.04; // above and below the outermost marks, in powers of ten

/**
 * Ticks of a logarithmic duration axis.
 * @param {number[]} durationsMs
 * @returns {{values: number[], texts: string[], range: [number, number]}} values in ms, range as powers of ten
 */
export function durationTicks(durationsMs) {
  const known = durationsMs.filter((ms) => ms > 0);
  const least = known.length ? known.reduce((a, b) => Math.min(a, b)) : 1;
  const most = known.length ? known.reduce((a, b) => Math.max(a, b)) : 1000;
  const isOne = markBelow(least) === markAbove(most);
  const low = Math.log10(markBelow(isOne ? least / 2 : least)) - ROOM;
  const high = Math.log10(markAbove(isOne ? most * 2 : most)) + ROOM;
  const fine = marks(low, high, MARKS);
  const values = fine.length <= LABELS_MAX ? fine : thinned(marks(low, high, [1]));
  return { values, texts: values.map((ms) => shortDuration(ms)), range: [low, high] };
}

const around = (value) => {
  const power = Math.floor(Math.log10(value));
  return marks(power - 1, power + 2, MARKS);
};
const markBelow = (value) => around(value).findLast((mark) => mark <= value);
const markAbove = (value) => around(value).find((mark) => mark >= value);

function marks(low, high, steps) {
  const all = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power += 1) all.push(...steps.map((step) => step * 10 ** power));
  return all.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}

function thinned(values) {
  const every = Math.ceil(values.length / LABELS_MAX);
  return values.filter((_, place) => place % every === 0);
}

/** "1.00 s" → "1 s": a mark of the scale is exact. */
const shortDuration = (ms) => formatDuration(Math.round(ms * 1e6)).replace(/\.0+(?=\D)/, "");
