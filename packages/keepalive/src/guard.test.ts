import { describe, expect, it, vi } from "vitest";
import { keepalive } from "./keeper.ts";
import type { Lease, Protection } from "./session.ts";
import { SessionError } from "./session-error.ts";
import { advance, fakeClock, hang, lease, retry, scripted } from "./testing/scripted.ts";

fakeClock();

describe("the check before an order", () => {
	it("passes while a session is alive and armed, and sends nothing", async () => {
		const session = scripted();
		const keeper = keepalive([session]);
		await advance(0);
		keeper.requireArmed("venue");
		expect(keeper.isArmed("venue")).toBe(true);
		expect(session.asked).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("passes for one who is told of a session that is alive again, however long that took", async () => {
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

	it("and ready() wait for the next beat when the clocks drifted apart, though that beat is no record", async () => {
		const slow = async (): Promise<Lease> => ({ ...lease, ttlMs: 600_000 });
		const keeper = keepalive([scripted({ open: slow, beat: slow })], { random: () => 0 });
		const told: string[] = [];
		keeper.onStatus(({ status }) => told.push(status.state));
		await advance(10_000);
		// Neither step is a sleep by itself; both together are more than is put down to chance.
		vi.setSystemTime(Date.now() + 600);
		await advance(30_000);
		vi.setSystemTime(Date.now() + 600);
		await advance(30_000);
		expect(keeper.isArmed("venue")).toBe(false);
		const ready = vi.fn();
		void keeper.ready().then(ready);
		await advance(129_999);
		expect(ready).not.toHaveBeenCalled();
		await advance(1_001);
		expect(ready).toHaveBeenCalledOnce();
		expect(keeper.isArmed("venue")).toBe(true);
		expect(told).toEqual(["opening", "alive"]);
		await keeper.stop({ orders: "keep" });
	});

	it("says what a session is when it is not alive", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const keeper = keepalive([
			{ ...scripted({ open: hang }), name: "slow" },
			{ ...scripted({ open: async () => Promise.reject(login) }), name: "blocked" },
			{ ...scripted({ beat: async () => Promise.reject(new Error("reset")) }), name: "late" },
		]);
		await advance(20_000);
		expect(() => keeper.requireArmed("slow")).toThrow("@x/keepalive: slow is not armed right now: it is opening");
		expect(() => keeper.requireArmed("blocked")).toThrow("it is blocked");
		expect(() => keeper.requireArmed("late")).toThrow("it is late");
		expect(keeper.isArmed("late")).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it.each<[string, Protection]>([
		["unarmed", { state: "unarmed", reason: "somebody switched it off" }],
		["unknown", { state: "unknown", reason: "not read back" }],
		["unsupported", { state: "unsupported", reason: "IBKR cancels nothing" }],
	])("refuses a session whose protection is %s, with the reason", async (state, protection) => {
		const keeper = keepalive([scripted({ open: async () => ({ ...lease, protection }) })]);
		await advance(0);
		const { reason } = protection as { reason: string };
		expect(() => keeper.requireArmed("venue")).toThrow(`its protection is ${state}: ${reason}`);
		await keeper.stop({ orders: "keep" });
	});

	it("refuses from the moment the connection ends, before any record is told", async () => {
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

	it("refuses from the moment a program at a gate was silent for too long, before any timer has run", async () => {
		const keeper = keepalive([scripted()], { gate: { toleranceMs: 5_000 }, stallMs: 100_000 });
		await advance(0);
		vi.setSystemTime(Date.now() + 4_999);
		expect(keeper.isArmed("venue")).toBe(true);
		vi.setSystemTime(Date.now() + 1);
		expect(() => keeper.requireArmed("venue")).toThrow("it is being left");
		// Well again, it is still left first.
		keeper.pulse();
		expect(keeper.isArmed("venue")).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it("refuses from the moment the session is asked to stop", async () => {
		const keeper = keepalive([scripted()]);
		await advance(0);
		const stopped = keeper.stop({ orders: "keep", session: "venue" });
		expect(() => keeper.requireArmed("venue")).toThrow("it is being left");
		await stopped;
		expect(() => keeper.requireArmed("venue")).toThrow("is not armed right now");
		await keeper.stop({ orders: "keep" });
	});

	it("refuses a name that the keeper does not know", async () => {
		const keeper = keepalive([scripted()]);
		expect(() => keeper.requireArmed("deribit")).toThrow('there is no session "deribit"');
		expect(() => keeper.isArmed("deribit")).toThrow(TypeError);
		await keeper.stop({ orders: "keep" });
	});

	it("costs little enough for a hot path", async () => {
		const keeper = keepalive([scripted()], { gate: { toleranceMs: 1_000_000 } });
		await advance(0);
		const started = process.hrtime.bigint();
		for (let turn = 0; turn < 100_000; turn += 1) keeper.requireArmed("venue");
		const eachNs = Number(process.hrtime.bigint() - started) / 100_000;
		// Far above what it takes, even with a fake clock and on a busy machine: a deadline for a mistake, not a measure.
		expect(eachNs).toBeLessThan(50_000);
		await keeper.stop({ orders: "keep" });
	});
});

describe("a beat that says the protection changed", () => {
	it.each<[string, Lease]>([
		["its scope", { ...lease, protection: { ...lease.protection, scope: "account" } as Protection }],
		["its exposure", { ...lease, protection: { ...lease.protection, exposureMs: 1 } as Protection }],
	])("by %s is a record", async (_what, changed) => {
		const keeper = keepalive([scripted({ beat: async () => changed })]);
		const told: string[] = [];
		keeper.onStatus(({ status }) => told.push(status.state));
		await advance(20_000);
		expect(told).toEqual(["opening", "alive", "alive"]);
		await keeper.stop({ orders: "keep" });
	});
});
