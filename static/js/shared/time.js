const THIN = "\u202f";
const MINUS = "\u2212";
const S = 1e9;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

// A value steps up to the next unit where three figures would round to a thousand: the same table as otel/clock.py.
const STEPS = [["ns", 1, 1e3], ["µs", 1e3, 999_500], ["ms", 1e6, 999_500_000], ["s", S, MIN], ["min", MIN, H], ["h", H, 48 * H], ["d", D, Infinity]];

/** 231000000 → "231 ms", 1620000000 → "1.62 s": three figures, thin space. Unit: nanoseconds. */
export function formatDuration(ns) {
  if (!(ns > 0)) return "0";
  const [unit, unitNs] = STEPS.find(([, , upTo]) => ns < upTo);
  const value = ns / unitNs;
  const digits = unit === "ns" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return value.toFixed(digits) + THIN + unit;
}

/** Nanoseconds since something → "+1.20 ms", "−3.00 ms", "0". */
export function formatOffset(ns) {
  if (!ns) return "0";
  return (ns < 0 ? MINUS : "+") + formatDuration(Math.abs(ns));
}

/** Round values of a scale from `fromNs` to `toNs`, about `target` of them: {stepNs, at}. */
export function ticks(fromNs, toNs, target) {
  const rough = (toNs - fromNs) / target;
  if (!(rough > 0)) return { stepNs: 1, at: [] };
  const stepNs = Math.max(1, rough < MIN ? decimalStep(rough) : clockStep(rough));
  const at = [];
  for (let tick = Math.ceil(fromNs / stepNs) * stepNs; tick <= toNs; tick += stepNs) at.push(tick);
  return { stepNs, at };
}

function decimalStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].find((step) => rough <= step * power) * power;
}

const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MIN);

function clockStep(rough) {
  return CLOCK_STEPS.find((step) => rough <= step) ?? Math.ceil(rough / D) * D;
}

/** One value of a scale, with as many decimals as its step needs: 1200000000, step 200000000 → "1.2 s". */
export function formatTick(ns, stepNs) {
  if (ns === 0) return "0";
  const size = Math.abs(ns);
  const [unit, unitNs] = tickUnit(size, stepNs);
  const decimals = Math.max(0, -Math.floor(Math.log10(stepNs / unitNs) + 1e-9));
  return (ns / unitNs).toFixed(Math.min(decimals, 6)).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, THIN).replace("-", MINUS) + THIN + unit;
}

function tickUnit(size, stepNs) {
  if (stepNs < 1e3 && size < 1e6) return ["ns", 1];
  if (stepNs < 1e6 && size < S) return ["µs", 1e3];
  if (stepNs < S && size < 10 * S) return ["ms", 1e6];
  if (stepNs % MIN || size < MIN) return ["s", S];
  return stepNs % H ? ["min", MIN] : ["h", H];
}

/** 12431 → "12,431". */
export const formatCount = (number) => Math.round(number).toLocaleString("en");

/** Share of one → "46 %"; a small one keeps a decimal. */
export function formatShare(part) {
  return `${part >= 0.0995 || part === 0 ? Math.round(part * 100) : (part * 100).toFixed(1)}${THIN}%`;
}

/** Seconds ago → "12 s ago". */
export function formatAgo(seconds) {
  if (seconds < -1) return `in ${span(-seconds)}`;
  if (seconds < 1) return "just now";
  return `${span(seconds)} ago`;
}

function span(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d`;
}
