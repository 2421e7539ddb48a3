import type { DeribitAuthorization, DeribitCredentials, DeribitTokens } from "../auth/authorization.ts";
import { Login } from "../auth/login.ts";
import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";
import type { DeribitArguments, DeribitCallOptions, DeribitMethod, DeribitResult } from "../methods.ts";
import type { ResolvedOptions } from "../options.ts";
import { type Ended, noCloseFrame } from "./ending.ts";
import type { JsonObject } from "./frames.ts";
import { anyResultOf, misfit, resultOf } from "./replies.ts";
import { Line } from "./rpc-connection.ts";

/** What leaving a connection came to. */
export interface DeribitCloseResult {
	/** True when the venue's side of the close was seen; otherwise the connection broke or was given up. */
	readonly confirmed: boolean;
	readonly why: DeribitEndReason;
	/** What it meant for the orders placed over this connection. */
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
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
	readonly #login: Login;

	/** For `connectDeribit`, with a socket that is open. */
	constructor(socket: WebSocket, options: ResolvedOptions) {
		this.#line = new Line(socket, options);
		this.#login = new Login((params, limits) => this.request("public/auth", params, limits), options);
		this.#line.onEnd(() => this.#login.release());
	}

	/** Aborts at the end of the connection. Its reason is a {@link DeribitError} of kind `closed` that says why. */
	get ended(): AbortSignal {
		return this.#line.ended;
	}

	/** What the last {@link authenticate} or {@link renew} was granted. */
	get authorization(): DeribitAuthorization | undefined {
		return this.#login.authorization;
	}

	/**
	 * Milliseconds until 80 % of the tokens' life are over, below zero from then on; undefined before the first
	 * {@link authenticate}. Compare it now and then: a timer takes 24.8 days at most, and the venue gives a year.
	 */
	get renewInMs(): number | undefined {
		return this.#login.renewInMs;
	}

	/**
	 * What the venue said when this connection's cancel-on-disconnect was last read back; undefined when it never was, or
	 * somebody switched or authenticated over this connection since: an "ok" proves nothing. A memory of the answer to
	 * `private/get_cancel_on_disconnect`; ask again for a proof.
	 */
	get cancelOnDisconnect(): boolean | undefined {
		return this.#line.arming.switch.readBack;
	}

	/**
	 * The heartbeat interval in seconds that the venue last acknowledged over this connection, 0 when heartbeats were
	 * ended; undefined when they were never set, or a change was not acknowledged.
	 */
	get heartbeatSeconds(): number | undefined {
		return this.#line.arming.heartbeat.value;
	}

	/**
	 * Ids of the orders placed over this connection that are not known to have ended, oldest first: those that
	 * cancel-on-disconnect takes. By the replies heard here; one whose reply never came is missing, and only the venue
	 * knows what was filled meanwhile.
	 */
	openOrderIds(): string[] {
		return this.#line.orders.ids;
	}

	/**
	 * How many calls were sent over this connection that may have placed an order and have no reply (`private/buy`,
	 * `sell`, `close_position`, `mass_quote`): orders that {@link openOrderIds} cannot know. A reply that comes after its
	 * deadline still counts.
	 */
	get unansweredOrders(): number {
		return this.#line.orders.unanswered;
	}

	/**
	 * Milliseconds since the last frame of any kind. With heartbeats on, something comes at least every 1.1 intervals
	 * (1.2 before the first probe); much longer silence means a dead line, whatever the socket's own state says.
	 */
	get silentMs(): number {
		return this.#line.silentMs;
	}

	/** The tokens of the last {@link authenticate} or {@link renew}; secrets, and therefore a method: nothing prints them by accident. */
	tokens(): DeribitTokens | undefined {
		return this.#login.tokens;
	}

	/**
	 * Calls a method of the spec, such as `private/enable_cancel_on_disconnect`.
	 *
	 * @throws {DeribitError} of kind `venue`, `timeout`, `reply`, `closed`, `aborted`, `credits`, `request` or `network`.
	 */
	async request<M extends DeribitMethod>(method: M, ...args: DeribitArguments<M>): Promise<DeribitResult<M>> {
		const [params, options] = args;
		const body = await this.#exchange(method, params, options);
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
		const body = await this.#exchange(method, params, options);
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
	 * `public/auth` with client id and secret, or a signature made with it, for this connection. Nothing but
	 * {@link authorization} shows of it. The credentials are remembered for {@link renew}.
	 *
	 * @throws {DeribitError} as {@link request}; code 13004 for wrong credentials; kind `options` for credentials that
	 * cannot be, `request` when the scope has a session name that is in use.
	 */
	authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.authenticate(credentials, options);
	}

	/**
	 * New tokens for this connection: with its refresh token, and once with the credentials when the venue calls that one
	 * spent (-32602, 13009). One at a time: a further call gets the result of the one under way, by that one's deadline.
	 * Once the credentials are refused (13004) it asks no more and fails with that same error, until an
	 * {@link authenticate} succeeds.
	 *
	 * @throws {DeribitError} as {@link request}; kind `request` before the first {@link authenticate}.
	 */
	renew(options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.renew(options);
	}

	/**
	 * Leaves and keeps the orders: the venue does not fire cancel-on-disconnect after `private/logout`. There is no
	 * reply, so it ends with the close. Without a close within `closeTimeoutMs` the connection is given up and nothing
	 * is promised: then `confirmed` is false and `cancelOnDisconnectFired` is `unknown`.
	 *
	 * After an end it tells of that end; while another way of leaving is under way, of that one.
	 *
	 * @throws {DeribitError} of kind `venue` when the venue refuses (13009 without authentication), of kind `credits` or
	 * `network` when it could not be sent; the connection stays.
	 */
	async logout({ invalidateToken = true }: { invalidateToken?: boolean } = {}): Promise<DeribitCloseResult> {
		if (this.#line.isUp) await this.#line.logout(invalidateToken);
		return leftBy(await this.#line.whenEnded());
	}

	/**
	 * Closes without `private/logout`: if armed, the venue cancels the orders placed over this connection. On a line
	 * that is dead the close gets no answer; then the venue finds out by its heartbeat, and `confirmed` is false.
	 *
	 * After an end it tells of that end; while another way of leaving is under way, of that one. Never throws.
	 */
	async disconnect(): Promise<DeribitCloseResult> {
		// At once, not with the close: over a dead line that takes long, and the next connection wants its name.
		this.#login.release();
		if (this.#line.isUp) this.#line.disconnect();
		return leftBy(await this.#line.whenEnded());
	}

	#exchange(method: string, params: unknown, options?: DeribitCallOptions): Promise<JsonObject> {
		// One that has ended, or is being left, would never give the names back.
		if (this.#line.isUp) this.#login.claimNames(method, params);
		return this.#line.exchange(method, params, options);
	}
}

function leftBy({ closeCode, why, cancelOnDisconnectFired, detail }: Ended): DeribitCloseResult {
	const confirmed = closeCode !== undefined && closeCode !== noCloseFrame;
	return { confirmed, why, cancelOnDisconnectFired, detail };
}
