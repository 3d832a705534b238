/** The button with data-theme-switch changes light and dark and keeps the choice; who draws on canvas listens for `theme`. */
export function listenForTheme() {
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-theme-switch]")) return;
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    keep(root.dataset.theme);
    document.dispatchEvent(new CustomEvent("theme"));
  });
}

function keep(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // Storage may be closed to the page; the choice then lasts as long as the page.
  }
}
