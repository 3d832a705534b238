import assert from "node:assert/strict";
import { test } from "node:test";

import { FLAG } from "../../../static/js/waterfall/flags.js";
import { build, operationOf, serviceRanks, spanAddress } from "../../../static/js/waterfall/model.js";
import { KINDS, randomRows, skeletonOf } from "./skeletons.js";

const buildRows = (rows, changes) => build(skeletonOf(rows, changes));
const stretches = ({ critical }) => critical.rows.map((row, at) => [row, critical.fromNs[at], critical.toNs[at]]);

test("rows come in tree order, children by start, whatever their order on the wire", () => {
  const model = buildRows([[-1, 0, 100], [0, 1, 20], [0, 5, 30], [1, 6, 2]]);
  assert.deepEqual([...model.source], [0, 1, 3, 2]);
  assert.deepEqual([...model.depth], [0, 1, 2, 1]);
  assert.deepEqual([...model.subtreeEnd], [4, 3, 3, 4]);
});

test("a ring of parents is cut at its earliest member and every span appears once", () => {
  const model = buildRows([[1, 0, 10], [2, 1, 5], [0, 2, 5], [-1, 3, 9]]);
  assert.deepEqual([...model.source].sort(), [0, 1, 2, 3]);
  assert.equal(model.depth[model.rowOfSource[0]], 0);
  assert.ok(model.flags[model.rowOfSource[0]] & FLAG.CYCLE);
});

test("a ring with a tail hangs the tail below its member", () => {
  const model = buildRows([[1, 0, 10], [0, 0, 10], [1, 1, 2]]);
  assert.equal(new Set(model.source).size, 3);
});

test("a chain of 200,000 spans needs no recursion", () => {
  const count = 200_000;
  const model = buildRows(Array.from({ length: count }, (_, row) => [row - 1, row, 2 * (count - row)]));
  assert.equal(model.maxDepth, count - 1);
});

test("every one of 50,000 siblings back to back is critical and leaves its parent no self time", () => {
  const count = 50_000;
  const model = buildRows([[-1, 0, count * 10], ...Array.from({ length: count }, (_, at) => [0, at * 10, 10])]);
  assert.equal(model.selfNs[0], 0);
  assert.equal(model.critical.count, count);
});

test("a child that outlives its parent is clipped for self time and marked", () => {
  const model = buildRows([[-1, 0, 100], [0, 50, 100]]);
  assert.equal(model.selfNs[0], 50);
  assert.ok(model.flags[1] & FLAG.LATE);
  assert.equal(model.toNs, 150);
});

test("a child that starts before its parent is marked and not moved", () => {
  const model = buildRows([[1, 0, 10], [-1, 5, 100]]);
  const child = model.rowOfSource[0];
  assert.ok(model.flags[child] & FLAG.EARLY);
  assert.equal(model.startNs[child], 0);
});

test("overlapping children count once in self time, and the earlier one is off the critical path", () => {
  const model = buildRows([[-1, 0, 100], [0, 10, 40], [0, 30, 40]]);
  assert.equal(model.selfNs[0], 40);
  assert.deepEqual(stretches(model), [[0, 70, 100], [2, 30, 70], [0, 0, 30]]);
});

test("a consumer does not block its producer", () => {
  const model = buildRows([[-1, 0, 100, 0], [0, 10, 50, 1]], { operations: ["shop send 4", "mail receive 5"] });
  assert.deepEqual(stretches(model), [[0, 0, 100]]);
});

test("children without duration change neither self time nor critical path", () => {
  const model = buildRows([[-1, 0, 100], [0, 20, 0], [0, 20, 0]]);
  assert.deepEqual([model.selfNs[0], model.critical.count], [100, 1]);
});

test("a trace of one span without duration still has a range to draw", () => {
  const model = buildRows([[-1, 0, 0]]);
  assert.deepEqual([model.fromNs, model.toNs, model.critical.count], [0, 1, 0]);
});

test("an empty trace is no error", () => {
  assert.equal(buildRows([]).count, 0);
});

for (let seed = 1; seed <= 30; seed++) {
  test(`random trace ${seed}: rows are a permutation, self times fit, critical stretches tile the roots`, () => {
    const model = buildRows(randomRows(seed, 120), KINDS);
    assert.deepEqual([...model.source].sort((a, b) => a - b), Array.from({ length: 120 }, (_, row) => row));
    model.selfNs.forEach((selfNs, row) => assert.ok(selfNs >= 0 && selfNs <= model.durationNs[row]));
    let rootsNs = 0;
    for (let root = 0; root < model.count; root = model.subtreeEnd[root]) rootsNs += model.durationNs[root];
    assert.equal(stretches(model).reduce((sum, [, from, to]) => sum + to - from, 0), rootsNs);
  });
}

test("stretches by row are the same stretches, ascending", () => {
  const { critical } = buildRows(randomRows(7, 200), KINDS);
  const byRow = critical.rows.map((row, at) => `${row} ${critical.fromNs[at]} ${critical.toNs[at]}`).sort();
  const regrouped = [];
  for (let row = 0; row < 200; row++) {
    for (let at = critical.head[row]; at < critical.head[row + 1]; at++) {
      regrouped.push(`${row} ${critical.rowFromNs[at]} ${critical.rowToNs[at]}`);
      if (at > critical.head[row]) assert.ok(critical.rowFromNs[at] >= critical.rowToNs[at - 1]);
    }
  }
  assert.deepEqual(regrouped.sort(), byRow);
});

test("lists of rows are delta coded and end up as flags", () => {
  const model = buildRows([[-1, 0, 9], [0, 1, 2], [0, 2, 2], [0, 3, 2]], { errors: [1, 2], duplicate: [2], events: [1, 3] });
  assert.deepEqual([...model.flags].map((flags) => flags & FLAG.ERROR), [0, 1, 0, 1]);
  assert.ok(model.flags[2] & FLAG.DUPLICATE);
  assert.equal(model.events[1], 3);
  assert.equal(model.errors, 2);
});

test("a row knows its operation and where its details are", () => {
  const model = buildRows([[-1, 0, 9], [0, 1, 2, 1]], { operations: ["web GET 2", "shop SELECT 3"] });
  assert.deepEqual(operationOf(model, 1), { service: "shop", name: "SELECT", kind: 3 });
  assert.equal(spanAddress(model, 1), "3791650816000000000/1");
});

test("services rank by their part of the critical path, unless the page has an order", () => {
  const model = buildRows([[-1, 0, 100, 0], [0, 10, 80, 1]], { operations: ["web GET", "shop work"] });
  assert.deepEqual([...serviceRanks(model)], [1, 0]);
  assert.deepEqual([...serviceRanks(model, ["web", "shop"])], [0, 1]);
});
