import { criticalPath } from "./critical-path.js";
import { decode } from "./decode.js";
import { FLAG } from "./flags.js";
import { layout } from "./layout.js";
import { selfTime } from "./self-time.js";

/**
 * All that the waterfall shows of a trace, computed once from its skeleton. Pure: runs in a page, a worker and node.
 *
 * Rows are in tree order. `source` leads from a row to its place on the wire, `rowOfSource` back.
 * Unit: every `…Ns` counts nanoseconds from `t0`, exact in a double up to 104 days; `t0` itself stays text.
 */
export function build(skeleton) {
  const rows = layout(decode(skeleton));
  const kinds = Uint8Array.from(skeleton.operations, ([, , kind]) => kind);
  const critical = criticalPath(rows, (row) => kinds[rows.operation[row]]);
  const model = {
    ...rows,
    t0: skeleton.t0,
    rev: skeleton.rev,
    services: skeleton.services,
    operations: skeleton.operations,
    serviceOfOperation: Uint16Array.from(skeleton.operations, ([service]) => service),
    selfNs: selfTime(rows),
    critical,
    chunks: skeleton.chunks,
    chunk: Uint32Array.from(skeleton.chunk),
    place: Uint32Array.from(skeleton.place),
  };
  return { ...model, ...sums(model) };
}

/** Per service: spans, errors, self time, time on the critical path; and the errors of the trace. */
function sums({ count, services, serviceOfOperation, operation, flags, selfNs, critical }) {
  const serviceSpans = new Int32Array(services.length);
  const serviceErrors = new Int32Array(services.length);
  const serviceSelfNs = new Float64Array(services.length);
  const serviceCriticalNs = new Float64Array(services.length);
  let errors = 0;
  for (let row = 0; row < count; row++) {
    const service = serviceOfOperation[operation[row]];
    serviceSpans[service]++;
    serviceSelfNs[service] += selfNs[row];
    if (flags[row] & FLAG.ERROR) {
      serviceErrors[service]++;
      errors++;
    }
  }
  for (let at = 0; at < critical.count; at++) {
    const service = serviceOfOperation[operation[critical.rows[at]]];
    serviceCriticalNs[service] += critical.toNs[at] - critical.fromNs[at];
  }
  return { serviceSpans, serviceErrors, serviceSelfNs, serviceCriticalNs, errors };
}

/** Rank of each service: the more of the critical path, the more distinct its colour. `order` names them if known. */
export function serviceRanks(model, order = []) {
  const known = new Map(order.map((name, rank) => [name, rank]));
  const place = (service) => known.get(model.services[service]) ?? Infinity;
  const sorted = [...model.services.keys()].sort(
    (a, b) =>
      (place(a) === place(b) ? 0 : place(a) - place(b)) ||
      model.serviceCriticalNs[b] - model.serviceCriticalNs[a] ||
      model.serviceSelfNs[b] - model.serviceSelfNs[a],
  );
  const ranks = new Uint16Array(sorted.length);
  sorted.forEach((service, rank) => {
    ranks[service] = rank;
  });
  return ranks;
}

/** Does the critical path pass through this row? */
export const isCritical = ({ critical: { head } }, row) => head[row + 1] > head[row];

/** Service, span name and kind of a row. A span without a name is said to have none. */
export function operationOf(model, row) {
  const [service, name, kind] = model.operations[model.operation[row]];
  return { service: model.services[service], name: name || "(no name)", kind };
}

/** The path below the page under which the span's details are found: chunk id and place in it. */
export function spanAddress(model, row) {
  const source = model.source[row];
  return `${model.chunks[model.chunk[source]]}/${model.place[source]}`;
}
