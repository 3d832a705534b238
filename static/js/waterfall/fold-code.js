const CODED_MAX = 400; // rows in a link: with more it would not survive being pasted

/**
 * What is folded and opened, as a short text for the page's address: `rev~depth~rows~groups`. `depth` is the last "fold to
 * depth", `rows` those which differ from it; both lists are distances in base 36, rows counted on the wire. The rev says
 * for which state of the trace it holds. Empty when nothing is folded, or too much by hand.
 */
export function encodeFolds(tree, { rev, source }) {
  const folded = tree.unfiltered ?? tree.folded;
  const differing = [];
  folded.forEach((isFolded, row) => (isFolded === 1) !== tree.isBelowFold(row) && differing.push(source[row]));
  const opened = [];
  tree.openGroups.forEach((isOpen, group) => isOpen && opened.push(source[tree.groups.first[group]]));
  const depth = Number.isFinite(tree.foldDepth) ? String(tree.foldDepth) : "";
  if (!differing.length && !opened.length && !depth) return "";
  if (differing.length + opened.length > CODED_MAX) return "";
  return [rev, depth, distances(differing), distances(opened)].join("~");
}

/** Put back what `encodeFolds` wrote. A text of another rev, or one that was tampered with, changes nothing. */
export function applyFolds(tree, { rev, rowOfSource, children }, code) {
  const [codedRev, depth = "", differing = "", opened = ""] = code.split("~");
  if (codedRev !== rev) return;
  if (/^\d+$/u.test(depth)) tree.foldTo(Number(depth));
  for (const place of places(differing)) {
    const row = rowOfSource[place];
    if (children[row]) tree.folded[row] = 1 - tree.folded[row];
  }
  for (const place of places(opened)) {
    const group = tree.groups.at[rowOfSource[place]] ?? -1;
    if (group >= 0) tree.openGroups[group] = 1;
  }
  tree.refresh();
}

function distances(rows) {
  const sorted = rows.sort((a, b) => a - b);
  return sorted.map((row, at) => (row - (at ? sorted[at - 1] : 0)).toString(36)).join(".");
}

function places(text) {
  const found = [];
  let reached = 0;
  for (const distance of text.split(".").filter(Boolean)) found.push((reached += Number.parseInt(distance, 36)));
  return found;
}
