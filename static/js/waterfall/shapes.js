export const BAR_PX = 12;
const RADIUS_PX = 2.5;

/** A bar with round corners as the current path. */
export function box(ink, { left, top, width, height = BAR_PX }) {
  ink.beginPath();
  ink.roundRect(left, top, width, height, Math.min(RADIUS_PX, width / 2));
}

/** An event. */
export function diamond(ink, x, y, { ink1, surface }) {
  ink.fillStyle = ink1;
  ink.strokeStyle = surface;
  ink.lineWidth = 1;
  ink.beginPath();
  ink.moveTo(x, y - 4.5);
  ink.lineTo(x + 4, y);
  ink.lineTo(x, y + 4.5);
  ink.lineTo(x - 4, y);
  ink.closePath();
  ink.fill();
  ink.stroke();
}

/** The sign of an error: an octagon with an exclamation mark. */
export function octagon(ink, x, y, { error, surface }) {
  ink.fillStyle = error;
  ink.beginPath();
  for (let corner = 0; corner < 8; corner++) {
    const angle = Math.PI / 8 + (corner * Math.PI) / 4;
    ink.lineTo(x + 6 * Math.cos(angle), y + 6 * Math.sin(angle));
  }
  ink.fill();
  ink.fillStyle = surface;
  ink.fillRect(x - 0.9, y - 3.4, 1.8, 4);
  ink.fillRect(x - 0.9, y + 1.7, 1.8, 1.8);
}

/** What lies outside the zoom, left (direction 1) or right (-1) of it. */
export function pointer(ink, x, y, direction) {
  ink.beginPath();
  ink.moveTo(x, y);
  ink.lineTo(x + 4 * direction, y - 4);
  ink.lineTo(x + 4 * direction, y + 4);
  ink.fill();
}

/** A pattern of slanted lines for errors. */
export function hatch(ink, colour, ratio) {
  const size = Math.round(6 * ratio);
  const tile = new OffscreenCanvas(size, size);
  const line = tile.getContext("2d");
  line.strokeStyle = colour;
  line.lineWidth = 1.6 * ratio;
  line.beginPath();
  for (const shift of [-size, 0, size]) {
    line.moveTo(shift, size);
    line.lineTo(shift + size, 0);
  }
  line.stroke();
  const pattern = ink.createPattern(tile, "repeat");
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** Give a canvas its size in CSS pixels and device pixels; returns its pen, scaled to CSS pixels. */
export function sizeCanvas(canvas, { widthPx, heightPx, ratio }) {
  canvas.width = Math.round(widthPx * ratio);
  canvas.height = Math.round(heightPx * ratio);
  canvas.style.width = `${widthPx}px`;
  canvas.style.height = `${heightPx}px`;
  return canvas.getContext("2d");
}
