import type { DeribitNotification, DeribitSocketOptions, DeribitUnexpectedMessage } from "@x/deribit-session";
import type { ResolvedDeribitOptions } from "./options.ts";

/** The client's part of the options, with those who hear every notification and oddity before the program does. */
export function clientOptions(
	options: ResolvedDeribitOptions,
	listener: { heard(notification: DeribitNotification): void },
	strange: (strange: DeribitUnexpectedMessage) => void,
): DeribitSocketOptions {
	const { url, WebSocket, connectTimeoutMs, callTimeoutMs, closeTimeoutMs, onNotification, onUnexpected } = options;
	const { credits, whenCreditsAreSpent, sessionNames, crypto } = options;
	return {
		closeTimeoutMs,
		credits,
		onNotification: (notification) => {
			listener.heard(notification);
			return onNotification?.(notification);
		},
		onUnexpected: (odd) => {
			strange(odd);
			return onUnexpected?.(odd);
		},
		...(url !== undefined && { url }),
		...(WebSocket !== undefined && { WebSocket }),
		...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
		...(callTimeoutMs !== undefined && { callTimeoutMs }),
		...(whenCreditsAreSpent !== undefined && { whenCreditsAreSpent }),
		...(sessionNames !== undefined && { sessionNames }),
		...(crypto !== undefined && { crypto }),
	};
}
