import type { DeribitAuthorization, DeribitCredentials, DeribitTokens } from "../auth/authorization.ts";
import { Login } from "../auth/login.ts";
import { type DeribitCancelOnDisconnectFired, type DeribitEndReason, DeribitError } from "../errors.ts";
import type { DeribitRateLimit } from "../limits/credits.ts";
import type { DeribitArguments, DeribitCallOptions, DeribitMethod, DeribitResult } from "../methods.ts";
import type { DeribitResolvedOptions } from "../options.ts";
import { type ConnectionEnd, noCloseFrame } from "./connection-end.ts";
import type { JsonObject } from "./frames.ts";
import { replyError, resultOf, uncheckedResultOf } from "./replies.ts";
import { requestError } from "./request.ts";
import { RpcConnection } from "./rpc-connection.ts";

/** For the subpath `relay`, which is not part of this class: it is of no use to other programs. */
const rpcs = new WeakMap<DeribitConnection, RpcConnection>();

/** The JSON-RPC of a connection. @throws TypeError for what is no connection. */
export function rpcOf(connection: DeribitConnection): RpcConnection {
	const rpc = rpcs.get(connection);
	if (!rpc) throw new TypeError("@x/deribit-session: not a connection of this copy of the package");
	return rpc;
}

/** Of one call. */
const maxChannels = 500;

/** How a connection was closed. */
export interface DeribitCloseResult {
	/** Whether the venue's close frame was received. Otherwise the connection broke, or this side gave up. */
	readonly confirmed: boolean;
	readonly why: DeribitEndReason;
	/** What it did to the orders placed over this connection. */
	readonly cancelOnDisconnectFired: DeribitCancelOnDisconnectFired;
	/** A human-readable text. */
	readonly detail: string;
}

/**
 * One connection, from open to close. It cannot be reopened.
 *
 * It answers each `test_request` before anything else, and does nothing else on its own: no schedule, no reconnect, no
 * retry.
 */
export class DeribitConnection {
	readonly #rpc: RpcConnection;
	readonly #login: Login;
	readonly #credits: DeribitResolvedOptions["credits"];

	/** Private in its type: only `connectDeribit` makes connections. */
	private constructor(socket: WebSocket, options: DeribitResolvedOptions) {
		this.#rpc = new RpcConnection(socket, options);
		rpcs.set(this, this.#rpc);
		this.#credits = options.credits;
		this.#login = new Login((params, call) => this.request("public/auth", params, call), options);
		this.#rpc.onEnd(() => this.#login.release());
	}

	/** Aborts when the connection ends. Its reason is a {@link DeribitError} of kind `closed`. */
	get ended(): AbortSignal {
		return this.#rpc.ended;
	}

	/** What the last {@link authenticate} or {@link renew} granted. */
	get authorization(): DeribitAuthorization | undefined {
		return this.#login.authorization;
	}

	/**
	 * Milliseconds until 80 % of the tokens' lifetime has passed, negative from then on; undefined before the first
	 * {@link authenticate}. Poll it: a timer is limited to 24.8 days, and tokens last up to a year.
	 */
	get renewInMs(): number | undefined {
		return this.#login.renewInMs;
	}

	/**
	 * The setting as last read back with `private/get_cancel_on_disconnect`; undefined before that, and after a call over
	 * this connection that may have changed it. Read it back again for a current proof.
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
	 * Whether the venue has refused a private call over this connection as unauthorized (13009), and accepted neither a login
	 * nor a private call since: the tokens have expired or were invalidated. {@link renew} them.
	 */
	get areTokensRejected(): boolean {
		return this.#rpc.settings.areTokensRejected;
	}

	/**
	 * Ids of the orders placed over this connection that may still be open, oldest first: those that cancel-on-disconnect
	 * cancels. Orders that one of its stop orders has placed count too, if the program subscribed to them or read them. Based
	 * on the replies and notifications; confirm with the venue's own list.
	 */
	get openOrderIds(): readonly string[] {
		return this.#rpc.orders.ids;
	}

	/**
	 * How many calls over this connection may have placed an order (`private/buy`, `sell`, `close_position`, `mass_quote`)
	 * and have no reply, so that {@link openOrderIds} lacks their orders. A late reply still counts.
	 */
	get unansweredOrders(): number {
		return this.#rpc.orders.unanswered;
	}

	/**
	 * Whether `private/mass_quote` was acknowledged without the ids of its orders, as the venue does unless `detailed` is
	 * asked for: then {@link openOrderIds} lacks an unknown number of orders. False again after `private/cancel_quotes` of all.
	 */
	get hasUnlistedQuotes(): boolean {
		return this.#rpc.orders.hasUnlistedQuotes;
	}

	/**
	 * Milliseconds since the last frame of any kind. With heartbeats on, a frame comes at least every 1.1 intervals (1.2
	 * before the first one); much longer means a dead connection, even if the socket looks open.
	 */
	get silentMs(): number {
		return this.#rpc.silentMs;
	}

	/** The tokens of the last {@link authenticate} or {@link renew}. A method, so that no serializer reads them. */
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
	 * Calls any other method over this connection, so that cancel-on-disconnect covers the orders it places.
	 *
	 * @param parse - validates and converts the result; it throws for an invalid one. Without it the result is not checked
	 * and `T` is an assertion.
	 * @throws {DeribitError} as {@link request}; of kind `reply`, with the cause, when `parse` throws.
	 */
	async call<T = unknown>(
		method: string,
		params?: Readonly<Record<string, unknown>>,
		parse?: (result: unknown) => T,
		options?: DeribitCallOptions,
	): Promise<T> {
		if (method === "private/logout") throw requestError(method, "it has no reply. Use logout()");
		const body = await this.#exchange(method, params, options);
		const call = { call: method, secrets: this.#rpc.secrets };
		const result = uncheckedResultOf(body, call);
		// Without `parse`, T is what the caller asserts.
		if (!parse) return result as T;
		try {
			return parse(result);
		} catch (cause) {
			throw replyError(call, "/result", "the parse function of this call threw", cause);
		}
	}

	/**
	 * Subscribes to channels: those that begin with `user.` with `private/subscribe`, which needs authentication, the others
	 * with `public/subscribe`. At most 500 go into one call. Subscriptions end with the connection, without notice: subscribe
	 * again over the next one.
	 *
	 * The venue leaves an unknown channel out of its reply without an error. Here that is an error; the other channels stay
	 * subscribed.
	 *
	 * @returns the channels, without duplicates.
	 * @throws {DeribitError} of kind `subscription`, with `missingChannels`, when the venue did not accept all; as
	 * {@link request}.
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
	 * @returns the channels that have ended: those without a subscription are missing.
	 * @throws {DeribitError} as {@link request}.
	 */
	async unsubscribe(channels: readonly string[], options?: DeribitCallOptions): Promise<readonly string[]> {
		const { asked, answered } = await this.#callForChannels("unsubscribe", channels, options);
		return asked.filter((channel) => answered.has(channel));
	}

	/**
	 * Whether the venue has acknowledged the subscription to a channel over this connection, and no call was sent since that
	 * ends it.
	 */
	isSubscribed(channel: string): boolean {
		return this.#rpc.subscriptions.has(channel);
	}

	/**
	 * Reads the rate limit that the venue grants to this account, and counts by it from now on, in `credits`. Needs
	 * authentication and the permission `account:read`.
	 *
	 * @returns undefined when the venue does not say; then the limit stays as it is.
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
	 * @throws {DeribitError} as {@link request}: code 13004 for wrong credentials, kind `request` for a session name in use.
	 */
	authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.authenticate(credentials, options);
	}

	/**
	 * Renews the tokens with the refresh token, or with the credentials when that one is spent (-32602, 13009). Concurrent
	 * calls share one renewal, with the options of the first. After the credentials were refused (13004) it fails with that
	 * error without a call, until {@link authenticate} succeeds.
	 *
	 * @throws {DeribitError} as {@link request}; of kind `request` before the first {@link authenticate}.
	 */
	renew(options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		return this.#login.renew(options);
	}

	/**
	 * Closes and keeps the orders: after `private/logout` the venue does not cancel. The reply to it is the close frame.
	 * Without one within `closeTimeoutMs` this side gives up: then `confirmed` is false and `cancelOnDisconnectFired` is
	 * `unknown`.
	 *
	 * On a connection that has ended or is closing it returns that end.
	 *
	 * @throws {DeribitError} of kind `venue` when the venue refuses (13009 without authentication), of kind `credits` or
	 * `network` when it could not be sent. The connection stays open.
	 */
	async logout({ invalidateToken = true }: { readonly invalidateToken?: boolean } = {}): Promise<DeribitCloseResult> {
		if (this.#rpc.isOpen) await this.#rpc.logout(invalidateToken);
		return closeResult(await this.#rpc.whenEnded());
	}

	/**
	 * Closes without `private/logout`: if armed, the venue cancels the orders placed over this connection. On a dead
	 * connection no close frame comes: then `confirmed` is false, and the venue notices by the missing heartbeats.
	 *
	 * On a connection that has ended or is closing it returns that end. Never throws.
	 */
	async disconnect(): Promise<DeribitCloseResult> {
		// Released now: the close of a dead connection takes long, and the next connection needs the name.
		this.#login.release();
		if (this.#rpc.isOpen) this.#rpc.disconnect();
		return closeResult(await this.#rpc.whenEnded());
	}

	/** Calls the public and the private method, as the channels require. */
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
		// A connection that has ended or is closing would never release the names.
		if (this.#rpc.isOpen) this.#login.claimNames(method, params);
		return this.#rpc.exchange(method, params, options);
	}
}

function closeResult({ closeCode, why, cancelOnDisconnectFired, detail }: ConnectionEnd): DeribitCloseResult {
	const confirmed = closeCode !== undefined && closeCode !== noCloseFrame;
	return { confirmed, why, cancelOnDisconnectFired, detail };
}
