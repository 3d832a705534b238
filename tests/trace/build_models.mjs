// stdin: a JSON list of skeletons → stdout: what the browser makes of each, by row of the skeleton.
import { readFileSync } from "node:fs";

import { build } from "../../static/js/waterfall/model.js";

function told(model) {
  const { source, selfNs, depth, critical } = model;
  const path = critical.rows.map((row, at) => [source[row], critical.fromNs[at], critical.toNs[at]]);
  return { order: [...source], depth: [...depth], selfNs: [...selfNs], path };
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map((skeleton) => told(build(skeleton)))));
