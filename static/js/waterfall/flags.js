/** What is special about a span: bits of `model.flags`. The first eight are those of `spans/trace/assemble.py`. */
export const FLAG = Object.freeze({
  ERROR: 1, // status error
  ORPHAN: 2, // its parent is not stored
  ROOT: 4, // shown without a parent
  CYCLE: 8, // cut from its parent, or the parents would have formed a ring
  DUPLICATE: 16, // another span of the trace has the same id
  EARLY: 32, // starts before its parent: a clock is off
  LATE: 64, // ends after its parent: asynchronous work
  EMPTY: 128, // no duration
  REPAIRED: 256, // its times were impossible and have been changed on arrival
});
