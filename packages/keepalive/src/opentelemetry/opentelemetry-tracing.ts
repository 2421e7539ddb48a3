import { type Tracer, trace } from "@opentelemetry/api";
import { checkOptions, type OptionSchema, objectWith, optional } from "@x/base/option-schema";
import type { Tracing } from "../tracing.ts";
import { SessionSpans } from "./session-spans.ts";

/** Options of {@link openTelemetryTracing}. */
export interface OpenTelemetryOptions {
	/**
	 * The tracer that makes the spans. Default: the tracer `@x/keepalive` of the global provider, which may be registered
	 * later.
	 */
	readonly tracer?: Tracer;
}

const schema = (): OptionSchema<OpenTelemetryOptions> => ({ tracer: optional(objectWith<Tracer>("startSpan")) });

/**
 * Makes OpenTelemetry spans, for the option `tracing` of a keeper: `keepalive.open` with its steps `keepalive.connect`,
 * `keepalive.authenticate`, `keepalive.arm` and `keepalive.verify`; `keepalive.beat`; and `keepalive.close`. Nothing is
 * recorded if the program has no OpenTelemetry SDK. Errors of the tracer are ignored.
 *
 * @throws OptionError for options that are not allowed.
 */
export function openTelemetryTracing(options: OpenTelemetryOptions = {}): Tracing {
	checkOptions<OpenTelemetryOptions>("@x/keepalive/opentelemetry", schema(), options);
	const { tracer = trace.getTracer("@x/keepalive") } = options;
	return { session: (session) => new SessionSpans(tracer, session) };
}
