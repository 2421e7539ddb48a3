import { neverAborted, sleep } from "@x/base/clock";
import { memoryFetch } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

const stepMs = 250;

/** Advances the fake clock until the session is in one of the wanted states. Returns how many milliseconds this took, in steps of 250. */
async function msUntil(stateNow: () => string | undefined, wanted: readonly string[]): Promise<number> {
	for (let ms = 0; ms < 100_000; ms += stepMs) {
		if (wanted.includes(stateNow() ?? "")) return ms;
		await vi.advanceTimersByTimeAsync(stepMs);
	}
	throw new Error(`the session is ${stateNow()}, and was never ${wanted.join(" or ")}`);
}

/**
 * Runs a session whose gateway stops answering for `forMs` milliseconds, beginning `atMs` milliseconds after the open; TCP still works.
 * Returns the measured times.
 */
async function hang(atMs: number, forMs: number, options: IbkrSessionOptions = {}) {
	const stage = new Stage({}, options);
	const keeper = keepalive([stage.session], { random: () => 0.999 });
	const current = () => keeper.snapshot()["ibkr"];
	const stateNow = () => current()?.status.state;
	await msUntil(stateNow, ["alive"]);
	await vi.advanceTimersByTimeAsync(atMs);
	stage.trigger("partition");
	const calledAliveMs = await msUntil(stateNow, ["late"]);
	await vi.advanceTimersByTimeAsync(forMs - calledAliveMs);
	stage.trigger("heal");
	const untilAliveMs = await msUntil(stateNow, ["alive"]);
	const losses = current()?.tally.losses;
	await keeper.stop({ orders: "keep" });
	expect(stage.venue.received.filter(({ status }) => status === 429)).toEqual([]);
	return { calledAliveMs, untilAliveMs, losses };
}

/** Repeats {@link hang} with hangs that begin at several times between two tickles. Returns the longest times. */
async function worst(forMs: number, options?: IbkrSessionOptions) {
	const seen: Awaited<ReturnType<typeof hang>>[] = [];
	for (let atMs = 500; atMs < 20_000; atMs += 1_700) seen.push(await hang(atMs, forMs, options));
	const longest = (name: "calledAliveMs" | "untilAliveMs") => Math.max(...seen.map((each) => each[name]));
	return {
		calledAliveMs: longest("calledAliveMs"),
		untilAliveMs: longest("untilAliveMs"),
		losses: Math.max(...seen.map(({ losses }) => losses ?? Number.NaN)),
	};
}

it.each([40_000, 70_000, 130_000])(
	"a session whose gateway hangs for %i ms is reported alive for at most 32 s of this time, and alive again within 22 s after the gateway answers",
	async (forMs) => {
		const { calledAliveMs, untilAliveMs, losses } = await worst(forMs);
		expect(calledAliveMs).toBeLessThanOrEqual(32_000);
		expect(untilAliveMs).toBeLessThanOrEqual(22_000);
		expect(losses).toBe(0);
	},
);

it.each([
	[330_000, 20_000],
	[400_000, 20_000],
	[900_000, 44_000],
])(
	"a session whose gateway hangs for %i ms, longer than the lease, is alive again at most %i ms after the gateway answers",
	async (forMs, withinMs) => {
		const { untilAliveMs, losses } = await worst(forMs);
		expect(losses).toBe(1);
		expect(untilAliveMs).toBeLessThanOrEqual(withinMs);
	},
);

it("a session whose gateway hangs is reported as alive for at most tickleMs plus callTimeoutMs", async () => {
	const options = { tickleMs: 5_000, client: { callTimeoutMs: 11_000 } };
	const { calledAliveMs, untilAliveMs } = await worst(60_000, options);
	expect(calledAliveMs).toBeLessThanOrEqual(16_000);
	expect(untilAliveMs).toBeLessThanOrEqual(14_000);
});

it("a session whose gateway takes 10 s to answer each call is never reported as late", async () => {
	let delayMs = 0;
	const slow: typeof fetch = async (...request) => {
		await sleep(delayMs, neverAborted);
		return memoryFetch(stage.link)(...request);
	};
	const stage: Stage = new Stage({}, { client: { fetch: slow } });
	const keeper = keepalive([stage.session]);
	const states = new Set<string>();
	await vi.advanceTimersByTimeAsync(5_000);
	delayMs = 10_000;
	keeper.onStatus(({ status }) => states.add(status.state));
	await vi.advanceTimersByTimeAsync(600_000);
	expect([...states]).toEqual(["alive"]);
	delayMs = 0;
	// Waits for the reply to a call that is still pending.
	await vi.advanceTimersByTimeAsync(10_000);
	await keeper.stop({ orders: "keep" });
});
