import assert from "node:assert/strict";
import { test } from "node:test";
import { markWrong, tokens, wrongPart } from "../../../static/js/search/query.js";

const kinds = (text) => tokens(text).filter(([kind]) => kind !== "space").map(([kind, word]) => `${kind}:${word}`);

test("a query falls into fields, operators, values and words that join", () => {
  assert.deepEqual(kinds("service=checkout AND duration>200ms"),
    ["field:service", "operator:=", "text:checkout", "keyword:AND", "field:duration", "operator:>", "number:200ms"]);
});

test("a value may hold what is an operator elsewhere", () => {
  assert.deepEqual(kinds("http.url=/cart?id=1&b>2 oracle=1"), ["field:http.url", "operator:=", "text:/cart?id=1&b>2", "field:oracle", "operator:=", "number:1"]);
});

test("a keyword after an operator is a value", () => assert.equal(kinds("name=and")[2], "text:and"));

for (const text of ['name="GET /a b" OR NOT (x!=1)', 'open="never closed', "a!b =", "ключ=значение ∆", '"', ""]) {
  test(`the tokens of ${JSON.stringify(text)} join to it again`, () => {
    assert.equal(tokens(text).map(([, word]) => word).join(""), text);
  });
}

test("the wrong part is counted in characters from 1", () => {
  const text = "🛒=1 AND duration>5x";
  assert.equal(text.slice(...wrongPart(text, 18, 2)), "5x");
});

test("an error at the end of the text still marks its last character", () => {
  assert.deepEqual(wrongPart("service=", 9, 1), [7, 8]);
});

test("marking keeps the text", () => {
  const text = "duration>200mss AND a=b";
  assert.equal(markWrong(text, wrongPart(text, 10, 6)).map(([, word]) => word).join(""), text);
});
