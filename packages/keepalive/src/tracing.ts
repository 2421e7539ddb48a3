import type { Closed, Lease, OpenStep, OrdersOnClose, Session } from "./session.ts";

/**
 * Makes tracing spans of the calls that a keeper makes to its sessions. `openTelemetryTracing()` of
 * `@x/keepalive/opentelemetry` returns an implementation that never throws. An implementation of your own must neither throw
 * nor block, because it is called within each beat.
 */
export interface Tracing {
	/** Called once for each session that a keeper runs. */
	session(session: Session): SessionTracing;
}

/** Makes the tracing spans of one session. */
export interface SessionTracing {
	/**
	 * Begins the span of an open.
	 *
	 * @param stop - the keeper's signal. An open that ends because this signal aborted has not failed.
	 */
	open(stop: AbortSignal): OpenTracing;
	/**
	 * Begins the span of a beat.
	 *
	 * @returns a function that is called with the promise of the beat, and ends the span when this promise settles. The promise
	 * always settles.
	 */
	beat(stop: AbortSignal): (pending: Promise<Lease>) => void;
	/**
	 * Begins the span of a close.
	 *
	 * @returns a function that ends the span, with the result of the close and, if the close failed, with the error.
	 */
	close(orders: OrdersOnClose): (closed: Closed, ...error: readonly [error?: unknown]) => void;
}

/** The span of an open that is in progress. */
export interface OpenTracing {
	/** To be called when a step of the open begins. This also ends the step before it. */
	readonly onStep: (step: OpenStep) => void;
	/** Ends the span when the given call has settled. Every call settles. */
	readonly follow: (pending: Promise<Lease>) => void;
}
