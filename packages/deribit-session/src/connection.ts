import { type DeribitAuthorization, type DeribitCredentials, type DeribitTokens, readTokens } from "./authorization.ts";
import { noCloseFrame } from "./ending.ts";
import { type CancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "./errors.ts";
import { Line } from "./line.ts";
import type { DeribitArguments, DeribitCallOptions, DeribitMethod, DeribitResult } from "./methods.ts";
import type { ResolvedOptions } from "./options.ts";
import { anyResultOf, misfit, resultOf } from "./replies.ts";

/** What leaving a connection came to. */
export interface DeribitLeft {
	/** True when the venue's side of the close was seen; otherwise the connection broke or was given up. */
	readonly confirmed: boolean;
	readonly why: DeribitEndReason;
	/** What it meant for the orders placed over this connection. */
	readonly cancelOnDisconnectFired: CancelOnDisconnectFired;
	/** For people. */
	readonly detail: string;
}

/**
 * One authenticated or public connection, from its opening to its end. An ended one is replaced, never revived.
 *
 * It answers each `test_request` by itself, ahead of all other work; besides that it does nothing on its own: no
 * schedule, no reconnect, no retry.
 */
export class DeribitConnection {
	readonly #line: Line;
	#authorization: DeribitAuthorization | undefined;
	#tokens: DeribitTokens | undefined;

	/** For `connectDeribit`, with a socket that is open. */
	constructor(socket: WebSocket, options: ResolvedOptions) {
		this.#line = new Line(socket, options);
	}

	/** Aborts at the end of the connection. Its reason is a {@link DeribitError} of kind `closed` that says why. */
	get ended(): AbortSignal {
		return this.#line.ended;
	}

	/** What the last {@link authenticate} was granted. */
	get authorization(): DeribitAuthorization | undefined {
		return this.#authorization;
	}

	/**
	 * Milliseconds since the last frame of any kind. With heartbeats on, something comes at least every 1.1 intervals
	 * (1.2 before the first probe); much longer silence means a dead line, whatever the socket's own state says.
	 */
	get silentMs(): number {
		return this.#line.silentMs;
	}

	/** The tokens of the last {@link authenticate}; secrets, and therefore a method: nothing prints them by accident. */
	tokens(): DeribitTokens | undefined {
		return this.#tokens && { ...this.#tokens };
	}

	/**
	 * Calls a method of the spec, such as `private/enable_cancel_on_disconnect`.
	 *
	 * @throws {DeribitError} of kind `venue`, `timeout`, `reply`, `closed`, `aborted`, `request` or `network`.
	 */
	async request<M extends DeribitMethod>(method: M, ...args: DeribitArguments<M>): Promise<DeribitResult<M>> {
		const [params, options] = args;
		const body = await this.#line.exchange(method, params, options);
		return resultOf(method, body, { method, secrets: this.#line.secrets });
	}

	/**
	 * Calls any other method of the venue over this very connection, so that cancel-on-disconnect covers its orders.
	 *
	 * @param parse - makes the result what the caller needs, and throws when it is not that. Without it the result has
	 * been checked for nothing, and `T` is the caller's own claim.
	 * @throws {DeribitError} as {@link request}; kind `reply` with the cause when `parse` throws.
	 */
	async call<T = unknown>(
		method: string,
		params?: Readonly<Record<string, unknown>>,
		parse?: (result: unknown) => T,
		options?: DeribitCallOptions,
	): Promise<T> {
		if (method === "private/logout") {
			throw new DeribitError("private/logout has no reply: use logout(), which ends with the close", {
				kind: "request",
				method,
			});
		}
		const body = await this.#line.exchange(method, params, options);
		const asked = { method, secrets: this.#line.secrets };
		const result = anyResultOf(body, asked);
		// Without `parse` the caller has said by T what it is; there is no schema to ask.
		if (!parse) return result as T;
		try {
			return parse(result);
		} catch (cause) {
			throw misfit(asked, "/result", "the parse function did not accept it", cause);
		}
	}

	/**
	 * `public/auth` with client id and secret, for this connection. Nothing but {@link authorization} shows of it.
	 *
	 * @throws {DeribitError} as {@link request}; code 13004 for wrong credentials.
	 */
	async authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		const { clientId, clientSecret, scope } = credentials;
		const params = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret } as const;
		const result = await this.request("public/auth", scope === undefined ? params : { ...params, scope }, options);
		const { authorization, tokens } = readTokens(result);
		this.#authorization = authorization;
		this.#tokens = tokens;
		return authorization;
	}

	/**
	 * Leaves and keeps the orders: the venue does not fire cancel-on-disconnect after `private/logout`. There is no
	 * reply, so it ends with the close. Without a close within `closeTimeoutMs` the connection is given up and nothing
	 * is promised: then `confirmed` is false and `cancelOnDisconnectFired` is `unknown`.
	 *
	 * After an end it tells of that end; while another way of leaving is under way, of that one.
	 *
	 * @throws {DeribitError} of kind `venue` when the venue refuses (13009 without authentication); the connection stays.
	 */
	async logout({ invalidateToken = true }: { invalidateToken?: boolean } = {}): Promise<DeribitLeft> {
		if (this.#line.isUp) await this.#line.logout(invalidateToken);
		return leftBy(await this.#line.whenEnded());
	}

	/**
	 * Closes without `private/logout`: if armed, the venue cancels the orders placed over this connection. On a line
	 * that is dead the close gets no answer; then the venue finds out by its heartbeat, and `confirmed` is false.
	 *
	 * After an end it tells of that end; while another way of leaving is under way, of that one. Never throws.
	 */
	async disconnect(): Promise<DeribitLeft> {
		if (this.#line.isUp) this.#line.disconnect();
		return leftBy(await this.#line.whenEnded());
	}
}

function leftBy({ closeCode, why, cancelOnDisconnectFired, message }: DeribitError): DeribitLeft {
	return {
		confirmed: closeCode !== undefined && closeCode !== noCloseFrame,
		// An error of kind `closed` always has both.
		why: why ?? "network",
		cancelOnDisconnectFired: cancelOnDisconnectFired ?? "unknown",
		detail: message,
	};
}
