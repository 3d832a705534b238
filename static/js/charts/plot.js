import { token } from "../shared/dom.js";

/** An axis in the house style: quiet labels, hairline grid, no zero line. */
export const axis = () => ({
  tickfont: { family: token("font-text"), size: 11, color: token("ink-3") },
  gridcolor: token("line-2"), linecolor: token("line-1"), zeroline: false, ticks: "", automargin: false,
});

/** Draw or redraw a Plotly figure with the page's colours. */
export function plot(element, traces, layout) {
  const label = { family: token("font-text"), size: 12, color: token("ink-1") };
  return globalThis.Plotly.react(element, traces, {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest",
    hoverlabel: { bgcolor: token("surface-raised"), bordercolor: token("line-3"), font: label },
    ...layout,
  }, { displayModeBar: false, responsive: true, doubleClick: "reset" });
}
