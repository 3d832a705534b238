/** Names of span kinds by number, as OpenTelemetry counts them. */
export const KINDS = Object.freeze(["unspecified", "internal", "server", "client", "producer", "consumer"]);

// Control characters and direction marks could hide or reorder the text around them. As in `templatetags/tracing.py`.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** The text with a dot for every character that would hide or reorder what stands around it. */
export const clean = (text) => text.replace(UNSEEN, "\u00b7");
