import { $, $$, errorIcon, make } from "../shared/dom.js";
import { bindKeys } from "../shared/keys.js";
import { localText, utcText } from "../shared/clock.js";
import { clockNow, setClock } from "../shared/clock-choice.js";
import { markWrong, tokens, wrongPart } from "./query.js";

/** The query line: coloured text under a transparent input; the form below it is the server's. */
export function mount(form) {
  const input = $("#query", form);
  const listeners = new AbortController();
  const on = (target, name, listener) => target.addEventListener(name, listener, { signal: listeners.signal });

  on(input, "input", () => {
    $(".query-error", form)?.removeAttribute("data-column");
    paint(form, input);
  });
  on(input, "scroll", () => alignPaint(form, input));
  on(form, "htmx:configRequest", (event) => sendUtc(form, event));
  on(form, "click", (event) => chooseClock(form, event));
  on(form, "keydown", (event) => useWindow(form, event));
  on(document, "htmx:oobBeforeSwap", keepWhatIsTyped);
  on(document, "htmx:afterSettle", () => follow(form, input));
  for (const failure of ["htmx:responseError", "htmx:sendError"]) on(document, failure, ({ detail }) => tellFailure(form, detail));
  const unbind = bindKeys({ "/": () => input.select(), t: () => $("#time-button", form).click() });
  paint(form, input);
  showClock(form);
  return () => {
    listeners.abort();
    unbind();
  };
}

/** After an answer the line shows the query which the server made of the controls. */
function follow(form, input) {
  const results = $("#search-results");
  const was = $("[name=was]", form);
  if (results && !$(".query-error", form) && document.activeElement !== input) input.value = was.value;
  document.title = `${input.value || "Search"} · Traces`;
  paint(form, input);
  showClock(form);
}

/** No answer is told as well: the list then is still that of the query before. */
function tellFailure(form, { xhr }) {
  const why = xhr?.status ? `The server failed with status ${xhr.status}.` : "The server did not answer.";
  $("#search-query-error", form).replaceChildren(make("p", { class: "query-error", role: "alert", "data-column": "0" },
    errorIcon(), make("span", {}, make("b", {}, why), " The list is that of the query before; try again.")));
}

function paint(form, input) {
  const { column, length } = $(".query-error", form)?.dataset ?? {};
  const text = input.value;
  const pairs = Number(column) ? markWrong(text, wrongPart(text, Number(column), Number(length))) : tokens(text);
  $(".query-paint", form).replaceChildren(...painted(pairs));
  input.setAttribute("aria-invalid", Number(column) > 0);
  alignPaint(form, input);
}

/** Coloured spans for token pairs. */
export function painted(pairs) {
  return pairs.map(([kind, word]) => make("span", { "data-token": kind }, word));
}

/** A long query scrolls inside the input; the colours go along. */
function alignPaint(form, input) {
  $(".query-paint", form).scrollLeft = input.scrollLeft;
}

/** A field which somebody is writing in is not replaced by what the server knew before. */
function keepWhatIsTyped(event) {
  const active = document.activeElement;
  const isTyping = active?.matches("input[data-commits], input[data-time]") && active.value !== active.defaultValue;
  if (isTyping && event.detail.target?.contains(active)) event.detail.shouldSwap = false;
}

/** Enter in from or to means "Use this window". */
function useWindow(form, event) {
  if (event.key !== "Enter" || !event.target.matches("[data-time]")) return;
  event.preventDefault();
  $("[name=pick][value=exact]", form).click();
}

function chooseClock(form, { target }) {
  const button = target.closest("[data-clock]");
  if (!button) return;
  setClock(button.dataset.clock);
  showClock(form);
}

function showClock(form) {
  for (const button of $$("[data-clock]", form)) button.setAttribute("aria-pressed", button.dataset.clock === clockNow());
  for (const field of $$("[data-time]", form)) {
    const utc = field.defaultValue;
    if (utc && field.value !== localText(utc) && field.value !== utc) continue;
    field.value = clockNow() === "local" ? localText(utc) : utc;
  }
}

/** From and to are read on the chosen clock and travel in UTC. */
function sendUtc(form, { detail }) {
  if (clockNow() !== "local") return;
  for (const { name, value } of $$("[data-time]", form)) {
    if (detail.parameters[name]) detail.parameters[name] = utcText(value);
  }
}
