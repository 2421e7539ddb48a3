export { type OpenTelemetryOptions, openTelemetryTracing } from "./opentelemetry-tracing.ts";
