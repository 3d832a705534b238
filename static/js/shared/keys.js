import { isWriting } from "./dom.js";

/**
 * Bind keys to actions: {"j": next, "?": help}. A key inside a field stays a letter; modifiers are left to the browser.
 * @returns {() => void} undoes it
 */
export function bindKeys(actions, { root = document } = {}) {
  const onKey = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    const act = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
    if (!act || document.querySelector("dialog[open]")) return;
    if (act(event) !== false) event.preventDefault();
  };
  root.addEventListener("keydown", onKey);
  return () => root.removeEventListener("keydown", onKey);
}
