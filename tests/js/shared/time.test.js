import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAgo, formatCount, formatDuration, formatOffset, formatShare, formatTick, ticks } from "../../../static/js/shared/time.js";

const plain = (text) => text.replaceAll("\u202f", " ");

for (const [ns, text] of [
  [0, "0"], [-5, "0"], [1, "1 ns"], [999, "999 ns"], [1_000, "1.00 µs"], [12_345, "12.3 µs"], [231_000_000, "231 ms"],
  [999_499_999, "999 ms"], [999_500_000, "1.00 s"], [1_620_000_000, "1.62 s"], [59_999_000_000, "60.0 s"],
  [90_000_000_000, "1.50 min"], [7_200_000_000_000, "2.00 h"], [172_800_000_000_000, "2.00 d"],
]) {
  test(`${ns} ns reads ${text}`, () => assert.equal(plain(formatDuration(ns)), text));
}

test("an offset carries its sign", () => {
  assert.deepEqual([1.2e6, -3e6, 0].map((ns) => plain(formatOffset(ns))), ["+1.20 ms", "−3.00 ms", "0"]);
});

test("ticks stand on round values inside the window", () => {
  assert.deepEqual(ticks(0, 1e9, 5), { stepNs: 2e8, at: [0, 2e8, 4e8, 6e8, 8e8, 1e9] });
});

test("ticks of minutes and hours stand where a clock has marks", () => {
  const { stepNs } = ticks(0, 4 * 3600e9, 6);
  assert.equal(stepNs, 3600e9);
});

test("an empty window has no ticks", () => assert.deepEqual(ticks(5, 5, 4).at, []));

test("a tick has the decimals that its step needs", () => {
  assert.deepEqual([[0, 2e8], [12e8, 2e8], [2e6, 1e6], [5e5, 5e5], [11e9, 5e8]].map(([ns, step]) => plain(formatTick(ns, step))),
    ["0", "1,200 ms", "2 ms", "500 µs", "11.0 s"].map((text) => text.replace(",", " ")));
});

test("counts have commas, small shares a decimal", () => {
  assert.deepEqual([formatCount(12431), plain(formatShare(0.456)), plain(formatShare(0.034)), plain(formatShare(0))], ["12,431", "46 %", "3.4 %", "0 %"]);
});

test("ages are said in the largest unit that fits", () => {
  assert.deepEqual([0, 9, 61, 7500, 90000, -120].map(formatAgo), ["just now", "9 s ago", "1 min ago", "2 h 5 min ago", "1 d ago", "in 2 min"]);
});
