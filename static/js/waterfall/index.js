import { $ } from "../shared/dom.js";
import { readAddress } from "./address.js";
import { mountResizer } from "./columns.js";
import { fillStrip, legendOrder, mountHead } from "./head.js";
import { History } from "./history.js";
import { mountKeys } from "./keys.js";
import { loadEvents, loadModel } from "./load.js";
import { serviceRanks } from "./model.js";
import { Pointer } from "./pointer.js";
import { entryId } from "./row-view.js";
import { Selection } from "./selection.js";
import { NONE, State } from "./state.js";
import { Tooltip } from "./tooltip.js";
import { Tools } from "./tools.js";
import { Tree } from "./tree.js";
import { View } from "./view.js";

/** Mount the waterfall on the page of a trace. Returns its undo. */
export function mount(root) {
  const undo = new AbortController();
  $("[data-act=retry]", root).addEventListener("click", () => start(root, undo.signal), { signal: undo.signal });
  fillStrip(root);
  start(root, undo.signal);
  return () => undo.abort();
}

async function start(root, signal) {
  root.dataset.state = "loading";
  let model;
  try {
    model = await loadModel(root.dataset, signal);
  } catch (error) {
    if (signal.aborted) return;
    root.dataset.state = "failed";
    $(".waterfall-reason", root).textContent = error.message;
    return;
  }
  if (signal.aborted) return;
  root.dataset.state = "ready";
  const state = open(root, model, signal);
  await afterPaint();
  if (signal.aborted) return;
  performance.mark("waterfall-painted");
  const events = await loadEvents(root.dataset.eventsUrl, model, signal).catch(() => new Map());
  if (!signal.aborted) state.setEvents(events);
}

const afterPaint = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

/** Wire the parts together: the state tells what has changed, and who draws it is decided here. */
function open(root, model, signal) {
  const state = new State(model, new Tree(model), serviceRanks(model, legendOrder(root)));
  const view = new View(root, state, signal);
  const history = new History(root, state, signal);
  const selection = new Selection({ root, state, view, history, signal });
  const tools = new Tools(root, state, signal);
  const tooltip = new Tooltip($(".tooltip", root), state);
  new Pointer(view, state, { tooltip, signal });
  readAddress(state, location.search);
  tools.render();
  view.resize();
  mountResizer($(".waterfall-resizer", root), view, signal);
  mountKeys(state, { view, tools, signal, close: () => selection.close() });
  mountHead(root, state, signal);
  state.listen((change) => follow(change, { state, view, tools, history, selection }));
  root.addEventListener("click", ({ target }) => target.closest("[role=tab][data-view]") && showTab(root, target, view, history), { signal });
  document.addEventListener("theme", () => view.repaint(), { signal });
  openFocus(root, state, selection);
  return state;
}

function follow(change, { state, view, tools, history, selection }) {
  if (change === "range") tools.renderRange();
  if (change === "find" || change === "rows" || change === "critical") {
    tools.render();
    view.recount();
  }
  if (change === "current") pointAt(state, view);
  if (change === "selection") {
    view.paintRuler();
    selection.follow();
  }
  view.draw();
  if (change !== "hover" && change !== "current") history.replaceSoon();
}

function pointAt(state, view) {
  if (state.current === NONE) view.grid.removeAttribute("aria-activedescendant");
  else view.grid.setAttribute("aria-activedescendant", entryId(state.current));
  view.show(state.current);
}

/** The span which the link names is selected, in view and its panel open; else the first match is in view. */
function openFocus(root, state, selection) {
  const source = Number.parseInt(root.dataset.focusRow, 10);
  const row = state.model.rowOfSource[source];
  if (row !== undefined) selection.restore(row, root.dataset.focusSpan ?? "");
  else state.goToMatch(1);
}

function showTab(root, target, view, history) {
  root.dataset.view = target.closest("[role=tab]").dataset.view;
  history.replaceSoon();
  const table = $("#trace-table", root);
  if (root.dataset.view === "waterfall") requestAnimationFrame(() => view.reveal());
  else if (!$("table", table)) htmx.ajax("GET", table.dataset.url, { target: table, swap: "innerHTML" });
}
