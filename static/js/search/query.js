const GENERAL = /(\s+)|((?:and|or|not)(?![^\s()]))|(!=|>=|<=|=~|!~|[=<>~()])|("(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'|[^\s=<>!~()"]+|.)/iuy;
const VALUE = /()()()([^\s()"'=<>!~][^\s()"]*)/uy;

/**
 * Query text → [kind, text] pairs which join to the text again. A value is what follows an operator.
 * Kinds: space, keyword, operator, field, number, text.
 */
export function tokens(text) {
  const found = [];
  let followsOperator = false;
  for (let at = 0; at < text.length; at += found.at(-1)[1].length) {
    const [whole, space, keyword, operator] = (followsOperator && matchAt(VALUE, text, at)) || matchAt(GENERAL, text, at) || [text[at]];
    const kind = space ? "space" : kindOf({ whole, keyword, operator, followsOperator });
    if (!space) followsOperator = kind === "operator" && !"()".includes(whole);
    found.push([kind, whole]);
  }
  return found;
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function kindOf({ whole, keyword, operator, followsOperator }) {
  if (operator) return "operator";
  if (followsOperator) return /^\d/.test(whole) ? "number" : "text";
  return keyword ? "keyword" : "field";
}

/** The part of the text that the parser refused, as [from, to): `column` counts characters (not UTF-16 units) from 1. */
export function wrongPart(text, column, length = 1) {
  const characters = [...text];
  const from = Math.min(Math.max(column - 1, 0), Math.max(characters.length - 1, 0));
  const units = (count) => characters.slice(0, count).join("").length;
  return [units(from), units(from + Math.max(length, 1))];
}

/** Token pairs with the characters of [from, to) marked as wrong. */
export function markWrong(text, [from, to]) {
  return [...tokens(text.slice(0, from)), ["wrong", text.slice(from, to)], ...tokens(text.slice(to))];
}
