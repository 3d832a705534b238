const SPACER_PX_MAX = 8e6; // browsers lose elements above 16 to 33 million pixels

/**
 * Scrolling over more rows than an element can be high: the spacer is capped and the offset scaled; the wheel still moves
 * by true pixels. A sticky layer in the spacer shows `heightPx` of it from `topPx` on. On a wide page the element itself
 * scrolls; on a narrow one the page does, and the layer sticks below the heads.
 */
export class VirtualScroll {
  constructor(element, { onScroll, signal }) {
    this.element = element;
    this.spacer = element.querySelector(".waterfall-spacer");
    this.layer = element.querySelector(".waterfall-layer");
    this.topPx = 0;
    this.ratio = 1;
    this.contentPx = 0;
    this.expectedPx = null;
    const read = () => this.read() && onScroll();
    element.addEventListener("scroll", read, { passive: true, signal });
    addEventListener("scroll", read, { passive: true, signal });
  }

  /** The page scrolls, not the element. `stickyPx`: the height of what sticks above the layer. */
  resize({ isPage, stickyPx }) {
    this.isPage = isPage;
    this.stickyPx = stickyPx;
    this.heightPx = isPage ? Math.max(0, innerHeight - stickyPx) : this.element.clientHeight;
    this.layer.style.height = `${Math.max(0, isPage ? Math.min(this.heightPx, this.contentPx || this.heightPx) : this.heightPx)}px`;
    this.layer.style.top = isPage ? `${stickyPx}px` : "0";
  }

  setContent(contentPx) {
    this.contentPx = contentPx;
    const spacerPx = Math.min(contentPx, SPACER_PX_MAX);
    this.spacer.style.height = `${this.isPage ? spacerPx : Math.max(spacerPx, this.heightPx)}px`;
    if (this.isPage) this.layer.style.height = `${Math.min(this.heightPx, spacerPx)}px`;
    this.ratio = contentPx > SPACER_PX_MAX ? (contentPx - this.heightPx) / (spacerPx - this.heightPx) : 1;
    if (this.topPx > this.lastPx()) this.scrollTo(this.lastPx());
  }

  lastPx() {
    return Math.max(0, this.contentPx - this.heightPx);
  }

  /** Take over where the browser has scrolled to; false when it was our own doing. */
  read() {
    const scrolledPx = this.scrolledPx();
    if (this.expectedPx !== null && Math.abs(scrolledPx - this.expectedPx) < 1) {
      this.expectedPx = null;
      return this.isPage;
    }
    this.expectedPx = null;
    this.topPx = Math.min(Math.max(0, scrolledPx * this.ratio), this.lastPx());
    return true;
  }

  scrolledPx() {
    if (!this.isPage) return this.element.scrollTop;
    return Math.max(0, this.stickyPx - this.spacer.getBoundingClientRect().top);
  }

  scrollTo(px) {
    this.topPx = Math.min(Math.max(0, px), this.lastPx());
    const wantedPx = this.topPx / this.ratio;
    const missingPx = wantedPx - this.scrolledPx();
    if (Math.abs(missingPx) < 0.5) return;
    this.expectedPx = wantedPx;
    if (this.isPage) scrollBy(0, missingPx);
    else this.element.scrollTop = wantedPx;
  }

  /** Bring `heightPx` at `px` into view, with some rows of context; `coveredPx` at the foot is not in view. */
  show(px, heightPx, { coveredPx = 0, isCentered = false } = {}) {
    const seenPx = this.heightPx - coveredPx;
    const isSeen = px >= this.topPx && px + heightPx <= this.topPx + seenPx && this.isOnScreen();
    if (isSeen) return;
    if (isCentered) this.scrollTo(px - seenPx / 2);
    else this.scrollTo(px < this.topPx ? px - 2 * heightPx : px - seenPx + 3 * heightPx);
  }

  /** On a narrow page the rows may stand below what is seen of the page. */
  isOnScreen() {
    return !this.isPage || this.spacer.getBoundingClientRect().top <= this.stickyPx;
  }
}
