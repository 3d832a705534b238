// Runs before the first paint: a plain script, so that no page flashes in the wrong colours.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  let kept = null;
  try {
    kept = localStorage.getItem("theme");
  } catch {
    // Storage may be closed to the page; the system's choice holds then.
  }
  root.dataset.theme = kept === "dark" || kept === "light" ? kept : dark ? "dark" : "light";
  root.dataset.js = "true";
})();
