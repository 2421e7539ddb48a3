import { inspect } from "node:util";
import { serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectIbkr, type IbkrSocketOptions } from "../index.ts";
import { SocketHarness } from "./testing/socket-test-venue.ts";

let harness: SocketHarness;

const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const nextTick = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
	vi.useFakeTimers();
	harness = new SocketHarness();
});

afterEach(() => {
	harness.link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("connectIbkr", () => {
	it("connectIbkr sends the session in its first message and resolves when the venue has recognized the session", async () => {
		const socket = await connectIbkr(await harness.options());
		expect(harness.venue.truth().sockets).toBe(1);
		await vi.advanceTimersByTimeAsync(30);
		expect(socket.status).toEqual({ authenticated: true, connected: true, established: true, competing: false });
		await socket.close();
	});

	it("connectIbkr rejects with kind `closed` and says what to do if the venue does not know the session", async () => {
		const at = await harness.options();
		const failed = failure(connectIbkr({ ...at, session: "0".repeat(32) }));
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await failed).toMatchObject({
			kind: "closed",
			closeCode: 1000,
			message: expect.stringContaining("session of a new tickle"),
		});
	});

	it("connectIbkr rejects after exactly 12 000 ms when the venue sends nothing", async () => {
		const at = await harness.options();
		harness.pull("partition");
		let failed: unknown;
		void connectIbkr(at).catch((error: unknown) => {
			failed = error;
		});
		await vi.advanceTimersByTimeAsync(11_999);
		expect(failed).toBeUndefined();
		await nextTick();
		expect(failed).toMatchObject({ kind: "timeout" });
	});

	it("connectIbkr resolves at its deadline with isRecognized false, and stays connected, when only heartbeats came", async () => {
		const unexpected: unknown[] = [];
		harness.link.close();
		harness = new SocketHarness({ deafSecondSocket: true });
		const first = await connectIbkr(await harness.options());
		const connecting = connectIbkr({
			...(await harness.options()),
			readyTimeoutMs: 12_000,
			onUnexpected: (each) => unexpected.push(each),
		});
		await vi.advanceTimersByTimeAsync(12_000);
		const socket = await connecting;
		expect(socket.isRecognized).toBe(false);
		const heardAt = socket.lastHeardAt;
		await vi.advanceTimersByTimeAsync(30_000);
		expect(socket).toMatchObject({ isRecognized: false, lastHeardAt: heardAt + 30_000 });
		harness.send('{"topic":"system","success":"user","isFT":false,"isPaper":true}');
		await nextTick();
		expect(socket.isRecognized).toBe(true);
		harness.send(" ".repeat(1_000_001));
		await nextTick();
		expect(unexpected).toEqual([{ reason: "too-long" }]);
		expect(socket.ended.aborted).toBe(false);
		await first.close();
		await socket.close();
	});

	it("connectIbkr takes its deadline from the call options", async () => {
		const options = await harness.options();
		harness.pull("partition");
		const failed = failure(connectIbkr(options, { timeoutMs: 50 }));
		await vi.advanceTimersByTimeAsync(50);
		expect(await failed).toMatchObject({ kind: "timeout", call: "connect" });
	});

	it("connectIbkr rejects when the signal aborts", async () => {
		const at = await harness.options();
		harness.pull("partition");
		const stop = new AbortController();
		const failed = failure(connectIbkr(at, { signal: stop.signal }));
		stop.abort();
		expect(await failed).toMatchObject({ kind: "aborted" });
	});

	it.each([
		["oauth1", "oauth_token"],
		["oauth2", "bearer_token"],
	] as const)("connectIbkr sends the token of %s in the parameter %s of the URL", async (version, name) => {
		const at = await harness.options();
		const addresses: string[] = [];
		class Seen extends at.WebSocket {
			constructor(url: string | URL) {
				super(url);
				addresses.push(String(url));
			}
		}
		const token = { version, value: "planted+token" };
		const socket = await connectIbkr({ ...at, WebSocket: Seen, token, baseUrl: "https://api.ibkr.com/v1/api" });
		// This WebSocket class sends no cookie, so the venue asked for the session and got the session in a message.
		expect(harness.venue.truth().sockets).toBe(1);
		expect(addresses).toEqual([`wss://api.ibkr.com/v1/api/ws?${name}=planted%2Btoken`]);
		await socket.close();
	});
});

describe("the end of a connection", () => {
	it("close() is acknowledged by the venue, and a second close() does not change the reason of the end", async () => {
		const socket = await connectIbkr(await harness.options());
		expect(await socket.close()).toEqual({ acknowledged: true });
		const { reason } = socket.ended;
		expect(reason).toMatchObject({ kind: "closed", message: expect.stringContaining("closed by this program") });
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(socket.ended.reason).toBe(reason);
	});

	it("connectIbkr can connect again with the session of a new tickle after a connection has ended", async () => {
		const at = await harness.options();
		const first = await connectIbkr(at);
		harness.pull("login");
		harness.link.drop();
		await nextTick();
		expect(first.ended.aborted).toBe(true);
		const session = await harness.session();
		expect(session.reveal()).not.toBe(at.session.reveal());
		const second = await connectIbkr({ ...at, session });
		await second.close();
	});
});

it("no object or error of connectIbkr prints the session, the token or the user", async () => {
	const at = await harness.options();
	const socket = await connectIbkr({ ...at, token: { version: "oauth1", value: "planted-token" } });
	await vi.advanceTimersByTimeAsync(30);
	harness.link.drop();
	await nextTick();
	const printed = inspect([socket, socket.ended.reason], { depth: 10, showHidden: true });
	for (const secret of ["planted", at.session.reveal()]) expect(printed).not.toContain(secret);
});

it.each([
	[{ session: "" }, "session"],
	[{ session: "x", baseUrl: "ftp://127.0.0.1" }, "baseUrl"],
	[{ session: "x\r\nplanted: 1" }, "session"],
	[{ session: "x", sessionBy: "header" }, "sessionBy"],
	[{ session: "x", userAgent: "a\nb" }, "userAgent"],
	[{ session: "x", token: { version: "oauth3", value: "planted" } }, "token.version"],
	[{ session: "x", token: { version: "oauth1", value: "" } }, "token.value"],
	[{ session: "x", readyTimeoutMs: 0 }, "readyTimeoutMs"],
	[{ session: "x", onStatus: 7 }, "onStatus"],
])("connectIbkr rejects with an OptionError that quotes no secret: %j", async (options, name) => {
	// The cast allows wrong options, which a program in plain JavaScript can pass.
	const error = await failure(connectIbkr(options as unknown as IbkrSocketOptions));
	expect(error).toMatchObject({ name: "OptionError", option: name });
	expect(inspect(error)).not.toContain("planted");
});

it("connectIbkr does not quote an error of the WebSocket class, because the error can contain the URL with its token", async () => {
	const at = await harness.options();
	class Throws {
		constructor(url: string) {
			throw new SyntaxError(`no good: ${url}`);
		}
	}
	const token = { version: "oauth1", value: "planted-token" } as const;
	// The cast allows a function that is not a WebSocket class, which a program in plain JavaScript can pass.
	const made = connectIbkr({ ...at, token, WebSocket: Throws as unknown as typeof WebSocket });
	const error = await failure(made);
	expect(error).toMatchObject({ kind: "network", cause: { name: "SyntaxError" } });
	expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
});

it("connectIbkr with sessionBy `cookie` sends the session only in the handshake, as a cookie, and sends the User-Agent there, too", async () => {
	const session = await harness.session();
	vi.useRealTimers();
	const sent: string[] = [];
	const served = await serve(harness.link);
	const { upgrade } = harness.link;
	const seen: Readonly<Record<string, string>>[] = [];
	harness.link.upgrade = (request) => {
		seen.push(request.headers);
		return upgrade(request);
	};
	class Quiet extends WebSocket {
		override send(data: string): void {
			sent.push(data);
			super.send(data);
		}
	}
	const baseUrl = `${served.http}/v1/api`;
	const socket = await connectIbkr({ session, baseUrl, WebSocket: Quiet, sessionBy: "cookie" });
	expect(seen[0]).toMatchObject({ cookie: `api=${session.reveal()}`, "user-agent": "x-ibkr-session" });
	expect(sent).toEqual([]);
	await socket.close();
	await served.close();
	vi.useFakeTimers();
});

it("connectIbkr works over a real WebSocket connection to 127.0.0.1", async () => {
	const session = await harness.session();
	vi.useRealTimers();
	const served = await serve(harness.link);
	const socket = await connectIbkr({ session, baseUrl: `${served.http}/v1/api` });
	expect(await socket.tic()).toMatchObject({ alive: true });
	expect(await socket.close()).toEqual({ acknowledged: true });
	await served.close();
	vi.useFakeTimers();
});
