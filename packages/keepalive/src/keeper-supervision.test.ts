import { describe, expect, it, vi } from "vitest";
import { keepalive } from "./keeper.ts";
import { SessionError } from "./session-error.ts";
import type { ProtectionRecord } from "./status/protection-watch.ts";
import { advance, callsOf, hang, lease, scripted, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

const refusal = (disposition: SessionError["disposition"]) => async () =>
	Promise.reject(new SessionError("refused by the venue", { disposition }));

describe("Keeper.done", () => {
	it("done() resolves once all sessions were stopped on request, and at once if it is called after that", async () => {
		const keeper = keepalive([scripted({}, "a"), scripted({}, "b")]);
		const done = vi.fn();
		void keeper.done().then(done);
		await advance(0);
		await keeper.stop({ orders: "keep", session: "a" });
		await advance(0);
		expect(done).not.toHaveBeenCalled();
		await keeper.stop({ orders: "keep", session: "b" });
		await advance(0);
		expect(done).toHaveBeenCalledOnce();
		await keeper.done();
		await keeper.stop({ orders: "keep" });
	});

	it("done() rejects with the error of the first session that ended for good, even if it is called after stop()", async () => {
		const keeper = keepalive([scripted({ open: refusal({ action: "fatal" }) }, "a"), scripted({}, "b")]);
		const expected = {
			kind: "fatal",
			session: "a",
			message: "@x/keepalive: a ended for good: refused by the venue.",
			cause: expect.objectContaining({ disposition: { action: "fatal" } }),
		};
		await expect(keeper.done()).rejects.toMatchObject(expected);
		expect(keeper.isArmed("b")).toBe(true);
		await keeper.stop({ orders: "keep" });
		await expect(keeper.done()).rejects.toMatchObject(expected);
	});

	it("done() no longer rejects for a session that ended for good once that session was started again", async () => {
		let isValid = false;
		const fatal = refusal({ action: "fatal" });
		const keeper = keepalive([scripted({ open: async () => (isValid ? lease : fatal()) })]);
		await expect(keeper.done()).rejects.toMatchObject({ kind: "fatal" });
		isValid = true;
		keeper.start();
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(true);
		await keeper.stop({ orders: "keep" });
		await keeper.done();
	});

	it("a session that ended for good causes no unhandled rejection in a program that never calls done()", async () => {
		const keeper = keepalive([scripted({ open: refusal({ action: "fatal" }) })]);
		await advance(0);
		await keeper.stop({ orders: "keep" });
	});
});

describe("Keeper.retry", () => {
	it("retry() tries at once to open a session that waits for a person", async () => {
		const login = refusal({ action: "human", todo: "log in" });
		const session = scripted({ open: async (_signal, count) => (count === 1 ? login() : lease) });
		const keeper = keepalive([session]);
		await advance(10_000);
		expect(keeper.current("venue").status.state).toBe("blocked");
		expect(keeper.retry("venue")).toBe(0);
		await advance(0);
		expect(keeper.isArmed("venue")).toBe(true);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() does not open a session before a wait that the venue asked for is over", async () => {
		const session = scripted({ open: refusal({ action: "wait", forMs: 30_000 }) });
		const keeper = keepalive([session]);
		await advance(10_000);
		expect(keeper.retry("venue")).toBe(20_000);
		await advance(19_900);
		expect(callsOf(session)).toEqual(["open"]);
		await advance(100);
		expect(callsOf(session)).toEqual(["open", "open"]);
		await keeper.stop({ orders: "keep" });
	});

	it("the first three calls of retry() each make an attempt at once; after that, retry() makes at most one attempt every 20 s", async () => {
		const session = scripted({ open: refusal({ action: "human", todo: "log in" }) });
		const keeper = keepalive([session]);
		await advance(0);
		for (let retries = 1; retries <= 3; retries += 1) {
			expect(keeper.retry("venue")).toBe(0);
			await advance(0);
		}
		expect(keeper.retry("venue")).toBe(20_000);
		await advance(19_999);
		expect(callsOf(session)).toHaveLength(4);
		await advance(1);
		expect(callsOf(session)).toHaveLength(5);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() does not open a session more often than the option `restarts` allows", async () => {
		const session = scripted({ open: refusal({ action: "retry" }) });
		const keeper = keepalive([session], { restarts: { burst: 1, everyMs: 60_000 }, backoff: { baseMs: 1, capMs: 1 } });
		await advance(10_000);
		expect(keeper.current("venue").status).toMatchObject({ state: "waiting", why: "restart-limit" });
		const waitMs = keeper.retry("venue");
		expect(waitMs).toBeGreaterThan(49_000);
		await advance(waitMs - 1);
		expect(callsOf(session)).toEqual(["open"]);
		await advance(1);
		expect(callsOf(session)).toEqual(["open", "open"]);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() returns the milliseconds until its attempt when the option `restarts` delays that attempt", async () => {
		const session = scripted({ open: refusal({ action: "retry" }) });
		const keeper = keepalive([session], { restarts: { burst: 1, everyMs: 20_000 }, random: () => 0.999 });
		await advance(1_000);
		expect(keeper.current("venue").status).toMatchObject({ state: "waiting", why: "backoff" });
		// The back-off would end after 3 s, but the option `restarts` allows only one opening every 20 s.
		expect(keeper.retry("venue")).toBe(19_000);
		await advance(3_000);
		expect(keeper.current("venue").status).toMatchObject({ state: "waiting", why: "restart-limit" });
		expect(keeper.retry("venue")).toBe(16_000);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() can be called in a listener that receives the status `waiting` or `blocked`", async () => {
		const session = scripted({ open: refusal({ action: "human", todo: "log in" }) });
		const keeper = keepalive([session]);
		keeper.onStatus(({ status }) => {
			if (status.state === "blocked") keeper.retry("venue");
		});
		await advance(0);
		// Three retries are allowed at once, and after them one retry in 20 s.
		expect(callsOf(session)).toHaveLength(4);
		await advance(20_000);
		expect(callsOf(session)).toHaveLength(5);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() publishes no status when it changes nothing, so that a listener that calls retry() is not called forever", async () => {
		const session = scripted({ open: refusal({ action: "wait", forMs: 60_000 }) });
		const keeper = keepalive([session]);
		let waits = 0;
		keeper.onStatus(({ status }) => {
			if (status.state !== "waiting") return;
			waits += 1;
			if (waits < 1_000) queueMicrotask(() => keeper.retry("venue"));
		});
		await advance(1_000);
		expect(waits).toBe(1);
		await keeper.stop({ orders: "keep" });
	});

	it("retry() does nothing while the session is alive, and throws once the session has stopped", async () => {
		const session = scripted();
		const keeper = keepalive([session]);
		await advance(0);
		expect(keeper.retry("venue")).toBe(0);
		expect(callsOf(session)).toEqual(["open"]);
		await keeper.stop({ orders: "keep" });
		expect(() => keeper.retry("venue")).toThrow(expect.objectContaining({ kind: "stopped", session: "venue" }));
	});
});

describe("Keeper.onUnprotected", () => {
	it("onUnprotected() makes one report for a session that never opens, exactly afterMs after onUnprotected() was called", async () => {
		const keeper = keepalive([scripted({ open: hang })], { openTimeoutMs: 600_000 });
		const records: ProtectionRecord[] = [];
		const startedAt = Date.now();
		keeper.onUnprotected({ afterMs: 60_000 }, (record) => records.push(record));
		await advance(59_999);
		expect(records).toEqual([]);
		await advance(1);
		const expected = { type: "unprotected", session: "venue", at: startedAt + 60_000, since: startedAt };
		expect(records).toEqual([{ ...expected, reason: "session is opening" }]);
		await advance(300_000);
		expect(records).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() reports a loss that lasts afterMs, and later the recovery, but ignores a shorter loss", async () => {
		let reason: string | undefined;
		const session = scripted({ notArmedReason: () => reason });
		const keeper = keepalive([session]);
		const types: string[] = [];
		keeper.onUnprotected({ afterMs: 5_000, session: "venue" }, ({ type }) => types.push(type));
		await advance(0);
		const setReason = async (next: string | undefined, ms: number): Promise<void> => {
			reason = next;
			session.host?.protectionChanged();
			await advance(ms);
		};
		await setReason("maintenance", 4_999);
		await setReason(undefined, 60_000);
		expect(types).toEqual([]);
		await setReason("maintenance", 5_000);
		expect(types).toEqual(["unprotected"]);
		await setReason(undefined, 0);
		expect(types).toEqual(["unprotected", "protected"]);
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() reports nothing while a session whose venue has no protection is alive", async () => {
		const unsupported = async () => ({ ...lease, protection: { state: "unsupported", reason: "none" } as const });
		const keeper = keepalive([scripted({ open: unsupported, beat: unsupported })]);
		const listener = vi.fn();
		keeper.onUnprotected({ afterMs: 1_000 }, listener);
		await advance(120_000);
		expect(listener).not.toHaveBeenCalled();
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() reports a session that ended for good, but not a session that was stopped on request", async () => {
		const keeper = keepalive([
			scripted({ open: refusal({ action: "fatal" }) }, "fatal"),
			scripted({ close: () => new Promise(() => undefined) }, "stopped"),
		]);
		const sessions: string[] = [];
		keeper.onUnprotected({ afterMs: 1_000 }, ({ session }) => sessions.push(session));
		await advance(0);
		const stopped = keeper.stop({ orders: "keep", session: "stopped" });
		await advance(120_000);
		await stopped;
		expect(sessions).toEqual(["fatal"]);
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() makes one alert and one report of the recovery, even if the session is stopped and started again during the alert", async () => {
		let isUp = false;
		const open = (signal: AbortSignal) => (isUp ? Promise.resolve(lease) : hang(signal));
		const keeper = keepalive([scripted({ open })]);
		const types: string[] = [];
		keeper.onUnprotected({ afterMs: 5_000 }, ({ type }) => types.push(type));
		await advance(5_000);
		await Promise.all([keeper.stop({ orders: "keep", session: "venue" }), advance(5_000)]);
		keeper.start("venue");
		await advance(60_000);
		expect(types).toEqual(["unprotected"]);
		await Promise.all([keeper.stop({ orders: "keep", session: "venue" }), advance(60_000)]);
		isUp = true;
		keeper.start("venue");
		await advance(0);
		expect(types).toEqual(["unprotected", "protected"]);
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() does not call a listener that was removed, and counts the exceptions of listeners", async () => {
		const keeper = keepalive([scripted({ open: hang })], { openTimeoutMs: 600_000 });
		const removed = vi.fn();
		keeper.onUnprotected({ afterMs: 1_000 }, removed)();
		keeper.onUnprotected({ afterMs: 1_000 }, () => {
			throw new Error("listener");
		});
		await advance(10_000);
		expect(removed).not.toHaveBeenCalled();
		expect(keeper.listenerFaults).toBe(1);
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() throws for a listener that is not a function", async () => {
		const keeper = keepalive([scripted()]);
		// @ts-expect-error: there is no listener
		expect(() => keeper.onUnprotected({ afterMs: 5 }, undefined)).toThrow(
			"@x/keepalive: onUnprotected() failed: the listener must be a function, got undefined",
		);
		// @ts-expect-error: there is no listener
		expect(() => keeper.onStatus()).toThrow("onStatus() failed: the listener must be a function");
		await keeper.stop({ orders: "keep" });
	});

	it("onUnprotected() throws for options that are not allowed", async () => {
		const keeper = keepalive([scripted()]);
		// @ts-expect-error: the option is afterMs
		expect(() => keeper.onUnprotected({ after: 5 }, () => undefined)).toThrow("option after is not known");
		expect(() => keeper.onUnprotected({ afterMs: Number.NaN }, () => undefined)).toThrow("option afterMs must be");
		await keeper.stop({ orders: "keep" });
	});
});

describe("Keeper.ready", () => {
	it("the error of ready() names each session that is not alive, with the reason and what to do", async () => {
		const keeper = keepalive([
			scripted({}, "fine"),
			scripted({ open: refusal({ action: "human", todo: "log in at the gateway" }) }, "blocked"),
			scripted({ open: refusal({ action: "retry" }) }, "refused"),
			scripted({ open: hang }, "slow"),
			scripted({ open: hang }, "slower"),
		]);
		const ready = expect(keeper.ready({ timeoutMs: 500 })).rejects.toMatchObject({
			kind: "not-ready",
			session: undefined,
			message:
				"@x/keepalive: ready() timed out after 500 ms: blocked is blocked (refused by the venue; to do: log in at the gateway); " +
				"refused is waiting (refused by the venue); slow is opening; slower is opening.",
		});
		await advance(500);
		await ready;
		await keeper.stop({ orders: "keep" });
	});
});

describe("the option logger", () => {
	it("the option logger receives every status and beat, and an error that it throws is ignored", async () => {
		const lines: string[] = [];
		const log = (level: string) => (message: string) => {
			lines.push(`${level} ${message}`);
			throw new Error("disk full");
		};
		const logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
		const session = scripted({ open: refusal({ action: "human", todo: "log in" }) }, "b");
		const keeper = keepalive([scripted({}, "a"), session], { logger, random: () => 0 });
		session.host?.logger.debug("a call of the session");
		await advance(25_000);
		await keeper.stop({ orders: "keep" });
		expect(lines).toEqual(
			expect.arrayContaining([
				"debug a call of the session",
				"info a: alive",
				"debug beat acknowledged",
				"error b: blocked",
				"info a: stopped",
			]),
		);
	});

	it("the option logger is refused when a method is missing", () => {
		// @ts-expect-error: error() is missing
		expect(() => keepalive([scripted()], { logger: { debug() {}, info() {}, warn() {} } })).toThrow(
			"option logger must be an object with the methods debug, info, warn and error",
		);
	});
});
