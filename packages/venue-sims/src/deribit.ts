import { noActiveFaults } from "./deribit/active-faults.ts";
import { type DeribitTruth, truthOf } from "./deribit/actual-state.ts";
import { answerHttp, readRequest } from "./deribit/answer-http-call.ts";
import { answer, unreadable } from "./deribit/answer-request.ts";
import { accountNotification } from "./deribit/channels.ts";
import { type EndCause, SimConnection } from "./deribit/connection.ts";
import { CreditPools } from "./deribit/credit-pools.ts";
import { DeribitFailure } from "./deribit/error-reply.ts";
import { type DeribitFault, deribitFaults } from "./deribit/faults.ts";
import type { State } from "./deribit/method-definition.ts";
import { MicrosecondClock } from "./deribit/microsecond-clock.ts";
import {
	type DeribitSettings,
	type DeribitVenueOptions,
	deribitSettings,
	deribitVenueDefaults,
} from "./deribit/options.ts";
import { Book, type OrderChange } from "./deribit/orders-and-positions.ts";
import { Tokens } from "./deribit/tokens.ts";
import { RequestLog } from "./request-log.ts";
import type { SimFaults, SimOrder, Upgrade, Venue, Wire, WireEnd, WireReply, WireRequest } from "./venue.ts";

export type { DeribitTruth } from "./deribit/actual-state.ts";
export type { DeribitFault } from "./deribit/faults.ts";
export type { DeribitVenueOptions } from "./deribit/options.ts";

/**
 * Simulates Deribit's API v2: JSON-RPC over WebSocket (any path) and over HTTP under `/api/v2`, with heartbeats,
 * cancel-on-disconnect, tokens, rate limits, orders, and the account's channels `user.orders`, `user.trades`,
 * `user.changes` and `user.portfolio`.
 *
 * There is no market: an order that crosses the mark price of its instrument is filled at once at that price; any other order rests in the
 * book until the fault `fill`. A post-only order that crosses is moved one tick away from the mark price and rests. An immediate-or-cancel
 * or fill-or-kill order that does not cross is cancelled. Subscriptions to market data are accepted, but nothing is ever sent.
 *
 * Faults that a test can trigger:
 * - `place {instrument?, direction?, amount?, price?, label?}`: places an order that rests in the book, over the newest
 *   authenticated connection;
 * - `fill {orderId?, amount?}`: another trader fills an open order, by default the newest order and its whole amount;
 * - `cancel {orderId?, reason?}`: the venue cancels an open order, by default the newest, and gives `reason` as the cancel
 *   reason, by default `risk_mitigation`;
 * - `triggerStop {orderId?}`: a stop order, by default the newest, reaches its trigger price: an order with a new id
 *   takes its place;
 * - `suppressAnswers {on?, methods?}`: requests (all, or only those with these methods) are executed but get no reply,
 *   until `{on: false}`;
 * - `refuse {code, data?, methods?, times?}`: the next `times` requests (default 1; any request, or only those with
 *   these methods) fail with this error and are not executed. Without `code`, an earlier `refuse` is withdrawn;
 * - `failArming {on?}`: calls that enable cancel-on-disconnect fail with error 10049;
 * - `ignoreArming {on?}`: calls that enable cancel-on-disconnect return `ok` but do not enable it;
 * - `disarmAll`: cancel-on-disconnect is switched off for all connections and for the account;
 * - `maintenance {on?}`: maintenance is announced to subscribers of `platform_state`, then all connections are closed
 *   and nothing is served until `{on: false}`;
 * - `announceMaintenance {on?}`: the start of maintenance, or with `{on: false}` its end, is announced to subscribers
 *   of `platform_state`; nothing else happens;
 * - `revoke {on?}`: the credentials are rejected with error 13004, until `{on: false}`;
 * - `skew {ms}`: sets the venue's clock this far ahead of this machine's;
 * - `voidTokens`: all access and refresh tokens become invalid; connections stay open;
 * - `spendRefreshTokens`: all refresh tokens become invalid, as if another program had used them: a renewal fails with
 *   error -32602;
 * - `rateLimit`: the next private call fails with error 10028;
 * - `truth`: returns the actual state of the venue.
 */
export class DeribitVenue implements Venue<DeribitFault> {
	/** The default options, including the credentials that the simulated venue accepts. */
	static readonly defaults = deribitVenueDefaults;
	readonly name = "deribit";
	readonly faults: SimFaults<DeribitFault>;
	readonly #settings: DeribitSettings;
	readonly #state: State;
	readonly #credits: CreditPools;
	readonly #received = new RequestLog<DeribitVenue["received"][number]>();
	readonly #connections = new Set<SimConnection>();
	#connectionCount = 0;

	constructor(options: DeribitVenueOptions = {}) {
		const settings = deribitSettings(options);
		this.#settings = settings;
		this.#credits = new CreditPools(settings);
		this.#state = {
			settings,
			tokens: new Tokens(settings),
			book: new Book(),
			faults: noActiveFaults(),
			clock: new MicrosecondClock(),
			accountArmed: settings.accountArmed,
		};
		this.#state.book.onChange = (change) => this.#notify(change);
		this.faults = deribitFaults(this.#state, this.#connections);
	}

	/** The latest 1 000 requests that were received, oldest first, including credentials. */
	get received(): readonly {
		/** The JSON-RPC method that was called. */
		method: string;
		/** The parameters as sent, including credentials. */
		params: unknown;
		/** How the request arrived: `http`, or the id of the WebSocket connection. */
		via: string;
		/** When the request arrived, in epoch milliseconds. */
		at: number;
	}[] {
		return this.#received.entries;
	}

	/** The venue's actual state, whatever its replies claim. */
	truth(): DeribitTruth {
		return truthOf(this.#state, this.#connections);
	}

	http(request: WireRequest): WireReply {
		if (this.#isFull(request.remoteAddress)) return tooManyConnections;
		return answerHttp(request, this.#state, this.#credits, ({ method, params }) =>
			this.#received.add({ method, params, via: "http", at: Date.now() }),
		);
	}

	upgrade(request: WireRequest): Upgrade {
		const refuses = this.#settings.maintenanceHandshakes === "refused";
		if (this.#state.faults.maintenance && refuses) return { kind: "reply", status: 503, body: "" };
		if (this.#isFull(request.remoteAddress)) return tooManyConnections;
		return { kind: "accept", attach: (wire) => this.#attach(wire, request.remoteAddress) };
	}

	orders(): readonly SimOrder[] {
		return this.#state.book.all();
	}

	close(): void {
		for (const connection of this.#connections) connection.stop();
		this.#connections.clear();
		this.#state.book.close();
	}

	#isFull(address: string): boolean {
		const open = [...this.#connections].filter((connection) => connection.address === address);
		return open.length >= this.#settings.maxConnections;
	}

	#attach(wire: Wire, address: string): WireEnd {
		this.#connectionCount += 1;
		const connection = new SimConnection({
			id: `connection-${this.#connectionCount}`,
			address,
			wire,
			settings: this.#settings,
			armed: this.#state.accountArmed,
			onEnd: (ended, cause) => this.#onEnd(ended, cause),
		});
		this.#connections.add(connection);
		return {
			message: (data) => this.#onMessage(connection, data),
			ping: () => connection.onPing(),
			closed: () => connection.onClose(),
		};
	}

	#onMessage(connection: SimConnection, data: string | Uint8Array): void {
		if (!connection.open) return;
		try {
			if (typeof data !== "string") throw new DeribitFailure(this.#settings.unreadableCode, "invalid json");
			if (Buffer.byteLength(data) > this.#settings.maxFrameBytes) throw new DeribitFailure(-32600);
			const request = readRequest(data, this.#settings.unreadableCode);
			this.#received.add({ method: request.method, params: request.params, via: connection.id, at: Date.now() });
			connection.onFrame(this.#settings.answer === "any" || request.method === "public/test");
			const caller = { connection, address: connection.address, grant: undefined };
			const outcome = answer(request, caller, this.#state, this.#credits);
			if (outcome) connection.send(outcome.body);
			if (outcome?.rateLimited && this.#settings.closeOnRateLimit) {
				connection.close(this.#settings.rateLimitCloseCode, "too_many_requests");
			}
		} catch (failure) {
			if (!(failure instanceof DeribitFailure)) throw failure;
			connection.onFrame(false);
			connection.send(unreadable(failure, this.#state));
		}
	}

	/** Sends a change of an order to the connections that are subscribed to a channel for it. */
	#notify(change: OrderChange): void {
		const { book, tokens } = this.#state;
		for (const connection of this.#connections) {
			const { grant, id, channels } = connection;
			const hasExpired = grant !== undefined && !tokens.isValid(grant, id);
			if (hasExpired && this.#settings.expiryStopsSubscriptions) continue;
			for (const [channel, label] of channels) {
				const data = accountNotification(channel, change, book.position(change.order.instrument));
				if (data === undefined) continue;
				connection.send({
					jsonrpc: "2.0",
					method: "subscription",
					params: { channel, ...(label !== undefined && { label }), data },
				});
			}
		}
	}

	#onEnd(connection: SimConnection, cause: EndCause): void {
		this.#connections.delete(connection);
		this.#state.tokens.onConnectionEnd(connection.id);
		const { disconnectFires, maintenanceFires, logoutFires } = this.#settings;
		const fires = { other: disconnectFires, maintenance: maintenanceFires, logout: logoutFires }[cause];
		if (connection.armed && fires) this.#state.book.cancelOnDisconnect(connection.id, this.#settings);
	}
}

const tooManyConnections: WireReply = { kind: "reply", status: 429, body: "Too Many Requests" };
