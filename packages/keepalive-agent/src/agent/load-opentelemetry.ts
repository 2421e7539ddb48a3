import type { Tracing } from "@x/keepalive";

/**
 * Returns an object that creates spans of OpenTelemetry; undefined if `@x/keepalive` cannot resolve `@opentelemetry/api`, its optional peer
 * dependency. Never rejects.
 */
export async function findTracing(): Promise<Tracing | undefined> {
	try {
		const { openTelemetryTracing } = await import("@x/keepalive/opentelemetry");
		return openTelemetryTracing();
	} catch (error) {
		const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
		if (!isMissing) process.emitWarning(`@x/keepalive-agent: no OpenTelemetry spans are created: ${error}`);
		return undefined;
	}
}
