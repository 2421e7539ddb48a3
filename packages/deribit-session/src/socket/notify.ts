import type { DeribitSocketOptions } from "../options.ts";
import type { DeribitNotification } from "./frames.ts";
import type { DeribitUnexpectedMessage } from "./unexpected.ts";

type Handlers = { [K in "onNotification" | "onUnexpected"]: DeribitSocketOptions[K] | undefined };

/** Hands a notification to the user's handler, apart from the socket's event: what it throws cannot reach the socket. */
export function notify(handlers: Handlers, notification: DeribitNotification): void {
	if (!handlers.onNotification) return;
	queueMicrotask(async () => {
		try {
			await handlers.onNotification?.(notification);
		} catch (cause) {
			reportStrange(handlers, { type: "handler-failed", detail: "onNotification threw or rejected", cause });
		}
	});
}

/** Tells the user's handler of something strange. There is nobody left to tell when that throws. */
export function reportStrange(
	{ onUnexpected }: Pick<Handlers, "onUnexpected">,
	strange: DeribitUnexpectedMessage,
): void {
	if (!onUnexpected) return;
	queueMicrotask(async () => {
		try {
			await onUnexpected(strange);
		} catch {
			// Throwing on would end the program for a diagnostic.
		}
	});
}
