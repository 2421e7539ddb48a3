import type { DeribitConnection } from "@x/deribit-session";
import { type DeribitFault, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { createSession, credentials, neverAborted, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** Returns a generator of integers from 0 to below `below`, with the same sequence for the same seed (a linear congruential generator). */
function randomIntegers(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** A session whose replies are delayed by up to 4 s and reordered, while the program, the venue and the network do random things. */
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

it("in 200 random runs, requireArmed() never returns a connection whose orders the venue would not cancel in time", async () => {
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
	// Both outcomes have to be frequent, because otherwise the test proves little.
	expect(outcomes.armed).toBeGreaterThan(500);
	expect(outcomes.refused).toBeGreaterThan(1_000);
});
