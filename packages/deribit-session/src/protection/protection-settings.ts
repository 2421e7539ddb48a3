import { isRecord } from "@x/base/objects";
import type { JsonObject } from "../socket/read-frame.ts";

/**
 * Called without an argument when the call is settled: by its reply, its deadline, an abort or the end of the connection. A
 * reply causes two calls: the first without an argument, the second with the reply.
 */
export type OnSettled = (reply?: JsonObject) => void;

/**
 * A setting that the venue stores for this connection, as known from the venue's replies.
 *
 * Replies may arrive out of order. Therefore a reply is ignored in two cases:
 * - Another change was sent after the request that the reply answers.
 * - The request reads the setting back, and was sent while a change had no reply yet.
 */
class VenueSetting<T> {
	readonly #onChange: () => void;
	#value: T | undefined;
	#isReadBack = false;
	#changes = 0;
	#pendingChanges = 0;

	/** @param onChange - called when the value of a getter has changed. */
	constructor(onChange: () => void) {
		this.#onChange = onChange;
	}

	/**
	 * The value that the venue last acknowledged or returned. Undefined when the replies do not prove a value, for
	 * example while a change to another value has no reply.
	 */
	get value(): T | undefined {
		return this.#value;
	}

	/**
	 * The value if it was read back from the venue, otherwise undefined. An acknowledged change alone does not prove the
	 * value.
	 */
	get readBack(): T | undefined {
		return this.#isReadBack ? this.#value : undefined;
	}

	/** Must be called when a request is sent that changes the setting. */
	change(to: T): OnSettled {
		this.#changes += 1;
		const change = this.#changes;
		const isAlone = this.#pendingChanges === 0;
		this.#pendingChanges += 1;
		// A request that sets the current value again changes nothing, whether the request arrives or not.
		if (this.#value !== to) this.#set(undefined, false);
		return (reply) => {
			if (!reply) this.#pendingChanges -= 1;
			else if (change === this.#changes && !(isAlone && reply["result"] === "ok")) this.#set(undefined, false);
			else if (change === this.#changes) this.#set(to, this.#isReadBack);
		};
	}

	/**
	 * Must be called when a request is sent that may affect the setting: from then on, read-backs that were sent earlier
	 * no longer prove the value.
	 */
	invalidate(): void {
		this.#changes += 1;
		this.#set(this.#value, false);
	}

	/** Must be called when a request is sent that reads the setting back. */
	read(parse: (reply: JsonObject) => T | undefined): OnSettled {
		const change = this.#changes;
		const isAlone = this.#pendingChanges === 0;
		return (reply) => {
			const value = reply && parse(reply);
			if (value !== undefined && isAlone && change === this.#changes) this.#set(value, true);
		};
	}

	#set(value: T | undefined, isReadBack: boolean): void {
		const isChange = value !== this.#value || isReadBack !== this.#isReadBack;
		this.#value = value;
		this.#isReadBack = isReadBack;
		if (isChange) this.#onChange();
	}
}

const unauthorized = 13009;

/** Cancel-on-disconnect, heartbeats and login of this connection, as known from the replies. */
export class ProtectionSettings {
	/**
	 * Whether cancel-on-disconnect is on. Unknown for a new connection: it starts with the account's default, which only a
	 * read-back shows.
	 */
	readonly cancelOnDisconnect: VenueSetting<boolean>;
	/** The heartbeat interval in seconds; 0 when heartbeats are off. */
	readonly heartbeatSeconds: VenueSetting<number>;
	readonly #onChange: () => void;
	#areTokensRejected = false;

	/** @param onChange - called when one of the settings has changed. */
	constructor(onChange: () => void) {
		this.cancelOnDisconnect = new VenueSetting(onChange);
		this.heartbeatSeconds = new VenueSetting(onChange);
		this.#onChange = onChange;
	}

	/**
	 * Becomes true when the venue refuses a private call as unauthorized. Becomes false again when the venue accepts a
	 * login or a private call.
	 */
	get areTokensRejected(): boolean {
		return this.#areTokensRejected;
	}

	/** Must be called with the reply to every request. */
	onReply(method: string, params: unknown, { result, error }: JsonObject): void {
		const before = this.#areTokensRejected;
		// A call with an access token in its parameters is authorized by that token, so its reply says nothing about the
		// connection's own tokens.
		const usesTokens = method.startsWith("private/") && !(isRecord(params) && "access_token" in params);
		if (result !== undefined && (usesTokens || method === "public/auth")) this.#areTokensRejected = false;
		if (usesTokens && isRecord(error) && error["code"] === unauthorized) this.#areTokensRejected = true;
		if (this.#areTokensRejected !== before) this.#onChange();
	}

	/**
	 * Must be called before a request is sent. The caller must call the returned function, if any, as described at
	 * {@link OnSettled}.
	 */
	onSend(method: string, params: unknown): OnSettled | undefined {
		const { interval, scope } = isRecord(params) ? params : {};
		switch (method) {
			case "private/enable_cancel_on_disconnect":
			case "private/disable_cancel_on_disconnect":
				return this.cancelOnDisconnect.change(method.startsWith("private/e"));
			case "private/get_cancel_on_disconnect":
				// If the scope is `account`, the reply is about connections that are opened later, not about this connection.
				return scope === "account" ? undefined : this.cancelOnDisconnect.read(enabledIn);
			case "public/auth":
				// The venue does not document whether a login resets the connection's setting to the account's default, so an earlier
				// read-back no longer proves the setting.
				this.cancelOnDisconnect.invalidate();
				return undefined;
			case "public/set_heartbeat":
				return this.heartbeatSeconds.change(Number(interval));
			case "public/disable_heartbeat":
				return this.heartbeatSeconds.change(0);
			default:
				return undefined;
		}
	}
}

function enabledIn({ result }: JsonObject): boolean | undefined {
	if (!isRecord(result) || result["scope"] === "account") return undefined;
	return typeof result["enabled"] === "boolean" ? result["enabled"] : undefined;
}
