import { make } from "../shared/dom.js";
import { formatCount, formatDuration } from "../shared/time.js";
import { clean, KINDS } from "./format.js";
import { FLAG } from "./flags.js";
import { operationOf } from "./model.js";
import { SERVICE_COLOURS } from "./palette.js";

const INDENTS_MAX = 22; // deeper rows get a badge with their depth
const BADGES = [
  [FLAG.ORPHAN, "parent missing"],
  [FLAG.CYCLE, "cycle cut"],
  [FLAG.DUPLICATE, "duplicate id"],
  [FLAG.REPAIRED, "time repaired"],
  [FLAG.EARLY, "clock skew"],
];

/** One recycled row of the treegrid: its elements, and what they say now. */
export class RowView {
  constructor() {
    this.guides = make("span", { class: "span-guides" });
    this.twist = make("span", { class: "span-twist", "aria-hidden": "true" });
    this.error = make("span", { class: "span-error", "aria-hidden": "true" }, "!");
    this.service = make("span", { class: "service-name span-service" });
    this.title = make("bdi", { class: "span-title" });
    this.badge = make("span", { class: "span-badge" });
    this.said = make("span", { class: "visually-hidden" });
    const swatch = make("i", { class: "swatch" });
    const parts = [this.guides, this.twist, this.error, swatch, this.service, this.title, this.badge];
    const name = make("div", { class: "span-name", role: "gridcell" }, ...parts);
    const lane = make("div", { class: "span-lane", role: "gridcell" }, this.said);
    this.element = make("div", { class: "span-row", role: "row" }, name, lane);
    this.entry = null;
    this.bound = -1;
    this.top = -1;
  }

  hide() {
    this.element.hidden = true;
    this.entry = null;
  }

  moveTo(top) {
    if (top === this.top) return;
    this.top = top;
    this.element.style.transform = `translateY(${top}px)`;
  }

  /** Write `entry`, unless it stands there already. */
  bind(state, entry, position) {
    if (this.entry === entry && this.bound === state.bound) return;
    this.entry = entry;
    this.bound = state.bound;
    const { tree, model, ranks } = state;
    const row = tree.rowOf(entry);
    const { service, name, kind } = operationOf(model, row);
    const { element } = this;
    element.hidden = false;
    element.id = entryId(entry);
    element.dataset.entry = entry;
    element.dataset.service = ranks[model.serviceOfOperation[model.operation[row]]] % SERVICE_COLOURS;
    element.setAttribute("aria-level", model.depth[row] + 1);
    element.setAttribute("aria-rowindex", position + 1);
    this.guides.style.setProperty("--depth", Math.min(model.depth[row], INDENTS_MAX));
    this.service.textContent = clean(service);
    this.title.textContent = clean(name);
    this.title.title = name.length > 40 ? clean(name) : "";
    this.bindTwist(tree, entry);
    if (entry < 0) this.bindGroup(state, ~entry);
    else this.bindSpan(state, row, kind);
  }

  bindTwist(tree, entry) {
    if (!tree.hasChildren(entry)) {
      delete this.twist.dataset.open;
      this.element.removeAttribute("aria-expanded");
      return;
    }
    this.twist.dataset.open = tree.isOpen(entry);
    this.element.setAttribute("aria-expanded", tree.isOpen(entry));
  }

  bindSpan(state, row, kind) {
    const { tree, model, find } = state;
    const flags = model.flags[row];
    const isError = (flags & FLAG.ERROR) !== 0;
    const badges = BADGES.filter(([flag]) => flags & flag).map(([, text]) => text);
    const hidden = model.subtreeEnd[row] - row - 1;
    this.element.dataset.status = isError ? "error" : "";
    this.element.dataset.kind = "span";
    this.error.hidden = !isError;
    this.mark({ isFound: find.mask?.[row], isFaint: !isError && state.isFaint(row) });
    this.writeBadge([
      model.depth[row] > INDENTS_MAX ? `depth ${model.depth[row] + 1}` : "",
      ...badges,
      tree.folded[row] && hidden ? `+${formatCount(hidden)}` : "",
    ]);
    this.said.textContent = [
      KINDS[kind] ?? KINDS[0],
      `starts ${formatDuration(model.startNs[row])}`,
      `lasts ${formatDuration(model.durationNs[row])}`,
      isError ? "error" : "",
      flags & FLAG.EARLY ? "starts before its parent" : "",
    ].filter(Boolean).join(", ");
  }

  bindGroup({ tree: { groups }, model, find }, group) {
    const first = groups.first[group];
    const end = groups.end[group];
    let sumNs = 0;
    let errors = 0;
    let found = 0;
    for (let row = first; row < end; row++) {
      sumNs += model.durationNs[row];
      errors += model.flags[row] & FLAG.ERROR;
      found += find.mask?.[row] ?? 0;
    }
    this.element.dataset.status = "";
    this.element.dataset.kind = "group";
    this.error.hidden = !errors;
    this.mark({ isFound: found, isFaint: find.mask && !found && !errors });
    this.writeBadge([`${formatCount(end - first)} × ${formatDuration(sumNs / (end - first))}`]);
    this.said.textContent = `group of ${formatCount(end - first)} equal spans, ${formatDuration(sumNs)} in all${errors ? `, ${errors} errors` : ""}`;
  }

  mark({ isFound, isFaint }) {
    this.element.dataset.found = isFound ? "true" : "false";
    this.element.dataset.faint = isFaint ? "true" : "false";
  }

  writeBadge(parts) {
    this.badge.textContent = parts.filter(Boolean).join(" · ");
    this.badge.hidden = !this.badge.textContent;
  }

  /** What changes without the row being written again. */
  point({ selected, current, hovered }) {
    const { element, entry } = this;
    setData(element, "current", entry === current);
    setData(element, "hovered", entry === hovered);
    const isSelected = entry === selected ? "true" : "false";
    if (element.getAttribute("aria-selected") !== isSelected) element.setAttribute("aria-selected", isSelected);
  }
}

function setData(element, name, isSet) {
  const value = isSet ? "true" : "false";
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

/** The DOM id of an entry, for aria-activedescendant. */
export const entryId = (entry) => (entry < 0 ? `span-group-${~entry}` : `span-row-${entry}`);
