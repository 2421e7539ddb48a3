import { inspect } from "node:util";
import { createPenaltyBox, type IbkrClient } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { Lease, Session } from "../../session.ts";
import { isSessionError, type SessionError } from "../../session-error.ts";
import type { StatusRecord } from "../../status.ts";
import { type IbkrOptions, ibkr } from "./index.ts";

let link: Link;
let venue: IbkrVenue;

function begin(options: IbkrVenueOptions = {}): void {
	venue = new IbkrVenue({ userName: "planted-user", accounts: ["DU9999999"], ...options });
	link = new Link(venue);
}

function sessionAt(venueOptions: IbkrVenueOptions = {}, options: IbkrOptions = {}): Session {
	begin(venueOptions);
	return ibkr({ fetch: memoryFetch(link), penaltyBox: createPenaltyBox(), ...options });
}

const pull = (lever: string, args: Record<string, unknown> = {}): unknown => link.levers[lever]?.(args);
const paths = (): string[] => venue.received.map(({ path }) => path.replace("/v1/api", ""));
const never = new AbortController().signal;

/** Runs it with the clock moving on, so that waits inside it end. */
async function settled<T>(work: Promise<T>, ms = 5_000): Promise<T> {
	const result = work.then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	await vi.advanceTimersByTimeAsync(ms);
	const outcome = await result;
	if ("error" in outcome) throw outcome.error;
	return outcome.value;
}

async function failure(work: Promise<Lease>, ms?: number): Promise<SessionError> {
	try {
		await settled(work, ms);
	} catch (error) {
		if (isSessionError(error)) return error;
		throw error;
	}
	throw new Error("it did not fail");
}

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("opening", () => {
	it("looks first and asks for no brokerage session when there is one", async () => {
		const lease = await settled(sessionAt().open(never));
		expect(lease).toEqual({
			ttlMs: 300_000,
			paceMs: 60_000,
			protection: { state: "unsupported", reason: expect.stringContaining("keep working") },
		});
		expect(paths()).toEqual(["/sso/validate", "/iserver/auth/status", "/iserver/accounts", "/tickle"]);
	});

	it("asks for one when there is none, and is open only when it is loaded and the accounts are answered", async () => {
		const session = sessionAt({ start: "login", loadMs: 2_500 });
		await settled(session.open(never));
		expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });
		expect(paths().slice(2)).toEqual([
			"/iserver/auth/ssodh/init",
			"/iserver/auth/status",
			"/iserver/auth/status",
			"/iserver/auth/status",
			"/iserver/accounts",
			"/tickle",
		]);
		expect(session.handle).toBeDefined();
	});

	it("counts a server that does not send established as established", async () => {
		await settled(sessionAt({ sendEstablished: false }).open(never));
		expect(venue.truth().inits).toBe(0);
	});

	it("goes on asking while the status is ready and the accounts are an empty object", async () => {
		const session = sessionAt();
		pull("answer", { path: "/iserver/accounts", status: 200, body: "{}", times: 2 });
		await settled(session.open(never));
		expect(paths().filter((path) => path === "/iserver/accounts")).toHaveLength(3);
	});

	it("needs a person when nobody is logged in at the gateway, and asks for no brokerage session then", async () => {
		const session = sessionAt({ start: "none", redirectToLogin: true });
		const error = await failure(session.open(never));
		expect(error.disposition).toEqual({ action: "human", todo: expect.stringContaining("log in at the gateway") });
		expect(venue.truth().inits).toBe(0);
	});

	it("validates at most once a minute however often it is opened, and learns of the login from a tickle then", async () => {
		const session = sessionAt();
		await settled(session.open(never));
		pull("expireSso");
		const error = await failure(session.open(never));
		expect(error.disposition.action).toBe("human");
		expect(paths().filter((path) => path === "/sso/validate")).toHaveLength(1);
	});

	it("never validates with OAuth, sends what authorize gives, and asks for a new token when the login is gone", async () => {
		const authorize = () => ({ authorization: 'OAuth realm="limited_poa", oauth_token="planted-token"' });
		const session = sessionAt({ mode: "oauth1" }, { mode: "oauth", authorize });
		pull("login");
		await settled(session.open(never));
		expect(paths()).not.toContain("/sso/validate");
		pull("expireSso");
		const error = await failure(session.beat(never));
		expect(error).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted-token");
	});

	it("gives up when the session does not become ready, and the waits before the next init double to 30 minutes", async () => {
		const session = sessionAt({ start: "login", loadMs: 1e9, pacing: false, idleMs: 500 }, { readyTimeoutMs: 1_000 });
		const waits: number[] = [];
		for (let attempt = 0; attempt < 7; attempt++) {
			const { disposition } = await failure(session.open(never));
			waits.push(disposition.action === "wait" ? disposition.forMs : Number.NaN);
		}
		expect(waits).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
	});

	it("asks for no more than the daily number of brokerage sessions, and knows when there is one again", async () => {
		const session = sessionAt(
			{ start: "login", idleMs: 500, loadMs: 1e9 },
			{ readyTimeoutMs: 1_000, maxInitsPerDay: 2 },
		);
		await failure(session.open(never));
		await failure(session.open(never));
		const { disposition } = await failure(session.open(never));
		expect(disposition.action).toBe("wait");
		expect(venue.truth().inits).toBe(2);
		if (disposition.action === "wait") await vi.advanceTimersByTimeAsync(disposition.forMs - 5_000);
		pull("login");
		pull("idle");
		await failure(session.open(never));
		expect(venue.truth().inits).toBe(3);
	});

	it("keeps nothing of an opening whose signal aborted", async () => {
		const session = sessionAt({ start: "login" });
		const controller = new AbortController();
		const opening = failure(session.open(controller.signal));
		await vi.advanceTimersByTimeAsync(500);
		controller.abort(new Error("given up"));
		expect((await opening).disposition.action).toBe("retry");
		expect(session.handle).toBeUndefined();
		const asked = venue.received.length;
		await vi.advanceTimersByTimeAsync(60_000);
		expect(venue.received).toHaveLength(asked);
	});

	it("keeps nothing of an opening that a close overtook", async () => {
		const session = sessionAt({ start: "login" });
		const opening = failure(session.open(never));
		await session.close("keep");
		await opening;
		expect(session.handle).toBeUndefined();
	});
});

describe("another session of the user", () => {
	it("is left alone before opening: no init, and a look again after yieldMs", async () => {
		const session = sessionAt({}, { yieldMs: 7_000 });
		pull("compete");
		const error = await failure(session.open(never));
		expect(error.disposition).toEqual({ action: "wait", forMs: 7_000 });
		expect(venue.truth()).toMatchObject({ inits: 0, rival: true });
	});

	it("that does not show is left alone when init is refused, with a wait that grows", async () => {
		const session = sessionAt({ rivalShows: false });
		pull("compete");
		expect((await failure(session.open(never))).disposition).toEqual({ action: "wait", forMs: 60_000 });
		expect((await failure(session.open(never))).disposition).toEqual({ action: "wait", forMs: 120_000 });
		expect(venue.truth()).toMatchObject({ inits: 2, rival: true });
	});

	it("that takes over a live session ends it, and is named", async () => {
		const session = sessionAt();
		await settled(session.open(never));
		pull("compete");
		const error = await failure(session.beat(never));
		expect(error).toMatchObject({ session: "ended", disposition: { action: "wait", forMs: 60_000 } });
		expect(error.message).toContain("another session of this user holds the brokerage session");
	});

	it("is ended only when compete is true", async () => {
		const session = sessionAt({}, { compete: true });
		pull("compete");
		await settled(session.open(never));
		expect(venue.truth()).toMatchObject({ rival: false, brokerage: "live" });
	});

	it("is told apart from a key that can only force, which needs a person and spends one init", async () => {
		const session = sessionAt({ start: "login", forceOnlyKey: true });
		for (let attempt = 0; attempt < 3; attempt++) {
			const error = await failure(session.open(never));
			expect(error.disposition).toEqual({ action: "human", todo: expect.stringContaining("compete: true") });
		}
		expect(venue.truth().inits).toBe(1);
	});
});

describe("a beat", () => {
	const opened = async (venueOptions: IbkrVenueOptions = {}, options: IbkrOptions = {}): Promise<Session> => {
		const session = sessionAt(venueOptions, options);
		await settled(session.open(never));
		return session;
	};

	it("is one tickle, and buys a lease", async () => {
		const session = await opened();
		const before = venue.received.length;
		expect(await settled(session.beat(never))).toMatchObject({ ttlMs: 300_000, paceMs: 60_000 });
		expect(paths().slice(before)).toEqual(["/tickle"]);
	});

	it.each([
		["the brokerage session idled out", "idle", "retry", "the brokerage session has ended, the login is still good"],
		["the login is over", "expireSso", "human", "there is no Web API session"],
		["the nightly reset came", "reset", "human", "there is no Web API session"],
	])("says that the session has ended, and which layer, when %s", async (_, lever, action, message) => {
		const session = await opened();
		pull(lever);
		const error = await failure(session.beat(never));
		expect(error).toMatchObject({ session: "ended", disposition: { action } });
		expect(error.message).toContain(message);
	});

	it("reads 200 with no session as the end", async () => {
		const session = await opened({ loggedOut: { tickle: 200 } });
		pull("expireSso");
		expect(await failure(session.beat(never))).toMatchObject({ session: "ended", disposition: { action: "human" } });
	});

	it.each([
		["an empty 503", { status: 503 }, { action: "retry" }],
		["HTML with status 200", { status: 200, body: "<html></html>" }, { action: "retry" }],
		[
			"an unexplained error with status 200",
			{ status: 200, body: '{"error":"failed to process request"}' },
			{ action: "retry" },
		],
		["a reply without a word on the brokerage session", { status: 200, body: '{"session":"x"}' }, { action: "retry" }],
		[
			"loading",
			{ status: 200, body: '{"iserver":{"authStatus":{"authenticated":true,"established":false}}}' },
			{ action: "retry" },
		],
		// Asked 5 000 ms later: the wait is counted from when it begins.
		["429", { status: 429 }, { action: "wait", forMs: 895_000 }],
	])("is not the end of the session and not a proof of life with %s", async (_, answer, disposition) => {
		const session = await opened();
		pull("answer", { path: "/tickle", ...answer });
		expect(await failure(session.beat(never))).toMatchObject({ session: "unclear", disposition });
	});

	it("that gets no answer is not the end of the session: unclear after 12 000 ms, and not at 11 999", async () => {
		const session = await opened();
		pull("partition");
		const seen: unknown[] = [];
		session.beat(never).catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ session: "unclear", disposition: { action: "retry" } }]);
	});

	it("never brings two tickles closer together than the venue allows", async () => {
		const session = await opened();
		for (let beat = 0; beat < 5; beat++) await settled(session.beat(never), 1_050);
		const times = venue.received.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		expect(times).toHaveLength(6);
		for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(1_000);
	});
});

describe("leaving", () => {
	it("keeps the orders, and at a gateway the login too", async () => {
		const session = sessionAt();
		await settled(session.open(never));
		pull("place");
		expect(await session.close("keep")).toEqual({ orders: "kept", detail: expect.stringContaining("keep working") });
		expect(venue.truth()).toMatchObject({ loggedIn: true, openOrders: 1 });
		expect(session.handle).toBeUndefined();
	});

	it("logs out where that is asked for, and refuses to cancel, because the venue would not", async () => {
		const session = sessionAt({}, { logoutOnClose: true });
		await settled(session.open(never));
		pull("place");
		const closed = await session.close("cancel");
		expect(closed).toEqual({
			orders: "refused",
			detail: expect.stringContaining("logged out; IBKR cancels no orders"),
		});
		expect(venue.truth()).toMatchObject({ loggedIn: false, openOrders: 1 });
		expect(await session.close("cancel")).toMatchObject({ orders: "refused" });
	});

	it("does not wait for a logout without an answer for more than 8 000 ms, and says so", async () => {
		const session = sessionAt({}, { logoutOnClose: true });
		await settled(session.open(never));
		pull("partition");
		const closed = await settled(session.close("keep"), 8_000);
		expect(closed).toEqual({ orders: "kept", detail: expect.stringContaining("had no answer") });
	});
});

describe("kept by a keeper", () => {
	it("beats once a minute for a day, and goes on by itself after the reset when somebody has logged in", async () => {
		const session = sessionAt();
		const records: StatusRecord[] = [];
		const keeper = keepalive([session], { random: () => 0 });
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(12 * 3_600_000);
		pull("place");
		pull("reset");
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["ibkr"]?.status).toMatchObject({
			state: "blocked",
			todo: expect.stringContaining("log in"),
		});
		await vi.advanceTimersByTimeAsync(600_000);
		pull("login");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({
			status: { state: "alive" },
			tally: { losses: 1, recoveries: 1 },
		});
		expect(venue.truth()).toMatchObject({ brokerage: "live", openOrders: 1 });
		expect(venue.received.every(({ status }) => status !== 429)).toBe(true);
		expect(records.map(({ status }) => status.state)).not.toContain("stopped");
		await keeper.stop({ orders: "keep" });
	});

	it("opens again by itself after the brokerage session idled out", async () => {
		const keeper = keepalive([sessionAt()], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(5_000);
		pull("idle");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 1 } });
		expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });
		await keeper.stop({ orders: "keep" });
	});

	it("survives a partition of four minutes without calling the session lost", async () => {
		const keeper = keepalive([sessionAt()], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(61_000);
		pull("partition", { forMs: 240_000 });
		await vi.advanceTimersByTimeAsync(120_000);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("late");
		await vi.advanceTimersByTimeAsync(180_000);
		expect(keeper.snapshot()["ibkr"]).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		await keeper.stop({ orders: "keep" });
	});
});

it("shows no user, account, session id or cookie in errors, records or its own printed form", async () => {
	const session = sessionAt();
	const lease = await settled(session.open(never));
	pull("answer", { path: "/tickle", status: 401, body: "planted-user DU9999999 denied" });
	const error = await failure(session.beat(never));
	const printed = inspect([session, session.handle, lease, error], { depth: 10, showHidden: true });
	const cookie = venue.received.at(-1)?.headers["cookie"] ?? "";
	expect(cookie).not.toBe("");
	for (const secret of ["planted-user", "DU9999999", cookie.split("=")[1] ?? ""]) expect(printed).not.toContain(secret);
});

it("hands out the typed client, and wrong options do not compile", () => {
	expectTypeOf(ibkr).returns.toEqualTypeOf<Session<IbkrClient>>();
	const wrong = (): void => {
		// @ts-expect-error there are two modes
		ibkr({ mode: "basic" });
		// @ts-expect-error a text is not a boolean
		ibkr({ compete: "true" });
		// @ts-expect-error there is no such option
		ibkr({ tickleSeconds: 60 });
	};
	expect(wrong).toBeTypeOf("function");
	begin();
});

it.each([
	[{ mode: "basic" }, "option mode is a string"],
	[{ mode: "oauth" }, "option authorize is a undefined"],
	[{ tickleMs: 1_199 }, "option tickleMs is a number 1199; it must be a number from 1200 to 100000"],
	[{ maxInitsPerDay: "5" }, "option maxInitsPerDay is a string"],
	[{ compete: "yes" }, "option compete is a string"],
	[{ name: "" }, "option name"],
	[{ baseUrl: "https://planted-user:pw@localhost" }, "the option baseUrl"],
])("refuses wrong options before anything is sent: %j", (options, message) => {
	let thrown: unknown;
	try {
		// Wrong on purpose: what a program without types could hand in.
		sessionAt({}, options as IbkrOptions);
	} catch (error) {
		thrown = error;
	}
	expect(String(thrown)).toContain(message);
	expect(inspect(thrown)).not.toContain("planted-user");
});
