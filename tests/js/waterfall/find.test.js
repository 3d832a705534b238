import assert from "node:assert/strict";
import { test } from "node:test";

import { errorRows, findRows, nextIndex } from "../../../static/js/waterfall/find.js";
import { build } from "../../../static/js/waterfall/model.js";
import { skeletonOf } from "./skeletons.js";

const model = build(skeletonOf([[-1, 0, 9, 0], [0, 1, 3, 1], [0, 2, 3, 2]], {
  operations: ["web-gateway GET", "cart Load", "cart-db SELECT"],
  errors: [2],
}));

for (const [text, rows] of [["cart", [1, 2]], ["CART select", [2]], ["load cart", [1]], ["nothing", []], ["web- GE", [0]]]) {
  test(`"${text}" finds rows ${rows}`, () => assert.deepEqual([...findRows(model, text).rows], rows));
}

test("blank text asks for nothing", () => assert.equal(findRows(model, "  ").mask, null));

test("errors are found by status", () => assert.deepEqual([...errorRows(model).rows], [2]));

for (const [row, step, index] of [[-1, 1, 0], [3, 1, 1], [4, 1, 1], [9, 1, 0], [9, -1, 1], [3, -1, 2], [4, -1, 0]]) {
  test(`from row ${row}, step ${step}: match ${index} of 3, 7, 9`, () => assert.equal(nextIndex(Int32Array.of(3, 7, 9), row, step), index));
}

test("among no matches there is no next", () => assert.equal(nextIndex(new Int32Array(0), 3, 1), -1));
