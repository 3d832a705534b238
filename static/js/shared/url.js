/** The address with some parameters changed; null, "" and undefined leave a parameter out. */
export function withParams(address, changes) {
  const url = new URL(address, "http://page.invalid");
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.pathname + url.search + url.hash;
}

/** One parameter of the page's address, "" when it is not there. */
export const param = (name) => new URLSearchParams(location.search).get(name) ?? "";

/** Write state into the address without a new step in the history. */
export function replaceParams(changes) {
  history.replaceState(history.state, "", withParams(location.href, changes));
}

/** Write state into the address as a step that Back returns from. */
export function pushParams(changes) {
  history.pushState(history.state, "", withParams(location.href, changes));
}
