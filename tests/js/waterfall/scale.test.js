import assert from "node:assert/strict";
import { test } from "node:test";

import { clampRange, panRange, rangeAround, timeScale, zoomRange } from "../../../static/js/waterfall/scale.js";

const BOUNDS = { fromNs: 0, toNs: 1000 };
const range = (fromNs, toNs) => ({ fromNs, toNs });

test("pixels and nanoseconds lead into each other", () => {
  const scale = timeScale({ fromNs: 200, toNs: 700, widthPx: 1000 });
  assert.equal(scale.toPx(450), 500);
  assert.equal(scale.toNs(500), 450);
});

for (const [name, given, options, expected] of [
  ["inside stays", range(10, 20), {}, range(10, 20)],
  ["beyond both ends is all", range(-50, 5000), {}, BOUNDS],
  ["beyond one end shrinks", range(900, 1200), {}, range(900, 1000)],
  ["beyond one end slides when its width is kept", range(900, 1200), { keepWidth: true }, range(700, 1000)],
  ["never thinner than a nanosecond", range(500, 500), {}, range(500, 501)],
]) {
  test(`clamping: ${name}`, () => assert.deepEqual(clampRange(given, BOUNDS, options), expected));
}

test("zooming keeps the time under the pointer where it is", () => {
  const zoomed = zoomRange(range(200, 600), { part: 0.25, factor: 0.5 }, BOUNDS);
  assert.deepEqual(zoomed, range(250, 450));
});

test("zooming out ends with the whole trace", () => {
  assert.deepEqual(zoomRange(range(200, 600), { part: 0.5, factor: 100 }, BOUNDS), BOUNDS);
});

test("panning stops at the border without changing the width", () => {
  assert.deepEqual(panRange(range(700, 900), 1, BOUNDS), range(800, 1000));
});

test("a span is fitted with air on both sides", () => {
  assert.deepEqual(rangeAround(100, 100, BOUNDS), range(92, 208));
});
