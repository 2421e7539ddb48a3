import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import { advance, scripted, useFakeClock } from "../testing/scripted-session.ts";
import type { RemotePulse } from "./health-gate.ts";

useFakeClock();

const toleranceMs = 5_000;

/** A keeper whose health gate reads calls of `pulse()` that were recorded elsewhere, as in another thread. */
function remote() {
	let unread: { at: number; wasLate: boolean } | undefined;
	const read = (): RemotePulse | undefined => {
		const pulse = unread && { ageMs: performance.now() - unread.at, wasLate: unread.wasLate };
		unread = undefined;
		return pulse;
	};
	const session = scripted({ close: async () => ({ orders: "cancelled", withinMs: 0, detail: "left" }) });
	const keeper = keepalive([session], { random: () => 0, gate: { toleranceMs } });
	keeper.remote.followPulses(read);
	const states: string[] = [];
	keeper.onStatus(({ status }) => states.push(status.state));
	const pulse = (wasLate = false): void => {
		unread = { at: performance.now(), wasLate };
	};
	const stop = async (): Promise<void> => {
		await Promise.all([keeper.stop({ orders: "cancel" }), advance(9_000)]);
	};
	return { keeper, states, pulse, stop };
}

describe("HealthGate with calls of pulse() from another thread", () => {
	it("the health gate counts toleranceMs from when pulse() was called, not from when the gate reads that call", async () => {
		const { states, pulse, stop } = remote();
		await advance(4_000);
		pulse();
		await advance(toleranceMs - 1);
		expect(states).toEqual(["opening", "alive"]);
		await advance(1);
		expect(states).toEqual(["opening", "alive", "leaving", "gated"]);
		await stop();
	});

	it("the health gate counts the program as healthy while pulse() is called in time, even if the gate rarely reads these calls", async () => {
		const { states, pulse, stop } = remote();
		for (let second = 0; second < 60; second += 4) {
			pulse();
			await advance(4_000);
		}
		expect(states).toEqual(["opening", "alive"]);
		await stop();
	});

	it("the health gate closes the session when it reads a pulse() that came too late, and then opens the session again", async () => {
		const { keeper, states, pulse, stop } = remote();
		await advance(1_000);
		pulse(true);
		keeper.isArmed("venue");
		await advance(1_000);
		expect(states).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		await stop();
	});

	it("the health gate opens the session again at its next check after pulse(), at most a quarter of toleranceMs later", async () => {
		const { states, pulse, stop } = remote();
		await advance(toleranceMs);
		expect(states.at(-1)).toBe("gated");
		pulse();
		await advance(toleranceMs / 4);
		expect(states.at(-1)).not.toBe("gated");
		await stop();
	});

	it("armedUntil() returns the time until which the session stays armed without a further pulse() or beat", async () => {
		const { keeper, stop } = remote();
		await advance(1_000);
		expect(keeper.remote.armedUntil("venue") - performance.now()).toBe(toleranceMs - 1_000);
		await advance(toleranceMs - 1_000);
		expect(keeper.remote.armedUntil("venue")).toBe(Number.NEGATIVE_INFINITY);
		await stop();
		const without = keepalive([scripted()], { random: () => 0 });
		await advance(0);
		// The next beat is due after 20 s, and the session counts as stalled 1 s after that.
		expect(without.remote.armedUntil("venue") - performance.now()).toBe(21_000);
		expect(without.remote.provenUntil("venue") - performance.now()).toBe(21_000);
		await Promise.all([without.stop({ orders: "cancel" }), advance(9_000)]);
	});
});
