import { describe, expect, it, vi } from "vitest";
import { Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import type { Status } from "../status/status.ts";
import { advance, deaf, fakeClock, hang, lease, scripted } from "../testing/scripted.ts";
import { never, sleep } from "../time.ts";

fakeClock();

const cancelled = { orders: "cancelled", withinMs: 0, detail: "left" } as const;

/** One session at a gate of 5 s, and what it told. */
function gated(script: Parameters<typeof scripted>[0] = {}, options: KeeperOptions = {}) {
	const session = scripted({ close: async () => cancelled, ...script });
	const keeper = keepalive([session], { random: () => 0, gate: { toleranceMs: 5_000 }, ...options });
	const told: Status[] = [];
	keeper.onStatus(({ status }) => told.push(status));
	const stop = async (): Promise<void> => {
		await Promise.all([keeper.stop({ orders: "cancel" }), advance(9_000)]);
	};
	return { session, keeper, told, stop, states: () => told.map(({ state }) => state) };
}

/** A program that pulses once a second for so many seconds. */
async function pulse(keeper: Keeper, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 1) {
		await advance(1_000);
		keeper.pulse();
	}
}

const asked = (session: { asked: { what: string }[] }): string[] => session.asked.map(({ what }) => what);

describe("a program that pulses", () => {
	it("has its sessions kept", async () => {
		const { keeper, session, states, stop } = gated();
		await pulse(keeper, 60);
		expect(states()).toEqual(["opening", "alive"]);
		expect(asked(session)).toEqual(["open", "beat", "beat", "beat"]);
		await stop();
	});

	it("and falls silent is left at its tolerance to the millisecond, so that the venue cancels", async () => {
		const { keeper, session, told, states, stop } = gated();
		await pulse(keeper, 10);
		await advance(4_999);
		expect(states()).toEqual(["opening", "alive"]);
		await advance(1);
		expect(asked(session)).toEqual(["open", "close cancel"]);
		const cause = {
			name: "Gate",
			message: "@x/keepalive: the program gave no sign of health for 5000 ms, 5000 are allowed",
		};
		expect(told.slice(2)).toEqual([
			{ state: "leaving", cause },
			{ state: "gated", cause, closed: cancelled },
		]);
		await stop();
	});

	it("again after a silence has its sessions opened anew, and not before", async () => {
		const { keeper, session, states, stop } = gated();
		await advance(1_000_000);
		expect(asked(session)).toEqual(["open", "close cancel"]);
		keeper.pulse();
		await advance(0);
		expect(asked(session)).toEqual(["open", "close cancel", "open"]);
		expect(states()).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		// It was not lost: it was left.
		expect(keeper.current("venue").tally).toMatchObject({ losses: 0, recoveries: 0 });
		await stop();
	});

	it("is told at IBKR, which cannot cancel, that nothing was cancelled", async () => {
		const refused = { orders: "refused", detail: "IBKR cancels no orders when a session ends" } as const;
		const { told, stop } = gated({ close: async () => refused });
		await advance(5_000);
		expect(told.at(-1)).toMatchObject({ state: "gated", closed: refused });
		await stop();
	});

	it("knows its number: tolerance, leaving and exposure stand in the status as one", async () => {
		const { told, stop } = gated({}, { closeTimeoutMs: 3_000 });
		await advance(0);
		expect(told.at(-1)).toMatchObject({ state: "alive", hangMs: 5_000 + 3_000 + 60_000 });
		await stop();
	});

	it("has no such number where nothing is armed", async () => {
		const unarmed: Lease = { ...lease, protection: { state: "unarmed", reason: "off" } };
		const { told, stop } = gated({ open: async () => unarmed });
		await advance(0);
		expect(told.at(-1)).toEqual({ state: "alive", ttlMs: 60_000, protection: unarmed.protection });
		await stop();
	});

	it("may pulse before it starts the keeper, and is watched from the start", async () => {
		const keeper = new Keeper([scripted()], { gate: { toleranceMs: 5_000 } });
		keeper.pulse();
		await advance(100_000);
		keeper.start();
		await advance(4_999);
		expect(keeper.current("venue").status.state).toBe("alive");
		await advance(1);
		expect(keeper.current("venue").status.state).toBe("gated");
		await keeper.stop({ orders: "keep" });
	});
});

describe("while a program is sick", () => {
	it("an opening is given up: it would rescue orders that nobody guards", async () => {
		let cut: AbortSignal | undefined;
		const open = (signal: AbortSignal): Promise<Lease> => {
			cut = signal;
			return hang(signal);
		};
		const { session, states, stop } = gated({ open });
		await advance(5_000);
		expect(cut?.aborted).toBe(true);
		expect(asked(session)).toEqual(["open", "close cancel"]);
		expect(states()).toEqual(["opening", "leaving", "gated"]);
		await stop();
	});

	it("a silence that the venue asked for goes on, and is kept when the program is well again", async () => {
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 600_000 } });
		const { keeper, session, states, told, stop } = gated({ open: async () => Promise.reject(boxed) });
		await advance(20_000);
		expect(states()).toEqual(["opening", "waiting", "leaving", "gated"]);
		await pulse(keeper, 579);
		expect(told.at(-1)).toMatchObject({ state: "waiting", why: "venue" });
		expect(asked(session)).toEqual(["open", "close cancel"]);
		await pulse(keeper, 1);
		expect(asked(session)).toEqual(["open", "close cancel", "open"]);
		await stop();
	});

	it("a silence that ends meanwhile is not told again, with an instant that is past", async () => {
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 10_000 } });
		const { keeper, states, stop } = gated({
			open: (_signal, count) => (count === 1 ? Promise.reject(boxed) : Promise.resolve(lease)),
		});
		await advance(20_000);
		keeper.pulse();
		await advance(0);
		expect(states()).toEqual(["opening", "waiting", "leaving", "gated", "opening", "alive"]);
		await stop();
	});

	it("and leaving has no answer, the session is shown as leaving until the venue's time is over", async () => {
		const { states, told, stop } = gated({ close: deaf });
		await advance(14_999);
		expect(states()).toEqual(["opening", "alive", "leaving"]);
		await advance(1);
		expect(told.at(-1)).toMatchObject({ state: "gated", closed: { orders: "unknown" } });
		await stop();
	});

	it("a session that failed for good stays as it is", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const { states, stop, keeper } = gated({ open: async () => Promise.reject(fatal) });
		await advance(20_000);
		keeper.pulse();
		await advance(20_000);
		expect(states()).toEqual(["opening", "leaving", "stopped"]);
		await stop();
	});

	it("stopping leaves once more, with what is asked for the orders, and ends the watch", async () => {
		const { keeper, session, states } = gated();
		await advance(5_000);
		expect(await keeper.stop({ orders: "keep" })).toEqual({ venue: cancelled });
		expect(asked(session)).toEqual(["open", "close cancel", "close keep"]);
		expect(states().slice(-3)).toEqual(["gated", "leaving", "stopped"]);
	});

	it("that began while it was being stopped, nothing is cancelled that was to be kept", async () => {
		const { keeper, session } = gated({ close: async (orders) => (orders === "keep" ? deaf() : cancelled) });
		await advance(4_000);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
		expect(asked(session)).toEqual(["open", "close keep"]);
	});

	it("those that wait for their turn to be stopped are left as was asked", async () => {
		const often = async (): Promise<Lease> => ({ ...lease, paceMs: 1_000 });
		const waiting = scripted({ open: often, beat: often });
		const slow = { ...scripted({ close: deaf }), name: "slow" };
		const keeper = keepalive([waiting, slow], { gate: { toleranceMs: 2_000 } });
		await advance(0);
		const stopped = keeper.stop({ orders: "keep" });
		await advance(9_000);
		await stopped;
		expect(asked(waiting).filter((what) => what.startsWith("close"))).toEqual(["close keep"]);
		expect(asked(waiting)).toContain("beat");
	});

	it("that is stopped while it is being left is never told as gated", async () => {
		const close = async () => {
			await sleep(2_000, never);
			return cancelled;
		};
		const { keeper, states } = gated({ close });
		await advance(6_000);
		const stopped = keeper.stop({ orders: "keep" });
		await advance(9_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "leaving", "stopped"]);
	});

	it("that is stopped during its leaving, it is told as stopped and never as gated", async () => {
		const { keeper, states } = gated({ close: deaf });
		await advance(6_000);
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 1_000 });
		await advance(20_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "leaving", "stopped"]);
	});

	it("again and again, it is opened more and more slowly, and loudly", async () => {
		const { keeper, session, told, stop } = gated({}, { restarts: { burst: 3, everyMs: 100_000 } });
		for (let turn = 0; turn < 5; turn += 1) {
			await advance(6_000);
			keeper.pulse();
		}
		expect(asked(session).filter((what) => what === "open")).toHaveLength(3);
		await advance(0);
		expect(told.at(-1)).toMatchObject({
			state: "waiting",
			why: "budget",
			cause: { name: "Budget", message: expect.stringContaining("opened more than 3 times") },
		});
		await stop();
	});
});

describe("a program that answers for its health", () => {
	it("is asked four times in its tolerance, and kept while it says true", async () => {
		const healthy = vi.fn(() => true);
		const { states, stop } = gated({}, { gate: { toleranceMs: 4_000, healthy } });
		await advance(100_000);
		expect(healthy).toHaveBeenCalledTimes(101);
		expect(states()).toEqual(["opening", "alive"]);
		await stop();
	});

	it.each([
		["false", () => false, "the program says that it is sick"],
		["a promise of true", async () => true, "healthy() gave a object; only true means well"],
		["nothing", () => undefined, "healthy() gave a undefined"],
		[
			"an error",
			() => {
				throw new Error("no strategy");
			},
			"healthy() threw: no strategy",
		],
	])("with %s is left at once, and opened anew when it says true again", async (_what, answer, message) => {
		let isWell = true;
		// What plain JavaScript may hand in.
		const healthy = (): boolean => (isWell ? true : (answer() as boolean));
		const { states, told, stop } = gated({}, { gate: { toleranceMs: 4_000, healthy } });
		await advance(500);
		isWell = false;
		await advance(500);
		expect(told.at(-1)).toMatchObject({ state: "gated", cause: { message: expect.stringContaining(message) } });
		await advance(10_000);
		isWell = true;
		await advance(1_000);
		expect(states()).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		await stop();
	});

	it("does not pulse as well", async () => {
		const { keeper, stop } = gated({}, { gate: { toleranceMs: 4_000, healthy: () => true } });
		expect(() => keeper.pulse()).toThrow("pulse() needs the option gate, without healthy");
		await stop();
	});
});

describe("a gate", () => {
	it("that is not there takes no pulse: who relies on it has to learn that nobody listens", async () => {
		const { keeper, stop } = gated({}, { gate: undefined } as object);
		expect(() => keeper.pulse()).toThrow("needs the option gate");
		await stop();
	});

	it.each([
		[{}, "gate.toleranceMs is a undefined"],
		[{ toleranceMs: 99 }, "gate.toleranceMs is a number 99; it must be 100 or more"],
		[{ toleranceMs: 5_000, healthy: true }, "gate.healthy is a boolean"],
		[{ toleranceMs: 5_000, health: () => true }, "gate health is not known"],
		["5 s", "gate is a string"],
	])("of %o is refused", (gate, message) => {
		// What plain JavaScript may hand in.
		expect(() => keepalive([scripted()], { gate } as KeeperOptions)).toThrow(message);
	});
});
