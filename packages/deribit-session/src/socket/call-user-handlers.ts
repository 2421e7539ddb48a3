import type { DeribitSocketOptions } from "../options.ts";
import type { DeribitNotification } from "./read-frame.ts";

/**
 * An unexpected event that does not end the connection.
 *
 * - `binary-frame`, `not-json`, `unknown-frame`, `long-frame`: a frame that cannot be read or has more than 8 000 000
 *   characters; the member `detail` never quotes the frame;
 * - `reply-without-id`, `reply-to-nothing`: a reply that no call waits for, for example because it came after the
 *   call's deadline;
 * - `answer-failed`: the reply to a `test_request` could not be sent, or the venue refused the reply;
 * - `handler-failed`: `onNotification` or `onProtectionChanged` threw or rejected.
 */
export interface DeribitUnexpectedMessage {
	readonly type:
		| "binary-frame"
		| "not-json"
		| "unknown-frame"
		| "long-frame"
		| "reply-without-id"
		| "reply-to-nothing"
		| "answer-failed"
		| "handler-failed";
	/** The event in a human-readable sentence. */
	readonly detail: string;
	/** The error that the handler threw or rejected with, or the venue's error. */
	readonly cause?: unknown;
}

type HandlerName = "onNotification" | "onProtectionChanged" | "onUnexpected";
type Handlers = { readonly [K in HandlerName]?: DeribitSocketOptions[K] | undefined };

/** Calls the user's `onNotification` in a microtask, after the socket's event. */
export function notify(handlers: Handlers, notification: DeribitNotification): void {
	const { onNotification } = handlers;
	if (onNotification) callLater(handlers, "onNotification", () => onNotification(notification));
}

/** Calls the user's `onProtectionChanged` in a microtask, after the call or event that changed the protection. */
export function notifyProtectionChanged(handlers: Handlers): void {
	const { onProtectionChanged } = handlers;
	if (onProtectionChanged) callLater(handlers, "onProtectionChanged", onProtectionChanged);
}

/** Calls a handler in a microtask, so that its exceptions cannot reach the socket. */
function callLater(handlers: Handlers, name: HandlerName, call: () => unknown): void {
	queueMicrotask(async () => {
		try {
			await call();
		} catch (cause) {
			reportUnexpected(handlers, { type: "handler-failed", detail: `${name} threw or rejected`, cause });
		}
	});
}

/** Calls the user's `onUnexpected` in a microtask, after the socket's event. */
export function reportUnexpected(
	{ onUnexpected }: Pick<Handlers, "onUnexpected">,
	message: DeribitUnexpectedMessage,
): void {
	if (!onUnexpected) return;
	queueMicrotask(async () => {
		try {
			await onUnexpected(message);
		} catch {
			// An error of `onUnexpected` is ignored, because an unhandled rejection would end the program.
		}
	});
}
