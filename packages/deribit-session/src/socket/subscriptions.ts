import { isRecord } from "@x/base/record";
import type { JsonObject } from "./frames.ts";

/** The channels of this connection, as known from its calls and their replies. */
export class Subscriptions {
	readonly #channels = new Set<string>();

	/** Whether the venue has acknowledged the subscription, and nothing was sent since that ends it. */
	has(channel: string): boolean {
		return this.#channels.has(channel);
	}

	/** Call it before a request is sent: it may end subscriptions, whether it is answered or not. */
	onSend(method: string, params: unknown): void {
		if (method.endsWith("/unsubscribe_all")) this.#channels.clear();
		if (!method.endsWith("/unsubscribe")) return;
		for (const channel of stringsOf(isRecord(params) ? params["channels"] : undefined)) this.#channels.delete(channel);
	}

	/** Call it with the reply to every request. */
	onReply(method: string, params: unknown, { result }: JsonObject): void {
		// Again: the reply to a subscription that was sent before may have come meanwhile.
		this.onSend(method, params);
		if (!method.endsWith("/subscribe")) return;
		for (const channel of stringsOf(result)) this.#channels.add(channel);
	}
}

function stringsOf(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
