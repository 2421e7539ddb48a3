import { createBybitHttp } from "@x/bybit-dcp";
import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../index.ts";
import { bybit } from "./index.ts";
import { apiKey, failure, pass, signer, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

/** A session that has met a ban, with its handshakes counted. */
async function banned() {
	const started = start();
	const upgrades = vi.spyOn(started.venue, "upgrade");
	await started.session.open(started.signal);
	await pass(started.session, 60_000);
	started.lever("ban", { forMs: 600_000 });
	await started.session.beat(started.signal);
	upgrades.mockClear();
	return { ...started, upgrades };
}

describe("an address that is banned", () => {
	it("is silent in every session of the process that leaves by it, and every one says so", async () => {
		const { venue, link, lever, signal } = start();
		const faces = { fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
		const make = (name: string) => bybit({ name, apiKey, signer, products: ["DERIVATIVES"], ...faces });
		lever("ban", { forMs: 600_000 });
		expect((await failure(make("one").open(signal))).disposition).toEqual({ action: "wait", forMs: 600_000 });
		await vi.advanceTimersByTimeAsync(60_000);
		const other = await failure(make("other").open(signal));
		expect(other.disposition).toEqual({ action: "wait", forMs: 540_000 });
		expect(other.message).toMatch(/was not sent: the venue has banned this address/);
		expect(venue.received).toHaveLength(1);
	});

	it("goes on trying to connect while the orders may still be saved, and once more afterwards, not again before the end", async () => {
		const { session, signal, link, upgrades } = await banned();
		link.drop();
		for (let attempts = 0; attempts < 7; attempts += 1) {
			await vi.advanceTimersByTimeAsync(9_900);
			expect((await failure(session.open(signal))).disposition.action).toBe("retry");
		}
		expect(upgrades).toHaveBeenCalledTimes(7);
		// 70 s after the loss the venue has cancelled by any reading; from there on HTTP is asked first, which is silent.
		await vi.advanceTimersByTimeAsync(700);
		const late = await failure(session.open(signal));
		expect(late.disposition).toEqual({ action: "wait", forMs: 530_000 });
		expect(late.message).toMatch(/It must be assumed that the venue has cancelled/);
		expect(upgrades).toHaveBeenCalledTimes(7);
	});

	it("waits for the end after one handshake that was refused, where nothing is to be saved", async () => {
		const { signal, lever, venue, link } = start();
		const through = memoryFetch(link);
		let isMet = false;
		const fetch: typeof globalThis.fetch = async (...args) => {
			const reply = await through(...args);
			if (isMet) return reply;
			isMet = true;
			// Another part of this process meets the ban between this session's reading and its handshake.
			lever("ban", { forMs: 600_000 });
			await createBybitHttp({ apiKey, signer, fetch })
				.serverTime()
				.catch(() => undefined);
			return reply;
		};
		const session = bybit({ apiKey, signer, products: ["DERIVATIVES"], fetch, WebSocket: memoryWebSocket(link) });
		const upgrades = vi.spyOn(venue, "upgrade");
		const error = await failure(session.open(signal));
		expect(error.disposition).toEqual({ action: "wait", forMs: 600_000 });
		expect(error.message).toMatch(/handshake was refused.*banned this address from HTTP for another 600000 ms/);
		expect(upgrades).toHaveBeenCalledTimes(1);
	});

	it("under a keeper makes few handshakes in ten minutes, and is armed again after them", async () => {
		const { session, link, upgrades } = await banned();
		await session.close("cancel");
		const keeper = keepalive([session], { random: () => 0.5 });
		await vi.advanceTimersByTimeAsync(1_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(598_000);
		expect(upgrades.mock.calls.length).toBeLessThanOrEqual(8);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(keeper.snapshot()[session.name]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
	});
});

it("an HTTP side that only fails for the moment keeps nobody from connecting after a race that was lost", async () => {
	const { session, signal, link, lever, state } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(70_000);
	lever("force", { status: 502, body: "<html>", times: 2 });
	expect((await session.open(signal)).protection).toMatchObject({ state: "unknown", reason: /502/ });
	expect(state()).toBe("armed");
	lever("force", { retCode: 10004 });
	link.drop();
	await vi.advanceTimersByTimeAsync(70_000);
	expect((await failure(session.open(signal))).disposition).toEqual({ action: "fatal" });
});

it("a race that is lost is followed by the configuration first, so that what comes back is armed at once", async () => {
	const { session, signal, link, queries, lever } = start();
	await session.open(signal);
	link.drop();
	await vi.advanceTimersByTimeAsync(70_000);
	lever("setWindow", { product: "DERIVATIVES", seconds: 60 });
	const opening = session.open(signal);
	await vi.advanceTimersByTimeAsync(9_999);
	expect([link.connections, queries()]).toEqual([0, 2]);
	await vi.advanceTimersByTimeAsync(1);
	expect((await opening).protection.state).toBe("armed");
});
