import { applyFolds, encodeFolds } from "./fold-code.js";

const NUMBER = /^\d{1,16}$/u;

/** Set up `state` as a link describes it. What the link leaves out is as at first; what it says wrongly is ignored. */
export function readAddress(state, search) {
  const asked = new URLSearchParams(search);
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const isRange = NUMBER.test(from) && NUMBER.test(to) && Number(from) < Number(to);
  applyFolds(state.tree, state.model, asked.get("collapsed") ?? "");
  state.setRange(isRange ? { fromNs: Number(from), toNs: Number(to) } : state.model);
  state.setFind(asked.get("find") ?? "");
  state.setFilter(["matches", "errors"].includes(asked.get("only")) ? asked.get("only") : "");
  state.setCritical(asked.get("critical") === "1");
}

/** The query of a link that shows what `state` shows. Parameters of others stay. */
export function writeAddress(state, search, { spanId = "", view = "waterfall" } = {}) {
  const asked = new URLSearchParams(search);
  const isZoomed = state.isZoomed();
  const said = {
    span: spanId,
    from: isZoomed ? String(Math.floor(state.fromNs)) : "",
    to: isZoomed ? String(Math.ceil(state.toNs)) : "",
    find: state.find.text.trim(),
    only: state.filter,
    critical: state.isCritical ? "1" : "",
    collapsed: encodeFolds(state.tree, state.model),
    view: view === "waterfall" ? "" : view,
  };
  for (const [name, value] of Object.entries(said)) {
    if (value) asked.set(name, value);
    else asked.delete(name);
  }
  const query = asked.toString();
  return query ? `?${query}` : "";
}
