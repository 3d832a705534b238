import { build } from "./model.js";

/** Bytes of a skeleton in, the model out; its arrays are handed over, not copied. */
addEventListener("message", ({ data }) => {
  try {
    const model = build(JSON.parse(new TextDecoder().decode(data)));
    const arrays = [...Object.values(model), ...Object.values(model.critical)].filter(ArrayBuffer.isView);
    postMessage({ model }, arrays.map((array) => array.buffer));
  } catch (error) {
    postMessage({ reason: String(error) });
  }
});
