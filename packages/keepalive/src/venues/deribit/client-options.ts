import type { DeribitNotification, DeribitOptions } from "@x/deribit-session";
import type { ResolvedDeribitOptions } from "./options.ts";

/** The client's part of the options, with somebody who hears every notification before the program does. */
export function clientOptions(
	options: ResolvedDeribitOptions,
	listener: { heard(notification: DeribitNotification): void },
): DeribitOptions {
	const { url, WebSocket, connectTimeoutMs, callTimeoutMs, closeTimeoutMs, onNotification, onStrange } = options;
	const { credits, whenCreditsAreSpent, sessionNames, crypto } = options;
	return {
		closeTimeoutMs,
		credits,
		onNotification: (notification) => {
			listener.heard(notification);
			return onNotification?.(notification);
		},
		...(url !== undefined && { url }),
		...(WebSocket !== undefined && { WebSocket }),
		...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
		...(callTimeoutMs !== undefined && { callTimeoutMs }),
		...(onStrange !== undefined && { onStrange }),
		...(whenCreditsAreSpent !== undefined && { whenCreditsAreSpent }),
		...(sessionNames !== undefined && { sessionNames }),
		...(crypto !== undefined && { crypto }),
	};
}
