import { BybitAccount } from "./bybit/account.ts";
import { ActiveFaults } from "./bybit/active-faults.ts";
import { BybitRest } from "./bybit/http-api.ts";
import {
	type BybitSimKey,
	type BybitSimProduct,
	type BybitVenueOptions,
	bybitProducts,
	bybitVenueDefaults,
	type ResolvedBybitOptions,
} from "./bybit/options.ts";
import type { BybitSimOrder } from "./bybit/order.ts";
import { PrivateConnection, type PrivateHost } from "./bybit/private-connection.ts";
import type { BybitTruth } from "./bybit/product-dcp.ts";
import { RollingLimit } from "./bybit/rolling-rate-limit.ts";
import { RequestLog } from "./request-log.ts";
import { every } from "./timers.ts";
import type { SimFaults, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export type { BybitSimCategory } from "./bybit/instruments.ts";
export {
	type BybitSimKey,
	type BybitSimProduct,
	type BybitVenueOptions,
	bybitSimKey,
} from "./bybit/options.ts";
export type { BybitSimOrder } from "./bybit/order.ts";
export type { BybitTruth } from "./bybit/product-dcp.ts";

const defaultIdleMs = 600_000;
const firstUserId = 100_001;

/** The names of the faults that a test can trigger at a simulated Bybit. */
export type BybitFault =
	| "place"
	| "fill"
	| "cancel"
	| "truth"
	| "received"
	| "entitle"
	| "setWindow"
	| "skew"
	| "ban"
	| "geoBlock"
	| "withhold"
	| "refuse"
	| "force"
	| "ignoreSet"
	| "sendFrame"
	| "loseTopics"
	| "reset"
	| "hangUp";

/**
 * Simulates Bybit V5 with Disconnection Protect: one or more accounts, each with three products, the private WebSocket, the trading calls,
 * and the calls that clients make at start. An order that crosses the last price of its instrument is filled at that price; any other order
 * rests until the fault `fill`. Two kinds of orders are cancelled at once: a post-only order that crosses, and an IOC or FOK order that
 * does not.
 *
 * Faults that a test can trigger (a fault with `product` also takes `account`, the number of the account, default 0):
 * - `place {product, instrument?, conditional?, linkId?, side?, qty?, price?}`: places an order that rests in the book;
 * - `fill {orderId, qty?}`: another trader fills an open order, by default its whole quantity;
 * - `cancel {orderId?, cancelType?}`: the venue cancels an open order, by default the newest, and gives `cancelType` as
 *   the reason, by default `CancelByAdmin`;
 * - `truth`: returns the actual state of Disconnection Protect; `received`: returns the latest requests and frames;
 * - `entitle {product, enabled}`: enables or disables a product, as an account manager does;
 * - `setWindow {product, seconds}`: another program sets the time window, which is in force immediately;
 * - `skew {ms}`: sets the venue's clock this far ahead of this machine's;
 * - `ban {forMs}`: all addresses get 403 "access too frequent";
 * - `geoBlock {on}`: all addresses get the 403 page for countries that are not served, until `{on: false}`;
 * - `withhold {auth?, subscribe?, pong?, reply?}`: requests of the kinds set to `true` get no answer (`reply`: HTTP
 *   calls), until set to `false`;
 * - `refuse {auth?, subscribe?, times?}`: WebSocket requests of this kind are refused with the given text (`subscribe`
 *   also takes `"already"` and `"wrong-host"`), `times` times or until set to `null`. `{auth: "API key is invalid.",
 *   times: 1}` refuses one valid login;
 * - `force {path?, retCode?, retMsg?, status?, body?, times?}`: replaces the next HTTP replies; `{on: false}` discards
 *   the replacements that are not used yet;
 * - `ignoreSet {on}`: calls that set the time window succeed but change nothing;
 * - `hangUp {code?, reason?}`: closes all connections with a close frame, by default 1001;
 * - `reset`: closes all connections with a TCP reset;
 * - `loseTopics {topic?}`: all connections lose their subscription to this topic, by default to all topics, but stay
 *   open and answer pings;
 * - `sendFrame {text}`: sends this text to all connections as one frame.
 */
export class BybitVenue implements Venue<BybitFault> {
	readonly name = "bybit";
	readonly faults: SimFaults<BybitFault>;
	readonly #options: ResolvedBybitOptions;
	/** The simulated accounts. A fault that names no account applies to the first one. */
	readonly #accounts: readonly [BybitAccount, ...BybitAccount[]];
	readonly #connections = new Set<PrivateConnection>();
	readonly #activeFaults = new ActiveFaults();
	readonly #received = new RequestLog<BybitVenue["received"][number]>();
	readonly #rest: BybitRest;
	readonly #newConnections: RollingLimit;
	#skewMs: number;
	#connectionCount = 0;
	#stopIdleScan: (() => void) | undefined;

	constructor(options: BybitVenueOptions = {}) {
		this.#options = { ...bybitVenueDefaults, ...options };
		this.#skewMs = this.#options.skewMs;
		const { apiKey, apiSecret, rsaPublicKey, otherKeys, otherAccounts } = this.#options;
		const first = { apiKey, apiSecret, ...(rsaPublicKey === undefined ? {} : { rsaPublicKey }) };
		this.#accounts = [
			new BybitAccount(this.#options, [first, ...otherKeys], "sim", firstUserId),
			...otherAccounts.map(
				({ enabled = bybitProducts, ...key }, index) =>
					new BybitAccount({ ...this.#options, enabled }, [key], `sim${index + 1}`, firstUserId + index + 1),
			),
		];
		this.#rest = new BybitRest(this.#options, this.#accountLookup, this.#activeFaults, () => this.#serverTime());
		this.#newConnections = new RollingLimit(this.#options.connectionsPerFiveMinutes, 300_000);
		this.faults = this.#makeFaults();
	}

	/**
	 * The latest 1 000 HTTP calls and WebSocket frames that were received, oldest first, including signatures. `at` is in
	 * epoch milliseconds.
	 */
	get received(): readonly (
		| {
				at: number;
				kind: "http";
				method: string;
				path: string;
				query: string;
				body: string;
				contentType: string | null;
		  }
		| { at: number; kind: "frame"; connection: string; frame: unknown }
	)[] {
		return this.#received.entries;
	}

	http(request: WireRequest): WireReply {
		const { method, url, body } = request;
		const contentType = request.headers["content-type"] ?? null;
		this.#received.add({
			at: Date.now(),
			kind: "http",
			method,
			path: url.pathname,
			query: url.search.slice(1),
			body,
			contentType,
		});
		return this.#rest.answer(request);
	}

	upgrade(request: WireRequest): Upgrade {
		const refuse = (status: number): Upgrade => ({ kind: "reply", status });
		if (!request.url.pathname.endsWith("/v5/private")) return refuse(404);
		const refusal = this.#rest.refusal(request.remoteAddress);
		if (refusal) return refusal;
		if (!this.#newConnections.tryAcquire(request.remoteAddress).isAllowed) return refuse(403);
		const idleMs = this.#options.idleLimitOverrideMs ?? idleLimitMs(request.url.searchParams.get("max_active_time"));
		return {
			kind: "accept",
			attach: (wire) => {
				this.#connectionCount += 1;
				const id = `simconn${String(this.#connectionCount).padStart(13, "0")}-sim`;
				const connection = new PrivateConnection(id, wire, idleMs, this.#host());
				this.#stopIdleScan ??= every(this.#options.idleScanMs, () => this.#dropIdleConnections());
				return connection;
			},
		};
	}

	/**
	 * The actual state of Disconnection Protect for each product of an account, which may differ from what the simulator's replies claim.
	 * `account` is the number of the account. Default 0, the first account.
	 */
	truth(account = 0): Record<BybitSimProduct, BybitTruth> {
		return this.#accountAt(account).truth();
	}

	orders(): readonly BybitSimOrder[] {
		return this.#accounts.flatMap(({ book }) => book.orders);
	}

	close(): void {
		this.#stopIdleScan?.();
		this.#stopIdleScan = undefined;
		for (const account of this.#accounts) account.close();
	}

	#serverTime(): number {
		return Date.now() + this.#skewMs;
	}

	#host(): PrivateHost {
		return {
			options: this.#options,
			...this.#accountLookup,
			connections: this.#connections,
			faults: this.#activeFaults,
			serverTime: () => this.#serverTime(),
			onFrame: (connection, frame) => this.#received.add({ at: Date.now(), kind: "frame", connection, frame }),
		};
	}

	#dropIdleConnections(): void {
		for (const connection of this.#connections) {
			if (Date.now() - connection.lastActivity >= connection.idleLimitMs) connection.drop();
		}
		if (this.#connections.size > 0) return;
		this.#stopIdleScan?.();
		this.#stopIdleScan = undefined;
	}

	readonly #accountLookup = {
		accountOf: (apiKey: unknown): BybitAccount | undefined =>
			this.#accounts.find(({ keys }) => keys.some((key) => key.apiKey === apiKey)),
		findKey: (apiKey: unknown): BybitSimKey | undefined =>
			this.#accounts.flatMap(({ keys }) => keys).find((key) => key.apiKey === apiKey),
	};

	#accountAt(number: unknown): BybitAccount {
		const account = this.#accounts[typeof number === "number" ? number : 0];
		if (!account)
			throw new Error(`@x/venue-sims: argument account: there is no account ${String(number)}. The first one is 0.`);
		return account;
	}

	#makeFaults(): SimFaults<BybitFault> {
		return {
			place: ({ account, product, ...args }) =>
				this.#accountAt(account).placeResting(productArgument(product), placeArguments(args)) ?? null,
			fill: ({ account, orderId, qty }) =>
				this.#accountAt(account).takeOrder(orderId, typeof qty === "number" ? qty : undefined),
			cancel: ({ account, orderId, cancelType }) =>
				this.#accountAt(account).cancelByVenue(orderId, stringOrUndefined(cancelType) ?? "CancelByAdmin"),
			truth: ({ account }) => this.#accountAt(account).truth(),
			received: () => [...this.received],
			entitle: ({ account, product, enabled }) =>
				this.#accountAt(account)
					.dcp(productArgument(product))
					.entitle(enabled === true),
			setWindow: ({ account, product, seconds }) =>
				this.#accountAt(account).dcp(productArgument(product)).set(numberArgument("seconds", seconds), 0),
			skew: ({ ms }) => {
				this.#skewMs = numberArgument("ms", ms);
			},
			ban: ({ forMs }) => this.#rest.ban("*", typeof forMs === "number" ? forMs : this.#options.banMs),
			geoBlock: ({ on }) => {
				this.#activeFaults.isGeoBlocked = on === true;
			},
			withhold: (args) => this.#activeFaults.withhold(args),
			refuse: (args) => this.#activeFaults.refuse(args),
			force: (args) => this.#activeFaults.force(args),
			ignoreSet: ({ on }) => {
				this.#activeFaults.ignoreSet = on === true;
			},
			sendFrame: ({ text }) => {
				for (const connection of this.#connections) connection.sendText(String(text));
			},
			loseTopics: ({ topic }) => {
				for (const connection of this.#connections) connection.loseTopics(stringOrUndefined(topic));
			},
			reset: () => {
				for (const connection of this.#connections) connection.resetTransport();
			},
			hangUp: ({ code, reason }) => {
				for (const connection of this.#connections) {
					connection.hangUp(typeof code === "number" ? code : 1001, stringOrUndefined(reason) ?? "");
				}
			},
		};
	}
}

/**
 * Parses the query parameter `max_active_time`, the idle limit of a connection: `30s` to `600s`, or minutes, such as `5m`. Other values
 * give the default, because Bybit does not document how it treats them.
 */
function idleLimitMs(text: string | null): number {
	const [, digits, unit] = /^(\d{1,4})([sm])$/.exec(text ?? "") ?? [];
	const ms = Number(digits) * (unit === "m" ? 60_000 : 1_000);
	return ms >= 30_000 && ms <= 600_000 ? ms : defaultIdleMs;
}

function productArgument(value: unknown) {
	const product = bybitProducts.find((name) => name === (value ?? "DERIVATIVES"));
	if (!product) {
		const found = JSON.stringify(value);
		throw new Error(`@x/venue-sims: argument product must be one of ${bybitProducts.join(", ")}, got ${found}.`);
	}
	return product;
}

function placeArguments({ instrument, conditional, linkId, side, qty, price }: Readonly<Record<string, unknown>>) {
	return {
		symbol: stringOrUndefined(instrument),
		...(conditional === true ? { triggerPrice: "1" } : {}),
		...(typeof linkId === "string" ? { linkId } : {}),
		side: side === "Sell" ? ("Sell" as const) : ("Buy" as const),
		...(typeof qty === "string" ? { qty } : {}),
		...(typeof price === "string" ? { price } : {}),
	};
}

function stringOrUndefined(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

function numberArgument(name: string, value: unknown): number {
	if (typeof value !== "number") {
		throw new Error(`@x/venue-sims: argument ${name} must be a number, got ${JSON.stringify(value)}.`);
	}
	return value;
}
