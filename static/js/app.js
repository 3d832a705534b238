// Every page: mounts modules by data-module; theme, copy buttons, tabs, popovers, keyboard help.
import { $$ } from "./shared/dom.js";
import { listenForCopy } from "./shared/copy.js";
import { listenForHelp } from "./shared/help.js";
import { listenForPopovers } from "./shared/popover.js";
import { listenForTabs } from "./shared/tabs.js";
import { listenForTheme } from "./shared/theme-switch.js";

const MODULES = {
  chart: () => import("./search/chart.js"),
  "search-form": () => import("./search/form.js"),
  "search-results": () => import("./search/results.js"),
  waterfall: () => import("./waterfall/index.js"),
};

/** element → its undo, or null while its module is on the way. */
const mounted = new WeakMap();

async function mountOne(element) {
  const load = MODULES[element.dataset.module];
  if (!load || mounted.has(element)) return;
  mounted.set(element, null);
  const { mount } = await load();
  if (element.isConnected) mounted.set(element, mount(element) ?? null);
}

function within(root) {
  const all = $$("[data-module]", root);
  return root instanceof Element && root.matches("[data-module]") ? [root, ...all] : all;
}

function mountAll(root) {
  for (const element of within(root)) mountOne(element);
}

function undo(element) {
  mounted.get(element)?.();
  mounted.delete(element);
}

document.addEventListener("htmx:load", ({ detail }) => mountAll(detail.elt));
document.addEventListener("htmx:historyRestore", () => mountAll(document.body));
document.addEventListener("htmx:beforeCleanupElement", ({ detail }) => undo(detail.elt));

listenForTheme();
listenForCopy();
listenForTabs();
listenForPopovers();
listenForHelp();
mountAll(document.body);
