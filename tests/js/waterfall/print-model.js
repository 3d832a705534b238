// A list of skeletons on stdin → what the browser makes of each, rows named by their place on the wire. For tests/trace.
import { readFileSync } from "node:fs";

import { build } from "../../../static/js/waterfall/model.js";

const said = JSON.parse(readFileSync(0, "utf8")).map((skeleton) => {
  const model = build(skeleton);
  const byWire = (column) => Array.from(model.rowOfSource, (row) => column[row]);
  return {
    order: [...model.source],
    depth: byWire(model.depth),
    flags: byWire(model.flags).map((flags) => flags & 255),
    self_ns: byWire(model.selfNs),
    critical: model.critical.rows.map((row, at) => [model.source[row], model.critical.fromNs[at], model.critical.toNs[at]]),
  };
});
process.stdout.write(JSON.stringify(said));
