import { describe, expect, it } from "vitest";
import { keepalive } from "../keeper.ts";
import type { Session } from "../session.ts";
import { MemoryLeaderStore } from "../testing/memory-leader-store.ts";
import { callsOf, hang, lease, type Script, scripted } from "../testing/scripted-session.ts";
import { machine, pass, useTestMachine } from "../testing/stalling-machine.ts";
import { leaderSession } from "./index.ts";
import type { LeaderOptions } from "./options.ts";

useTestMachine();

/**
 * The largest number that the option `random` may return. With it a wait is slightly shorter than its maximum, so a timer
 * rounds the wait down by one millisecond.
 */
const almostOne = 1 - Number.EPSILON;

/** Starts a keeper as it would run in a process of its own, and collects each status as a short text. */
function start(store: MemoryLeaderStore, holder: string, script: Script = {}, options: Partial<LeaderOptions> = {}) {
	const session = scripted(script);
	const wrapped = leaderSession(session, { store, holder, random: () => 0, ...options });
	const keeper = keepalive([wrapped], { random: () => 0 });
	const seen: string[] = [];
	keeper.onStatus(({ status, epoch }) => {
		const leader = status.state === "standby" ? ` ${status.leader?.holder}` : "";
		seen.push(`${status.state}${leader}${epoch === undefined ? "" : ` #${epoch}`}`);
	});
	// The first status is dropped: it was published before the store was asked.
	seen.length = 0;
	const stop = async (orders: "keep" | "cancel" = "keep"): Promise<void> => {
		const stopping = keeper.stop({ orders });
		await pass(9_000);
		await stopping;
	};
	return { session, wrapped, keeper, seen, stop, isArmed: () => keeper.isArmed("venue") };
}

/** Records when the store is asked to make a process the leader, in milliseconds after the call of this function. */
function timesOfTake(store: MemoryLeaderStore): readonly number[] {
	const times: number[] = [];
	const from = performance.now();
	const take = store.take.bind(store);
	store.take = (...parameters) => {
		times.push(performance.now() - from);
		return take(...parameters);
	};
	return times;
}

describe("leaderSession", () => {
	it("leaderSession opens the session in one of two processes, and shows in the other which process runs it and since when", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(100);
		const b = start(store, "b");
		await pass(60_000);
		expect(a.seen).toEqual(["opening #1", "alive #1"]);
		expect(b.seen).toEqual(["standby a"]);
		expect(b.keeper.current("venue").status).toEqual({
			state: "standby",
			leader: { holder: "a", epoch: 1, since: Date.now() - 60_100 },
			cause: { name: "Standby", message: "@x/keepalive: venue: another process leads (epoch 1)." },
		});
		expect([a.isArmed(), b.isArmed(), callsOf(b.session)]).toEqual([true, false, []]);
		await a.stop();
		await b.stop();
	});

	it.each([
		[
			"throws",
			() => {
				throw new Error("a broken source");
			},
		],
		["returns no number", () => Number.NaN],
	])("a standby process asks the store about once per pollMs even if the option `random` %s", async (_how, random) => {
		const store = new MemoryLeaderStore();
		store.usurp("another", 600_000);
		const { stop } = start(store, "b", {}, { random });
		await pass(8_700);
		// A broken `random` is replaced by 0.5, which makes each wait an eighth shorter than the 1 000 ms of pollMs.
		expect(store.calls.filter((call) => call === "take")).toHaveLength(10);
		await stop();
	});

	it("a leader that is stopped closes its session before it releases the lead, and the standby process leads at its next poll", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		const b = start(store, "b");
		await pass(10_000);
		const stopping = a.keeper.stop({ orders: "keep" });
		await pass(1_000);
		await stopping;
		expect(callsOf(a.session).at(-1)).toBe("close keep");
		expect(b.seen).toEqual(["standby a", "opening #2", "alive #2"]);
		await b.stop();
	});

	it("a standby process leads at most ttlMs plus pollMs after the leader has died", async () => {
		const store = new MemoryLeaderStore();
		store.usurp("a", 15_000);
		const b = start(store, "b");
		await pass(14_999);
		expect(store.leader).toBe("a 1");
		await pass(1_001);
		expect(b.seen).toEqual(["standby a", "opening #2", "alive #2"]);
		await b.stop();
	});

	it.each([
		["shortest", 0, [0, 100, 200, 1_200, 3_200, 5_700, 8_200, 10_700]],
		["longest", almostOne, [0, 999, 1_998, 3_998, 7_998, 12_998, 17_998, 22_998]],
	])(
		"while the store refuses every request, a process asks again after ever longer waits, up to renewMs (%s random waits)",
		async (_, draw, expected) => {
			const store = new MemoryLeaderStore();
			store.fault = "refuse";
			const asked = timesOfTake(store);
			const a = start(store, "a", {}, { random: () => draw });
			await pass(expected.at(-1) ?? 0);
			expect(asked).toEqual(expected);
			await a.stop();
		},
	);

	it.each([
		["refuse", 1_000, 5_000],
		["hang", 1_000, 5_000],
		["refuse", 8_000, 8_000],
		["hang", 8_000, 8_000],
	] as const)(
		"once the store no longer has the fault `%s`, a process with a pollMs of %d takes the lead within %d ms",
		async (fault, pollMs, longestMs) => {
			const store = new MemoryLeaderStore();
			store.fault = fault;
			const asked = timesOfTake(store);
			const a = start(store, "a", {}, { pollMs, random: () => almostOne });
			await pass(60_000);
			// The fault ends just after the store was asked: that is the worst moment, because the next request is then furthest
			// away.
			for (const count = asked.length; asked.length === count; ) await pass(1);
			store.fault = undefined;
			await pass(longestMs - 1);
			expect(store.leader).toBeUndefined();
			await pass(1);
			expect(store.leader).toBe("a 1");
			await a.stop();
		},
	);

	it("a standby process asks the store every pollMs while the store answers; whenever the store fails again, the waits begin short again", async () => {
		const store = new MemoryLeaderStore();
		store.usurp("b", 600_000);
		store.fault = "refuse";
		const asked = timesOfTake(store);
		const a = start(store, "a");
		await pass(5_700);
		store.fault = undefined;
		await pass(3_500);
		store.fault = "refuse";
		await pass(2_200);
		expect(asked.slice(5)).toEqual([5_700, 8_200, 9_200, 10_200, 10_300, 10_400, 11_400]);
		await a.stop();
	});

	it("a leader whose store does not answer becomes not armed, and its session is closed, before another process can lead", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(5_000);
		store.fault = "hang";
		// The last renewal of the lead was sent at 5 s. The leader therefore stops at 17.85 s: after ttlMs (15 s) minus marginMs
		// (2.15 s).
		await pass(12_849);
		expect([a.isArmed(), a.seen.at(-1)]).toEqual([true, "alive #1"]);
		await pass(3);
		expect([a.isArmed(), store.leader]).toEqual([false, "a 1"]);
		expect(a.session.calls.at(-1)).toMatchObject({ what: "close cancel" });
		expect(a.seen.slice(2)).toEqual(["lost #1", "waiting #1"]);
		expect(a.keeper.current("venue").tally.losses).toBe(1);
		await pass(6_000);
		expect(a.seen.at(-1)).toBe("standby undefined #1");
		store.fault = undefined;
		await pass(6_000);
		expect(a.seen.slice(4)).toEqual(["standby undefined #1", "opening #2", "alive #2"]);
		await a.stop();
	});

	it("the cause in the status `lost` has the kind `leader` when another process has taken the lead", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		const causes: unknown[] = [];
		a.keeper.onStatus(({ status }) => {
			if (status.state === "lost") causes.push(status.cause);
		});
		await pass(1_000);
		store.usurp("b", 60_000);
		await pass(5_000);
		expect(causes).toEqual([
			{ name: "SessionError", message: "@x/keepalive: venue: another process has taken the lead.", kind: "leader" },
		]);
		expect(a.seen.at(-1)).toBe("standby b #1");
		await a.stop();
	});

	it("a leader keeps the lead even if two renewals in a row fail", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(4_000);
		store.fault = "refuse";
		await pass(8_000);
		store.fault = undefined;
		await pass(60_000);
		expect(a.seen).toEqual(["opening #1", "alive #1"]);
		await a.stop();
	});

	it.each(["block", "suspend"] as const)(
		"after a stall (%s), a leader is armed again once the store has acknowledged a renewal of the lead",
		async (stall) => {
			const store = new MemoryLeaderStore();
			const a = start(store, "a", {}, { ttlMs: 60_000 });
			await pass(19_000);
			await machine[stall](40_000);
			await pass(2_000);
			expect([a.isArmed(), store.leader]).toEqual([true, "a 1"]);
			expect(a.seen.filter((each) => each.startsWith("lost"))).toEqual([]);
			await a.stop();
		},
	);

	it.each(["block", "suspend"] as const)("a leader that stalled (%s) is not armed before a renewal", async (stall) => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", {}, { ttlMs: 60_000 });
		await pass(19_000);
		store.fault = "hang";
		await machine[stall](40_000);
		for (let ms = 0; ms < 30_000; ms += 100) {
			expect(a.isArmed()).toBe(false);
			await pass(100);
		}
		await a.stop();
	});

	it("a leader is no longer armed when ttlMs is over, even if the wall clock was set back before the machine was suspended", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", {}, { ttlMs: 60_000 });
		await pass(16_000);
		store.fault = "hang";
		machine.moveWallClock(-50_000);
		expect(a.isArmed()).toBe(true);
		await machine.suspend(45_000);
		expect(a.isArmed()).toBe(false);
		await a.stop();
	});

	it("after a suspension, a leader waits about five seconds for the store to answer, and then closes its session, even if ttlMs is long", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", {}, { ttlMs: 600_000 });
		await pass(19_000);
		store.fault = "hang";
		await machine.suspend(700_000);
		await pass(6_100);
		expect(callsOf(a.session).at(-1)).toBe("close cancel");
		await a.stop();
	});

	it("a session is lost if another process took the lead during a stall, and is not armed while that process leads", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a");
		await pass(1_000);
		store.usurp("b", 600_000);
		await machine.block(30_000);
		expect([a.isArmed(), a.seen.at(-1)]).toEqual([false, "waiting #1"]);
		await pass(500);
		expect([a.isArmed(), a.seen.at(-1)]).toEqual([false, "standby b #1"]);
		await a.stop();
	});

	it("a leader lets another process lead while its own program is unhealthy", async () => {
		const store = new MemoryLeaderStore();
		let isHealthy = true;
		const session = scripted();
		const wrapped: Session = leaderSession(session, { store, holder: "a" });
		const keeper = keepalive([wrapped], { gate: { toleranceMs: 1_000, isHealthy: () => isHealthy } });
		await pass(2_000);
		isHealthy = false;
		await pass(1_000);
		expect([keeper.current("venue").status.state, store.leader]).toEqual(["gated", undefined]);
		isHealthy = true;
		await pass(1_000);
		expect(store.leader).toBe("a 2");
		const stopping = keeper.stop({ orders: "keep" });
		await pass(9_000);
		await stopping;
	});

	it("a leader that is stopped does not release the lead if it is unknown what closing the session means for the orders", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", { close: async () => ({ orders: "unknown", detail: "no answer" }) });
		await pass(1_000);
		await a.stop();
		expect(store.leader).toBe("a 1");
	});

	it("a leader hands the lead over when it could not open its session for a minute, although the store answers", async () => {
		const store = new MemoryLeaderStore();
		let isReachable = true;
		const unreachable = async () => {
			if (!isReachable) throw new Error("no connection");
			return lease;
		};
		const a = start(store, "a", { open: unreachable, beat: unreachable });
		const b = start(store, "b");
		await pass(100_000);
		isReachable = false;
		await pass(59_900);
		expect([a.seen.at(-1), store.leader]).toEqual(["late #1", "a 1"]);
		await pass(3_000);
		expect([b.isArmed(), store.leader]).toEqual([true, "b 2"]);
		expect(callsOf(a.session).slice(-2)).toEqual(["open", "close cancel"]);
		expect(a.seen.at(-1)).toBe("standby b #1");
		await a.stop();
		await b.stop();
	});

	it("a process aborts the open of its session when it loses the lead", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", { open: hang });
		await pass(1_000);
		store.usurp("b", 600_000);
		await pass(5_000);
		expect(a.seen.at(-1)).toBe("standby b #1");
		await a.stop();
	});

	it("onUnprotected() raises no alert on a standby process while another process leads, but raises one when the store does not answer", async () => {
		const store = new MemoryLeaderStore();
		store.usurp("b", 60_000);
		const a = start(store, "a");
		const alerts: string[] = [];
		a.keeper.onUnprotected({ afterMs: 5_000 }, ({ type }) => alerts.push(type));
		await pass(30_000);
		expect(alerts).toEqual([]);
		store.fault = "hang";
		await pass(20_000);
		expect(alerts).toEqual(["unprotected"]);
		await a.stop();
	});

	it("onUnprotected() raises an alert in both processes when they hand the lead to each other because neither can open the session", async () => {
		const store = new MemoryLeaderStore();
		const open = async () => {
			throw new Error("no connection");
		};
		const alerts: string[] = [];
		const both = ["a", "b"].map((holder) => {
			const one = start(store, holder, { open });
			one.keeper.onUnprotected({ afterMs: 180_000 }, ({ type }) => alerts.push(`${holder} ${type}`));
			return one;
		});
		await pass(600_000);
		expect(alerts.toSorted()).toEqual(["a unprotected", "b unprotected"]);
		for (const { stop } of both) await stop();
	});

	it("onUnprotected() reports that an alert is over once another process has led for five minutes", async () => {
		const store = new MemoryLeaderStore();
		store.fault = "refuse";
		const a = start(store, "a");
		const alerts: string[] = [];
		a.keeper.onUnprotected({ afterMs: 5_000 }, ({ type }) => alerts.push(type));
		await pass(10_000);
		store.fault = undefined;
		store.usurp("b", 3_600_000);
		await pass(299_000);
		expect(alerts).toEqual(["unprotected"]);
		await pass(4_000);
		expect(alerts).toEqual(["unprotected", "protected"]);
		await a.stop();
	});

	it("a leader that is stopped no longer renews the lead, even if closing its session never ends", async () => {
		const store = new MemoryLeaderStore();
		const a = start(store, "a", { close: () => new Promise(() => undefined) });
		await pass(6_000);
		await a.stop();
		expect(store.leader).toBe("a 1");
		await pass(6_000);
		expect(store.leader).toBeUndefined();
	});

	it("a process that hands the lead over leaves no session open, even if its keeper tries to reopen the session during the close", async () => {
		const store = new MemoryLeaderStore();
		let opens = 0;
		const a = start(store, "a", {
			open: async (signal) => {
				opens += 1;
				return opens === 1 ? hang(signal) : lease;
			},
			close: async () => {
				await new Promise((resolve) => setTimeout(resolve, 5_000));
				return { orders: "cancelled", withinMs: 0, detail: "closed" };
			},
		});
		const b = start(store, "b");
		await pass(200_000);
		expect([a.isArmed(), b.isArmed(), callsOf(a.session)]).toEqual([false, true, ["open", "close cancel"]]);
		await a.stop();
		await b.stop();
	});

	it("after a stall, a session whose venue has no protection is not alive while another process leads", async () => {
		const store = new MemoryLeaderStore();
		const unsupported = { ...lease, protection: { state: "unsupported", reason: "none" } } as const;
		const a = start(store, "a", { open: async () => unsupported, beat: async () => unsupported });
		await pass(6_000);
		store.usurp("b", 600_000);
		store.fault = "hang";
		await machine.block(14_000);
		for (let ms = 0; ms < 10_000; ms += 100) {
			expect(a.keeper.current("venue").status.state).not.toBe("alive");
			await pass(100);
		}
		await a.stop();
	});

	it("leaderSession claims the session that it wraps, so that no other keeper can open that session", async () => {
		const session = scripted();
		const store = new MemoryLeaderStore();
		const keeper = keepalive([leaderSession(session, { store })]);
		expect(() => keepalive([session])).toThrow("is run by another keeper");
		expect(() => keepalive([leaderSession(session, { store })])).toThrow("is run by another keeper");
		const stopping = keeper.stop({ orders: "keep" });
		await pass(9_000);
		await stopping;
	});

	it("notArmedReason() returns a reason once ttlMs minus marginMs has passed since the last renewal, even if only by the wall clock", async () => {
		const { signal } = new AbortController();
		const store = new MemoryLeaderStore();
		const one: Session = leaderSession(scripted(), { store, holder: "a" });
		expect(one.notArmedReason?.()).toBe("this process does not lead");
		await one.becomeLeader?.(signal, () => undefined);
		await one.open(signal);
		machine.moveWallClock(12_849);
		expect(one.notArmedReason?.()).toBeUndefined();
		machine.moveWallClock(1);
		expect(one.notArmedReason?.()).toBe("the lead was last renewed 12850 ms ago: another process may lead now");
		await one.beat(signal);
		expect(one.notArmedReason?.()).toBeUndefined();
		await one.close("keep");
		expect(one.notArmedReason?.()).toBe("this process does not lead");
	});

	it("requireArmed() throws when notArmedReason() of the wrapped session returns a reason", async () => {
		const store = new MemoryLeaderStore();
		let reason: string | undefined;
		const a = start(store, "a", { notArmedReason: () => reason, beat: async () => ({ ...lease }) });
		await pass(1_000);
		reason = "the program disarmed it";
		expect(() => a.keeper.requireArmed("venue")).toThrow(reason);
		await a.stop();
	});

	it.each([
		[{ ttlMs: 4_999 }, "ttlMs"],
		[{ ttlMs: 15_000, renewMs: 5_001 }, "renewMs"],
		[{ ttlMs: 15_000, marginMs: 1_149 }, "marginMs"],
		[{ ttlMs: 15_000, renewMs: 5_000, marginMs: 5_001 }, "marginMs"],
		[{ store: {} }, "store"],
		[{ handOverMs: 9_999 }, "handOverMs"],
		[{ tllMs: 15_000 }, "tllMs"],
	])("leaderSession throws for the options %j", (wrong, option) => {
		const options: object = { store: new MemoryLeaderStore(), ...wrong };
		// The cast is needed because the test passes options that the type does not allow.
		expect(() => leaderSession(scripted(), options as LeaderOptions)).toThrow(`option ${option} `);
	});
});
