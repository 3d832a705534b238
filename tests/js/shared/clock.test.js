import assert from "node:assert/strict";
import { test } from "node:test";
import { localText, utcClock, utcText } from "../../../static/js/shared/clock.js";

process.env.TZ = "Europe/Berlin";

test("UTC is shown on the reader's clock, and back", () => {
  assert.equal(localText("2026-11-23 10:02:11"), "2026-11-23 11:02:11");
  assert.equal(utcText("2026-11-23 11:02:11"), "2026-11-23 10:02:11");
});

test("decimals stay, and summer has its own offset", () => {
  assert.equal(localText("2026-07-01 10:00:00.000000001"), "2026-07-01 12:00:00.000000001");
});

test("other text is left to the server", () => assert.equal(utcText("yesterday"), "yesterday"));

test("nanoseconds since the epoch become a time of day", () => {
  assert.equal(utcClock("1795442522418000123"), "14:02:02.418");
});
