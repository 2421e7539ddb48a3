import { neverAborted, sleep } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import type { Status } from "../status/status.ts";
import { advance, callsOf, hang, hangForever, lease, scripted, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

const cancelled = { orders: "cancelled", withinMs: 0, detail: "left" } as const;

/** A keeper with one session and a health gate with a toleranceMs of 5 s, and the statuses that were published. */
function gated(script: Parameters<typeof scripted>[0] = {}, options: KeeperOptions = {}) {
	const session = scripted({ close: async () => cancelled, ...script });
	const keeper = keepalive([session], { random: () => 0, gate: { toleranceMs: 5_000 }, ...options });
	const statuses: Status[] = [];
	keeper.onStatus(({ status }) => statuses.push(status));
	const stop = async (): Promise<void> => {
		await Promise.all([keeper.stop({ orders: "cancel" }), advance(9_000)]);
	};
	return { session, keeper, statuses, stop, states: () => statuses.map(({ state }) => state) };
}

/** Calls pulse() once a second, for this many seconds. */
async function pulse(keeper: Keeper, seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second += 1) {
		await advance(1_000);
		keeper.pulse();
	}
}

describe("HealthGate with pulse()", () => {
	it("the health gate keeps sessions alive while the program calls pulse()", async () => {
		const { keeper, session, states, stop } = gated();
		await pulse(keeper, 60);
		expect(states()).toEqual(["opening", "alive"]);
		expect(callsOf(session)).toEqual(["open", "beat", "beat", "beat"]);
		await stop();
	});

	it("the health gate closes sessions exactly toleranceMs after the last pulse(), so that the venue cancels the orders", async () => {
		const { keeper, session, statuses, states, stop } = gated();
		await pulse(keeper, 10);
		await advance(4_999);
		expect(states()).toEqual(["opening", "alive"]);
		await advance(1);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		const cause = {
			name: "Gate",
			message: "@x/keepalive: no health signal from the program for 5000 ms (limit 5000 ms).",
		};
		expect(statuses.slice(2)).toEqual([
			{ state: "leaving", cause },
			{ state: "gated", cause, closed: cancelled },
		]);
		await stop();
	});

	it("the health gate opens sessions again at the next pulse(), and not earlier", async () => {
		const { keeper, session, states, stop } = gated();
		await advance(1_000_000);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		keeper.pulse();
		await advance(0);
		expect(callsOf(session)).toEqual(["open", "close cancel", "open"]);
		expect(states()).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		// Closing a session because the program is unhealthy does not count as a loss.
		expect(keeper.current("venue").tally).toMatchObject({ losses: 0, recoveries: 0 });
		await stop();
	});

	it("pulse() with ageMs counts as a pulse() that was called ageMs milliseconds ago, and has no effect if a more recent one was recorded", async () => {
		const { keeper, states, stop } = gated();
		await pulse(keeper, 10);
		await advance(3_000);
		keeper.pulse(undefined, 1_000);
		keeper.pulse(undefined, 2_500);
		await advance(3_999);
		expect(states()).toEqual(["opening", "alive"]);
		await advance(1);
		expect(states().slice(2)).toEqual(["leaving", "gated"]);
		await stop();
	});

	it("the health gate opens no session after a pulse() with an ageMs of toleranceMs, but opens one if ageMs is 1 ms less", async () => {
		const { keeper, session, stop } = gated();
		await advance(100_000);
		keeper.pulse(undefined, 5_000);
		await advance(0);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		keeper.pulse(undefined, 4_999);
		await advance(0);
		expect(callsOf(session)).toEqual(["open", "close cancel", "open"]);
		await advance(1);
		expect(callsOf(session)).toEqual(["open", "close cancel", "open", "close cancel"]);
		await stop();
	});

	it.each([-1, Number.NaN])("pulse() throws if the age of the pulse is %s", async (ageMs) => {
		const { keeper, stop } = gated();
		expect(() => keeper.pulse(undefined, ageMs)).toThrow("pulse() failed: ageMs must be 0 or more");
		await stop();
	});

	it("the status `gated` says that no orders were cancelled if the venue cannot cancel orders", async () => {
		const refused = { orders: "refused", detail: "IBKR cancels no orders when a session ends" } as const;
		const { statuses, stop } = gated({ close: async () => refused });
		await advance(5_000);
		expect(statuses.at(-1)).toMatchObject({ state: "gated", closed: refused });
		await stop();
	});

	it("hangMs of the status `alive` is toleranceMs plus closeTimeoutMs plus exposureMs", async () => {
		const { statuses, stop } = gated({}, { closeTimeoutMs: 3_000 });
		await advance(0);
		expect(statuses.at(-1)).toMatchObject({ state: "alive", hangMs: 5_000 + 3_000 + 60_000 });
		await stop();
	});

	it("the status `alive` has no hangMs while the session is not armed", async () => {
		const unarmed: Lease = { ...lease, protection: { state: "unarmed", reason: "off" } };
		const { statuses, stop } = gated({ open: async () => unarmed });
		await advance(0);
		expect(statuses.at(-1)).toEqual({ state: "alive", ttlMs: 60_000, protection: unarmed.protection });
		await stop();
	});

	it("the health gate counts toleranceMs from the start of the keeper, even if pulse() was called before the start", async () => {
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

describe("HealthGate while the program is unhealthy", () => {
	it("the health gate aborts an open that is in progress when the program becomes unhealthy", async () => {
		let cut: AbortSignal | undefined;
		const open = (signal: AbortSignal): Promise<Lease> => {
			cut = signal;
			return hang(signal);
		};
		const { session, states, stop } = gated({ open });
		await advance(5_000);
		expect(cut?.aborted).toBe(true);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		expect(states()).toEqual(["opening", "leaving", "gated"]);
		await stop();
	});

	it("the health gate opens no session before a wait that the venue asked for is over, even if the program is healthy again", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 600_000 } });
		const { keeper, session, states, statuses, stop } = gated({ open: async () => Promise.reject(rateLimited) });
		await advance(20_000);
		expect(states()).toEqual(["opening", "waiting", "leaving", "gated"]);
		await pulse(keeper, 579);
		expect(statuses.at(-1)).toMatchObject({ state: "waiting", why: "venue" });
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		await pulse(keeper, 1);
		expect(callsOf(session)).toEqual(["open", "close cancel", "open"]);
		await stop();
	});

	it("the health gate opens no session during a wait that the venue asked for in reply to a beat; the status shows the end and cause of the wait", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 60_000 } });
		const { keeper, session, statuses, stop } = gated({
			beat: (_signal, count) => (count === 1 ? Promise.reject(rateLimited) : Promise.resolve(lease)),
		});
		await pulse(keeper, 20);
		expect([callsOf(session), statuses.at(-1)?.state]).toEqual([["open", "beat"], "late"]);
		const askedAt = Date.now();
		await advance(5_000);
		expect(statuses.at(-1)?.state).toBe("gated");
		keeper.pulse();
		await advance(0);
		const until = askedAt + 60_000;
		expect(statuses.at(-1)).toMatchObject({ state: "waiting", why: "venue", until, cause: { message: "429." } });
		await pulse(keeper, 54);
		expect(callsOf(session)).toEqual(["open", "beat", "close cancel"]);
		await pulse(keeper, 1);
		expect(callsOf(session)).toEqual(["open", "beat", "close cancel", "open"]);
		await stop();
	});

	it("the health gate does not publish the status `waiting` again if the wait ended before the program was healthy again", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 10_000 } });
		const { keeper, states, stop } = gated({
			open: (_signal, count) => (count === 1 ? Promise.reject(rateLimited) : Promise.resolve(lease)),
		});
		await advance(20_000);
		keeper.pulse();
		await advance(0);
		expect(states()).toEqual(["opening", "waiting", "leaving", "gated", "opening", "alive"]);
		await stop();
	});

	it("the health gate publishes the status `leaving`, and `gated` only once the session is closed or the close has timed out", async () => {
		const { states, statuses, stop } = gated({ close: hangForever });
		await advance(14_999);
		expect(states()).toEqual(["opening", "alive", "leaving"]);
		await advance(1);
		expect(statuses.at(-1)).toMatchObject({ state: "gated", closed: { orders: "unknown" } });
		await stop();
	});

	it("the health gate does not reopen a session that has failed for good", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const { states, stop, keeper } = gated({ open: async () => Promise.reject(fatal) });
		await advance(20_000);
		keeper.pulse();
		await advance(20_000);
		expect(states()).toEqual(["opening", "leaving", "stopped"]);
		await stop();
	});

	it("stop() closes a session again that the health gate has already closed, this time with the option `orders` of stop()", async () => {
		const { keeper, session, states } = gated();
		await advance(5_000);
		expect(await keeper.stop({ orders: "keep" })).toEqual({ venue: cancelled });
		expect(callsOf(session)).toEqual(["open", "close cancel", "close keep"]);
		expect(states().slice(-3)).toEqual(["gated", "leaving", "stopped"]);
	});

	it("during a stop() that keeps the orders, the health gate cancels no orders even if the program stops calling pulse()", async () => {
		const { keeper, session } = gated({ close: async (orders) => (orders === "keep" ? hangForever() : cancelled) });
		await advance(4_000);
		await Promise.all([keeper.stop({ orders: "keep" }), advance(9_000)]);
		expect(callsOf(session)).toEqual(["open", "close keep"]);
	});

	it("the health gate does not close a session that stop() keeps alive until other sessions are closed", async () => {
		const often = async (): Promise<Lease> => ({ ...lease, paceMs: 1_000 });
		const waiting = scripted({ open: often, beat: often });
		const slow = { ...scripted({ close: hangForever }), name: "slow" };
		const keeper = keepalive([waiting, slow], { gate: { toleranceMs: 2_000 } });
		await advance(0);
		const stopped = keeper.stop({ orders: "keep" });
		await advance(9_000);
		await stopped;
		expect(callsOf(waiting).filter((what) => what.startsWith("close"))).toEqual(["close keep"]);
		expect(callsOf(waiting)).toContain("beat");
	});

	it("the status `gated` is not published when stop() is called while the health gate closes the session", async () => {
		const close = async () => {
			await sleep(2_000, neverAborted);
			return cancelled;
		};
		const { keeper, states } = gated({ close });
		await advance(6_000);
		const stopped = keeper.stop({ orders: "keep" });
		await advance(9_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "leaving", "stopped"]);
	});

	it("the status `gated` is not published after the status `stopped`, even if a close settles only after stop() has timed out", async () => {
		const { keeper, states } = gated({ close: hangForever });
		await advance(6_000);
		const stopped = keeper.stop({ orders: "keep", timeoutMs: 1_000 });
		await advance(20_000);
		await stopped;
		expect(states()).toEqual(["opening", "alive", "leaving", "leaving", "stopped"]);
	});

	it("the option `restarts` limits how often a keeper reopens a session that its health gate has closed", async () => {
		const { keeper, session, statuses, stop } = gated({}, { restarts: { burst: 3, everyMs: 100_000 } });
		for (let turn = 0; turn < 5; turn += 1) {
			await advance(6_000);
			keeper.pulse();
		}
		expect(callsOf(session).filter((what) => what === "open")).toHaveLength(3);
		await advance(0);
		expect(statuses.at(-1)).toMatchObject({
			state: "waiting",
			why: "restart-limit",
			cause: {
				name: "RestartLimit",
				message: expect.stringContaining("opened too often (limit 3 times, then once in 100000 ms)"),
			},
		});
		await stop();
	});
});

describe("HealthGate with isHealthy", () => {
	it("the health gate calls isHealthy() four times per toleranceMs, and keeps sessions alive while it returns true", async () => {
		const isHealthy = vi.fn(() => true);
		const { states, stop } = gated({}, { gate: { toleranceMs: 4_000, isHealthy } });
		await advance(100_000);
		expect(isHealthy).toHaveBeenCalledTimes(101);
		expect(states()).toEqual(["opening", "alive"]);
		await stop();
	});

	it.each([
		["false", () => false, "gate.isHealthy() returned false"],
		[
			"a promise of true",
			async () => true,
			"gate.isHealthy() returned a value of type object (only true means healthy)",
		],
		[
			"a promise that rejects",
			() => Promise.reject(new Error("no strategy")),
			"gate.isHealthy() returned a value of type object",
		],
		["nothing", () => undefined, "gate.isHealthy() returned a value of type undefined"],
		[
			"an error",
			() => {
				throw new Error("no strategy");
			},
			"gate.isHealthy() threw: no strategy",
		],
	])("sessions close if isHealthy() gives %s, and open again if it gives true", async (_what, answer, message) => {
		let isHealthyNow = true;
		// The cast is needed because a program in plain JavaScript can return any value.
		const isHealthy = (): boolean => (isHealthyNow ? true : (answer() as boolean));
		const { states, statuses, stop } = gated({}, { gate: { toleranceMs: 4_000, isHealthy } });
		await advance(500);
		isHealthyNow = false;
		await advance(500);
		expect(statuses.at(-1)).toMatchObject({ state: "gated", cause: { message: expect.stringContaining(message) } });
		await advance(10_000);
		isHealthyNow = true;
		await advance(1_000);
		expect(states()).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		await stop();
	});

	it("pulse() throws for a health gate that uses isHealthy()", async () => {
		const { keeper, stop } = gated({}, { gate: { toleranceMs: 4_000, isHealthy: () => true } });
		expect(() => keeper.pulse()).toThrow("pulse() works only if the option gate is set and has no isHealthy");
		await stop();
	});
});

describe("the option gate", () => {
	it("pulse() throws if the option gate is not set", async () => {
		const { keeper, stop } = gated({}, { gate: undefined } as object);
		expect(() => keeper.pulse()).toThrow("only if the option gate is set");
		await stop();
	});

	it.each([
		[{}, "option gate.toleranceMs must be a number of milliseconds from 100"],
		[{ toleranceMs: 99 }, "option gate.toleranceMs must be a number of milliseconds from 100, got 99"],
		[{ toleranceMs: 5_000, isHealthy: true }, "option gate.isHealthy must be a function, got true"],
		[{ toleranceMs: 5_000, health: () => true }, "option gate.health is not known"],
		["5 s", 'option gate must be an object, got "5 s"'],
	])("the option gate is refused with the value %o", (gate, message) => {
		// The cast is needed because a program in plain JavaScript can pass any value.
		expect(() => keepalive([scripted()], { gate } as KeeperOptions)).toThrow(message);
	});
});
