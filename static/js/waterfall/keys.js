import { bindKeys } from "../shared/keys.js";
import { NONE } from "./state.js";

const ZOOM_IN = 0.7;
const PAN = 0.15;

/** Keys of the waterfall. Letters work on the whole page, keys which browsers use themselves only in the grid. */
export function mountKeys(state, { view, tools, close, signal }) {
  const undo = [
    bindKeys(guarded(pageKeys(state, { view, tools, close }), view)),
    bindKeys(gridKeys(state, view), { root: view.grid }),
  ];
  signal.addEventListener("abort", () => undo.forEach((each) => each()));
}

/** Nothing happens to a waterfall that is not seen, as when the table is. */
function guarded(actions, view) {
  const isSeen = () => view.frame.offsetParent !== null;
  return Object.fromEntries(Object.entries(actions).map(([key, act]) => [key, (event) => (isSeen() ? act(event) : false)]));
}

function pageKeys(state, { view, tools, close }) {
  const position = () => (state.current === NONE ? -1 : state.tree.position(state.current));
  /** Whoever moves to a row may want to open it: Enter belongs to the grid. */
  const go = (move) => {
    view.grid.focus({ preventScroll: true });
    move();
  };
  const toDepth = Object.fromEntries([..."123456789"].map((digit) => [digit, () => state.foldTo(Number(digit))]));
  return {
    ...toDepth,
    j: () => go(() => state.moveTo(position() + 1)),
    k: () => go(() => state.moveTo(position() - 1)),
    h: () => fold(state),
    l: () => unfold(state),
    n: () => go(() => state.goToMatch(1)),
    N: () => go(() => state.goToMatch(-1)),
    e: () => go(() => state.goToError(1)),
    E: () => go(() => state.goToError(-1)),
    c: () => state.setCritical(!state.isCritical),
    w: () => state.zoom(ZOOM_IN),
    "+": () => state.zoom(ZOOM_IN),
    s: () => state.zoom(1 / ZOOM_IN),
    "-": () => state.zoom(1 / ZOOM_IN),
    a: () => state.pan(-PAN),
    d: () => state.pan(PAN),
    f: () => state.fit(state.current),
    0: () => state.resetRange(),
    "/": () => tools.focusFind(),
    Escape: close,
  };
}

function gridKeys(state, view) {
  const position = () => (state.current === NONE ? -1 : state.tree.position(state.current));
  const choose = () => {
    if (state.current === NONE) return;
    if (state.current < 0) state.toggleOpen(state.current);
    else state.select(state.current);
  };
  return {
    ArrowDown: () => state.moveTo(position() + 1),
    ArrowUp: () => state.moveTo(position() - 1),
    PageDown: () => state.moveTo(position() + view.rows.pageLength()),
    PageUp: () => state.moveTo(position() - view.rows.pageLength()),
    Home: () => state.moveTo(0),
    End: () => state.moveTo(state.tree.length - 1),
    ArrowRight: () => unfold(state),
    ArrowLeft: () => fold(state),
    Enter: choose,
    " ": choose,
  };
}

/** Fold the current row, or go to the one above it. */
function fold(state) {
  const { current, tree } = state;
  if (current === NONE) return;
  if (tree.hasChildren(current) && tree.isOpen(current)) {
    state.setOpen(current, false);
    return;
  }
  const above = tree.above(current);
  if (above !== null) state.moveTo(tree.position(above));
}

/** Unfold the current row, or go to its first child. */
function unfold(state) {
  const { current, tree } = state;
  if (current === NONE || !tree.hasChildren(current)) return;
  if (tree.isOpen(current)) state.moveTo(tree.position(current) + 1);
  else state.setOpen(current, true);
}
