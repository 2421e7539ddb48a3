import { inspect } from "node:util";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch, memoryWebSocket, serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	connectIbkrSocket,
	createIbkrClient,
	type Hidden,
	type IbkrSocketOptions,
	type SocketStatus,
	type StrangeFrame,
} from "../index.ts";

let venue: IbkrVenue;
let link: Link;
let say: (data: string | Uint8Array) => void = () => undefined;

const pull = (lever: string, args: Record<string, unknown> = {}): unknown => link.levers[lever]?.(args);

async function begin(
	options: IbkrVenueOptions = {},
): Promise<{ session: Hidden<string>; WebSocket: typeof WebSocket }> {
	venue = new IbkrVenue({ pacing: false, userName: "planted-user", ...options });
	link = new Link(venue);
	const upgrade = link.upgrade.bind(link);
	link.upgrade = (request) => {
		const accepted = upgrade(request);
		if (accepted.kind !== "accept") return accepted;
		return {
			kind: "accept",
			attach: (wire) => {
				say = (data) => wire.send(data);
				return accepted.attach(wire);
			},
		};
	};
	const tickle = await createIbkrClient({ fetch: memoryFetch(link) }).tickle();
	if (!("session" in tickle) || !tickle.session) throw new Error("no session");
	return { session: tickle.session, WebSocket: memoryWebSocket(link) };
}

const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const turn = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("connecting", () => {
	it("sends the session as its first frame and is done when the venue recognised it", async () => {
		const socket = await connectIbkrSocket(await begin());
		expect(venue.truth().sockets).toBe(1);
		await vi.advanceTimersByTimeAsync(30);
		expect(socket.status).toEqual({ authenticated: true, connected: true, established: true, competing: false });
		await socket.close();
	});

	it("to a session that the venue does not know ends as closed, with what to do", async () => {
		const at = await begin();
		const failed = failure(connectIbkrSocket({ ...at, session: "0".repeat(32) }));
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await failed).toMatchObject({
			kind: "closed",
			code: "1000",
			message: expect.stringContaining("session of a fresh tickle"),
		});
	});

	it("to a venue that says nothing is given up after 10 000 ms, not a moment earlier", async () => {
		const at = await begin();
		pull("partition");
		let failed: unknown;
		void connectIbkrSocket(at).catch((error: unknown) => {
			failed = error;
		});
		await vi.advanceTimersByTimeAsync(9_999);
		expect(failed).toBeUndefined();
		await turn();
		expect(failed).toMatchObject({ kind: "timeout" });
	});

	it("is given up when the signal aborts", async () => {
		const at = await begin();
		pull("partition");
		const stop = new AbortController();
		const failed = failure(connectIbkrSocket(at, stop.signal));
		stop.abort();
		expect(await failed).toMatchObject({ kind: "aborted" });
	});

	it.each([
		["oauth1", "oauth_token"],
		["oauth2", "bearer_token"],
	] as const)("with %s has the token in its address as %s", async (version, name) => {
		const at = await begin();
		const addresses: string[] = [];
		class Seen extends at.WebSocket {
			constructor(url: string | URL) {
				super(url);
				addresses.push(String(url));
			}
		}
		const token = { version, value: "planted+token" };
		const socket = await connectIbkrSocket({ ...at, WebSocket: Seen, token, baseUrl: "https://api.ibkr.com/v1/api" });
		expect(addresses).toEqual([`wss://api.ibkr.com/v1/api/ws?${name}=planted%2Btoken`]);
		await socket.close();
	});
});

describe("tic", () => {
	it("is answered in four copies that count as one", async () => {
		const socket = await connectIbkrSocket(await begin());
		expect(await socket.tic()).toEqual({ alive: true, lastAccessed: expect.any(Number) });
		await vi.advanceTimersByTimeAsync(30_000);
		expect(await socket.tic()).toMatchObject({ alive: true });
		expect(socket.strangeFrames).toBe(0);
		await socket.close();
	});

	it("right after an answer gives that answer: a late copy must not pass for a new one", async () => {
		const socket = await connectIbkrSocket(await begin());
		await socket.tic();
		link.halfOpen();
		expect(await socket.tic()).toMatchObject({ alive: true });
		await vi.advanceTimersByTimeAsync(500);
		const failed = failure(socket.tic());
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await failed).toMatchObject({ kind: "timeout" });
		const closed = socket.close();
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await closed).toEqual({ acknowledged: false });
	});

	it("fails at once when the socket ends meanwhile, and after", async () => {
		const socket = await connectIbkrSocket(await begin());
		const failed = failure(socket.tic());
		link.drop();
		await turn();
		expect(await failed).toMatchObject({ kind: "closed", code: "1006" });
		await expect(socket.tic()).rejects.toMatchObject({ kind: "closed" });
		expect(() => socket.send("smd+1+{}")).toThrow(/has ended: the socket closed \(1006\)/);
	});
});

describe("what the frames tell", () => {
	it("is merged: a partial status changes its own members alone, and ends nothing", async () => {
		const told: SocketStatus[] = [];
		const socket = await connectIbkrSocket({ ...(await begin()), onStatus: (status) => told.push(status) });
		await vi.advanceTimersByTimeAsync(30);
		pull("idle");
		await turn();
		expect(socket.status).toEqual({ authenticated: false, connected: true, established: true, competing: false });
		pull("compete");
		await turn();
		expect(socket.status).toMatchObject({ authenticated: false, competing: true });
		expect(socket.ended.aborted).toBe(false);
		expect(told).toHaveLength(3);
		say('{"topic":"sts","args":{"message":"x","connected":null}}');
		await turn();
		expect(socket.status).toMatchObject({ connected: true, competing: true });
		await socket.close();
	});

	it("is the time of the last frame, kept by heartbeats", async () => {
		const socket = await connectIbkrSocket(await begin());
		const first = socket.lastHeardAt;
		await vi.advanceTimersByTimeAsync(10_000);
		expect(socket.lastHeardAt - first).toBe(10_000);
		await socket.close();
	});

	it("is handed on for topics of others, and a handler that throws harms nothing", async () => {
		const topics: string[] = [];
		const socket = await connectIbkrSocket({
			...(await begin()),
			onTopic: (topic) => {
				topics.push(topic);
				throw new Error("the handler is broken");
			},
		});
		await vi.advanceTimersByTimeAsync(30);
		say('{"topic":"ntf","args":{}}');
		await turn();
		expect(topics).toEqual(["act", "ntf"]);
		expect(socket.ended.aborted).toBe(false);
		await socket.close();
	});

	it.each([
		["not-json", "{"],
		["unknown-form", "[]"],
		["unknown-form", "7"],
		["unknown-form", "null"],
		["unknown-form", '{"topic":7}'],
		["unknown-form", '{"topic":"sts"}'],
		["unknown-form", '{"topic":"sts","args":{"competing":"yes"}}'],
		["unknown-form", '{"topic":"tic","alive":"yes"}'],
		["binary", new Uint8Array([1, 2])],
	])("is counted where it cannot be used, and is not fatal: %s %s", async (reason, data) => {
		const strange: StrangeFrame[] = [];
		const socket = await connectIbkrSocket({ ...(await begin()), onStrange: (frame) => strange.push(frame) });
		say(data);
		await turn();
		expect(strange).toEqual([{ reason }]);
		expect(socket.strangeFrames).toBe(1);
		expect(socket.ended.aborted).toBe(false);
		await socket.close();
	});
});

describe("the end", () => {
	it("on purpose is acknowledged, and its first reason stays", async () => {
		const socket = await connectIbkrSocket(await begin());
		expect(await socket.close()).toEqual({ acknowledged: true });
		const { reason } = socket.ended;
		expect(reason).toMatchObject({ kind: "closed", message: expect.stringContaining("on this side") });
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(socket.ended.reason).toBe(reason);
	});

	it("is followed by a new socket with the session of a fresh tickle", async () => {
		const at = await begin();
		const first = await connectIbkrSocket(at);
		pull("login");
		link.drop();
		await turn();
		expect(first.ended.aborted).toBe(true);
		const tickle = await createIbkrClient({ fetch: memoryFetch(link) }).tickle();
		const session = "session" in tickle ? tickle.session : undefined;
		if (!session) throw new Error("no session");
		expect(session.reveal()).not.toBe(at.session.reveal());
		const second = await connectIbkrSocket({ ...at, session });
		await second.close();
	});
});

it("nothing printed shows the session, the token or the user", async () => {
	const at = await begin();
	const socket = await connectIbkrSocket({ ...at, token: { version: "oauth1", value: "planted-token" } });
	await vi.advanceTimersByTimeAsync(30);
	link.drop();
	await turn();
	const printed = inspect([socket, socket.ended.reason], { depth: 10, showHidden: true });
	for (const secret of ["planted", at.session.reveal()]) expect(printed).not.toContain(secret);
});

it.each([
	[{ session: "" }, "session"],
	[{ session: "x", baseUrl: "ftp://planted" }, "baseUrl"],
	[{ session: "x", token: { version: "oauth3", value: "planted" } }, "token.version"],
	[{ session: "x", token: { version: "oauth1", value: "" } }, "token.value"],
	[{ session: "x", readyTimeoutMs: 0 }, "readyTimeoutMs"],
	[{ session: "x", onStatus: 7 }, "onStatus"],
])("wrong options are refused by name and not quoted: %j", async (options, name) => {
	await begin();
	// Wrong on purpose: what a program without types could hand in.
	const error = await failure(connectIbkrSocket(options as unknown as IbkrSocketOptions));
	expect(error).toMatchObject({ kind: "options", message: expect.stringContaining(`option ${name} must`) });
	expect(inspect(error)).not.toContain("planted");
});

it("works over a real connection to 127.0.0.1", async () => {
	const { session } = await begin();
	vi.useRealTimers();
	const served = await serve(link);
	const socket = await connectIbkrSocket({ session, baseUrl: `${served.http}/v1/api` });
	expect(await socket.tic()).toMatchObject({ alive: true });
	expect(await socket.close()).toEqual({ acknowledged: true });
	await served.close();
	vi.useFakeTimers();
});
