import { SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { openTelemetryTracing } from "../opentelemetry/index.ts";

/** Records the spans that the real OpenTelemetry SDK makes, and keeps them in memory. */
export function recordSpans() {
	const ended: ReadableSpan[] = [];
	const beganAt = new Map<string, number>();
	const durations = new Map<string, number>();
	// This processor times the spans by the clock of the test, which may be a fake clock. It is used because InMemorySpanExporter
	// would start a timer for each span.
	const processor: SpanProcessor = {
		onStart: (span) => void beganAt.set(span.spanContext().spanId, performance.now()),
		onEnd: (span) => {
			const { spanId } = span.spanContext();
			durations.set(spanId, Math.round(performance.now() - (beganAt.get(spanId) ?? Number.NaN)));
			ended.push(span);
		},
		forceFlush: async () => undefined,
		shutdown: async () => undefined,
	};
	const provider = new BasicTracerProvider({ spanProcessors: [processor] });
	const spans = (name?: string): ReadableSpan[] =>
		ended.filter((span) => name === undefined || span.name === `keepalive.${name}`);
	return {
		provider,
		tracing: openTelemetryTracing({ tracer: provider.getTracer("test") }),
		/**
		 * Returns the spans that have ended, in the order in which they ended: all spans, or only the spans of the given name.
		 */
		spans,
		/** How many spans have begun and have not ended yet. */
		pending: (): number => beganAt.size - durations.size,
		durationMs: (span: ReadableSpan): number | undefined => durations.get(span.spanContext().spanId),
		childrenOf: (parent: ReadableSpan | undefined): ReadableSpan[] =>
			spans().filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanContext().spanId),
	};
}

/** The parts of a span that a test compares. */
export const summaryOf = ({ name, status, attributes }: ReadableSpan) => ({
	name,
	status: SpanStatusCode[status.code],
	...(status.message !== undefined && { message: status.message }),
	...attributes,
});

/** When a span began and ended, in milliseconds. */
export const timesOf = ({ startTime, endTime }: ReadableSpan) => ({
	beganMs: startTime[0] * 1_000 + startTime[1] / 1e6,
	endedMs: endTime[0] * 1_000 + endTime[1] / 1e6,
});
