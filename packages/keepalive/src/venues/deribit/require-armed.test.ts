import type { DeribitConnection } from "@x/deribit-session";
import { type DeribitFault, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import {
	createSession,
	credentials,
	failure,
	neverAborted,
	notArmedReason,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

describe("DeribitSession.requireArmed", () => {
	it("requireArmed() returns the connection over which orders are protected", async () => {
		const { session, venue, link } = stage();
		await session.open(neverAborted);
		await session.requireArmed().call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
		link.drop();
		expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	});

	it("requireArmed() throws before and during an open, after a close, and after the connection has ended", async () => {
		const { session, link } = stage();
		expect(notArmedReason(session)).toContain("there is no connection");
		const opening = session.open(neverAborted);
		expect(notArmedReason(session)).toContain("there is no connection");
		await opening;
		expect(notArmedReason(session)).toBeUndefined();
		const closing = session.close("cancel");
		expect(notArmedReason(session)).toContain("there is no connection");
		await closing;
		await session.open(neverAborted);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toContain("connection ended");
	});

	it("requireArmed() throws once the last answered ping is one ping interval, pong timeout and 200 ms old", async () => {
		const { session, link } = stage();
		await session.open(neverAborted);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(2_359);
		expect(notArmedReason(session)).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(notArmedReason(session)).toContain("the newest answered ping is older than 2360 ms");
	});

	it.each([
		[{ pingMs: 20_000 }, 7_826],
		[{ pongTimeoutMs: 10_000 }, 12_197],
	])(
		"requireArmed() throws after a silence of ping interval, pong timeout and 200 ms; the length of the lease limits the option %j",
		async (options, atMs) => {
			const { session, link } = stage({ intervalSeconds: 10, ...options });
			await session.open(neverAborted);
			link.faults.halfOpen({});
			const startedAt = performance.now();
			while (notArmedReason(session) === undefined) {
				await vi.advanceTimersByTimeAsync(1);
			}
			expect(Math.round(performance.now() - startedAt)).toBe(atMs);
		},
	);

	it("requireArmed() throws after a missed pong until a pong has come", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		trigger("suppressAnswers");
		await failure(session.beat(neverAborted), 960);
		await vi.advanceTimersByTimeAsync(200);
		expect(notArmedReason(session)).toContain("the newest answered ping is older");
		trigger("suppressAnswers", { on: false });
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("requireArmed() never throws during an hour in which beat() is called at the keeper's interval", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		for (let beats = 0; beats < 3_000; beats += 1) {
			await vi.advanceTimersByTimeAsync(1_200);
			expect(notArmedReason(session)).toBeUndefined();
			await session.beat(neverAborted);
		}
	});

	it("requireArmed() throws if the read-back finds cancel-on-disconnect off, or if the read-back is not answered", async () => {
		const { session, trigger } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		trigger("disarmAll");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toContain("is off for this connection");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
		trigger("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const beat = session.beat(neverAborted);
		await vi.advanceTimersByTimeAsync(6_667);
		await beat;
		expect(notArmedReason(session)).toContain("no answer");
	});

	it("requireArmed() throws after the machine was suspended for longer than a ping and its pong may take", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		vi.setSystemTime(Date.now() + 2_360);
		expect(notArmedReason(session)).toContain("older than 2360 ms");
	});

	it("requireArmed() throws while maintenance is announced, even after a beat()", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toContain("announced maintenance");
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toContain("announced maintenance");
		trigger("announceMaintenance", { on: false });
		await vi.advanceTimersByTimeAsync(0);
		expect(notArmedReason(session)).toBeUndefined();
	});
});

/** Returns a function that returns pseudo-random integers from 0 to below `below`, in the same sequence for the same seed. */
function randomIntegers(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** Makes a session whose replies are delayed by up to 4 s and reordered, while the program, the venue and the network do random things. */
function randomRun(seed: number) {
	const random = randomIntegers(seed);
	const { venue, link, trigger } = stage();
	class Delayed extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			const isReply = event instanceof MessageEvent && event.data.includes('"usIn"');
			if (!isReply || random(3) === 0) return super.dispatchEvent(event);
			setTimeout(() => super.dispatchEvent(event), random(4_000));
			return true;
		}
	}
	const verifyEveryMs = random(2) * 30_000;
	const session = createSession(Delayed, { verifyEveryMs });
	const scopes = ["connection", "account", undefined] as const;
	const call = (method: string, params: Record<string, unknown>): void => {
		const signal = random(5) === 0 ? AbortSignal.abort() : neverAborted;
		const options = { timeoutMs: 1 + random(2) * random(8_000), signal };
		void session.handle?.call(method, params, undefined, options).catch(() => undefined);
	};
	const scoped = (method: string) => () => call(method, { scope: scopes[random(3)] });
	let busy = false;
	const once = async (work: () => Promise<unknown>): Promise<void> => {
		if (busy) return;
		busy = true;
		await work().catch(() => undefined);
		busy = false;
	};
	const open = () => void once(() => session.open(neverAborted));
	const beat = () => void once(() => session.beat(neverAborted));
	const fault = (name: DeribitFault) => () => void trigger(name, { on: random(2) === 0 });
	const actions: (() => void)[] = [
		...[beat, beat, beat, beat, open],
		scoped("private/disable_cancel_on_disconnect"),
		scoped("private/enable_cancel_on_disconnect"),
		scoped("private/get_cancel_on_disconnect"),
		() => call("public/set_heartbeat", { interval: [10, 30, 60][random(3)] }),
		() => call("public/disable_heartbeat", {}),
		() => call("private/get_open_orders", {}),
		() => void session.handle?.authenticate(credentials).catch(() => undefined),
		...[fault("ignoreArming"), fault("failArming")],
		() => void trigger("suppressAnswers", { on: random(2) === 0, methods: ["private/get_cancel_on_disconnect"] }),
		() => {
			if (random(10) > 0) return;
			link.drop();
			open();
		},
	];
	const step = async (): Promise<void> => {
		actions[random(actions.length)]?.();
		await vi.advanceTimersByTimeAsync(random(3) * random(2_000));
	};
	return { venue, session, open, step };
}

it("in 200 random runs, the venue would cancel in time the orders of every connection that requireArmed() returns", async () => {
	const outcomes = { armed: 0, refused: 0 };
	for (let seed = 1; seed <= 200; seed += 1) {
		const { venue, session, open, step } = randomRun(seed);
		open();
		await vi.advanceTimersByTimeAsync(20_000);
		for (let count = 0; count < 150; count += 1) {
			await step();
			let armed: DeribitConnection;
			try {
				armed = session.requireArmed();
				outcomes.armed += 1;
			} catch {
				outcomes.refused += 1;
				continue;
			}
			const truth = venue.truth().connections.at(-1);
			expect({ seed, count, ...truth }).toMatchObject({ armed: true, heartbeatSeconds: 30, authenticated: true });
			expect(armed).toBe(session.handle);
		}
		const closing = session.close("cancel");
		await vi.advanceTimersByTimeAsync(60_000);
		await closing;
	}
	// Both results of requireArmed() have to be frequent. Otherwise the test would prove little.
	expect(outcomes.armed).toBeGreaterThan(500);
	expect(outcomes.refused).toBeGreaterThan(1_000);
});
