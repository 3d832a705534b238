import assert from "node:assert/strict";
import { test } from "node:test";

import { build } from "../../../static/js/waterfall/model.js";
import { applyFolds, encodeFolds } from "../../../static/js/waterfall/fold-code.js";
import { Tree } from "../../../static/js/waterfall/tree.js";
import { randomRows, skeletonOf } from "./skeletons.js";

const OPERATIONS = { operations: ["web GET", "db SELECT"] };
const treeOf = (rows) => new Tree(build(skeletonOf(rows, OPERATIONS)));
const shown = (tree) => [...tree.visible.slice(0, tree.length)];

// 0 web ─┬─ 1 web ── 2 db
//        └─ 3 web ── 4…10 db, seven equal leaves
const LOOP = [[-1, 0, 100], [0, 1, 10], [1, 2, 3, 1], [0, 20, 70], ...Array.from({ length: 7 }, (_, at) => [3, 21 + at * 5, 4, 1])];

test("six and more equal sibling leaves are one row until they are opened", () => {
  const tree = treeOf(LOOP);
  assert.deepEqual(shown(tree), [0, 1, 2, 3, ~0]);
  tree.setOpen(~0, true);
  assert.equal(tree.length, 12);
});

test("five equal siblings stay as they are", () => {
  const tree = treeOf(LOOP.slice(0, 9));
  assert.equal(tree.groups.count, 0);
});

test("folding hides what is below and nothing else", () => {
  const tree = treeOf(LOOP);
  tree.setOpen(1, false);
  assert.deepEqual(shown(tree), [0, 1, 3, ~0]);
  assert.equal(tree.position(2), -1);
});

test("folding to a depth shows exactly the rows up to it", () => {
  const tree = treeOf(LOOP);
  tree.foldTo(1);
  assert.deepEqual(shown(tree), [0, 1, 3]);
  tree.foldTo(Infinity);
  assert.equal(tree.length, 5);
});

test("revealing a row unfolds what is above it and opens its group", () => {
  const tree = treeOf(LOOP);
  tree.foldTo(0);
  assert.equal(tree.reveal(6), tree.position(6));
  assert.equal(tree.visible[tree.position(6)], 6);
});

test("a filter shows matches and what is above them, and folding comes back after it", () => {
  const tree = treeOf(LOOP);
  tree.setOpen(1, false);
  tree.filter(Uint8Array.from({ length: 11 }, (_, row) => (row === 2 ? 1 : 0)));
  assert.deepEqual(shown(tree), [0, 1, 2]);
  tree.filter(null);
  assert.deepEqual(shown(tree), [0, 1, 3, ~0]);
});

test("positions lead back to entries", () => {
  const tree = treeOf(randomRows(3, 300));
  shown(tree).forEach((entry, position) => assert.equal(tree.position(entry), position));
});

test("above a member stands the head of its group, above the head the parent", () => {
  const tree = treeOf(LOOP);
  assert.equal(tree.above(5), ~0);
  assert.equal(tree.above(~0), 3);
  assert.equal(tree.above(0), null);
});

for (const [name, fold] of Object.entries({
  "nothing folded": () => {},
  "one row": (tree) => tree.setOpen(1, false),
  "a group opened": (tree) => tree.setOpen(~0, true),
  "to a depth, one row opened again": (tree) => (tree.foldTo(1), tree.setOpen(3, true)),
})) {
  test(`a link brings folding back: ${name}`, () => {
    const before = treeOf(LOOP);
    fold(before);
    const after = treeOf(LOOP);
    applyFolds(after, after.model, encodeFolds(before, before.model));
    assert.deepEqual(shown(after), shown(before));
  });
}

for (const code of ["00000000~1~~", "a81c12ef~x~zz.!!~%", "a81c12ef~~1000~99", "~~~"]) {
  test(`a link that does not fit changes nothing: ${code}`, () => {
    const tree = treeOf(LOOP);
    applyFolds(tree, tree.model, code);
    assert.equal(tree.length, 5);
  });
}
