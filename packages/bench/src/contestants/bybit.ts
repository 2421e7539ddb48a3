import { createRequire } from "node:module";
import { join } from "node:path";
import { connectBybit } from "@x/bybit-dcp";
import { type Keeper, keepalive } from "@x/keepalive";
import { bybit, bybitConnectionLimiter } from "@x/keepalive/bybit";
import { WebSocket as Ws } from "ws";

// The cast is safe: this file uses only members that the `ws` class and the standard WebSocket have in common.
const ws = Ws as unknown as typeof WebSocket;
const load = createRequire(join(import.meta.dirname, "../peers/package.json"));
const key = { apiKey: "key", apiSecret: "secret" };

/** The sessions that a compared program opens. Their names are `name-0`, `name-1` and so on. */
export interface Fleet {
	readonly ws: string;
	readonly http: string;
	readonly name: string;
	readonly count: number;
	/** Milliseconds between two pings of a session. Default: the compared program's own default. */
	readonly pingMs?: number;
	/** The longest time to wait until all sessions are open, in milliseconds. If 0, the call returns without waiting. */
	readonly waitMs: number;
}

const urlOf = ({ ws: url, name }: Fleet, index: number): string => `${url}?name=${name}-${index}`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(done: () => boolean, waitMs: number): Promise<void> {
	const end = performance.now() + waitMs;
	while (!done() && performance.now() < end) await pause(20);
	if (waitMs > 0 && !done()) throw new Error(`not all sessions opened within ${waitMs} ms`);
}

/** Our client @x/bybit-dcp without the keeper. Each session has a `setInterval` that sends its pings. */
export function oursClient() {
	return {
		up: async (fleet: Fleet) => {
			for (let index = 0; index < fleet.count; index++) {
				const socket = await connectBybit({ ...key, wsUrl: urlOf(fleet, index), WebSocket: ws });
				await socket.subscribeDcp("DERIVATIVES");
				setInterval(() => void socket.ping().catch(() => undefined), fleet.pingMs ?? 10_000);
			}
		},
	};
}

/** Our keeper @x/keepalive, used as in a real program. */
export function oursKeeper() {
	let keeper: Keeper | undefined;
	let firstReported: { ms: number; words: string } | undefined;
	return {
		up: async (fleet: Fleet) => {
			const started = performance.now();
			const sessions = Array.from({ length: fleet.count }, (_, index) =>
				bybit({
					client: {
						apiKey: `key-${fleet.name}-${index}`,
						apiSecret: "secret",
						restUrl: fleet.http,
						wsUrl: urlOf(fleet, index),
						fetch: (input, init) => fetch(input, init),
						WebSocket: ws,
					},
					name: `${fleet.name}-${index}`,
					products: ["DERIVATIVES"],
					...(fleet.pingMs === undefined ? {} : { pingMs: fleet.pingMs }),
					// Each session has its own account, so no limit of calls or connections is shared between sessions.
					connectionLimiter: bybitConnectionLimiter(),
				}),
			);
			keeper = keepalive(sessions);
			keeper.onStatus(({ status }) => {
				if ("cause" in status) {
					firstReported ??= { ms: performance.now() - started, words: `${status.state}: ${status.cause.message}` };
				}
			});
			if (fleet.waitMs > 0) await keeper.ready({ timeoutMs: fleet.waitMs });
		},
		alive: () => Object.values(keeper?.snapshot() ?? {}).filter(({ status }) => status.state === "alive").length,
		reported: () => firstReported,
		strange: () =>
			Object.values(keeper?.snapshot() ?? {})
				.map(({ session }) => session)
				.join(),
	};
}

/** The baseline: hand-written code over `ws` that sends the same frames as our client, and opens one session after the other. */
export function byHand() {
	return {
		up: async (fleet: Fleet) => {
			for (let index = 0; index < fleet.count; index++) await openByHand(fleet, index);
		},
	};
}

/** The baseline that opens all sessions at once, as the keeper does. */
export function byHandAtOnce() {
	return {
		up: async (fleet: Fleet) => {
			await Promise.all(Array.from({ length: fleet.count }, (_, index) => openByHand(fleet, index)));
		},
	};
}

async function openByHand(fleet: Fleet, index: number): Promise<void> {
	const socket = new Ws(urlOf(fleet, index));
	const waiting = new Map<string, () => void>();
	const call = (frame: object, id: string): Promise<void> =>
		new Promise((resolve) => {
			waiting.set(id, resolve);
			socket.send(JSON.stringify({ req_id: id, ...frame }));
		});
	await new Promise((resolve) => socket.once("open", resolve));
	socket.on("message", (data) => {
		// The cast is safe: the replies of our server have this member.
		const { req_id: id } = JSON.parse(String(data)) as { req_id: string };
		waiting.get(id)?.();
		waiting.delete(id);
	});
	await call({ op: "auth", args: ["key", Date.now() + 10_000, "signature"] }, "1");
	await call({ op: "subscribe", args: ["dcp.future"] }, "2");
	setInterval(() => void call({ op: "ping" }, "3"), fleet.pingMs ?? 10_000);
}

/** The members of the library bybit-api that this file uses. */
interface BybitApi {
	readonly WebsocketClient: new (
		options: object,
		logger: object,
	) => {
		subscribeV5(topics: string[], category: string): Promise<unknown>[];
		on(event: string, listener: (...args: unknown[]) => void): void;
	};
}

export function bybitApi() {
	// The cast is needed because the library is loaded from another folder, so the compiler does not know its types.
	const { WebsocketClient } = load("bybit-api") as BybitApi;
	const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };
	let authenticated = 0;
	let firstReported: { ms: number; words: string } | undefined;
	return {
		up: async (fleet: Fleet) => {
			const started = performance.now();
			for (let index = 0; index < fleet.count; index++) {
				const ping = fleet.pingMs === undefined ? {} : { pingInterval: fleet.pingMs };
				const options = { key: "key", secret: "secret", market: "v5", wsUrl: urlOf(fleet, index), ...ping };
				const client = new WebsocketClient(options, quiet);
				client.on("authenticated", () => {
					authenticated += 1;
				});
				for (const event of ["exception", "error"]) {
					client.on(event, (what) => {
						firstReported ??= { ms: performance.now() - started, words: JSON.stringify(what).slice(0, 80) };
					});
				}
				for (const promise of client.subscribeV5(["dcp.future"], "linear")) {
					const settled = promise.catch(() => undefined);
					if (fleet.waitMs > 0) await Promise.race([settled, pause(5_000)]);
				}
			}
		},
		alive: () => authenticated,
		reported: () => firstReported,
	};
}

/** The members of the library ccxt that this file uses. */
interface Ccxt {
	readonly pro: {
		readonly bybit: new (
			options: object,
		) => Record<string, unknown> & { watchOrders(): Promise<unknown>; loadHttpProxyAgent(): Promise<unknown> };
	};
}

export function ccxtBybit() {
	// The cast is needed because the library is loaded from another folder, so the compiler does not know its types.
	const { pro } = load("ccxt") as Ccxt;
	return {
		up: async (fleet: Fleet) => {
			for (let index = 0; index < fleet.count; index++) {
				const exchange = new pro.bybit({ apiKey: "key", secret: "secret", enableRateLimit: true });
				const url = urlOf(fleet, index);
				exchange["getUrlByMarketType"] = () => url;
				exchange["urls"] = pointUrlsTo(exchange["urls"], url, fleet.http);
				// ccxt requires this call for `ws:` URLs.
				await exchange.loadHttpProxyAgent();
				// The loop that the manual of ccxt recommends: it catches errors and continues.
				void (async () => {
					for (;;) {
						try {
							await exchange.watchOrders();
						} catch {
							await pause(0);
						}
					}
				})();
			}
			await until(() => true, 0);
		},
	};
}

/** Replaces every URL in ccxt's table of URLs by the matching URL of our server. */
function pointUrlsTo(table: unknown, wsUrl: string, http: string): unknown {
	if (typeof table === "string") return table.startsWith("ws") ? wsUrl : table.startsWith("http") ? http : table;
	if (typeof table !== "object" || table === null) return table;
	return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, pointUrlsTo(value, wsUrl, http)]));
}
