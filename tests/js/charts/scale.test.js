import assert from "node:assert/strict";
import { test } from "node:test";

import { durationTicks } from "../../../static/js/charts/scale.js";

const text = (durationsMs) => durationTicks(durationsMs).texts.map((label) => label.replace(/\s/g, " "));

for (const [name, durationsMs, expected] of [
  ["a narrow band stands between marks", [270, 900], ["200 ms", "500 ms", "1 s"]],
  ["one duration has marks on both sides", [5, 5], ["2 ms", "5 ms", "10 ms"]],
  ["nothing still has an axis", [], ["1 ms", "10 ms", "100 ms", "1 s"]],
  ["many decades are thinned out", [0.001, 90_000], ["1 µs", "100 µs", "10 ms", "1 s", "1.67 min"]],
]) {
  test(name, () => assert.deepEqual(text(durationsMs), expected));
}

test("every duration lies within the range", () => {
  const { range } = durationTicks([0.3, 40, 7_000]);
  assert.ok(range[0] < Math.log10(0.3) && Math.log10(7_000) < range[1]);
});
