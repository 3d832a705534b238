import { FLAG } from "./flags.js";
import { SERVICE_COLOURS } from "./palette.js";
import { sizeCanvas } from "./shapes.js";

const HEIGHT_PX = 56;
const LANES_MAX = 18;
const LANE_PX_MAX = 5;
const TOP_PX = 4;
const ERRORS_PX = 7;

/** The whole trace as an icicle, one line per depth, with error marks at the foot: one pass over the spans, in pixels. */
export function paintMinimap(canvas, state, palette, widthPx) {
  const ratio = devicePixelRatio || 1;
  const ink = sizeCanvas(canvas, { widthPx, heightPx: HEIGHT_PX, ratio });
  if (!canvas.width) return;
  const image = ink.createImageData(canvas.width, canvas.height);
  const hasError = paintSpans(image, state, palette, ratio);
  ink.putImageData(image, 0, 0);
  paintErrors(ink, hasError, palette.error, ratio);
}

function paintSpans(image, { model, ranks }, palette, ratio) {
  const pixels = new Uint32Array(image.data.buffer);
  const { width, height } = image;
  const lanes = Math.min(model.maxDepth + 1, LANES_MAX);
  const top = Math.round(TOP_PX * ratio);
  const room = height - top - Math.round((ERRORS_PX + 4) * ratio);
  const lane = Math.max(1, Math.min(Math.round(LANE_PX_MAX * ratio), Math.floor(room / lanes)));
  const thick = lane > 2 ? lane - Math.round(ratio) : lane;
  const colours = palette.services.map(packColour);
  const pxPerNs = width / (model.toNs - model.fromNs);
  const lastDot = new Int32Array(lanes).fill(-1);
  const hasError = new Uint8Array(width);
  for (let row = 0; row < model.count; row++) {
    const from = Math.min(width - 1, ((model.startNs[row] - model.fromNs) * pxPerNs) | 0);
    if (model.flags[row] & FLAG.ERROR) hasError[from] = 1;
    const depth = model.depth[row];
    if (depth >= lanes) continue;
    const to = Math.min(width, Math.max(from + 1, Math.round((model.startNs[row] + model.durationNs[row] - model.fromNs) * pxPerNs)));
    if (to - from === 1 && lastDot[depth] === from) continue;
    lastDot[depth] = from;
    const colour = colours[ranks[model.serviceOfOperation[model.operation[row]]] % SERVICE_COLOURS];
    for (let line = top + depth * lane, end = line + thick; line < end; line++) pixels.fill(colour, line * width + from, line * width + to);
  }
  return hasError;
}

function paintErrors(ink, hasError, colour, ratio) {
  const { height } = ink.canvas;
  ink.fillStyle = colour;
  let last = -Infinity;
  hasError.forEach((isSet, x) => {
    if (!isSet || x - last <= 4 * ratio) return;
    last = x;
    ink.beginPath();
    ink.moveTo(x - 3.5 * ratio, height - 1);
    ink.lineTo(x + 3.5 * ratio, height - 1);
    ink.lineTo(x, height - ERRORS_PX * ratio);
    ink.fill();
  });
}

/** "#367ad1" as one opaque pixel of ImageData: little-endian, so alpha is the highest byte. */
function packColour(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}
