import { isRecord } from "@x/base/objects";
import type { JsonObject } from "./read-frame.ts";

/** The channels of this connection, as known from its calls and their replies. */
export class Subscriptions {
	readonly #channels = new Set<string>();

	/** Whether the venue has acknowledged the subscription and no unsubscribe call was sent after the acknowledgement. */
	has(channel: string): boolean {
		return this.#channels.has(channel);
	}

	/**
	 * Must be called before a request is sent. Removes the channels of an unsubscribe request at once, because the venue may act
	 * on the request even if no reply comes.
	 */
	onSend(method: string, params: unknown): void {
		if (method.endsWith("/unsubscribe_all")) this.#channels.clear();
		if (!method.endsWith("/unsubscribe")) return;
		for (const channel of stringsOf(isRecord(params) ? params["channels"] : undefined)) this.#channels.delete(channel);
	}

	/** Must be called with the reply to every request. */
	onReply(method: string, params: unknown, { result }: JsonObject): void {
		// Removes the channels of an unsubscribe request a second time: after the request was sent, the reply to an earlier
		// subscribe request may have added them.
		this.onSend(method, params);
		if (!method.endsWith("/subscribe")) return;
		for (const channel of stringsOf(result)) this.#channels.add(channel);
	}
}

function stringsOf(value: unknown): readonly string[] {
	return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
