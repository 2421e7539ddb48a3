import { SpanStatusCode } from "@opentelemetry/api";
import { BasicTracerProvider, type ReadableSpan, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { openTelemetryTracing } from "../opentelemetry/index.ts";

/** Spans of the real SDK, kept in memory. */
export function recordSpans() {
	const ended: ReadableSpan[] = [];
	const beganAt = new Map<string, number>();
	const durations = new Map<string, number>();
	// Spans are timed by the clock of the test, which may be a fake clock. InMemorySpanExporter would start a timer for each span.
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
		/** The spans that have ended, in the order in which they ended: all of them, or only the spans of one name. */
		spans,
		/** How many spans have begun and not ended. */
		pending: (): number => beganAt.size - durations.size,
		durationMs: (span: ReadableSpan): number | undefined => durations.get(span.spanContext().spanId),
		childrenOf: (parent: ReadableSpan | undefined): ReadableSpan[] =>
			spans().filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanContext().spanId),
	};
}

/** What a test compares of a span. */
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
