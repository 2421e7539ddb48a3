/**
 * An SDK of OpenTelemetry, loaded as a user would preload it, with `NODE_OPTIONS=--import`. It writes each span as a line to the file that
 * the variable SPANS_FILE names.
 */
import { appendFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";

const file = process.env["SPANS_FILE"] ?? "";
const exporter: SpanExporter = {
	export(spans, done) {
		for (const { name, attributes, status, parentSpanContext } of spans) {
			const isChild = parentSpanContext !== undefined;
			appendFileSync(file, `${JSON.stringify({ name, attributes, status, isChild, threadId })}\n`);
		}
		done({ code: 0 });
	},
	shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
