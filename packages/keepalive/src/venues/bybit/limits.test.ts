import { BybitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { slidingWindowLimiter } from "../../connection-limiter.ts";
import { WireLog } from "./call-logger.ts";
import { bybit } from "./index.ts";
import { bybitConnectionLimiter, CallLimiter, connectionLimiterFor } from "./limits.ts";
import { clientOf, failure, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("bybitConnectionLimiter", () => {
	it("bybitConnectionLimiter() allows 500 connection attempts to a host in 310 seconds", async () => {
		const limiter = bybitConnectionLimiter();
		for (let attempts = 0; attempts < 500; attempts += 1) expect(limiter.tryAcquire("a")).toBe(0);
		expect(limiter.tryAcquire("a")).toBe(310_000);
		await vi.advanceTimersByTimeAsync(309_999);
		expect(limiter.tryAcquire("a")).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(limiter.tryAcquire("a")).toBe(0);
	});

	it("bybitConnectionLimiter() counts each host separately", () => {
		const limiter = bybitConnectionLimiter({ connections: 1, perMs: 1_000 });
		expect([limiter.tryAcquire("a"), limiter.tryAcquire("b"), limiter.tryAcquire("a")]).toEqual([0, 0, 1_000]);
	});

	it("bybitConnectionLimiter() stays within the venue's limit even if an attempt reaches the venue up to ten seconds late", async () => {
		const limiter = bybitConnectionLimiter();
		const arrived: number[] = [];
		for (let tick = 0; tick < 4_000; tick += 1) {
			// The first attempts reach the venue late and the later ones at once. For the venue's sliding window, this is the worst case.
			if (limiter.tryAcquire("a") === 0) arrived.push(performance.now() + (arrived.length < 500 ? 9_999 : 0));
			await vi.advanceTimersByTimeAsync(200);
		}
		const most = arrived.map((at) => arrived.filter((other) => other > at - 300_000 && other <= at).length);
		expect(Math.max(...most)).toBeLessThanOrEqual(500);
	});

	it.each([{ connections: 0 }, { connections: 1.5 }, { perMs: 0 }, { perMs: Number.NaN }])(
		"bybitConnectionLimiter() throws for the options %j",
		(options) => {
			expect(() => bybitConnectionLimiter(options)).toThrow(
				/option (connections|perMs) must be an integer from 1, got/,
			);
		},
	);

	it("the default connection limiter is shared by all sessions with the same WebSocket class", () => {
		const link = new Link(new BybitVenue());
		const [one, other] = [memoryWebSocket(link), memoryWebSocket(link)];
		expect(connectionLimiterFor(one)).toBe(connectionLimiterFor(one));
		expect(connectionLimiterFor(one)).not.toBe(connectionLimiterFor(other));
		link.close();
	});
});

it("a session counts connection attempts and HTTP calls separately for each port of a host", async () => {
	const counted: string[] = [];
	const { link, signal } = start();
	const connectionLimiter = {
		tryAcquire: (host: string) => {
			counted.push(host);
			return 0;
		},
	};
	for (const port of [81, 82]) {
		const client = {
			...clientOf(link),
			wsUrl: `ws://127.0.0.1:${port}/v5/private`,
			restUrl: `http://127.0.0.1:${port}`,
		};
		await bybit({ client, products: ["DERIVATIVES"], connectionLimiter }).open(signal);
	}
	expect(counted).toEqual(["127.0.0.1:81", "127.0.0.1:82"]);
});

describe("a session whose connection limiter allows no attempt", () => {
	it("open() asks the keeper to wait until the connection limiter allows an attempt, and makes no earlier attempt", async () => {
		const { session, signal, venue, link } = start(
			{},
			{ connectionLimiter: bybitConnectionLimiter({ connections: 2, perMs: 60_000 }) },
		);
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(1_000);
		const upgrades = vi.spyOn(venue, "upgrade");
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "wait", forMs: 58_000 });
		expect(error.message).toMatch(
			/no connection made to stream\.bybit\.com: .* limit .* in 58000 ms.*may cancel DERIVATIVES orders/s,
		);
		expect(upgrades).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(58_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("two sessions with the same connection limiter share its limit", async () => {
		const limiter = bybitConnectionLimiter({ connections: 1, perMs: 60_000 });
		const [one, two] = [start({}, { connectionLimiter: limiter }), start({}, { connectionLimiter: limiter })];
		await one.session.open(one.signal);
		expect((await failure(two.session.open(two.signal))).disposition.action).toBe("wait");
	});

	it("bybit() throws at once if the option connectionLimiter has no function tryAcquire", () => {
		const wrong = { client: { apiKey: "k", apiSecret: "s" }, products: ["SPOT"], connectionLimiter: {} } as never;
		expect(() => bybit(wrong)).toThrow(
			/option connectionLimiter must be an object with a function tryAcquire, got a value of type object/,
		);
	});
});

describe("CallLimiter", () => {
	const log = new WireLog("bybit");

	it("a CallLimiter allows 300 HTTP calls to a host in ten seconds for all sessions of a process together", async () => {
		const transport = {};
		const [one, other] = [new CallLimiter(transport, "a", log), new CallLimiter(transport, "a", log)];
		for (let calls = 0; calls < 150; calls += 1) {
			expect(await one.run("call", async () => calls)).toBe(calls);
			await other.run("call", async () => calls);
		}
		let made = 0;
		const call = async (): Promise<void> => {
			made += 1;
		};
		const refused = await failure(other.run("call", call));
		expect(refused.disposition).toEqual({ action: "wait", forMs: 10_000 });
		expect(refused.message).toMatch(
			/this process has reached its limit of HTTP calls\. The next one is allowed in 10000 ms/,
		);
		await vi.advanceTimersByTimeAsync(9_999);
		await failure(one.run("call", call));
		expect(made).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		await one.run("call", call);
		expect(made).toBe(1);
	});

	it("a CallLimiter counts each host and each fetch function separately", async () => {
		const transport = {};
		for (let calls = 0; calls < 300; calls += 1)
			await new CallLimiter(transport, "a", log).run("call", async () => undefined);
		await failure(new CallLimiter(transport, "a", log).run("call", async () => undefined));
		await new CallLimiter(transport, "b", log).run("call", async () => undefined);
		await new CallLimiter({}, "a", log).run("call", async () => undefined);
	});

	it("a CallLimiter gives each refused caller a different time for the next attempt", async () => {
		const limiter = slidingWindowLimiter(3, 1_000);
		for (let at = 0; at < 3; at += 1) {
			expect(limiter.tryAcquire("a")).toBe(0);
			await vi.advanceTimersByTimeAsync(100);
		}
		expect([1, 2, 3, 4].map(() => limiter.tryAcquire("a"))).toEqual([700, 800, 900, 700]);
		await vi.advanceTimersByTimeAsync(700);
		expect(limiter.tryAcquire("a")).toBe(0);
		// The next two free slots are promised to the callers that were refused. The slot that was just used is free again a second later.
		expect(limiter.tryAcquire("a")).toBe(1_000);
	});
});
