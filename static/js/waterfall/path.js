import { clean } from "./format.js";

const STEPS_MAX = 64;

/** The services on the way down to an entry, "↑ web › checkout"; empty for a root. */
export function servicesAbove({ tree, model }, entry) {
  if (entry === undefined || !tree.length) return "";
  const names = [];
  let last = -1;
  let row = model.parent[tree.rowOf(entry)];
  for (let step = 0; row >= 0 && step < STEPS_MAX; step++, row = model.parent[row]) {
    const service = model.serviceOfOperation[model.operation[row]];
    if (service !== last) names.unshift(clean(model.services[service]));
    last = service;
  }
  return names.length ? `↑ ${names.join(" › ")}` : "";
}

/**
 * The operations which hold most of the critical path: {operation, share, spans, errors, row}, greatest first. `row` is
 * the one that holds most of it.
 */
export function criticalOperations({ critical, operation, flags, count }, limit) {
  const heldNs = new Map();
  let totalNs = 0;
  for (let row = 0; row < count; row++) {
    let rowNs = 0;
    for (let at = critical.head[row]; at < critical.head[row + 1]; at++) rowNs += critical.rowToNs[at] - critical.rowFromNs[at];
    if (!rowNs) continue;
    totalNs += rowNs;
    const held = heldNs.get(operation[row]) ?? { operation: operation[row], ns: 0, spans: 0, errors: 0, row, mostNs: 0 };
    held.ns += rowNs;
    held.spans++;
    held.errors += flags[row] & 1;
    if (rowNs > held.mostNs) Object.assign(held, { row, mostNs: rowNs });
    heldNs.set(operation[row], held);
  }
  return [...heldNs.values()]
    .sort((a, b) => b.ns - a.ns)
    .slice(0, limit)
    .map(({ ns, ...held }) => ({ ...held, share: ns / totalNs }));
}
