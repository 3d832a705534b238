import { $ } from "../shared/dom.js";
import { drawScatter, pointAt } from "../charts/scatter.js";

/** The scatter over the list: the same query and window, fetched after the list is there. */
export function mount(figure) {
  const listeners = new AbortController();
  const on = (name, listener) => document.addEventListener(name, listener, { signal: listeners.signal });
  const state = { shown: null, points: null, asking: null };
  const plot = $(".chart-plot", figure);

  const draw = () => state.points?.trace.length && drawScatter(plot, state.points);
  const refresh = () => load(figure, state).then(draw);
  on("htmx:afterSettle", refresh);
  on("theme", draw);
  on("clock", draw);
  afterPaint(refresh);
  plot.addEventListener("click", () => openPoint(plot, state), { signal: listeners.signal });
  return () => {
    listeners.abort();
    state.asking?.abort();
    if (globalThis.Plotly) globalThis.Plotly.purge(plot);
  };
}

const afterPaint = (act) => requestAnimationFrame(() => setTimeout(act, 0));

/** Fetch the points when the list shows another search than the chart. */
async function load(figure, state) {
  const url = $("#search-results")?.dataset.chartUrl;
  if (!url || url === state.shown) return;
  state.shown = url;
  state.asking?.abort();
  state.asking = new AbortController();
  try {
    const [answer] = await Promise.all([fetch(url, { signal: state.asking.signal, headers: { accept: "application/json" } }), plotly(figure)]);
    state.points = answer.ok ? await answer.json() : null;
  } catch (error) {
    if (error.name !== "AbortError") tell(figure, "The chart could not be loaded.");
    return;
  }
  figure.dataset.state = state.points?.trace.length ? "drawn" : "empty";
  tell(figure, state.points?.note ?? "");
}

function tell(figure, text) {
  $(".chart-note", figure).textContent = text;
}

let loading = null;

/** The library is large: it is fetched once, on the first page with a chart. */
function plotly(figure) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = figure.dataset.plotly;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("plotly did not load")));
    document.head.append(script);
  });
  return loading;
}

function openPoint(plot, state) {
  const trace = pointAt(plot);
  if (trace !== null && state.points) location.assign(`/trace/${trace}`);
}
