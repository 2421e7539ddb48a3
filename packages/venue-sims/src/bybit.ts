import { Account } from "./bybit/account.ts";
import { ActiveFaults } from "./bybit/active-faults.ts";
import { Budget } from "./bybit/budget.ts";
import {
	type BybitSimKey,
	type BybitVenueOptions,
	bybitProducts,
	bybitVenueDefaults,
	type ResolvedBybitOptions,
} from "./bybit/options.ts";
import { PrivateConnection, type PrivateHost } from "./bybit/private-connection.ts";
import { Rest } from "./bybit/rest.ts";
import { every } from "./time.ts";
import type { SimFault, SimOrder, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export {
	type BybitSimAccount,
	type BybitSimKey,
	type BybitVenueOptions,
	bybitSimKey,
	bybitVenueDefaults,
} from "./bybit/options.ts";

/** One call or frame that the venue received. */
export type BybitReceived =
	| { at: number; kind: "http"; method: string; path: string; query: string; body: string; contentType: string | null }
	| { at: number; kind: "frame"; connection: string; frame: unknown };

const remembered = 1_000;
const defaultIdleMs = 600_000;

/**
 * Bybit V5 as far as Disconnection Protect goes: an account or several, each with its three products, the private socket, a few order calls.
 *
 * Levers (those that name a product also take `account`, 0 being the first):
 * - `place {product, instrument?, conditional?}`: an order appears; `truth`: what the venue would really do, by product;
 * - `entitle {product, enabled}`: the account manager; `setWindow {product, seconds}`: somebody else, in force at once;
 * - `skew {ms}`: the venue's clock against this machine's; `ban {forMs}`: 403 for every address;
 * - `withhold {auth|subscribe|pong|reply: boolean}`: no answer (`reply`: to HTTP calls);
 * - `refuse {auth: text|null, subscribe: text|"already"|"wrong-host"|null}`: refused on the socket;
 * - `force {path?, retCode?, retMsg?, status?, body?, times?}`: the next HTTP answers;
 * - `ignoreSet {on}`: set calls succeed and change nothing;
 * - `hangUp {code?, reason?}`: every connection ends with a close frame, 1001 unless told otherwise; `reset`: by an RST;
 * - `loseTopics`: every connection stays and answers pings, and none is subscribed any longer;
 * - `say {text}`: a frame to every connection, as it is;
 * - `received`: what came in so far.
 */
export class BybitVenue implements Venue {
	readonly name = "bybit";
	readonly received: BybitReceived[] = [];
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #options: ResolvedBybitOptions;
	/** The first is the one that levers mean unless told otherwise. */
	readonly #accounts: readonly [Account, ...Account[]];
	readonly #connections = new Set<PrivateConnection>();
	readonly #faults = new ActiveFaults();
	readonly #rest: Rest;
	readonly #newConnections: Budget;
	#skewMs: number;
	#made = 0;
	#stopScan: (() => void) | undefined;

	constructor(options: BybitVenueOptions = {}) {
		this.#options = { ...bybitVenueDefaults, ...options };
		this.#skewMs = this.#options.skewMs;
		const { apiKey, apiSecret, rsaPublicKey, otherKeys, otherAccounts } = this.#options;
		const first = { apiKey, apiSecret, ...(rsaPublicKey === undefined ? {} : { rsaPublicKey }) };
		this.#accounts = [
			new Account(this.#options, [first, ...otherKeys], "sim"),
			...otherAccounts.map(
				({ enabled = bybitProducts, ...key }, index) =>
					new Account({ ...this.#options, enabled }, [key], `sim${index + 1}`),
			),
		];
		this.#rest = new Rest(this.#options, this.#lookUp, this.#faults, () => this.#serverTime());
		this.#newConnections = new Budget(this.#options.connectionsPerFiveMinutes, 300_000);
		this.faults = this.#makeFaults();
	}

	http(request: WireRequest): WireReply {
		const { method, url, body } = request;
		const contentType = request.headers["content-type"] ?? null;
		this.#remember({
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
		if (this.#rest.banned(request.remoteAddress)) return refuse(403);
		if (!this.#newConnections.spend(request.remoteAddress).passed) return refuse(403);
		const idleMs = this.#options.idleLimitOverrideMs ?? idleLimitMs(request.url.searchParams.get("max_active_time"));
		return {
			kind: "accept",
			attach: (wire) => {
				this.#made += 1;
				const id = `simconn${String(this.#made).padStart(13, "0")}-sim`;
				const connection = new PrivateConnection(id, wire, idleMs, this.#host());
				this.#stopScan ??= every(this.#options.idleScanMs, () => this.#scan());
				return connection;
			},
		};
	}

	/** What the venue would really do for an account, the first unless told otherwise, by product. */
	truth(account = 0): ReturnType<Account["truth"]> {
		return this.#accountAt(account).truth();
	}

	orders(): readonly SimOrder[] {
		return this.#accounts.flatMap(({ book }) => book.orders);
	}

	close(): void {
		this.#stopScan?.();
		this.#stopScan = undefined;
		for (const account of this.#accounts) account.close();
	}

	#serverTime(): number {
		return Date.now() + this.#skewMs;
	}

	#host(): PrivateHost {
		return {
			options: this.#options,
			...this.#lookUp,
			connections: this.#connections,
			faults: this.#faults,
			serverTime: () => this.#serverTime(),
			heard: (connection, frame) => this.#remember({ at: Date.now(), kind: "frame", connection, frame }),
		};
	}

	#scan(): void {
		for (const connection of this.#connections) {
			if (Date.now() - connection.lastActivity >= connection.idleLimitMs) connection.cut();
		}
		if (this.#connections.size > 0) return;
		this.#stopScan?.();
		this.#stopScan = undefined;
	}

	readonly #lookUp = {
		accountOf: (apiKey: unknown): Account | undefined =>
			this.#accounts.find(({ keys }) => keys.some((key) => key.apiKey === apiKey)),
		findKey: (apiKey: unknown): BybitSimKey | undefined =>
			this.#accounts.flatMap(({ keys }) => keys).find((key) => key.apiKey === apiKey),
	};

	#accountAt(number: unknown): Account {
		const account = this.#accounts[typeof number === "number" ? number : 0];
		if (!account) throw new Error(`there is no account ${String(number)}`);
		return account;
	}

	#remember(received: BybitReceived): void {
		this.received.push(received);
		if (this.received.length > remembered) this.received.shift();
	}

	#makeFaults(): Record<string, SimFault> {
		return {
			place: ({ account, product, instrument, conditional }) =>
				this.#accountAt(account).place(productArgument(product), textOrNone(instrument), conditional === true) ?? null,
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
			withhold: (args) => this.#faults.withhold(args),
			refuse: (args) => this.#faults.refuse(args),
			force: (args) => this.#faults.force(args),
			ignoreSet: ({ on }) => {
				this.#faults.ignoreSet = on === true;
			},
			sendFrame: ({ text }) => {
				for (const connection of this.#connections) connection.sendText(String(text));
			},
			loseTopics: () => {
				for (const connection of this.#connections) connection.loseTopics();
			},
			reset: () => {
				for (const connection of this.#connections) connection.reset();
			},
			hangUp: ({ code, reason }) => {
				for (const connection of this.#connections) {
					connection.hangUp(typeof code === "number" ? code : 1001, textOrNone(reason) ?? "");
				}
			},
		};
	}
}

/** `30s` to `600s`, or minutes. What is outside the range or of another form is not documented: the default then. */
function idleLimitMs(text: string | null): number {
	const [, digits, unit] = /^(\d{1,4})([sm])$/.exec(text ?? "") ?? [];
	const ms = Number(digits) * (unit === "m" ? 60_000 : 1_000);
	return ms >= 30_000 && ms <= 600_000 ? ms : defaultIdleMs;
}

function productArgument(value: unknown) {
	const product = bybitProducts.find((name) => name === (value ?? "DERIVATIVES"));
	if (!product) throw new Error(`product must be one of ${bybitProducts.join(", ")}`);
	return product;
}

function textOrNone(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

function numberArgument(name: string, value: unknown): number {
	if (typeof value !== "number") throw new Error(`${name} must be a number`);
	return value;
}
