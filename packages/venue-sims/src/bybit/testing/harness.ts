import { createHmac } from "node:crypto";
import { afterEach, beforeEach, vi } from "vitest";
import { type BybitFault, BybitVenue, type BybitVenueOptions, bybitSimKey } from "../../bybit.ts";
import { memoryFetch } from "../../memory-fetch.ts";
import { memoryWebSocket } from "../../memory-socket.ts";
import { Link } from "../../network-link.ts";

export const { apiKey, apiSecret } = bybitSimKey;
export const hmac = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
export const epoch = 1_794_182_400_000;
/** The body of a call to `/v5/order/create` for an order that rests in the book. */
export const restingOrder = {
	category: "linear",
	symbol: "BTCUSDT",
	side: "Buy",
	orderType: "Limit",
	qty: "0.5",
	price: "30000",
};
/** The venues that a test started, which are closed after the test. */
export const venues: BybitVenue[] = [];

export interface Frame {
	[name: string]: unknown;
}

export interface Connection {
	frames: Frame[];
	closed: number[];
	send(frame: object | string): Promise<Frame | undefined>;
	auth(): Promise<Frame | undefined>;
	subscribe(topic: string): Promise<Frame | undefined>;
	ping(): Promise<Frame | undefined>;
	close(): Promise<void>;
}

export function start(options: BybitVenueOptions = {}) {
	const venue = new BybitVenue(options);
	venues.push(venue);
	const link = new Link(venue);
	const fetch = memoryFetch(link);
	const Socket = memoryWebSocket(link);

	async function call(method: "GET" | "POST", path: string, payload = "", changed: Record<string, string> = {}) {
		const timestamp = changed["x-bapi-timestamp"] ?? String(Date.now());
		const headers: Record<string, string> = {
			"x-bapi-api-key": apiKey,
			"x-bapi-timestamp": timestamp,
			"x-bapi-recv-window": "5000",
			"x-bapi-sign": hmac(`${timestamp}${apiKey}5000${payload}`),
			...changed,
		};
		const url = `https://api.bybit.com${path}${method === "GET" && payload ? `?${payload}` : ""}`;
		return fetch(url, { method, headers, ...(method === "POST" ? { body: payload } : {}) });
	}
	const get = async (path: string, query = ""): Promise<Frame> =>
		(await call("GET", path, query)).json() as Promise<Frame>;
	const post = async (path: string, body: object): Promise<Frame> =>
		(await call("POST", path, JSON.stringify(body))).json() as Promise<Frame>;

	async function connect(search = "?max_active_time=30s"): Promise<Connection> {
		const socket = new Socket(`wss://stream.bybit.com/v5/private${search}`);
		const frames: Frame[] = [];
		const closed: number[] = [];
		socket.addEventListener("message", (event) => frames.push(JSON.parse(String(event.data)) as Frame));
		socket.addEventListener("close", (event) => closed.push(event.code));
		await vi.advanceTimersByTimeAsync(0);
		const send = async (frame: object | string): Promise<Frame | undefined> => {
			const before = frames.length;
			socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
			await vi.advanceTimersByTimeAsync(0);
			return frames.slice(before).at(-1);
		};
		return {
			frames,
			closed,
			send,
			auth: () => send({ op: "auth", args: [apiKey, Date.now() + 1, hmac(`GET/realtime${Date.now() + 1}`)] }),
			subscribe: (topic) => send({ op: "subscribe", args: [topic] }),
			ping: () => send({ op: "ping" }),
			close: async () => {
				socket.close();
				await vi.advanceTimersByTimeAsync(0);
			},
		};
	}
	/** Opens an authenticated connection, and subscribes it to `dcp.future`. */
	async function subscribed(search?: string): Promise<Connection> {
		const connection = await connect(search);
		await connection.auth();
		await connection.subscribe("dcp.future");
		return connection;
	}
	const trigger = (name: BybitFault, args: Frame = {}): unknown => venue.faults[name](args);
	const state = (): string => venue.truth().DERIVATIVES.state;
	const open = (): number => venue.orders().filter((order) => order.state === "open").length;
	return { venue, link, call, get, post, connect, subscribed, trigger, state, open };
}

export const setPath = "/v5/order/disconnected-cancel-all";
export const queryPath = "/v5/account/query-dcp-info";

/** Uses a fake clock for each test of the file, and closes every venue after each test. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: epoch });
	});
	afterEach(() => {
		for (const venue of venues.splice(0)) venue.close();
		vi.useRealTimers();
	});
}
