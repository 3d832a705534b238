import { make } from "../shared/dom.js";
import { formatDuration, formatOffset, formatShare } from "../shared/time.js";
import { clean, KINDS } from "./format.js";
import { FLAG } from "./flags.js";
import { operationOf } from "./model.js";
import { SERVICE_COLOURS } from "./palette.js";

const OFF_PX = 14;
const NAME_LENGTH_MAX = 120;

/** Facts of the span under the pointer; never under a finger. */
export class Tooltip {
  constructor(element, state) {
    Object.assign(this, { element, state, row: null });
  }

  hide() {
    this.element.hidden = true;
  }

  /** `x`, `y` from the corner of the frame the tip may not leave. */
  show(row, { x, y, frame }) {
    if (row !== this.row) {
      this.row = row;
      this.element.replaceChildren(...facts(this.state, row));
    }
    this.element.hidden = false;
    const left = Math.min(x + OFF_PX, frame.width - this.element.offsetWidth - 8);
    const below = y + OFF_PX + 2;
    const top = below + this.element.offsetHeight > frame.height ? y - this.element.offsetHeight - 8 : below;
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  }
}

function facts({ model, ranks }, row) {
  const { service, name, kind } = operationOf(model, row);
  const flags = model.flags[row];
  const durationNs = model.durationNs[row];
  const rank = ranks[model.serviceOfOperation[model.operation[row]]] % SERVICE_COLOURS;
  const self = durationNs ? `${formatDuration(model.selfNs[row])} (${formatShare(model.selfNs[row] / durationNs)})` : "0";
  return [
    head({ service, name, rank }),
    fact("Duration", formatDuration(durationNs)),
    fact("Self time", self),
    fact("Starts at", formatOffset(model.startNs[row] - model.fromNs)),
    fact("Kind", KINDS[kind] ?? KINDS[0]),
    flags & FLAG.ERROR && fact("Status", "Error", true),
    model.events[row] > 0 && fact("Events", String(model.events[row])),
    flags & FLAG.ORPHAN && fact("Parent", "not stored"),
    flags & FLAG.DUPLICATE && fact("Id", "used by another span too"),
    flags & FLAG.REPAIRED && fact("Time", "repaired on arrival"),
    flags & FLAG.EARLY && fact("Clock", "starts before its parent"),
    flags & FLAG.LATE && fact("Asynchronous", "ends after its parent"),
  ].filter(Boolean);
}

function head({ service, name, rank }) {
  const swatch = make("i", { class: "swatch", "data-shape": "square", "data-service": rank });
  const text = make("span", {}, make("b", {}, clean(service)), " ", make("bdi", {}, clean(name).slice(0, NAME_LENGTH_MAX)));
  return make("p", { class: "tooltip-head" }, swatch, text);
}

function fact(name, value, isBad = false) {
  return make("p", { class: "tooltip-fact", "data-bad": isBad }, make("span", {}, name), make("b", {}, value));
}
