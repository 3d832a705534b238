import { $, token } from "../shared/dom.js";
import { renderAxis } from "./axis.js";
import { Bars } from "./bars.js";
import { Brush } from "./brush.js";
import { paintMinimap } from "./minimap.js";
import { readPalette } from "./palette.js";
import { servicesAbove } from "./path.js";
import { Rows } from "./rows.js";
import { paintRuler } from "./ruler.js";
import { timeScale } from "./scale.js";
import { formatOffset } from "../shared/time.js";

const NARROW = "(max-width: 720px)";
const MARGIN_PX = 12; // right of the bars, where the ruler stands
const WIDE = { rowPx: 24, barTopPx: 6, isPage: false };
const SMALL = { rowPx: 44, barTopPx: 26, isPage: true };
const NAME_PX = { min: 200, max: 900 };

/** All that is drawn. Each change asks for one frame; a frame reads the state and no layout. */
export class View {
  constructor(root, state, signal) {
    Object.assign(this, { root, state, isAsked: false, frames: 0 });
    this.frame = $(".waterfall", root);
    this.head = $(".waterfall-head", root);
    this.axis = $(".axis", root);
    this.cursor = $(".axis-cursor", root);
    this.path = $(".waterfall-path", root);
    this.grid = $(".waterfall-scroll", root);
    this.ruler = $(".waterfall-ruler", root);
    this.minimap = $(".minimap canvas", root);
    this.rows = new Rows(this.grid, state, { signal, onScroll: () => this.draw() });
    this.bars = new Bars($(".waterfall-bars", root), state);
    this.brush = new Brush($(".minimap-box", root), state, signal);
    this.palette = readPalette();
    const observer = new ResizeObserver(() => this.measure() === this.measured || this.resize());
    observer.observe(this.frame);
    signal.addEventListener("abort", () => observer.disconnect());
    document.fonts.ready.then(() => signal.aborted || this.draw());
  }

  /** All sizes which the drawing depends on, as one text to compare. */
  measure() {
    return [this.grid.clientWidth, this.frame.clientHeight, innerWidth, innerHeight, devicePixelRatio].join(" ");
  }

  /** Take the sizes of the page into account; called at first, after resizing and when the theme has changed. */
  resize() {
    if (!this.frame.offsetParent) return; // the table is shown instead
    const isNarrow = matchMedia(NARROW).matches;
    const { rowPx, barTopPx, isPage } = isNarrow ? SMALL : WIDE;
    const namePx = isNarrow ? 0 : this.path.offsetWidth;
    const laneLeftPx = isNarrow ? MARGIN_PX : namePx;
    const stickyPx = isNarrow ? Number.parseFloat(token("nav")) + this.head.offsetHeight : 0;
    this.rows.resize({ rowPx, isPage, stickyPx });
    const lanePx = Math.max(1, this.grid.clientWidth - laneLeftPx - MARGIN_PX);
    this.size = { rowPx, barTopPx, laneLeftPx, lanePx, isNarrow, heightPx: this.rows.scroll.heightPx };
    this.bars.resize(this.size, this.palette);
    this.ruler.style.right = `${this.grid.offsetWidth - this.grid.clientWidth + 1}px`;
    this.measured = this.measure();
    this.paintOverviews();
    this.render();
  }

  /** The theme or the palette has changed. */
  repaint() {
    this.palette = readPalette();
    this.resize();
  }

  paintOverviews() {
    const widthPx = this.minimap.parentElement.clientWidth;
    this.brush.resize(widthPx);
    paintMinimap(this.minimap, this.state, this.palette, widthPx);
    this.paintRuler();
  }

  paintRuler() {
    if (this.size && !this.size.isNarrow) paintRuler(this.ruler, this.state, this.palette, this.size);
  }

  /** Other rows than before are shown. */
  recount() {
    this.rows.count();
    this.paintRuler();
    this.draw();
  }

  /** Ask for a frame. */
  draw() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.render();
    });
  }

  render() {
    const { state, size } = this;
    if (!size) return;
    const scale = timeScale({ fromNs: state.fromNs, toNs: state.toNs, widthPx: size.lanePx });
    this.rows.render();
    this.bars.render(this.rows.shown(), scale, renderAxis(this.axis, state, size.lanePx, scale));
    this.brush.render();
    this.renderCursor(scale);
    this.renderPath();
    this.frames++;
  }

  renderCursor(scale) {
    const { cursorPx, model } = this.state;
    this.cursor.hidden = cursorPx < 0;
    if (cursorPx < 0) return;
    this.cursor.textContent = formatOffset(scale.toNs(cursorPx) - model.fromNs);
    this.cursor.style.transform = `translateX(${Math.min(cursorPx + 1, this.size.lanePx - 64)}px)`;
  }

  renderPath() {
    const { first, offsetPx } = this.rows.shown();
    const entry = this.state.tree.visible[first + (offsetPx < 0 ? 1 : 0)];
    if (entry === this.pathEntry) return;
    this.pathEntry = entry;
    this.path.textContent = servicesAbove(this.state, entry) || "Service · span name";
  }

  /** Bring an entry into view, above what covers the foot of the page. */
  show(entry, options) {
    if (!this.size) return;
    this.rows.show(entry, options);
    this.draw();
  }

  /** The waterfall is seen again: while it was not, the browser has forgotten where it was scrolled to. */
  reveal() {
    this.resize();
    if (!this.size) return;
    this.rows.scroll.scrollTo(this.rows.scroll.topPx);
    this.show(this.state.current);
  }

  setNameWidth(px) {
    const namePx = Math.round(Math.min(Math.max(px, NAME_PX.min), NAME_PX.max, this.frame.clientWidth - 240));
    this.frame.style.setProperty("--name", `${namePx}px`);
    this.resize();
    return namePx;
  }
}
