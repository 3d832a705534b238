import { make } from "../shared/dom.js";
import { formatTick, ticks } from "../shared/time.js";

const TICK_PX = 120;
const TICKS_MIN = 4;

/** Times above the bars. Returns the ticks, which the bars draw as lines. */
export function renderAxis(axis, { fromNs, toNs }, widthPx, scale) {
  const { at, stepNs } = ticks(fromNs, toNs, Math.max(TICKS_MIN, widthPx / TICK_PX));
  while (axis.children.length < at.length) axis.append(make("span"));
  [...axis.children].forEach((label, index) => {
    label.hidden = index >= at.length;
    if (label.hidden) return;
    const x = Math.round(scale.toPx(at[index]));
    label.textContent = formatTick(at[index], stepNs);
    label.style.transform = `translateX(${x}px)`;
    label.dataset.cut = x > widthPx - 52;
  });
  return at;
}
