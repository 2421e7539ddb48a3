import { BybitError } from "@x/bybit-dcp";
import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive, type Protection } from "../../index.ts";
import { type BybitSettings, bybit } from "./index.ts";
import { type BybitSessionOptions, resolveBybitOptions } from "./options.ts";
import { Patience } from "./ping.ts";
import { apiKey, pass, signer, start, timed, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const missed = new BybitError("timeout", "", { attempt: "ping" });

function patience(settings: Partial<BybitSettings> = {}): Patience {
	return new Patience(
		resolveBybitOptions({ apiKey: "k", apiSecret: "s", products: ["SPOT"], ...settings } as BybitSessionOptions),
	);
}

describe("the pace and the deadline of a ping", () => {
	const now = (of: Patience): unknown[] => [of.options.pingMs, of.options.pongTimeoutMs];

	it("double with each missed pong, and are those of the settings again ten minutes after the last", async () => {
		const one = patience();
		expect(now(one)).toEqual([1_200, 960]);
		one.note(missed);
		expect(now(one)).toEqual([2_400, 1_920]);
		one.note(missed);
		expect(now(one)).toEqual([3_750, 3_000]);
		one.note(missed);
		expect(now(one)).toEqual([3_750, 3_000]);
		await vi.advanceTimersByTimeAsync(599_999);
		expect(now(one)).toEqual([3_750, 3_000]);
		await vi.advanceTimersByTimeAsync(1);
		expect(now(one)).toEqual([1_200, 960]);
	});

	it("stay as they are after any other failure, and where one of them was given", () => {
		const one = patience();
		for (const other of [
			new BybitError("timeout", "", { attempt: "auth" }),
			new BybitError("closed", ""),
			missed.message,
		])
			one.note(other);
		expect(now(one)).toEqual([1_200, 960]);
		for (const settings of [{ pingMs: 1_200 }, { pongTimeoutMs: 500 }]) {
			const given = patience(settings);
			const before = now(given);
			given.note(missed);
			expect(now(given)).toEqual(before);
		}
	});

	it("fit a deadline that was given alone", () => {
		for (const [pongTimeoutMs, pingMs] of [
			[500, 1_200],
			[960, 1_200],
			[961, 1_202],
			[2_000, 2_500],
			[8_000, 10_000],
		] as const)
			expect(now(patience({ pongTimeoutMs }))).toEqual([pingMs, pongTimeoutMs]);
	});

	it("never grow beyond a third of the window", () => {
		const one = patience({ windowSeconds: 3 });
		one.note(missed);
		expect(now(one)).toEqual([1_250, 1_000]);
	});
});

/** A keeper of a session with all defaults, whose pings take so long to arrive. */
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
		apiKey,
		signer,
		products: ["DERIVATIVES"],
		fetch: memoryFetch(started.link),
		WebSocket: Slow,
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

describe("with all defaults", () => {
	it("a line that dies is lost one pace and one deadline later at the most, and another one counts a back-off after that", async () => {
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

	it("a pong that takes 950 ms loses nothing", async () => {
		const { states, late, stop } = await kept();
		late.ms = 950;
		await vi.advanceTimersByTimeAsync(600_000);
		expect(new Set(states)).toEqual(new Set(["opening", "alive armed"]));
		await stop();
	});

	it.each([1_250, 2_500])(
		"pongs that take %i ms cost two connections more in ten minutes, not a loop of them",
		async (ms) => {
			const { venue, lever, states, late, stop } = await kept();
			const upgrades = vi.spyOn(venue, "upgrade");
			lever("place", { product: "DERIVATIVES" });
			late.ms = ms;
			await vi.advanceTimersByTimeAsync(590_000);
			expect(upgrades.mock.calls.length).toBeLessThanOrEqual(2);
			expect(states.at(-1)).toBe("alive armed");
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await stop();
		},
	);
});

describe("a read-back that takes longer than a beat", () => {
	/** A session at the default pace whose HTTP calls take so long once it is open, and the protection of its beats. */
	async function slow(ms: number) {
		const { link, signal, queries } = start();
		let lateMs = 0;
		const through = memoryFetch(link);
		const fetch: typeof globalThis.fetch = async (...call) => {
			if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
			return through(...call);
		};
		const session = bybit({ apiKey, signer, products: ["DERIVATIVES"], fetch, WebSocket: memoryWebSocket(link) });
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

	it("leaves the last proof standing meanwhile, with its age, and is the proof when it comes", async () => {
		const { beatsOf, queries } = await slow(2_000);
		const seen = await beatsOf(75);
		expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(["armed"]));
		expect(queries()).toBe(2);
		const ages = seen.map((each) => (each.state === "armed" ? each.verifiedAt : 0));
		expect(new Set(ages).size).toBe(2);
	});

	it("and never comes makes the protection unknown once a call's deadline has passed", async () => {
		const { session, signal, lever } = start({}, { pingMs: 1_200 });
		await session.open(signal);
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		const from = Date.now();
		const first = (await timed(session.beat(signal))).value.protection;
		expect(first).toMatchObject({ state: "armed", verifiedAt: from - 60_000 });
		await vi.advanceTimersByTimeAsync(from + 2_100 - Date.now());
		const last = await timed(session.beat(signal));
		expect(last.value.protection).toMatchObject({
			state: "unknown",
			reason: expect.stringMatching(/had no answer within 3000 ms/),
		});
		expect(Date.now() - from).toBe(3_000);
	});

	it("ends with its connection, and proves nothing of the next", async () => {
		const { session, signal, lever, link } = start({}, { pingMs: 1_200 });
		await session.open(signal);
		await pass(session, 60_000);
		lever("withhold", { reply: true });
		await timed(session.beat(signal));
		lever("entitle", { product: "DERIVATIVES", enabled: false });
		lever("withhold", { reply: false });
		link.drop();
		await vi.advanceTimersByTimeAsync(1);
		expect((await session.open(signal)).protection.state).toBe("unarmed");
	});
});
