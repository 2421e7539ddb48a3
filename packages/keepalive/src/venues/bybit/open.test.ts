import { describe, expect, it, vi } from "vitest";
import { epoch, failure, start, timed, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

describe("open() of a BybitSession", () => {
	it("open() reports armed when the cancel window is as requested, the topic is acknowledged and a ping is answered", async () => {
		const { venue, session, signal, state } = start();
		const lease = await session.open(signal);
		expect(lease).toMatchObject({
			ttlMs: 30_000,
			paceMs: 10_000,
			protection: { state: "armed", scope: "DERIVATIVES", exposureMs: 71_000, verifiedAt: epoch },
		});
		expect(state()).toBe("armed");
		expect(venue.truth().SPOT.state).toBe("idle");
		expect(session.handle).toBeDefined();
	});

	it("open() sets the cancel window if the venue has another one, and connects only after reading the new one back", async () => {
		const { venue, session, signal, link, sets } = start({ windowSeconds: 60 });
		const opening = session.open(signal);
		await vi.advanceTimersByTimeAsync(9_999);
		expect(venue.received.at(1)).toMatchObject({ body: '{"product":"DERIVATIVES","timeWindow":10}' });
		expect(link.connections).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		expect((await opening).protection).toMatchObject({ state: "armed", verifiedAt: epoch + 10_000 });
		expect(sets()).toBe(1);
	});

	it("open() sets the cancel windows of three products with three HTTP calls", async () => {
		const { venue, session, signal } = start({ windowSeconds: 60 }, { products: ["OPTIONS", "DERIVATIVES", "SPOT"] });
		expect((await timed(session.open(signal))).value.protection.state).toBe("armed");
		const bodies = venue.received.flatMap((got) => (got.kind === "http" && got.method === "POST" ? [got.body] : []));
		expect(bodies.sort()).toEqual([
			'{"product":"DERIVATIVES","timeWindow":10}',
			'{"product":"OPTIONS","timeWindow":10}',
			'{"product":"SPOT","timeWindow":10}',
		]);
	});

	it("open() sends a configuration query, an account mode query, sign-in, subscription, ping and the same subscription again, in this order and nothing else", async () => {
		const { venue, session, signal } = start();
		await session.open(signal);
		const steps = venue.received.map((got) =>
			got.kind === "http" ? got.path : (got.frame as { op: string; args?: unknown[] }).op,
		);
		expect(steps).toEqual(["/v5/account/query-dcp-info", "/v5/account/info", "auth", "subscribe", "ping", "subscribe"]);
	});

	it("open() fails with a fatal error on an account whose mode does not support Disconnection Protect", async () => {
		const { session, signal, link } = start({ windowSeconds: 60, accountMode: "classic" });
		const error = await failure(session.open(signal));
		expect([error.disposition.action, error.message]).toEqual(["fatal", expect.stringMatching(/refused with 10028/)]);
		expect(link.connections).toBe(0);
	});

	it("open() reads the cancel window a second time, after half of settleMs, if the venue applies it more slowly than documented", async () => {
		const { session, signal, sets } = start({ windowSeconds: 60, settleMs: 14_000 });
		const { value, tookMs } = await timed(session.open(signal));
		expect(value.protection.state).toBe("armed");
		expect([tookMs, sets()]).toEqual([15_000, 1]);
	});

	it("open() fails if the venue accepts the new cancel window twice and never applies it", async () => {
		const { session, signal, inject, sets, link, state } = start({ windowSeconds: 60 });
		inject("ignoreSet", { on: true });
		const { value, tookMs } = await timed(failure(session.open(signal)));
		expect(value.disposition).toEqual({ action: "retry" });
		expect(value.message).toMatch(
			/setting the cancel window failed: Bybit accepted the call twice but still reports a window of 60 s/,
		);
		expect([tookMs, sets(), link.connections, state()]).toEqual([30_000, 2, 0, "idle"]);
	});

	it.each(["array", "null", "absent"] as const)(
		"open() fails with the action human if Disconnection Protect is off for all products and the venue sends the empty list as: %s",
		async (emptyList) => {
			const { session, signal, sets, link } = start({ enabled: [], emptyList, setWhenNotEnabled: "accept" });
			const error = await failure(session.open(signal));
			expect(error.disposition).toEqual({
				action: "human",
				todo: "Ask your Bybit account manager to enable Disconnection Protect for this account and DERIVATIVES.",
			});
			expect([sets(), link.connections]).toEqual([0, 0]);
		},
	);

	it("open() distinguishes a product that was just disabled from a key without permission, although the venue refuses both with code 10005", async () => {
		for (const isOff of [true, false]) {
			const { session, signal, inject, venue } = start({ windowSeconds: 60 });
			const http = venue.http.bind(venue);
			venue.http = (request) => {
				if (request.method === "POST" && isOff) inject("entitle", { product: "DERIVATIVES", enabled: false });
				if (request.method === "POST" && !isOff) inject("force", { path: "cancel-all", retCode: 10005 });
				return http(request);
			};
			const { disposition } = await failure(session.open(signal));
			expect(disposition.action).toBe(isOff ? "human" : "fatal");
		}
	});

	it("open() names which one of several products has Disconnection Protect switched off", async () => {
		const { session, signal } = start({ enabled: ["DERIVATIVES", "OPTIONS"] }, { products: ["DERIVATIVES", "SPOT"] });
		const { disposition } = await failure(session.open(signal));
		expect(disposition).toMatchObject({ action: "human", todo: expect.stringMatching(/and SPOT\.$/) });
	});

	it("open() arms the venue for each of three products, and names the three in protection.scope", async () => {
		const { venue, session, signal } = start({}, { products: ["OPTIONS", "DERIVATIVES", "SPOT"] });
		expect((await session.open(signal)).protection).toMatchObject({ scope: "OPTIONS, DERIVATIVES, SPOT" });
		expect(Object.values(venue.truth()).map(({ state }) => state)).toEqual(["armed", "armed", "armed"]);
	});

	it.each([
		["auth", 2_500],
		["subscribe", 2_500],
		["pong", 3_000],
	])("open() fails in time for a second attempt in the cancel window if the venue withholds: %s", async (kind, ms) => {
		const { session, signal, inject, link } = start();
		inject("withhold", { [kind]: true });
		const { value, tookMs } = await timed(failure(session.open(signal)));
		expect(value.disposition).toEqual({ action: "retry" });
		expect(tookMs).toBe(ms);
		await vi.advanceTimersByTimeAsync(1);
		expect(link.connections).toBe(0);
		expect(session.handle).toBeUndefined();
	});

	it("open() asks for a retry after a refused subscription, and fails with a fatal error at a host that does not serve private connections", async () => {
		const { session, signal, inject } = start();
		inject("refuse", { subscribe: "Request not authorized" });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "retry" });
		inject("refuse", { subscribe: "wrong-host" });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "fatal" });
		inject("refuse", { subscribe: "already" });
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("open() asks the keeper to wait until a ban is over", async () => {
		const { session, signal, inject } = start();
		inject("ban", { forMs: 600_000 });
		expect((await failure(session.open(signal))).disposition).toEqual({ action: "wait", forMs: 600_000 });
	});

	it("open() retries after a refusal because of a wrong clock, and then uses the venue's time that the refusal contained", async () => {
		const { session, signal, inject } = start();
		inject("skew", { ms: -30_000 });
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "retry" });
		expect(error.message).toMatch(/29700 ms ahead of/);
		expect((await session.open(signal)).protection.state).toBe("armed");
	});

	it("open() leaves no connection if it is aborted while it waits for the new cancel window, and the next open() finds that window set", async () => {
		const { session, sets, link, signal } = start({ windowSeconds: 60 });
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(5_000);
		cut.abort(new Error("cut"));
		await opening;
		expect(link.connections).toBe(0);
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await session.open(signal)).protection.state).toBe("armed");
		expect(sets()).toBe(1);
	});

	it("open() leaves no connection if it is aborted while it connects", async () => {
		const { session, inject, link, state } = start();
		inject("withhold", { pong: true });
		const cut = new AbortController();
		const opening = failure(session.open(cut.signal));
		await vi.advanceTimersByTimeAsync(100);
		expect(state()).toBe("armed");
		cut.abort(new Error("cut"));
		await opening;
		await vi.advanceTimersByTimeAsync(1);
		expect([link.connections, session.handle, state()]).toEqual([0, undefined, "counting"]);
	});
});
