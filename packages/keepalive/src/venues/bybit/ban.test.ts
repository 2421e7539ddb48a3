import { createBybitHttp } from "@x/bybit-dcp";
import { memoryFetch } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../index.ts";
import { silentLogger } from "../../logger.ts";
import { bybit } from "./index.ts";
import {
	advanceWithPings,
	apiKey,
	clientOf,
	failure,
	signer,
	start,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

/** Opens a session, then makes the venue ban its IP address. Also returns a spy that counts the session's WebSocket handshakes. */
async function banned() {
	const started = start();
	const upgrades = vi.spyOn(started.venue, "upgrade");
	await started.session.open(started.signal);
	await advanceWithPings(started.session, 60_000);
	started.inject("ban", { forMs: 600_000 });
	await started.session.beat(started.signal);
	upgrades.mockClear();
	return { ...started, upgrades };
}

describe("a session whose IP address is banned", () => {
	it("sessions that use the same fetch send no HTTP call during a ban, and each error names the ban", async () => {
		const { venue, link, inject, signal } = start();
		const client = clientOf(link);
		const make = (name: string) => bybit({ client, name, products: ["DERIVATIVES"] });
		inject("ban", { forMs: 600_000 });
		expect((await failure(make("one").open(signal))).disposition).toEqual({ action: "wait", forMs: 600_000 });
		await vi.advanceTimersByTimeAsync(60_000);
		const other = await failure(make("other").open(signal));
		expect(other.disposition).toEqual({ action: "wait", forMs: 540_000 });
		expect(other.message).toMatch(/not sent, because the venue has banned this IP address/);
		expect(venue.received).toHaveLength(1);
	});

	it("a session passes a ban of its IP address on to a session in a later worker or process, which sends no HTTP call until the ban ends", async () => {
		const { session, signal, venue, link } = await banned();
		// This session has its own fetch function, as a session in another thread has.
		const later = bybit({ client: clientOf(link), products: ["DERIVATIVES"] });
		later.inheritLimits(session.usedLimits(), false);
		const received = venue.received.length;
		await vi.advanceTimersByTimeAsync(60_000);
		expect((await failure(later.open(signal))).disposition).toEqual({ action: "wait", forMs: 540_000 });
		expect(venue.received).toHaveLength(received);
		await vi.advanceTimersByTimeAsync(540_000);
		expect((await later.open(signal)).protection.state).toBe("armed");
		expect(later.usedLimits()).not.toHaveProperty("calls");
	});

	it("a session reports a ban of its IP address to its keeper at once, although the session stays alive", async () => {
		const { session, signal, inject } = start();
		const limitsUsed = vi.fn(() => Object.keys(session.usedLimits()));
		session.attach({
			logger: silentLogger,
			notArmedReason: () => undefined,
			protectionChanged: () => undefined,
			limitsUsed,
		});
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		limitsUsed.mockClear();
		inject("ban", { forMs: 600_000 });
		await session.beat(signal);
		expect(limitsUsed.mock.results.map(({ value }) => value)).toEqual([["connections", "calls"]]);
	});

	it("a session banned from HTTP keeps trying to connect while a new connection can still prevent the cancel of its orders, and stops trying afterwards", async () => {
		const { session, signal, link, upgrades } = await banned();
		link.drop();
		for (let attempts = 0; attempts < 7; attempts += 1) {
			await vi.advanceTimersByTimeAsync(9_900);
			expect((await failure(session.open(signal))).disposition.action).toBe("retry");
		}
		expect(upgrades).toHaveBeenCalledTimes(7);
		// 71 s after the connection loss the venue has certainly cancelled the orders. From then on, open() makes an HTTP call before it
		// connects, and the ban forbids this call.
		await vi.advanceTimersByTimeAsync(1_700);
		const late = await failure(session.open(signal));
		expect(late.disposition).toEqual({ action: "wait", forMs: 529_000 });
		expect(late.message).toMatch(/Bybit may have cancelled/);
		expect(upgrades).toHaveBeenCalledTimes(7);
	});

	it("a session that is banned at its first open makes one handshake, which is refused, and then waits until the ban ends", async () => {
		const { signal, inject, venue, link } = start();
		const through = memoryFetch(link);
		let isMet = false;
		const fetch: typeof globalThis.fetch = async (...args) => {
			const reply = await through(...args);
			if (isMet) return reply;
			isMet = true;
			// Something else in this process causes the ban, after this session has read the venue's clock and before its handshake.
			inject("ban", { forMs: 600_000 });
			await createBybitHttp({ apiKey, signer, fetch })
				.serverTime()
				.catch(() => undefined);
			return reply;
		};
		const session = bybit({ client: { ...clientOf(link), fetch }, products: ["DERIVATIVES"] });
		const upgrades = vi.spyOn(venue, "upgrade");
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "wait", forMs: 600_000 });
		expect(error.message).toMatch(/refused the handshake.*banned this address from HTTP for another 600000 ms/);
		expect(upgrades).toHaveBeenCalledTimes(1);
	});

	it("a keeper of a banned session makes at most ten handshakes in ten minutes, and is armed again after the ban", async () => {
		const { session, link, upgrades } = await banned();
		await session.close("cancel");
		const keeper = keepalive([session], { random: () => 0.5 });
		await vi.advanceTimersByTimeAsync(1_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(598_000);
		expect(upgrades.mock.calls.length).toBeLessThanOrEqual(10);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(keeper.snapshot()[session.name]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
	});
});

it("a session connects in spite of a temporary HTTP failure, even when it is too late to prevent the cancel of the orders", async () => {
	const { session, signal, link, inject, state } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(71_000);
	inject("force", { status: 502, body: "<html>", times: 2 });
	expect((await session.open(signal)).protection).toMatchObject({ state: "unknown", reason: /502/ });
	expect(state()).toBe("armed");
	await session.beat(signal);
	inject("force", { retCode: 10004, times: 3 });
	link.drop();
	await vi.advanceTimersByTimeAsync(71_000);
	// The session has been open before, so only the third refusal in a row is fatal.
	const actions: string[] = [];
	for (let attempts = 0; attempts < 3; attempts += 1)
		actions.push((await failure(session.open(signal))).disposition.action);
	expect(actions).toEqual(["retry", "retry", "fatal"]);
});

it("if it is too late to prevent the cancel of the orders, open() reads the configuration before it connects, and the session is armed at once", async () => {
	const { session, signal, link, queries, inject } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(71_000);
	inject("setWindow", { product: "DERIVATIVES", seconds: 60 });
	const opening = session.open(signal);
	await vi.advanceTimersByTimeAsync(9_999);
	expect([link.connections, queries()]).toEqual([0, 2]);
	await vi.advanceTimersByTimeAsync(1);
	expect((await opening).protection.state).toBe("armed");
});
