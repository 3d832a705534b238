import assert from "node:assert/strict";
import { test } from "node:test";

import { readAddress, writeAddress } from "../../../static/js/waterfall/address.js";
import { build, serviceRanks } from "../../../static/js/waterfall/model.js";
import { NONE, State } from "../../../static/js/waterfall/state.js";
import { Tree } from "../../../static/js/waterfall/tree.js";
import { skeletonOf } from "./skeletons.js";

const ROWS = [[-1, 0, 1000, 0], [0, 10, 400, 1], [1, 20, 100, 2], [0, 500, 300, 1], [3, 510, 90, 2]];

function stateOf(rows = ROWS) {
  const model = build(skeletonOf(rows, { operations: ["web GET", "shop work", "db SELECT"], errors: [2] }));
  return new State(model, new Tree(model), serviceRanks(model));
}

function changesOf(state, act) {
  const changes = [];
  state.listen((change) => changes.push(change));
  act();
  return changes;
}

test("going to a row unfolds what hides it", () => {
  const state = stateOf();
  state.foldTo(0);
  state.goTo(2);
  assert.equal(state.tree.position(2), 2);
  assert.equal(state.current, 2);
});

test("going to a row that a filter hides ends the filter", () => {
  const state = stateOf();
  state.setFilter("errors");
  state.goTo(4);
  assert.equal(state.filter, "");
  assert.ok(state.tree.position(4) > 0);
});

test("folding the current row away makes the row above it current", () => {
  const state = stateOf();
  state.goTo(4);
  state.setOpen(3, false);
  assert.equal(state.current, 3);
});

test("next match goes on from the current row and wraps", () => {
  const state = stateOf();
  state.setFind("db");
  const visited = [1, 1, 1, -1].map((step) => (state.goToMatch(step), state.current));
  assert.deepEqual(visited, [2, 4, 2, 4]);
});

test("each letter of a find looks from the same place", () => {
  const state = stateOf();
  state.setFind("shop");
  state.goToMatchFrom(NONE);
  state.setFind("shop work");
  state.goToMatchFrom(NONE);
  assert.deepEqual([state.current, state.find.index], [1, 0]);
  state.goToMatchFrom(2);
  assert.equal(state.current, 3);
});

test("next error finds the only error", () => {
  const state = stateOf();
  state.goToError(1);
  assert.equal(state.current, 2);
});

test("only matches are shown with what is above them", () => {
  const state = stateOf();
  state.setFind("select");
  state.setFilter("matches");
  assert.equal(state.tree.length, 5);
  state.setFind("nothing at all");
  assert.equal(state.tree.length, 0);
});

test("a change that changes nothing is not told", () => {
  const state = stateOf();
  assert.deepEqual(changesOf(state, () => state.resetRange()), []);
});

test("choosing a span tells of its rows, its place and the choice", () => {
  const state = stateOf();
  assert.deepEqual(changesOf(state, () => state.select(4)), ["rows", "current", "selection"]);
});

test("positions beyond the ends mean the ends", () => {
  const state = stateOf();
  state.moveTo(99);
  assert.equal(state.current, 4);
  state.moveTo(-7);
  assert.equal(state.current, 0);
});

test("an empty trace has nothing to move to", () => {
  const state = stateOf([]);
  state.moveTo(0);
  state.goToMatch(1);
  state.goToError(1);
  assert.equal(state.current, NONE);
});

test("a link says the whole view and brings it back", () => {
  const before = stateOf();
  before.setRange({ fromNs: 100, toNs: 700 });
  before.setFind("db select");
  before.setFilter("matches");
  before.setCritical(true);
  before.tree.setOpen(1, false);
  const link = writeAddress(before, "?other=1", { spanId: "00f067aa0ba902b7", view: "table" });
  const after = stateOf();
  readAddress(after, link);
  assert.deepEqual([after.fromNs, after.toNs, after.find.text, after.filter, after.isCritical], [100, 700, "db select", "matches", true]);
  assert.equal(new URLSearchParams(link).get("span"), "00f067aa0ba902b7");
  assert.equal(writeAddress(after, link, { spanId: "00f067aa0ba902b7", view: "table" }), link);
});

test("a view as at first needs no words", () => assert.equal(writeAddress(stateOf(), ""), ""));

for (const link of ["?from=9&to=3", "?from=x&to=y", "?from=-5&to=2", "?only=all", "?from=5", "?collapsed=~~~~"]) {
  test(`what a link says wrongly is ignored: ${link}`, () => {
    const state = stateOf();
    readAddress(state, link);
    assert.deepEqual([state.fromNs, state.toNs, state.filter], [0, 1000, ""]);
  });
}
