import type { DeribitAuthorization, DeribitCredentials, DeribitTokens } from "../auth/credentials-and-tokens.ts";
import { Login } from "../auth/login.ts";
import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";
import type { DeribitRateLimit } from "../limits/credit-rate-limiter.ts";
import type { DeribitArguments, DeribitCallOptions, DeribitMethod, DeribitResult } from "../method-types.ts";
import type { DeribitResolvedOptions } from "../options.ts";
import { type ConnectionEnd, noCloseFrame } from "./connection-end.ts";
import { requestError } from "./encode-request.ts";
import type { JsonObject } from "./read-frame.ts";
import { replyError, resultOf, uncheckedResultOf } from "./reply-result.ts";
import { RpcConnection } from "./rpc-connection.ts";

/**
 * The object that sends and receives the JSON-RPC frames of each connection. The functions of the subpath `relay` use
 * this object. The object is not a public member of the connection, because most programs have no use for it.
 */
const rpcs = new WeakMap<DeribitConnection, RpcConnection>();

/**
 * The object that sends and receives the JSON-RPC frames of a connection.
 *
 * @throws TypeError if the argument is not a connection of this copy of the package.
 */
export function rpcOf(connection: DeribitConnection): RpcConnection {
	const rpc = rpcs.get(connection);
	if (!rpc) throw new TypeError("@x/deribit-session: the argument is not a connection of this copy of the package");
	return rpc;
}

/** The venue accepts at most this many channels in one subscribe or unsubscribe call. */
const maxChannels = 500;

/** How a connection was closed. */
export interface DeribitCloseResult {
	/** Whether the venue's close frame was received. If false, the connection broke, or this side gave up waiting. */
	readonly confirmed: boolean;
	readonly why: DeribitEndReason;
	/** Whether the close made the venue cancel the orders placed over this connection. */
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
	/** The result in a human-readable sentence. */
	readonly detail: string;
}

/**
 * One connection, from open to close, which cannot be reopened.
 *
 * The connection answers each `test_request` before anything else, and does nothing else on its own: no scheduled
 * calls, no reconnect, no retry.
 */
export class DeribitConnection {
	readonly #rpc: RpcConnection;
	readonly #login: Login;
	readonly #credits: DeribitResolvedOptions["credits"];

	/** Private, because only `connectDeribit` creates connections. */
	private constructor(socket: WebSocket, options: DeribitResolvedOptions) {
		this.#rpc = new RpcConnection(socket, options);
		rpcs.set(this, this.#rpc);
		this.#credits = options.credits;
		this.#login = new Login((params, call) => this.request("public/auth", params, call), options);
		this.#rpc.onEnd(() => this.#login.release());
	}

	/** A signal that aborts when the connection ends. Its reason is a {@link DeribitError} of kind `closed`. */
	get ended(): AbortSignal {
		return this.#rpc.ended;
	}

	/**
	 * The scope and lifetime that the last {@link authenticate} or {@link renew} granted; undefined before the first
	 * login.
	 */
	get authorization(): DeribitAuthorization | undefined {
		return this.#login.authorization;
	}

	/**
	 * Milliseconds until the tokens should be renewed, which is when 80 % of their lifetime has passed; negative from then on.
	 * Undefined before the first {@link authenticate}. Poll this value instead of setting a timer: a timer is limited to
	 * 24.8 days, and tokens last up to a year.
	 */
	get renewInMs(): number | undefined {
		return this.#login.renewInMs;
	}

	/**
	 * Whether cancel-on-disconnect is on, as last read back with `private/get_cancel_on_disconnect`; undefined before the
	 * first read-back, and after a call over this connection that may have changed the setting. Read the setting back
	 * again to have a current proof.
	 */
	get cancelOnDisconnect(): boolean | undefined {
		return this.#rpc.settings.cancelOnDisconnect.readBack;
	}

	/**
	 * The heartbeat interval in seconds that the venue last acknowledged, 0 when heartbeats are off; undefined when it was
	 * never set, or a change was not acknowledged.
	 */
	get heartbeatSeconds(): number | undefined {
		return this.#rpc.settings.heartbeatSeconds.value;
	}

	/**
	 * Becomes true when the venue refuses a private call over this connection as unauthorized (13009), because the tokens
	 * have expired or were invalidated: call {@link renew} to get new tokens. Becomes false again when the venue accepts a
	 * login or a private call.
	 */
	get areTokensRejected(): boolean {
		return this.#rpc.settings.areTokensRejected;
	}

	/**
	 * Ids of the orders placed over this connection that may still be open, oldest first: the orders that
	 * cancel-on-disconnect cancels. An order that a stop order of this connection placed is included only
	 * if the program read that order or subscribed to it. The list is derived from replies and notifications: compare it with
	 * the venue's own list before relying on it.
	 */
	get openOrderIds(): readonly string[] {
		return this.#rpc.orders.ids;
	}

	/**
	 * How many calls over this connection may have placed an order (`private/buy`, `sell`, `close_position`, `mass_quote`)
	 * and have no reply: {@link openOrderIds} lacks their orders. A reply adds its orders to the list even if it comes
	 * after the deadline.
	 */
	get unansweredOrders(): number {
		return this.#rpc.orders.unanswered;
	}

	/**
	 * Whether `private/mass_quote` was acknowledged without the ids of its orders, as the venue does unless the call has
	 * `detailed: true`. Then {@link openOrderIds} lacks an unknown number of orders. The value is false again after
	 * `private/cancel_quotes` has cancelled all quotes.
	 */
	get hasUnlistedQuotes(): boolean {
		return this.#rpc.orders.hasUnlistedQuotes;
	}

	/**
	 * Milliseconds since the last frame of any kind. With heartbeats on, a frame comes at least every 1.1 heartbeat
	 * intervals (the first frame within 1.2 intervals). A much longer silence means that the connection is dead, even if
	 * the socket looks open.
	 */
	get silentMs(): number {
		return this.#rpc.silentMs;
	}

	/**
	 * The tokens of the last {@link authenticate} or {@link renew}. A method rather than a property, so that no
	 * serializer writes the tokens to a log.
	 */
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
		return resultOf(method, body, { call: method, secrets: this.#rpc.secrets });
	}

	/**
	 * Calls any method, including methods that are not in the spec. Use it to place orders over this connection, so that
	 * cancel-on-disconnect covers them.
	 *
	 * @param parse - validates and converts the result, and throws for an invalid result. Without `parse`, the result is
	 * not checked, and the caller asserts that it has the type `T`.
	 * @throws {DeribitError} as {@link request}; of kind `reply`, with the cause, when `parse` throws.
	 */
	async call<T = unknown>(
		method: string,
		params?: Readonly<Record<string, unknown>>,
		parse?: (result: unknown) => T,
		options?: DeribitCallOptions,
	): Promise<T> {
		if (method === "private/logout") throw requestError(method, "the venue does not reply to it. Use logout()");
		const body = await this.#exchange(method, params, options);
		const call = { call: method, secrets: this.#rpc.secrets };
		const result = uncheckedResultOf(body, call);
		// Without `parse`, the caller asserts that the result has the type T.
		if (!parse) return result as T;
		try {
			return parse(result);
		} catch (cause) {
			throw replyError(call, "/result", "the parse function of this call threw", cause);
		}
	}

	/**
	 * Subscribes to channels. Channels that begin with `user.` are sent with `private/subscribe`, which needs
	 * authentication. All other channels are sent with `public/subscribe`. At most 500 channels are sent in one call; a
	 * longer list is split over several calls. Subscriptions end with the connection, without notice: subscribe again
	 * over the next connection.
	 *
	 * The venue leaves an unknown channel out of its reply without an error. In that case this method throws; the channels
	 * that the venue accepted stay subscribed.
	 *
	 * @returns the channels, without duplicates.
	 * @throws {DeribitError} of kind `subscription`, with `missingChannels`, when the venue did not accept all channels;
	 * otherwise as {@link request}.
	 * @see https://docs.deribit.com/api-reference/subscription-management/public-subscribe
	 */
	async subscribe(channels: readonly string[], options?: DeribitCallOptions): Promise<readonly string[]> {
		const { asked, answered, call } = await this.#callForChannels("subscribe", channels, options);
		const missingChannels = asked.filter((channel) => !answered.has(channel));
		if (missingChannels.length === 0) return asked;
		const shown = missingChannels.slice(0, 10).join(", ") + (missingChannels.length > 10 ? ", …" : "");
		throw new DeribitError(
			`the venue did not accept ${missingChannels.length} of ${asked.length} channels: ${shown}. Check their names`,
			{ kind: "subscription", call, missingChannels },
		);
	}

	/**
	 * Ends subscriptions of this connection.
	 *
	 * @returns the channels whose subscription has ended. Channels that were not subscribed are left out.
	 * @throws {DeribitError} as {@link request}.
	 */
	async unsubscribe(channels: readonly string[], options?: DeribitCallOptions): Promise<readonly string[]> {
		const { asked, answered } = await this.#callForChannels("unsubscribe", channels, options);
		return asked.filter((channel) => answered.has(channel));
	}

	/**
	 * Whether this connection is subscribed to a channel: the venue has acknowledged the subscription, and no unsubscribe
	 * call was sent after that.
	 */
	isSubscribed(channel: string): boolean {
		return this.#rpc.subscriptions.has(channel);
	}

	/**
	 * Reads the rate limit that the venue grants to this account, and applies that limit to the option `credits` from now
	 * on. Needs authentication and the permission `account:read`.
	 *
	 * @returns the limit; undefined when the venue's reply contains none, and then the limit in use is not changed.
	 * @throws {DeribitError} as {@link request}.
	 */
	async readRateLimit(options?: DeribitCallOptions): Promise<DeribitRateLimit | undefined> {
		const { limits } = await this.request("private/get_account_summary", { currency: "BTC" }, options);
		const limit = limits?.non_matching_engine;
		if (!limit || !(limit.rate > 0 && limit.burst > 0)) return undefined;
		this.#credits.setLimit(limit);
		return limit;
	}

	/**
	 * Authenticates this connection with `public/auth`. The credentials are kept for {@link renew}.
	 *
	 * @throws {OptionError} for credentials that are not allowed.
	 * @throws {DeribitError} as {@link request}: with `venueCode` 13004 for wrong credentials, of kind `request` for a
	 * session name that is in use.
	 */
	authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.authenticate(credentials, options);
	}

	/**
	 * Renews the tokens with the refresh token, or with the credentials when the refresh token is spent (-32602, 13009).
	 * Concurrent calls share one renewal, with the options of the first call. After the venue has refused the credentials
	 * (13004), `renew` fails with the same error without sending anything, until {@link authenticate} succeeds.
	 *
	 * @throws {DeribitError} as {@link request}; of kind `request` before the first {@link authenticate}.
	 */
	renew(options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.renew(options);
	}

	/**
	 * Closes the connection and keeps the orders: after `private/logout` the venue does not cancel them. The venue replies
	 * to the logout with a close frame. If no close frame comes within `closeTimeoutMs`, this method stops waiting: then
	 * `confirmed` is false and `cancelOnDisconnectFired` is `unknown`.
	 *
	 * If the connection has ended or is closing, this method returns the result of that end.
	 *
	 * @throws {DeribitError} of kind `venue` when the venue refuses (13009 without authentication), of kind `credits` or
	 * `network` when the logout could not be sent. The connection then stays open.
	 */
	async logout({ invalidateToken = true }: { readonly invalidateToken?: boolean } = {}): Promise<DeribitCloseResult> {
		if (this.#rpc.isOpen) await this.#rpc.logout(invalidateToken);
		return closeResult(await this.#rpc.whenEnded());
	}

	/**
	 * Closes the connection without `private/logout`: if cancel-on-disconnect is on, the venue cancels the orders placed
	 * over this connection. On a dead connection no close frame comes: then `confirmed` is false, and the venue notices
	 * the lost connection when the replies to its heartbeats are missing.
	 *
	 * If the connection has ended or is closing, this method returns the result of that end. This method never throws.
	 */
	async disconnect(): Promise<DeribitCloseResult> {
		// Release the session name before the connection has closed: closing a dead connection takes long, and the next
		// connection needs the name.
		this.#login.release();
		if (this.#rpc.isOpen) this.#rpc.disconnect();
		return closeResult(await this.#rpc.whenEnded());
	}

	/** Sends the channels in as many calls as needed, split by public and private method. */
	async #callForChannels(
		verb: "subscribe" | "unsubscribe",
		channels: readonly string[],
		options: DeribitCallOptions | undefined,
	): Promise<{ readonly asked: readonly string[]; readonly answered: ReadonlySet<string>; readonly call: string }> {
		const asked = [...new Set(channels)];
		const answered = new Set<string>();
		let call = `public/${verb}`;
		for (const group of ["public", "private"] as const) {
			const ofGroup = asked.filter((channel) => channel.startsWith("user.") === (group === "private"));
			for (let first = 0; first < ofGroup.length; first += maxChannels) {
				const method = `${group}/${verb}` as const;
				const part = ofGroup.slice(first, first + maxChannels);
				for (const channel of await this.request(method, { channels: part }, options)) answered.add(channel);
				call = method;
			}
		}
		return { asked, answered, call };
	}

	#exchange(method: string, params: unknown, options?: DeribitCallOptions): Promise<JsonObject> {
		// A connection that has ended or is closing claims no names, because it would never release them.
		if (this.#rpc.isOpen) this.#login.claimNames(method, params);
		return this.#rpc.exchange(method, params, options);
	}
}

function closeResult({ closeCode, why, cancelOnDisconnectFired, detail }: ConnectionEnd): DeribitCloseResult {
	const confirmed = closeCode !== undefined && closeCode !== noCloseFrame;
	return { confirmed, why, cancelOnDisconnectFired, detail };
}
