import { $, $$, make } from "./dom.js";
import { bindKeys } from "./keys.js";

/** `?` opens a list of all keys: what the foot of the page names, and what its elements tell in data-keys ("j k: move"). */
export function listenForHelp() {
  bindKeys({ "?": open });
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-help]")) open();
    if (target.closest("[data-close]")) target.closest("dialog").close();
  });
}

function open() {
  const dialog = $("#keyboard-help");
  $("dl", dialog).replaceChildren(...hints().flatMap(([keys, does]) => [
    make("dt", {}, ...keys.map((key) => make("kbd", {}, key))), make("dd", {}, does),
  ]));
  dialog.showModal();
}

function hints() {
  const shown = $$(".hints > span").map((hint) => [$$("kbd", hint).map((key) => key.textContent), ownText(hint)]);
  const told = $$("[data-keys]").flatMap(({ dataset }) => dataset.keys.split(";")).map((line) => {
    const [keys, does] = line.split(": ");
    return [keys.trim().split(" "), does];
  });
  return [...shown, ...told];
}

const ownText = (element) => [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join("").trim();
