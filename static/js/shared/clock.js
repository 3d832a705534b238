const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?$/;
const two = (number) => String(number).padStart(2, "0");

/** "2026-11-23 10:02:11" in UTC → the same moment on the reader's clock; other text stays as it is. */
export function localText(text) {
  const match = WRITTEN.exec(text);
  if (!match) return text;
  const [year, month, day, hour, minute, second] = numbers(match);
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}${match[7] ?? ""}`;
}

/** The other way round. */
export function utcText(text) {
  const match = WRITTEN.exec(text.trim());
  if (!match) return text;
  const [year, month, day, hour, minute, second] = numbers(match);
  const at = new Date(year, month - 1, day, hour, minute, second);
  return at.toISOString().slice(0, 19).replace("T", " ") + (match[7] ?? "");
}

/** Unix nanoseconds as text → "14:02:02.418" of the reader's day. */
export function localClock(nanoseconds) {
  const at = new Date(Number(BigInt(nanoseconds) / 1_000_000n));
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** Unix nanoseconds as text → "14:02:02.418" in UTC. */
export const utcClock = (nanoseconds) => new Date(Number(BigInt(nanoseconds) / 1_000_000n)).toISOString().slice(11, 23);

const numbers = (match) => match.slice(1, 7).map((part) => Number(part ?? 0));
