import { DeribitCredits } from "@x/deribit-session";
import { DeribitVenue, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive, slidingWindowLimiter } from "../../index.ts";
import { silentLogger } from "../../logger.ts";
import type { DeribitSession } from "./index.ts";
import { RenewalBackoff } from "./limits.ts";
import { createSession, neverAborted, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

/** Returns a new WebSocket class, and a function that returns its number of handshakes. */
function counted() {
	const { link, trigger } = stage();
	let handshakes = 0;
	class Counted extends memoryWebSocket(link) {
		constructor(url: string | URL) {
			super(url);
			handshakes += 1;
		}
	}
	return { WebSocket: Counted, handshakes: () => handshakes, trigger };
}

describe("the connection limiter of Deribit sessions", () => {
	it("open() rejects and asks to wait while the connection limiter allows no attempt, and succeeds once an earlier attempt is no longer counted", async () => {
		const { WebSocket, handshakes } = counted();
		const one = createSession(WebSocket, { connectionLimiter: slidingWindowLimiter(1, 60_000) });
		await one.open(neverAborted);
		await vi.advanceTimersByTimeAsync(20_000);
		await expect(one.open(neverAborted)).rejects.toMatchObject({
			message: expect.stringMatching(/not connecting to www\.deribit\.com for another 40000 ms/),
			disposition: { action: "wait", forMs: 40_000 },
		});
		expect(handshakes()).toBe(1);
		await vi.advanceTimersByTimeAsync(40_000);
		expect((await one.open(neverAborted)).protection.state).toBe("armed");
		await one.close("cancel");
	});

	it("the default connection limiter allows 320 attempts in five minutes to all sessions with the same WebSocket class together", async () => {
		const { WebSocket, handshakes, trigger } = counted();
		trigger("maintenance");
		const keepers = Array.from({ length: 40 }, (_, index) =>
			keepalive([createSession(WebSocket, { name: `session-${index}` })], { restarts: { burst: 1_000 } }),
		);
		await vi.advanceTimersByTimeAsync(299_000);
		expect(handshakes()).toBe(320);
		const waits = keepers.flatMap((keeper) => Object.values(keeper.snapshot()).map(({ status }) => status));
		expect(waits.every((status) => status.state === "waiting" && status.why === "venue")).toBe(true);
		await Promise.all([
			...keepers.map((keeper) => keeper.stop({ orders: "keep" })),
			vi.advanceTimersByTimeAsync(9_000),
		]);
	});

	it("a connection limiter counts each port of a host separately", async () => {
		const { WebSocket } = counted();
		const connectionLimiter = slidingWindowLimiter(1, 60_000);
		const open = (url: string) => createSession(WebSocket, { connectionLimiter, client: { url } }).open(neverAborted);
		expect((await open("ws://127.0.0.1:8001/ws/api/v2")).protection.state).toBe("armed");
		expect((await open("ws://127.0.0.1:8002/ws/api/v2")).protection.state).toBe("armed");
		await expect(open("ws://127.0.0.1:8001/another")).rejects.toThrow("not connecting to 127.0.0.1:8001 for another");
	});

	it("the connection limiter of one session does not affect a session with another WebSocket class", async () => {
		const limiter = slidingWindowLimiter(1, 60_000);
		const one = createSession(counted().WebSocket, { connectionLimiter: limiter });
		const two = createSession(counted().WebSocket);
		await one.open(neverAborted);
		expect((await two.open(neverAborted)).protection.state).toBe("armed");
		await Promise.all([one.close("cancel"), two.close("cancel")]);
	});

	it("the option connectionLimiter must be an object with a tryAcquire function", () => {
		expect(() => stage({ connectionLimiter: {} as never })).toThrow(/option connectionLimiter must be/);
	});
});

type Reply = Record<string, unknown>;

/** Opens a session. After `refuse(true)`, its logins or its read-backs of cancel-on-disconnect get errors as replies. */
async function refusing(refused: { auth?: number; readBack?: number }) {
	let on = false;
	const { venue, link, trigger } = stage();
	const change = ({ result, ...reply }: Reply): Reply => {
		const has = (member: string): boolean => typeof result === "object" && result !== null && member in result;
		const code = has("access_token") ? refused.auth : has("enabled") ? refused.readBack : undefined;
		return on && code !== undefined ? { ...reply, error: { code, message: "no" } } : { result, ...reply };
	};
	class Changed extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!(event instanceof MessageEvent)) return super.dispatchEvent(event);
			const data = JSON.stringify(change(JSON.parse(event.data)));
			return super.dispatchEvent(new MessageEvent("message", { data }));
		}
	}
	const session = createSession(Changed, { verifyEveryMs: 0, client: { onUnexpected: () => undefined } });
	await session.open(neverAborted);
	const opened = venue.received.length;
	return {
		session,
		trigger,
		refuse: (to: boolean) => {
			on = to;
		},
		/** How many logins the session has sent since it was opened. */
		logins: () => venue.received.slice(opened).filter(({ method }) => method === "public/auth").length,
	};
}

/** Calls beat() every ten seconds, and returns the state of the protection after each call. */
async function beatFor(session: DeribitSession, ms: number): Promise<string[]> {
	const states: string[] = [];
	for (let passed = 0; passed < ms; passed += 10_000) {
		states.push((await session.beat(neverAborted)).protection.state);
		await vi.advanceTimersByTimeAsync(10_000);
	}
	return states;
}

it("RenewalBackoff slows token renewals down while the venue rejects the new tokens, and the session is not armed meanwhile", async () => {
	const { session, logins, refuse } = await refusing({ readBack: 13009 });
	refuse(true);
	const states = await beatFor(session, 3_600_000);
	expect(new Set(states)).toEqual(new Set(["unknown"]));
	// Expected are logins after 20, 40, 80 and 160 s, then every 5 minutes. Without the back-off there would be 359, one in every beat().
	expect(logins()).toBeLessThanOrEqual(17);
	refuse(false);
	expect((await session.beat(neverAborted)).protection.state).toBe("armed");
});

it("RenewalBackoff slows token renewals down while the venue refuses them, and the session stays armed while its old tokens are valid", async () => {
	const { clientId, clientSecret } = DeribitVenue.defaults;
	const authScope = "account:read_write trade:read_write session:kept expires:900";
	const { session, trigger, count } = stage({ client: { credentials: { clientId, clientSecret, authScope } } });
	await session.open(neverAborted);
	await vi.advanceTimersByTimeAsync(720_000);
	trigger("refuse", { code: 11094, methods: ["public/auth"], times: 1_000 });
	const before = count("public/auth");
	const states: string[] = [];
	for (let beat = 0; beat < 140; beat += 1) {
		states.push((await session.beat(neverAborted)).protection.state);
		await vi.advanceTimersByTimeAsync(1_200);
	}
	// The session tries to renew the tokens at 0, 1, 21, 61 and 141 s of the 180 s in which they are valid. Without the
	// back-off there would be 140 attempts, one in every beat.
	expect(count("public/auth") - before).toBe(5);
	expect(new Set(states)).toEqual(new Set(["armed"]));
});

it("RenewalBackoff pauses token renewals for five minutes after error 12003 (too many logins)", async () => {
	const { session, trigger, logins, refuse } = await refusing({ auth: 12003 });
	trigger("voidTokens");
	await session.beat(neverAborted);
	refuse(true);
	await session.beat(neverAborted);
	const soon = logins();
	// The session may send one login with the invalid refresh token, and one with the API key.
	expect(soon).toBeLessThanOrEqual(2);
	await beatFor(session, 299_000);
	expect(logins()).toBe(soon);
	refuse(false);
	await vi.advanceTimersByTimeAsync(1_000);
	expect((await session.beat(neverAborted)).protection.state).toBe("armed");
});

it.each([11098, 12005])("beat() rejects with a fatal error if a token renewal is refused with %i", async (code) => {
	const { session, trigger, refuse, logins } = await refusing({ auth: code });
	trigger("voidTokens");
	await session.beat(neverAborted);
	refuse(true);
	await expect(session.beat(neverAborted)).rejects.toMatchObject({
		disposition: { action: "fatal" },
		cause: { venueCode: code },
	});
	expect(logins()).toBeLessThanOrEqual(2);
});

it("RenewalBackoff allows the first retry at once, even if the monotonic clock is below 0", () => {
	vi.spyOn(performance, "now").mockReturnValue(-5_000_000);
	const backoff = new RenewalBackoff();
	expect(backoff.isAllowed).toBe(true);
	backoff.countAttempt();
	expect(backoff.isAllowed).toBe(true);
	backoff.countAttempt();
	expect(backoff.isAllowed).toBe(false);
	vi.mocked(performance.now).mockReturnValue(-4_980_001);
	expect(backoff.isAllowed).toBe(false);
	vi.mocked(performance.now).mockReturnValue(-4_980_000);
	expect(backoff.isAllowed).toBe(true);
});

describe("the credit pool of the rate limit after the program has used it up by its own calls", () => {
	it("an empty credit pool delays no ping, read-back of cancel-on-disconnect or mass cancel, because they use reserved credits", async () => {
		const { session, venue } = stage({ client: { callTimeoutMs: 60_000 } });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(100);
		const handle = session.requireArmed();
		let answered = 0;
		const spend = (): void => {
			const again = (): void => {
				answered += 1;
				spend();
			};
			// The call rejects when the connection ends. After that, no further call is made.
			void handle.request("public/get_time").then(again, () => undefined);
		};
		for (let count = 0; count < 500; count += 1) spend();
		for (let second = 0; second < 180; second += 1) {
			await vi.advanceTimersByTimeAsync(1_000);
			const status = keeper.snapshot()["deribit"]?.status;
			if (status?.state !== "alive" || status.protection.state !== "armed") expect.fail("not armed");
			expect(Date.now() - status.protection.verifiedAt).toBeLessThan(60_000 + 40_000 / 3 + 1_000);
			expect(session.requireArmed()).toBe(handle);
		}
		const cancelling = vi.fn();
		void handle.call("private/cancel_all").then(cancelling);
		await vi.advanceTimersByTimeAsync(0);
		expect(cancelling).toHaveBeenCalledOnce();
		// The venue allows 20 calls a second, and the session's beats use some of them.
		expect(answered).toBeGreaterThan(3_500);
		expect(venue.truth().connections).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("an empty credit pool does not end another session that shares the pool", async () => {
		const client = { credits: new DeribitCredits(), callTimeoutMs: 60_000 };
		const first = stage({ client });
		const second = createSession(memoryWebSocket(first.link), { name: "other", client });
		const keeper = keepalive([first.session, second]);
		await vi.advanceTimersByTimeAsync(100);
		for (let count = 0; count < 300; count += 1) void first.session.handle?.request("public/get_time").catch(() => 0);
		await vi.advanceTimersByTimeAsync(60_000);
		for (const name of ["deribit", "other"]) {
			expect(keeper.snapshot()[name]).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		}
		await keeper.stop({ orders: "keep" });
	});
});

describe("two sessions with the same API key in one process", () => {
	const shared = /another session of this process uses the same API key with a rate limiter of its own/;

	it("two sessions with one API key and separate rate limiters cause a warning while keepers run both of them", async () => {
		const warned: string[] = [];
		const log = (): void => undefined;
		const logger = { debug: log, info: log, error: log, warn: (message: string) => void warned.push(message) };
		const { session: one, link } = stage();
		const two = createSession(memoryWebSocket(link), { name: "two" });
		const keeper = keepalive([one], { logger });
		await vi.advanceTimersByTimeAsync(1_000);
		expect([one.warnings, two.warnings]).toEqual([[], [expect.stringMatching(shared)]]);
		expect(warned).toEqual([]);
		const other = keepalive([two], { logger });
		await vi.advanceTimersByTimeAsync(1_000);
		expect([one.warnings, two.warnings]).toEqual([[expect.stringMatching(shared)], [expect.stringMatching(shared)]]);
		expect(warned).toEqual([expect.stringMatching(shared)]);
		await keeper.stop({ orders: "keep" });
		expect(two.warnings).toEqual([]);
		await other.stop({ orders: "keep" });
		expect(one.warnings).toEqual([]);
	});

	it("two sessions cause no warning if they share a rate limiter, or if their keys or hosts differ", async () => {
		const client = { credits: new DeribitCredits() };
		const { session, link } = stage({ client });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		const WebSocket = memoryWebSocket(link);
		for (const other of [
			client,
			{ credentials: { clientId: "another", clientSecret: "key" } },
			{ url: "wss://test.deribit.com/ws/api/v2" },
		]) {
			expect(createSession(WebSocket, { client: other }).warnings).toEqual([]);
		}
		await keeper.stop({ orders: "keep" });
	});

	it("detaching a session twice does not end the warning about another session with the same API key", () => {
		const { session, link } = stage();
		const host = { notArmedReason: () => undefined, protectionChanged: () => undefined, logger: silentLogger };
		const other = createSession(memoryWebSocket(link), { name: "other" });
		const detachOther = other.attach(host);
		const detach = session.attach(host);
		detach();
		detach();
		expect(session.warnings).toEqual([expect.stringMatching(shared)]);
		detachOther();
		expect(session.warnings).toEqual([]);
	});
});
