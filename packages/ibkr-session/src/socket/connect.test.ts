import { inspect } from "node:util";
import { serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectIbkr, type IbkrSocketOptions } from "../index.ts";
import { SocketStage } from "./testing/stage.ts";

let stage: SocketStage;

const failure = (work: Promise<unknown>) => work.catch((error: unknown) => error);
const turn = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
	vi.useFakeTimers();
	stage = new SocketStage();
});

afterEach(() => {
	stage.link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("connecting", () => {
	it("sends the session as its first frame and is done when the venue recognised it", async () => {
		const socket = await connectIbkr(await stage.at());
		expect(stage.venue.truth().sockets).toBe(1);
		await vi.advanceTimersByTimeAsync(30);
		expect(socket.status).toEqual({ authenticated: true, connected: true, established: true, competing: false });
		await socket.close();
	});

	it("to a session that the venue does not know ends as closed, with what to do", async () => {
		const at = await stage.at();
		const failed = failure(connectIbkr({ ...at, session: "0".repeat(32) }));
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await failed).toMatchObject({
			kind: "closed",
			closeCode: 1000,
			message: expect.stringContaining("session of a new tickle"),
		});
	});

	it("to a venue that says nothing is given up after 10 000 ms, not a moment earlier", async () => {
		const at = await stage.at();
		stage.pull("partition");
		let failed: unknown;
		void connectIbkr(at).catch((error: unknown) => {
			failed = error;
		});
		await vi.advanceTimersByTimeAsync(9_999);
		expect(failed).toBeUndefined();
		await turn();
		expect(failed).toMatchObject({ kind: "timeout" });
	});

	it("is given up when the signal aborts", async () => {
		const at = await stage.at();
		stage.pull("partition");
		const stop = new AbortController();
		const failed = failure(connectIbkr(at, { signal: stop.signal }));
		stop.abort();
		expect(await failed).toMatchObject({ kind: "aborted" });
	});

	it.each([
		["oauth1", "oauth_token"],
		["oauth2", "bearer_token"],
	] as const)("with %s has the token in its address as %s", async (version, name) => {
		const at = await stage.at();
		const addresses: string[] = [];
		class Seen extends at.WebSocket {
			constructor(url: string | URL) {
				super(url);
				addresses.push(String(url));
			}
		}
		const token = { version, value: "planted+token" };
		const socket = await connectIbkr({ ...at, WebSocket: Seen, token, baseUrl: "https://api.ibkr.com/v1/api" });
		// This class sets no cookie: the venue said that it waits, and got the frame.
		expect(stage.venue.truth().sockets).toBe(1);
		expect(addresses).toEqual([`wss://api.ibkr.com/v1/api/ws?${name}=planted%2Btoken`]);
		await socket.close();
	});
});

describe("the end", () => {
	it("on purpose is acknowledged, and its first reason stays", async () => {
		const socket = await connectIbkr(await stage.at());
		expect(await socket.close()).toEqual({ acknowledged: true });
		const { reason } = socket.ended;
		expect(reason).toMatchObject({ kind: "closed", message: expect.stringContaining("closed by this program") });
		expect(await socket.close()).toEqual({ acknowledged: true });
		expect(socket.ended.reason).toBe(reason);
	});

	it("is followed by a new socket with the session of a fresh tickle", async () => {
		const at = await stage.at();
		const first = await connectIbkr(at);
		stage.pull("login");
		stage.link.drop();
		await turn();
		expect(first.ended.aborted).toBe(true);
		const session = await stage.session();
		expect(session.reveal()).not.toBe(at.session.reveal());
		const second = await connectIbkr({ ...at, session });
		await second.close();
	});
});

it("nothing printed shows the session, the token or the user", async () => {
	const at = await stage.at();
	const socket = await connectIbkr({ ...at, token: { version: "oauth1", value: "planted-token" } });
	await vi.advanceTimersByTimeAsync(30);
	stage.link.drop();
	await turn();
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
])("wrong options are refused by name and not quoted: %j", async (options, name) => {
	// Wrong on purpose: what a program without types could hand in.
	const error = await failure(connectIbkr(options as unknown as IbkrSocketOptions));
	expect(error).toMatchObject({ name: "OptionError", option: name });
	expect(inspect(error)).not.toContain("planted");
});

it("a WebSocket class that throws is not quoted: the address has a token in it", async () => {
	const at = await stage.at();
	class Throws {
		constructor(url: string) {
			throw new SyntaxError(`no good: ${url}`);
		}
	}
	const token = { version: "oauth1", value: "planted-token" } as const;
	// It is no WebSocket, as a program without types could hand in.
	const made = connectIbkr({ ...at, token, WebSocket: Throws as unknown as typeof WebSocket });
	const error = await failure(made);
	expect(error).toMatchObject({ kind: "network", cause: { name: "SyntaxError" } });
	expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
});

it("over a real connection the cookie and the User-Agent are in the handshake, and no frame is needed", async () => {
	const session = await stage.session();
	vi.useRealTimers();
	const sent: string[] = [];
	const served = await serve(stage.link);
	const { upgrade } = stage.link;
	const seen: Readonly<Record<string, string>>[] = [];
	stage.link.upgrade = (request) => {
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

it("works over a real connection to 127.0.0.1", async () => {
	const session = await stage.session();
	vi.useRealTimers();
	const served = await serve(stage.link);
	const socket = await connectIbkr({ session, baseUrl: `${served.http}/v1/api` });
	expect(await socket.tic()).toMatchObject({ alive: true });
	expect(await socket.close()).toEqual({ acknowledged: true });
	await served.close();
	vi.useFakeTimers();
});
