// Two spans through the real SDK: node emit.cjs http/json|http/protobuf|grpc ADDRESS. Prints what it sent as JSON.
const { SpanKind, SpanStatusCode, context, trace } = require("@opentelemetry/api");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BatchSpanProcessor, NodeTracerProvider } = require("@opentelemetry/sdk-trace-node");

const [, , protocol, url] = process.argv;
const exporters = {
  "http/json": "@opentelemetry/exporter-trace-otlp-http",
  "http/protobuf": "@opentelemetry/exporter-trace-otlp-proto",
  grpc: "@opentelemetry/exporter-trace-otlp-grpc",
};
const options = protocol === "http/protobuf" ? { url, compression: "gzip" } : { url };
const exporter = new (require(exporters[protocol]).OTLPTraceExporter)(options);
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "node-shop" }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
const tracer = provider.getTracer("shop", "1.2.3");

const attributes = { big: 9007199254740991, list: [1, 2, 3], half: 0.5, yes: true, rocket: "🚀" };
const root = tracer.startSpan("GET /cart", { kind: SpanKind.SERVER, attributes });
const link = { context: root.spanContext(), attributes: { why: "test" } };
const inside = trace.setSpan(context.active(), root);
const child = tracer.startSpan("redis GET", { kind: SpanKind.CLIENT, links: [link] }, inside);
child.recordException(new Error("boom"));
child.setStatus({ code: SpanStatusCode.ERROR, message: "boom" });
child.end();
root.end();

const nanoseconds = ([seconds, rest]) => String(BigInt(seconds) * 1_000_000_000n + BigInt(rest));
const sent = (span) => ({
  name: span.name,
  kind: span.kind + 1, // the SDK counts from internal = 0, OTLP from 1
  span_id: span.spanContext().spanId,
  trace_id: span.spanContext().traceId,
  start_ns: nanoseconds(span.startTime),
  end_ns: nanoseconds(span.endTime),
});

provider.shutdown().then(() => console.log(JSON.stringify([root, child].map(sent))));
