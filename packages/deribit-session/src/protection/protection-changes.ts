import { isObject, type JsonObject } from "../socket/frames.ts";
import { type Outcome, Setting } from "./setting-call.ts";

/**
 * What this connection has heard of its own cancel-on-disconnect switch and heartbeats.
 *
 * It is a memory of replies, no proof for the present: only asking the venue again is that.
 */
export class Arming {
	/** Of this connection; a new one has the account's default. */
	readonly switch = new Setting<boolean>();
	/** The interval in seconds, 0 when they are off. */
	readonly heartbeat = new Setting<number>();

	/** To be told before a request is sent. */
	sent(method: string, params: unknown): Outcome | undefined {
		const { interval, scope } = isObject(params) ? params : {};
		switch (method) {
			case "private/enable_cancel_on_disconnect":
			case "private/disable_cancel_on_disconnect":
				return this.switch.change(method.startsWith("private/e"));
			case "private/get_cancel_on_disconnect":
				// With scope `account` the answer is about later connections, not about this one.
				return scope === "account" ? undefined : this.switch.ask(enabledIn);
			case "public/auth":
				// Whether the switch is the connection's or the account's on it is documented nowhere.
				this.switch.doubt();
				return undefined;
			case "public/set_heartbeat":
				return this.heartbeat.change(Number(interval));
			case "public/disable_heartbeat":
				return this.heartbeat.change(0);
			default:
				return undefined;
		}
	}
}

function enabledIn({ result }: JsonObject): boolean | undefined {
	if (!isObject(result) || result["scope"] === "account") return undefined;
	return typeof result["enabled"] === "boolean" ? result["enabled"] : undefined;
}
