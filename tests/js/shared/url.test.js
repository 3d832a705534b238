import assert from "node:assert/strict";
import { test } from "node:test";
import { withParams } from "../../../static/js/shared/url.js";

test("a changed parameter leaves the others alone", () => {
  assert.equal(withParams("/trace/ab?span=1&find=x", { span: "2" }), "/trace/ab?span=2&find=x");
});

test("an empty value takes its parameter out", () => {
  assert.equal(withParams("/trace/ab?span=1&find=x", { span: null, find: "" }), "/trace/ab");
});

test("text is escaped", () => {
  assert.equal(withParams("/search", { q: "service=a AND b>1&c" }), "/search?q=service%3Da+AND+b%3E1%26c");
});
