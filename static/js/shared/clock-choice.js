/** "utc" or "local": the clock that the reader chose; who shows times listens for `clock`. */
export function clockNow() {
  try {
    return localStorage.getItem("clock") === "local" ? "local" : "utc";
  } catch {
    return "utc";
  }
}

export function setClock(clock) {
  try {
    localStorage.setItem("clock", clock);
  } catch {
    // Storage may be closed to the page: it stays with UTC.
  }
  document.dispatchEvent(new CustomEvent("clock"));
}
