import assert from "node:assert/strict";
import { test } from "node:test";

import { clean } from "../../../static/js/waterfall/format.js";
import { build } from "../../../static/js/waterfall/model.js";
import { criticalOperations, servicesAbove } from "../../../static/js/waterfall/path.js";
import { Tree } from "../../../static/js/waterfall/tree.js";
import { skeletonOf } from "./skeletons.js";

const model = build(skeletonOf([[-1, 0, 100, 0], [0, 10, 60, 1], [1, 15, 50, 1], [0, 75, 20, 2]], {
  operations: ["web GET", "shop charge", "db SELECT"],
  errors: [1],
}));

test("the way down names each service once in a row", () => {
  assert.equal(servicesAbove({ model, tree: new Tree(model) }, 2), "↑ web › shop");
  assert.equal(servicesAbove({ model, tree: new Tree(model) }, 0), "");
});

test("the operations that hold most of the critical path come first, with their longest row", () => {
  const [first, second] = criticalOperations(model, 2);
  assert.deepEqual([first.operation, first.share, first.spans, first.errors, first.row], [1, 0.6, 2, 1, 2]);
  assert.equal(second.operation, 0);
});

test("marks that reorder or hide text are shown as dots", () => {
  assert.equal(clean("a\u202eb\u0000c\u2066d"), "a·b·c·d");
  assert.equal(clean("طلب <b>"), "طلب <b>");
});
