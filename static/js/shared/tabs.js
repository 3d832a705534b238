import { $$ } from "./dom.js";

/** Tab lists: a click, or an arrow key, shows the panel which the tab controls. */
export function listenForTabs() {
  document.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) show(tab);
  });
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest?.("[role=tab]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tab || !step) return;
    const all = $$("[role=tab]", tab.closest("[role=tablist]"));
    const next = all[(all.indexOf(tab) + step + all.length) % all.length];
    next.focus();
    show(next);
  });
}

function show(tab) {
  for (const other of $$("[role=tab]", tab.closest("[role=tablist]"))) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    if (panel) panel.hidden = !chosen;
  }
}
