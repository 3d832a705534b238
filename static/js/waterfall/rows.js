import { RowView } from "./row-view.js";
import { VirtualScroll } from "./scroll.js";

/** The treegrid: as many rows as fit on the screen, recycled while scrolling, whatever the size of the trace. */
export class Rows {
  constructor(grid, state, options) {
    Object.assign(this, { grid, state, pool: [], rowPx: 24 });
    this.scroll = new VirtualScroll(grid, options);
  }

  resize({ rowPx, isPage, stickyPx }) {
    this.rowPx = rowPx;
    this.scroll.resize({ isPage, stickyPx });
    const needed = Math.ceil(this.scroll.heightPx / rowPx) + 2;
    while (this.pool.length < needed) {
      const view = new RowView();
      this.pool.push(view);
      this.scroll.layer.append(view.element);
    }
    this.count();
  }

  /** Tell how many rows there are. */
  count() {
    this.scroll.setContent(this.state.tree.length * this.rowPx);
    this.grid.setAttribute("aria-rowcount", this.state.tree.length);
  }

  /** What of the tree is on the screen: first position, where it stands, how many rows. */
  shown() {
    const first = Math.floor(this.scroll.topPx / this.rowPx);
    return { first, offsetPx: first * this.rowPx - this.scroll.topPx, count: this.pool.length };
  }

  render() {
    const { state, pool, rowPx } = this;
    const { first, offsetPx, count } = this.shown();
    for (let at = 0; at < count; at++) {
      const position = first + at;
      const view = pool[position % count];
      if (position >= state.tree.length) {
        view.hide();
        continue;
      }
      view.bind(state, state.tree.visible[position], position);
      view.moveTo(offsetPx + at * rowPx);
      view.point(state);
    }
  }

  /** Bring an entry into view. */
  show(entry, options) {
    const position = this.state.tree.position(entry);
    if (position >= 0) this.scroll.show(position * this.rowPx, this.rowPx, options);
  }

  /** How many rows a page has. */
  pageLength() {
    return Math.max(1, Math.floor(this.scroll.heightPx / this.rowPx) - 2);
  }
}
