import { FLAG } from "./flags.js";
import { sizeCanvas } from "./shapes.js";

const WIDTH_PX = 10;
const ERROR = 1;
const FOUND = 2;
const SELECTED = 4;

/** Where in the whole list errors, matches and the selected row are, beside the scroll bar. */
export function paintRuler(canvas, state, palette, { heightPx, rowPx }) {
  const ratio = devicePixelRatio || 1;
  const ink = sizeCanvas(canvas, { widthPx: WIDTH_PX, heightPx, ratio });
  const { width, height } = canvas;
  const marks = collect(state, height, Math.max(state.tree.length, heightPx / rowPx));
  marks.forEach((mark, y) => {
    if (mark & FOUND) line(ink, palette.accent, { left: 0, y, width: width / 2, height: 2 * ratio });
    if (mark & ERROR) line(ink, palette.error, { left: width / 2, y, width: width / 2, height: 2.5 * ratio });
    if (mark & SELECTED) line(ink, palette.ink1, { left: 0, y, width, height: 2 * ratio });
  });
}

function line(ink, colour, { left, y, width, height }) {
  ink.fillStyle = colour;
  ink.fillRect(left, y, width, height);
}

function collect({ tree, model, find, selected }, height, length) {
  const marks = new Uint8Array(height);
  const { groups, openGroups, visible } = tree;
  const markOf = (row) =>
    (model.flags[row] & FLAG.ERROR ? ERROR : 0) | (find.mask?.[row] ? FOUND : 0) | (row === selected ? SELECTED : 0);
  for (let position = 0; position < tree.length; position++) {
    const y = Math.floor((position * height) / length);
    const entry = visible[position];
    if (entry >= 0) marks[y] |= markOf(entry);
    else if (!openGroups[~entry]) for (let row = groups.first[~entry]; row < groups.end[~entry]; row++) marks[y] |= markOf(row);
  }
  return marks;
}
