import { Account } from "./bybit/account.ts";
import { Budget } from "./bybit/budget.ts";
import { Faults } from "./bybit/faults.ts";
import {
	type BybitVenueOptions,
	bybitProducts,
	bybitVenueDefaults,
	type ResolvedBybitOptions,
} from "./bybit/options.ts";
import { PrivateConnection, type PrivateHost } from "./bybit/private-connection.ts";
import { Rest } from "./bybit/rest.ts";
import { every } from "./time.ts";
import type { Lever, SimOrder, Upgrade, Venue, WireReply, WireRequest } from "./venue.ts";

export { type BybitVenueOptions, bybitSimKey, bybitVenueDefaults } from "./bybit/options.ts";

/** One call or frame that the venue received. */
export type BybitReceived =
	| { at: number; kind: "http"; method: string; path: string; query: string; body: string; contentType: string | null }
	| { at: number; kind: "frame"; connection: string; frame: unknown };

const remembered = 1_000;
const defaultIdleMs = 600_000;

/**
 * Bybit V5 as far as Disconnection Protect goes: one account, its three products, the private socket, a few order calls.
 *
 * Levers:
 * - `place {product}`: an order appears; `truth`: what the venue would really do, by product;
 * - `entitle {product, enabled}`: the account manager; `setWindow {product, seconds}`: somebody else, in force at once;
 * - `skew {ms}`: the venue's clock against this machine's; `ban {forMs}`: 403 for every address;
 * - `withhold {auth|subscribe|pong|reply: boolean}`: no answer (`reply`: to HTTP calls);
 * - `refuse {auth: text|null, subscribe: text|"already"|"wrong-host"|null}`: refused on the socket;
 * - `force {path?, retCode?, retMsg?, status?, body?, times?}`: the next HTTP answers;
 * - `ignoreSet {on}`: set calls succeed and change nothing;
 * - `say {text}`: a frame to every connection, as it is;
 * - `received`: what came in so far.
 */
export class BybitVenue implements Venue {
	readonly name = "bybit";
	readonly received: BybitReceived[] = [];
	readonly levers: Readonly<Record<string, Lever>>;
	readonly #options: ResolvedBybitOptions;
	readonly #account: Account;
	readonly #faults = new Faults();
	readonly #rest: Rest;
	readonly #newConnections: Budget;
	#skewMs: number;
	#connections = 0;
	#stopScan: (() => void) | undefined;

	constructor(options: BybitVenueOptions = {}) {
		this.#options = { ...bybitVenueDefaults, ...options };
		this.#skewMs = this.#options.skewMs;
		this.#account = new Account(this.#options);
		this.#rest = new Rest(this.#options, this.#account, this.#faults, () => this.#serverTime());
		this.#newConnections = new Budget(this.#options.connectionsPerFiveMinutes, 300_000);
		this.levers = this.#makeLevers();
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
				this.#connections += 1;
				const id = `simconn${String(this.#connections).padStart(13, "0")}-sim`;
				const connection = new PrivateConnection(id, wire, idleMs, this.#host());
				this.#stopScan ??= every(this.#options.idleScanMs, () => this.#scan());
				return connection;
			},
		};
	}

	/** What the venue would really do, by product. */
	truth(): ReturnType<Account["truth"]> {
		return this.#account.truth();
	}

	orders(): readonly SimOrder[] {
		return this.#account.book.orders;
	}

	close(): void {
		this.#stopScan?.();
		this.#stopScan = undefined;
		this.#account.close();
	}

	#serverTime(): number {
		return Date.now() + this.#skewMs;
	}

	#host(): PrivateHost {
		return {
			options: this.#options,
			account: this.#account,
			faults: this.#faults,
			serverTime: () => this.#serverTime(),
			heard: (connection, frame) => this.#remember({ at: Date.now(), kind: "frame", connection, frame }),
		};
	}

	#scan(): void {
		for (const connection of this.#account.connections) {
			if (Date.now() - connection.lastActivity >= connection.idleLimitMs) connection.cut();
		}
		if (this.#account.connections.size > 0) return;
		this.#stopScan?.();
		this.#stopScan = undefined;
	}

	#remember(received: BybitReceived): void {
		this.received.push(received);
		if (this.received.length > remembered) this.received.shift();
	}

	#makeLevers(): Record<string, Lever> {
		return {
			place: ({ product }) => this.#account.place(productArgument(product)) ?? null,
			truth: () => this.truth(),
			received: () => [...this.received],
			entitle: ({ product, enabled }) => this.#account.dcp(productArgument(product)).entitle(enabled === true),
			setWindow: ({ product, seconds }) =>
				this.#account.dcp(productArgument(product)).set(numberArgument("seconds", seconds), 0),
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
			say: ({ text }) => {
				for (const connection of this.#account.connections) connection.say(String(text));
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

function numberArgument(name: string, value: unknown): number {
	if (typeof value !== "number") throw new Error(`${name} must be a number`);
	return value;
}
