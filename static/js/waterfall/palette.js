import { token } from "../shared/dom.js";

export const SERVICE_COLOURS = 36;

/** The design tokens as a canvas needs them; read again when the theme changes. */
export function readPalette() {
  return {
    services: Array.from({ length: SERVICE_COLOURS }, (_, rank) => token(`service-${rank}`)),
    grid: token("line-2"),
    ink1: token("ink-1"),
    ink2: token("ink-2"),
    ink3: token("ink-3"),
    surface: token("surface"),
    accent: token("accent"),
    error: token("error"),
    hatch: token("error-hatch"),
    path: token("mark-path"),
    tint: Number(token("bar-tint")) || 0.4,
    font: `500 11px ${token("font-text")}`,
  };
}

/** Colour of the service that ran `row`. */
export function rowColour({ services }, { model, ranks }, row) {
  return services[ranks[model.serviceOfOperation[model.operation[row]]] % SERVICE_COLOURS];
}
