const DONE_MS = 1600;

/** Buttons with data-copy (a selector whose text is copied) or data-copy-value (the text itself). */
export function listenForCopy() {
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy], [data-copy-value]");
    if (!button) return;
    button.dataset.done = (await copy(textOf(button))) ? "true" : "false";
    setTimeout(() => delete button.dataset.done, DONE_MS);
  });
}

function textOf(button) {
  if (button.dataset.copyValue === "page") return location.href;
  return button.dataset.copyValue ?? document.querySelector(button.dataset.copy).textContent.trim();
}

/** Put text on the clipboard; also on pages without TLS, where the clipboard API is missing. Resolves to whether it worked. */
export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  return worked;
}
