import { $, $$, make, setProperties } from "../shared/dom.js";
import { formatDuration, formatShare } from "../shared/time.js";
import { clean } from "./format.js";
import { operationOf } from "./model.js";
import { criticalOperations } from "./path.js";

const SAID_MIN = 0.1; // an operation with less of the critical path is not worth a sentence
const SAID_MAX = 2;

/** Names of services in the order of the page's legend: their place is their colour, here as in the panel and the list. */
export const legendOrder = (root) => $$(".path-key[data-name]", root).map(({ dataset }) => dataset.name);

/** Give the parts of the strip their lengths. */
export function fillStrip(root) {
  for (const part of $$(".path-strip i", root)) setProperties(part, { share: part.dataset.share });
}

/** Wire up the head of the trace: the legend finds, a sentence says where the time went. */
export function mountHead(root, state, signal) {
  const says = $(".path-says", root);
  if (says) says.replaceChildren(...sentence(state));
  root.addEventListener("click", ({ target }) => {
    const key = target.closest(".path-key[data-name]");
    if (key) findService(root, state, key.dataset.name);
    const part = target.closest("[data-critical-row]");
    if (part) state.select(Number(part.dataset.criticalRow));
    if (target.closest("[data-more-services]")) showAll(root);
  }, { signal });
}

function findService(root, state, name) {
  const input = $(".trace-find input", root);
  input.value = state.find.text === name ? "" : name;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function showAll(root) {
  const legend = $(".path-legend", root);
  legend.dataset.all = legend.dataset.all !== "true";
}

function sentence({ model }) {
  const parts = criticalOperations(model, SAID_MAX).filter(({ share }) => share >= SAID_MIN);
  if (!parts.length) return [];
  return [
    make("b", {}, formatDuration(model.toNs - model.fromNs)),
    ...parts.flatMap((part, at) => [at ? "; " : ": ", ...clause(model, part)]),
  ];
}

function clause(model, { share, spans, errors, row }) {
  const { service, name } = operationOf(model, row);
  const count = spans > 1 ? `, ${spans} spans` : "";
  const failed = errors ? `, ${errors === spans && spans > 1 ? "all" : errors} failed` : "";
  return [
    `${formatShare(share)} in `,
    make("button", { class: "path-link", type: "button", "data-critical-row": row }, `${clean(service)} `, make("bdi", {}, clean(name))),
    count + failed,
  ];
}
