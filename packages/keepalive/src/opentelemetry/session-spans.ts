import {
	type Attributes,
	type Context,
	ROOT_CONTEXT,
	type Span,
	SpanStatusCode,
	type Tracer,
	trace,
} from "@opentelemetry/api";
import type { Closed, Lease, OpenStep, OrdersOnClose, Session } from "../session.ts";
import { dispositionOf, lossKindOf } from "../session-error.ts";
import { causeOf } from "../status/status.ts";
import type { OpenTracing, SessionTracing } from "../tracing.ts";

/** What is recorded in a span when it ends. */
interface SpanEnd {
	readonly attributes: Attributes;
	/** The message of the error, if the call failed. */
	readonly error?: string;
}

const openSteps: readonly unknown[] = ["connect", "authenticate", "arm", "verify"] satisfies OpenStep[];

/**
 * Makes the tracing spans of one session: one for each open with its steps, one for each beat and one for each close. No
 * call waits for a span, and no call fails because of a span.
 */
export class SessionSpans implements SessionTracing {
	readonly #tracer: Tracer;
	readonly #attributes: Attributes;

	constructor(tracer: Tracer, session: Session) {
		this.#tracer = tracer;
		const venue = attempt(() => session.venue);
		const isKnown = typeof venue === "string";
		this.#attributes = { "keepalive.session": session.name, ...(isKnown && { "keepalive.venue": venue }) };
	}

	open(stop: AbortSignal): OpenTracing {
		const span = this.#start("keepalive.open");
		let hasEnded = false;
		let current: { readonly step: OpenStep; readonly span: SafeSpan } | undefined;
		return {
			onStep: (step) => {
				if (hasEnded || current?.step === step || !openSteps.includes(step)) return;
				current?.span.end({ attributes: {} });
				current = { step, span: this.#start(`keepalive.${step}`, {}, span.context) };
			},
			follow: (pending) =>
				follow(pending, stop, (end) => {
					hasEnded = true;
					current?.span.end(end);
					span.end(end);
				}),
		};
	}

	beat(stop: AbortSignal): (pending: Promise<Lease>) => void {
		const span = this.#start("keepalive.beat");
		return (pending) => follow(pending, stop, (end) => span.end(end));
	}

	close(orders: OrdersOnClose): (closed: Closed, ...error: readonly [error?: unknown]) => void {
		const span = this.#start("keepalive.close", { "keepalive.orders.requested": orders });
		return (closed, ...errors) => {
			const result = { "keepalive.orders.result": closed.orders };
			if (errors.length === 0) return span.end({ attributes: result });
			const { attributes, ...failed } = failure(errors[0]);
			span.end({ ...failed, attributes: { ...attributes, ...result } });
		};
	}

	/**
	 * Starts a span.
	 *
	 * @param parent - the context of the parent span. Default: no parent. The active context is never used: sessions outlive
	 * the span in which a program starts them, and their spans would belong to that trace for days.
	 */
	#start(name: string, attributes: Attributes = {}, parent: Context = ROOT_CONTEXT): SafeSpan {
		return new SafeSpan(
			attempt(() => this.#tracer.startSpan(name, { attributes: { ...this.#attributes, ...attributes } }, parent)),
		);
	}
}

/** A span whose methods do not throw even if the tracer's methods throw. */
class SafeSpan {
	readonly #span: Span | undefined;

	constructor(span: Span | undefined) {
		this.#span = span;
	}

	/** The context that makes this span the parent of another span. */
	get context(): Context {
		const span = this.#span;
		return (span && attempt(() => trace.setSpan(ROOT_CONTEXT, span))) ?? ROOT_CONTEXT;
	}

	end({ attributes, error }: SpanEnd): void {
		attempt(() => this.#span?.setAttributes(attributes));
		if (error !== undefined) attempt(() => this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: error }));
		attempt(() => this.#span?.end());
	}
}

/** The result of a call; undefined if the call threw an error or returned a promise. */
function attempt<T>(call: () => T): T | undefined {
	try {
		const returned = call();
		if (!(returned instanceof Promise)) return returned;
		// A rejection of the promise is ignored, because an unhandled rejection would end the process.
		returned.catch(() => undefined);
	} catch {
		// The error is ignored, because there is no better place to report that the tracer failed.
	}
	return undefined;
}

/** Calls `finish` when a call has settled, without delaying or changing the call. */
function follow(pending: Promise<Lease>, stop: AbortSignal, finish: (end: SpanEnd) => void): void {
	pending.then(
		({ protection }) => finish({ attributes: { "keepalive.protection": protection.state } }),
		(error: unknown) => {
			const isAborted = stop.aborted && error === stop.reason;
			finish(isAborted ? { attributes: { "keepalive.aborted": true } } : failure(error));
		},
	);
}

/** What is recorded in a span about a failure. It contains no more information than the status records that are published. */
function failure(error: unknown): SpanEnd {
	const { name, message, isExpected } = causeOf(error);
	const kind = lossKindOf(error);
	return {
		error: message,
		attributes: {
			"error.type": name,
			"keepalive.error.disposition": dispositionOf(error).action,
			...(kind && { "keepalive.error.kind": kind }),
			...(isExpected && { "keepalive.error.expected": true }),
		},
	};
}
