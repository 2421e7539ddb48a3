import type { Closed, Lease, OpenStep, OrdersOnClose, Session } from "./session.ts";

/**
 * Makes spans of the calls of a keeper. `openTelemetryTracing()` of `@x/keepalive/opentelemetry` returns one, which never throws. One of
 * your own must not throw and not block either: it is called within each beat.
 */
export interface Tracing {
	/** Called once for each session that a keeper runs. */
	session(session: Session): SessionTracing;
}

/** Makes the spans of one session. */
export interface SessionTracing {
	/** Begins the span of an open. @param stop - of the keeper: an open that it ends has not failed. */
	open(stop: AbortSignal): OpenTracing;
	/** Begins the span of a beat. @returns a function that ends it when the call has settled, which it does in any case. */
	beat(stop: AbortSignal): (pending: Promise<Lease>) => void;
	/** Begins the span of a close. @returns a function that ends it: with the result, and the error if the call failed. */
	close(orders: OrdersOnClose): (closed: Closed, ...error: readonly [error?: unknown]) => void;
}

/** An open that has begun. */
export interface OpenTracing {
	/** A step begins, which ends the one before. */
	readonly onStep: (step: OpenStep) => void;
	/** Ends the span when the call has settled, which it does in any case. */
	readonly follow: (pending: Promise<Lease>) => void;
}
