import { $, $$ } from "./dom.js";

const BUTTONS = "button[aria-expanded][aria-controls]";

/** Buttons with aria-controls open and close the .popover they name; Escape or a click elsewhere closes it. */
export function listenForPopovers() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest(BUTTONS);
    if (button) toggle(button);
    for (const open of openButtons()) {
      if (open !== button && !popoverOf(open).contains(target)) close(open);
    }
  });
  document.addEventListener("keydown", (event) => {
    moveInMenu(event);
    if (event.key !== "Escape") return;
    for (const open of openButtons()) {
      close(open);
      open.focus();
    }
  });
}

/** Arrow keys go through the items of an open menu. */
function moveInMenu(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = event.target.closest?.("[role=menu]");
  if (!step || !menu) return;
  const items = $$("[role^=menuitem]", menu);
  items[(items.indexOf(event.target) + step + items.length) % items.length].focus();
  event.preventDefault();
}

const popoverOf = (button) => document.getElementById(button.getAttribute("aria-controls"));
const openButtons = () => $$(`${BUTTONS}[aria-expanded="true"]`).filter((button) => popoverOf(button)?.matches(".popover"));

function toggle(button) {
  const popover = popoverOf(button);
  if (!popover?.matches(".popover")) return;
  if (!popover.hidden) return close(button);
  button.setAttribute("aria-expanded", "true");
  popover.hidden = false;
  ($("[aria-current], [aria-checked='true']", popover) ?? $("button, input, a", popover))?.focus();
}

function close(button) {
  button.setAttribute("aria-expanded", "false");
  popoverOf(button).hidden = true;
}
