import { describe, expect, it, vi } from "vitest";
import { keepalive } from "./keeper.ts";
import type { Lease, Protection } from "./session.ts";
import { SessionError } from "./session-error.ts";
import { advance, hang, lease, retry, scripted, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

describe("Keeper.requireArmed and isArmed", () => {
	it("requireArmed() returns without an error while a session is alive and armed, and makes no call to the venue", async () => {
		const session = scripted();
		const keeper = keepalive([session]);
		await advance(0);
		keeper.requireArmed("venue");
		expect(keeper.isArmed("venue")).toBe(true);
		expect(session.calls).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("isArmed() is true in a listener that receives the status `alive`, even after a long recovery", async () => {
		const open = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 2 ? Promise.reject(new Error("refused")) : lease;
		const ended = new SessionError("4000", { ...retry, session: "ended" });
		const beat = async (_signal: AbortSignal, count: number): Promise<Lease> =>
			count === 1 ? Promise.reject(ended) : lease;
		const keeper = keepalive([scripted({ open, beat })], { backoff: { baseMs: 60_000, capMs: 60_000 } });
		const seen: boolean[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "alive") seen.push(keeper.isArmed("venue"));
		});
		await advance(20_000);
		const ready = keeper.ready();
		await advance(120_000);
		await ready;
		expect(seen).toEqual([true, true]);
		await keeper.stop({ orders: "keep" });
	});

	it("isArmed() is false, and a beat is sent at once, when the wall clock has moved further than the monotonic clock", async () => {
		const slow = async (): Promise<Lease> => ({ ...lease, ttlMs: 600_000 });
		const keeper = keepalive([scripted({ open: slow, beat: slow })], { random: () => 0 });
		const statuses: string[] = [];
		keeper.onStatus(({ status }) => statuses.push(status.state));
		await advance(10_000);
		// Each of the two steps of the wall clock is shorter than stallMs, but together they are longer.
		vi.setSystemTime(Date.now() + 600);
		await advance(30_000);
		expect(keeper.isArmed("venue")).toBe(true);
		vi.setSystemTime(Date.now() + 600);
		expect(keeper.isArmed("venue")).toBe(false);
		const ready = vi.fn();
		void keeper.ready().then(ready);
		expect(ready).not.toHaveBeenCalled();
		await advance(0);
		expect(ready).toHaveBeenCalledOnce();
		expect(keeper.isArmed("venue")).toBe(true);
		expect(statuses).toEqual(["opening", "alive", "late", "alive"]);
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() throws an error that names the state of a session that is not alive", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const keeper = keepalive([
			{ ...scripted({ open: hang }), name: "slow" },
			{ ...scripted({ open: async () => Promise.reject(login) }), name: "blocked" },
			{ ...scripted({ beat: async () => Promise.reject(new Error("reset")) }), name: "late" },
		]);
		await advance(20_000);
		expect(() => keeper.requireArmed("slow")).toThrow("@x/keepalive: slow is not armed: session is opening");
		expect(() => keeper.requireArmed("blocked")).toThrow("session is blocked");
		expect(() => keeper.requireArmed("late")).toThrow("session is late");
		expect(keeper.isArmed("late")).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it.each<[string, Protection]>([
		["unarmed", { state: "unarmed", reason: "somebody switched it off" }],
		["unknown", { state: "unknown", reason: "not read back" }],
		["unsupported", { state: "unsupported", reason: "IBKR cancels nothing" }],
	])("requireArmed() throws with the reason when the protection is %s", async (state, protection) => {
		const keeper = keepalive([scripted({ open: async () => ({ ...lease, protection }) })]);
		await advance(0);
		const { reason } = protection as { reason: string };
		expect(() => keeper.requireArmed("venue")).toThrow(`protection is ${state}: ${reason}`);
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() throws as soon as the connection has ended, even before the keeper publishes the loss", async () => {
		const end = new AbortController();
		const keeper = keepalive([scripted({ open: async () => ({ ...lease, ended: end.signal }) })]);
		await advance(0);
		end.abort(new SessionError("4000", { ...retry, session: "ended" }));
		expect(() => keeper.requireArmed("venue")).toThrow("the session has ended");
		expect(keeper.current("venue").status).toMatchObject({
			state: "late",
			protection: { state: "unknown" },
			cause: { name: "Stall", message: "the session has ended" },
		});
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() throws as soon as the program has not called pulse() for toleranceMs, even before a timer has fired", async () => {
		const keeper = keepalive([scripted()], { gate: { toleranceMs: 5_000 }, stallMs: 100_000 });
		await advance(0);
		vi.setSystemTime(Date.now() + 4_999);
		expect(keeper.isArmed("venue")).toBe(true);
		vi.setSystemTime(Date.now() + 1);
		expect(() => keeper.requireArmed("venue")).toThrow("session is closing");
		// After this `pulse()` the program counts as healthy again, but the session is closed first, because the tolerance was
		// exceeded.
		keeper.pulse();
		expect(keeper.isArmed("venue")).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() throws as soon as stop() has been called for the session", async () => {
		const keeper = keepalive([scripted()]);
		await advance(0);
		const stopped = keeper.stop({ orders: "keep", session: "venue" });
		expect(() => keeper.requireArmed("venue")).toThrow("session is closing");
		await stopped;
		expect(() => keeper.requireArmed("venue")).toThrow("is not armed: session is stopped");
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() throws a TypeError for an unknown name", async () => {
		const keeper = keepalive([scripted()]);
		expect(() => keeper.requireArmed("deribit")).toThrow('unknown session: "deribit"');
		expect(() => keeper.isArmed("deribit")).toThrow(TypeError);
		await keeper.stop({ orders: "keep" });
	});

	it("requireArmed() makes no call to the venue, however often it is called", async () => {
		const session = scripted();
		const keeper = keepalive([session], { gate: { toleranceMs: 1_000_000 } });
		await advance(0);
		for (let turn = 0; turn < 100_000; turn += 1) keeper.requireArmed("venue");
		expect(session.calls).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});
});

describe("Keeper.onStatus", () => {
	it.each<[string, Lease]>([
		["the scope", { ...lease, protection: { ...lease.protection, scope: "account" } as Protection }],
		["the exposure", { ...lease, protection: { ...lease.protection, exposureMs: 1 } as Protection }],
	])("onStatus() calls its listener when a beat changes %s", async (_what, changed) => {
		const keeper = keepalive([scripted({ beat: async () => changed })]);
		const statuses: string[] = [];
		keeper.onStatus(({ status }) => statuses.push(status.state));
		await advance(20_000);
		expect(statuses).toEqual(["opening", "alive", "alive"]);
		await keeper.stop({ orders: "keep" });
	});
});
