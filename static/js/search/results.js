import { $, $$ } from "../shared/dom.js";
import { localClock, utcClock } from "../shared/clock.js";
import { clockNow } from "../shared/clock-choice.js";
import { bindKeys } from "../shared/keys.js";
import { formatAgo } from "../shared/time.js";
import { painted } from "./form.js";
import { tokens } from "./query.js";

const AGE_EVERY_MS = 10_000;

/** The list: keys, ages that go on, the reader's clock. Its rows and links are the server's. */
export function mount(section) {
  const rows = $$(".result", section);
  const unbind = bindKeys({
    j: () => step(rows, 1),
    k: () => step(rows, -1),
    Enter: () => openSelected(rows),
    o: () => openBeside(rows),
    n: () => $("[rel=next]", section)?.click(),
    s: () => $("#sort-button", section)?.click(),
  });
  const timer = setInterval(() => showAges(section), AGE_EVERY_MS);
  const onClock = () => showClock(section);
  document.addEventListener("clock", onClock);
  section.addEventListener("click", openClicked);
  showClock(section);
  section.dataset.ready = "true";
  for (const code of $$("[data-paint]", section)) code.replaceChildren(...painted(tokens(code.textContent)));
  return () => {
    unbind();
    section.removeEventListener("click", openClicked);
    clearInterval(timer);
    document.removeEventListener("clock", onClock);
  };
}

/** Numbers with a title of their own lie above the row's link: a click on them means the row, too. */
function openClicked(event) {
  const row = event.target.closest(".result");
  if (!row || event.target.closest("a")) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
}

const selected = (rows) => rows.findIndex((row) => row.getAttribute("aria-selected") === "true");

function step(rows, by) {
  if (!rows.length) return;
  const next = Math.min(Math.max(selected(rows) + by, 0), rows.length - 1);
  for (const row of rows) row.removeAttribute("aria-selected");
  rows[next].setAttribute("aria-selected", "true");
  rows[next].scrollIntoView({ block: "nearest" });
}

function openSelected(rows) {
  const row = rows[selected(rows)];
  if (!row) return false; // then Enter means what the browser means by it
  location.assign(row.dataset.href);
}

function openBeside(rows) {
  const row = rows[selected(rows)];
  if (row) window.open(row.dataset.href, "_blank", "noopener");
}

function showAges(section) {
  for (const time of $$("[data-ago]", section)) time.textContent = formatAgo(Date.now() / 1000 - Number(time.dataset.ago) / 1e9);
}

function showClock(section) {
  const text = clockNow() === "local" ? localClock : utcClock;
  for (const time of $$("[data-ns]", section)) time.textContent = text(time.dataset.ns).slice(0, "short" in time.dataset ? 8 : 12);
}
