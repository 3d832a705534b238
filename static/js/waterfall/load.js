import { build } from "./model.js";

const WORKER_SPANS_MIN = 50_000; // below it a worker costs more in start-up than it saves

/** The model of a trace, fetched and built; large ones are built in a worker, so that the page stays awake. */
export async function loadModel({ skeletonUrl, workerUrl, spans }, signal) {
  const answer = await fetch(skeletonUrl, { signal });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  if (Number(spans) < WORKER_SPANS_MIN || !workerUrl) return build(await answer.json());
  return buildInWorker(workerUrl, await answer.arrayBuffer(), signal);
}

function buildInWorker(workerUrl, bytes, signal) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { type: "module" });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.addEventListener("message", ({ data }) => (data.model ? end(resolve, data.model) : end(reject, new Error(data.reason))));
    worker.addEventListener("error", () => end(reject, new Error("the worker could not be started")));
    signal.addEventListener("abort", () => end(reject, signal.reason));
    worker.postMessage(bytes, [bytes]);
  });
}

/** Times of events by row, in nanoseconds from their span's start: they are drawn only where they truly are. */
export async function loadEvents(eventsUrl, model, signal) {
  const answer = await fetch(eventsUrl, { signal });
  if (!answer.ok) return new Map();
  const { rev, rows, offsets } = await answer.json();
  if (rev !== model.rev) return new Map();
  return new Map(rows.map((source, at) => [model.rowOfSource[source], offsets[at]]));
}
