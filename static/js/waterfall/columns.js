const STEP_PX = 20;

/** The border between names and bars: dragged, or moved by arrow keys. */
export function mountResizer(resizer, view, signal) {
  let isDragged = false;
  const say = (namePx) => resizer.setAttribute("aria-valuenow", namePx);
  const on = (type, act) => resizer.addEventListener(type, act, { signal });
  on("pointerdown", (event) => {
    isDragged = true;
    resizer.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  on("pointermove", ({ clientX }) => {
    if (isDragged) say(view.setNameWidth(clientX - view.frame.getBoundingClientRect().left));
  });
  on("pointerup", () => (isDragged = false));
  on("pointercancel", () => (isDragged = false));
  on("keydown", (event) => {
    const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (!step) return;
    event.preventDefault();
    say(view.setNameWidth(view.path.offsetWidth + step));
  });
  say(view.path.offsetWidth);
}
