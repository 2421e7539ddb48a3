import { isObject, type JsonObject } from "./frames.ts";

/**
 * What this connection has heard of its own cancel-on-disconnect switch, to say at its end whether it fired.
 *
 * It is a memory of replies, no proof for the present: only asking the venue again is that.
 */
export class Arming {
	#known: boolean | undefined;

	/** True or false as the venue last said, undefined when it never did: a new connection has the account's default. */
	get known(): boolean | undefined {
		return this.#known;
	}

	/** To be told before a request is sent. */
	sent(method: string): void {
		// Until the answer is here, the switch may have moved or not.
		if (method === enable || method === disable) this.#known = undefined;
	}

	/** To be told of every reply. */
	heard(method: string, params: unknown, reply: JsonObject): void {
		const { result } = reply;
		if ((method === enable || method === disable) && result === "ok") this.#known = method === enable;
		if (method !== read || !isObject(result) || typeof result["enabled"] !== "boolean") return;
		// With scope `account` the answer is about later connections, not about this one.
		const asked = isObject(params) ? params["scope"] : undefined;
		if (asked !== "account" && result["scope"] !== "account") this.#known = result["enabled"];
	}
}

const enable = "private/enable_cancel_on_disconnect";
const disable = "private/disable_cancel_on_disconnect";
const read = "private/get_cancel_on_disconnect";
