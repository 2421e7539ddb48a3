import { BybitError } from "@x/bybit-dcp";
import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive, type Protection } from "../../index.ts";
import { bybit } from "./index.ts";
import { resolveBybitOptions } from "./options.ts";
import { AdaptivePingTimeout } from "./ping.ts";
import {
	advanceWithPings,
	clientOf,
	type SomeOptions,
	start,
	timed,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

const missed = new BybitError("timeout", "", { call: "ping" });

function pingTimeout(options: SomeOptions = {}): AdaptivePingTimeout {
	const client = { apiKey: "k", apiSecret: "s" };
	return new AdaptivePingTimeout(resolveBybitOptions({ client, products: ["SPOT"], ...options }));
}

describe("AdaptivePingTimeout", () => {
	const now = (of: AdaptivePingTimeout): unknown[] => [of.options.pingMs, of.options.pongTimeoutMs];

	it("AdaptivePingTimeout doubles the ping interval and the pong deadline with each missed pong, and resets both ten minutes after the last missed pong", async () => {
		const one = pingTimeout();
		expect(now(one)).toEqual([1_200, 960]);
		one.record(missed);
		expect(now(one)).toEqual([2_400, 1_920]);
		one.record(missed);
		expect(now(one)).toEqual([3_750, 3_000]);
		one.record(missed);
		expect(now(one)).toEqual([3_750, 3_000]);
		await vi.advanceTimersByTimeAsync(599_999);
		expect(now(one)).toEqual([3_750, 3_000]);
		await vi.advanceTimersByTimeAsync(1);
		expect(now(one)).toEqual([1_200, 960]);
	});

	it("AdaptivePingTimeout raises the age limit of pings after a missed pong, and lowers the limit ten minutes later, once a ping sent with the shorter interval is answered", async () => {
		const one = pingTimeout();
		const limitMs = () => one.ageLimits.pingMs;
		expect(limitMs()).toBe(2_160);
		one.record(missed);
		expect(limitMs()).toBe(4_320);
		await vi.advanceTimersByTimeAsync(599_999);
		const sentWith = one.options;
		await vi.advanceTimersByTimeAsync(1);
		expect([now(one), limitMs()]).toEqual([[1_200, 960], 4_320]);
		one.recordPong(sentWith);
		expect(limitMs()).toBe(4_320);
		one.recordPong(one.options);
		expect(limitMs()).toBe(2_160);
	});

	it("AdaptivePingTimeout changes nothing after an error other than a missed pong, or if the option pingMs or pongTimeoutMs was given", () => {
		const one = pingTimeout();
		for (const other of [new BybitError("timeout", "", { call: "auth" }), new BybitError("closed", ""), missed.message])
			one.record(other);
		expect(now(one)).toEqual([1_200, 960]);
		for (const settings of [{ pingMs: 1_200 }, { pongTimeoutMs: 500 }]) {
			const given = pingTimeout(settings);
			const before = now(given);
			given.record(missed);
			expect(now(given)).toEqual(before);
		}
	});

	it("the default of pingMs is derived from pongTimeoutMs if only pongTimeoutMs is given", () => {
		for (const [pongTimeoutMs, pingMs] of [
			[500, 1_200],
			[960, 1_200],
			[961, 1_202],
			[2_000, 2_500],
			[8_000, 10_000],
		] as const)
			expect(now(pingTimeout({ pongTimeoutMs }))).toEqual([pingMs, pongTimeoutMs]);
	});

	it("the pong deadline never grows beyond a third of the cancel window", () => {
		const one = pingTimeout({ windowSeconds: 3 });
		one.record(missed);
		expect(now(one)).toEqual([1_250, 1_000]);
	});
});

/** Starts a keeper with a session that has default options; `late.ms` delays the pongs. */
async function kept() {
	const started = start();
	const late = { ms: 0 };
	class Slow extends memoryWebSocket(started.link) {
		override send(data: string): void {
			if (late.ms === 0 || !data.includes('"ping"')) super.send(data);
			else setTimeout(() => super.send(data), late.ms);
		}
	}
	const session = bybit({
		client: { ...clientOf(started.link), WebSocket: Slow },
		products: ["DERIVATIVES"],
	});
	const states: string[] = [];
	const keeper = keepalive([session], { random: () => 0 });
	keeper.onStatus(({ status }) => {
		states.push(status.state === "alive" ? `alive ${status.protection.state}` : status.state);
	});
	await vi.advanceTimersByTimeAsync(10);
	const stop = async (): Promise<void> => {
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(11_000);
		await stopping;
	};
	return { ...started, session, states, late, stop };
}

describe("a BybitSession with all defaults", () => {
	it("a session is lost at most one ping interval and one pong deadline after its connection died, and armed again after one retry delay", async () => {
		for (const sinceMs of [0, 300, 600, 900, 1_189]) {
			const { link, states, state, stop } = await kept();
			await vi.advanceTimersByTimeAsync(sinceMs);
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(2_160);
			expect(states).toContain("lost");
			await vi.advanceTimersByTimeAsync(600);
			expect([states.at(-1), state()]).toEqual(["alive armed", "armed"]);
			await stop();
		}
	});

	it("a session with all defaults stays alive when a pong takes 950 ms", async () => {
		const { states, late, stop } = await kept();
		late.ms = 950;
		await vi.advanceTimersByTimeAsync(600_000);
		expect(new Set(states)).toEqual(new Set(["opening", "alive armed"]));
		await stop();
	});

	it("a session stays armed when its ping interval and pong deadline return to their configured values, ten minutes after a missed pong", async () => {
		const { link, session, states, stop } = await kept();
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(states.slice(-3)).toEqual(["waiting", "opening", "alive armed"]);
		const reasons = new Set<string>();
		const pings = new Set<number | null>();
		for (let ms = 0; ms < 620_000; ms += 50) {
			await vi.advanceTimersByTimeAsync(50);
			const reason = session.notArmedReason();
			if (reason !== undefined) reasons.add(reason);
			if (ms >= 610_000) pings.add(session.evidence.pingAt);
		}
		expect([[...reasons], pings.size > 7]).toEqual([[], true]);
		await stop();
	});

	it.each([1_250, 2_500])("a session reconnects at most twice in ten minutes when pongs take %i ms", async (ms) => {
		const { venue, inject, states, late, stop } = await kept();
		const upgrades = vi.spyOn(venue, "upgrade");
		inject("place", { product: "DERIVATIVES" });
		late.ms = ms;
		await vi.advanceTimersByTimeAsync(590_000);
		expect(upgrades.mock.calls.length).toBeLessThanOrEqual(2);
		expect(states.at(-1)).toBe("alive armed");
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await stop();
	});
});

describe("a BybitSession whose read-back of the configuration takes longer than one beat", () => {
	/** Opens a session with the default ping interval; after the open, its HTTP calls take `ms` milliseconds. */
	async function slow(ms: number) {
		const { link, signal, queries } = start();
		let lateMs = 0;
		const through = memoryFetch(link);
		const fetch: typeof globalThis.fetch = async (...call) => {
			if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
			return through(...call);
		};
		const session = bybit({ client: { ...clientOf(link), fetch }, products: ["DERIVATIVES"] });
		await session.open(signal);
		lateMs = ms;
		const beatsOf = async (count: number) => {
			const seen: Protection[] = [];
			for (let beat = 0; beat < count; beat += 1) {
				const { value, tookMs } = await timed(session.beat(signal));
				seen.push(value.protection);
				await vi.advanceTimersByTimeAsync(1_200 - tookMs);
			}
			return seen;
		};
		return { beatsOf, queries };
	}

	it("a slow read-back of the configuration leaves the last proof valid until the answer comes, and the proof's age keeps growing", async () => {
		const { beatsOf, queries } = await slow(2_000);
		const seen = await beatsOf(75);
		expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(["armed"]));
		expect(queries()).toBe(2);
		const ages = seen.map((each) => (each.state === "armed" ? each.verifiedAt : 0));
		expect(new Set(ages).size).toBe(2);
	});

	it("a slow read-back of the configuration makes the protection unknown once the deadline of the HTTP call has passed", async () => {
		const { session, signal, inject } = start({}, { pingMs: 1_200 });
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		inject("withhold", { reply: true });
		const from = Date.now();
		const first = (await timed(session.beat(signal))).value.protection;
		expect(first).toMatchObject({ state: "armed", verifiedAt: from - 60_000 });
		await vi.advanceTimersByTimeAsync(from + 2_100 - Date.now());
		const last = await timed(session.beat(signal));
		expect(last.value.protection).toMatchObject({
			state: "unknown",
			reason: expect.stringMatching(/no reply within 3000 ms/),
		});
		expect(Date.now() - from).toBe(3_000);
	});

	it("a slow read-back of the configuration is discarded when its connection ends, and does not prove the protection of the next connection", async () => {
		const { session, signal, inject, link } = start({}, { pingMs: 1_200 });
		await session.open(signal);
		await advanceWithPings(session, 60_000);
		inject("withhold", { reply: true });
		await timed(session.beat(signal));
		inject("entitle", { product: "DERIVATIVES", enabled: false });
		inject("withhold", { reply: false });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
	});
});
