import { token } from "../shared/dom.js";
import { clockNow } from "../shared/clock-choice.js";
import { formatDuration } from "../shared/time.js";
import { durationTicks } from "./scale.js";
import { axis, plot } from "./plot.js";

/** Duration over time, log scale; errors are red diamonds above the rest. A point opens its trace. */
export function drawScatter(element, points) {
  const isError = (place) => points.error[place] === 1;
  const all = points.trace.map((_, place) => place);
  const fine = series(points, all.filter((place) => !isError(place)), { color: token("accent"), symbol: "circle", size: 6, opacity: 0.55 });
  const failed = series(points, all.filter(isError), { color: token("error"), symbol: "diamond", size: 7, opacity: 0.85 });
  const { values, texts, range } = durationTicks(points.duration_ms);
  plot(element, [fine, failed], {
    margin: { l: 56, r: 6, t: 6, b: 22 }, dragmode: "zoom",
    xaxis: { ...axis(), type: "date", showgrid: false, nticks: 9, ...timeAxis(points.time_ms) },
    yaxis: { ...axis(), type: "log", range, tickvals: values, ticktext: texts },
  }).then(() => follow(element));
}

function series(points, places, { opacity, ...marker }) {
  return {
    type: "scatter", mode: "markers",
    x: places.map((place) => onClock(points.time_ms[place])),
    y: places.map((place) => Math.max(points.duration_ms[place], 1e-6)),
    customdata: places.map((place) => points.trace[place]),
    text: places.map((place) => `${points.service[place]} · ${formatDuration(points.duration_ms[place] * 1e6)}`),
    hovertemplate: "%{x|%H:%M:%S}<br>%{text}<extra></extra>",
    marker: { ...marker, opacity, line: { width: 0 } },
  };
}

/** A date as text has no zone, so that Plotly shows it as it stands: in UTC or on the reader's clock. */
function onClock(ms) {
  const moved = clockNow() === "local" ? ms - new Date(ms).getTimezoneOffset() * 60_000 : ms;
  return new Date(moved).toISOString().slice(0, 23).replace("T", " ");
}

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/** The time axis of the points: never shorter than a minute, with a little room at both ends. */
function timeAxis(times) {
  const first = times.reduce((a, b) => Math.min(a, b), Infinity);
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = Math.max((last - first) * 0.015, (MINUTE_MS - (last - first)) / 2);
  return { range: [onClock(first - room), onClock(last + room)], tickformat: timeFormat(last - first) };
}

function timeFormat(spanMs) {
  if (spanMs > 2 * DAY_MS) return "%-d %b";
  return spanMs > 5 * MINUTE_MS ? "%H:%M" : "%H:%M:%S";
}

const hovered = new WeakMap();

function follow(element) {
  if (hovered.has(element)) return;
  hovered.set(element, null);
  element.on("plotly_hover", ({ points: [point] }) => {
    hovered.set(element, point.customdata);
    element.dataset.hover = "true";
  });
  element.on("plotly_unhover", () => {
    hovered.set(element, null);
    delete element.dataset.hover;
  });
}

/** The trace of the point under the pointer, or null. */
export const pointAt = (element) => hovered.get(element) ?? null;
