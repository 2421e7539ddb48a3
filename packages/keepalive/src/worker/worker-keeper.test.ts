import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { isKeeperError } from "../keeper-error.ts";
import type { Closed } from "../session.ts";
import { dispositionOf } from "../session-error.ts";
import type { KeeperLimits } from "../session-limits.ts";
import type { StatusRecord } from "../status/status.ts";
import { keepaliveInWorker, serveKeeper } from "./index.ts";
import { maxSilenceMs } from "./shared-armed-state.ts";
import { places } from "./testing/plain-input.ts";
import {
	allMembers,
	armedStage,
	order,
	plainStage,
	type Sessions,
	serveVenue,
	stage,
	until,
	wait,
} from "./testing/stage.ts";
import { WorkerKeeper } from "./worker-keeper.ts";
import type { WorkerDeath } from "./worker-options.ts";

const url = new URL("./testing/sessions.ts", import.meta.url);

function recordsOf(keeper: Awaited<ReturnType<typeof stage>>["keeper"]): StatusRecord[] {
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => records.push(record));
	return records;
}

describe("WorkerKeeper", () => {
	it("a WorkerKeeper opens its session, shows it as alive and armed, and keeps the orders at a stop with keep", async () => {
		const { venue, keeper } = await stage();
		const records = recordsOf(keeper);
		expect(keeper.isArmed("deribit")).toBe(false);
		expect(() => keeper.requireArmed("deribit")).toThrow("deribit is not armed: session is opening");
		await keeper.ready();
		await until(() => keeper.isArmed("deribit"), 20_000);
		keeper.requireArmed("deribit");
		expect(keeper.current("deribit").status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		await keeper.call("buy", order);
		expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(keeper.isArmed("deribit")).toBe(false);
		expect(records.map(({ status }) => status.state)).toEqual(["opening", "alive", "leaving", "stopped"]);
		await keeper.done();
	});

	it("a WorkerKeeper cancels the orders at a stop with cancel, and at the end of an `await using` scope", async () => {
		const { venue, keeper } = await armedStage();
		await keeper.call("buy", order);
		await keeper[Symbol.asyncDispose]();
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
		expect(keeper.current("deribit").status).toMatchObject({ state: "stopped", closed: { orders: "cancelled" } });
	});

	it("a WorkerKeeper ends the iteration over records() after the record of the stop", async () => {
		const { keeper } = await armedStage();
		const states: string[] = [];
		const reading = (async () => {
			for await (const { status } of keeper.records()) states.push(status.state);
		})();
		await keeper.stop({ orders: "cancel" });
		await reading;
		expect(states).toEqual(["alive", "leaving", "stopped"]);
	});

	it("a WorkerKeeper shows a session, and receives its limits, even if its results have members that cannot be passed between threads", async () => {
		let said: KeeperLimits = {};
		const onLimitsUsed = (limits: KeeperLimits): void => {
			said = limits;
		};
		const { keeper } = await plainStage(["a"], { onLimitsUsed }, { hasExtraMembers: true });
		await keeper.ready({ timeoutMs: 5_000 });
		await until(() => keeper.isArmed("a"), 5_000);
		const { a } = await keeper.stop({ orders: "keep" });
		expect(a).toEqual({ orders: "kept", detail: "a left" });
		expect(said["a"]?.used).toEqual({ logins: { made: [[expect.any(Number), 1]] } });
	});

	it("a WorkerKeeper shows the results of a stop even if the program has not read the records of the stop in time", async () => {
		const { keeper } = await plainStage(["a", "b"]);
		await keeper.ready();
		const flooding = keeper.call("flood", 3_000);
		const stopping = keeper.stop({ orders: "keep" });
		// Blocks this thread until the worker has answered. More records then wait in the worker than may be on their way.
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
		await flooding;
		const closed = await stopping;
		expect(closed).toMatchObject({ a: { orders: "kept" }, b: { orders: "kept" } });
		await keeper.done();
		expect(keeper.current("a").status).toEqual({ state: "stopped", why: "asked", closed: closed["a"] });
		expect(keeper.current("b").status).toEqual({ state: "stopped", why: "asked", closed: closed["b"] });
	});

	it("a WorkerKeeper stops one session, rejects a retry of that session while it is stopped, and starts it again", async () => {
		const { keeper } = await armedStage();
		expect(await keeper.stop({ orders: "keep", session: "deribit" })).toMatchObject({ deribit: { orders: "kept" } });
		const failed = await keeper.retry("deribit").catch((error: unknown) => error);
		expect(failed).toMatchObject({ kind: "stopped", session: "deribit" });
		expect(isKeeperError(failed)).toBe(true);
		await keeper.start("deribit");
		await keeper.ready();
		expect(await keeper.retry("deribit")).toBe(0);
	});

	it("a WorkerKeeper shows a loss and the recovery of its session, and counts both in the tally", async () => {
		const { link, keeper } = await armedStage();
		const records = recordsOf(keeper);
		link.drop();
		await until(() => records.some(({ status }) => status.state === "lost"), 20_000);
		await until(() => keeper.current("deribit").tally.recoveries === 1 && keeper.isArmed("deribit"), 20_000);
		expect(records.map(({ status }) => status.state)).toEqual(["alive", "lost", "waiting", "opening", "alive"]);
	});

	it("isArmed() is false at most half a second after the session in the worker has noticed a loss", async () => {
		const { keeper, link } = await armedStage();
		link.drop();
		expect(await until(() => !keeper.isArmed("deribit"), 2_000)).toBeLessThan(maxSilenceMs);
	});

	it("a WorkerKeeper rejects a module that does not call serveKeeper(), and reports what a module threw", async () => {
		const data = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
		await expect(keepaliveInWorker(data("export default 1"))).rejects.toMatchObject({
			kind: "worker",
			message: "@x/keepalive: the worker ended with exit code 0. Its module must call serveKeeper().",
		});
		await expect(keepaliveInWorker(data("throw new TypeError('no such file')"))).rejects.toMatchObject({
			kind: "worker",
			message: "@x/keepalive: the worker has died: no such file.",
		});
		const options = { startTimeoutMs: 300 };
		await expect(keepaliveInWorker(data("setInterval(() => 0, 1000)"), options)).rejects.toMatchObject({
			kind: "worker",
			message: "@x/keepalive: the worker did not start within 300 ms. Does its module call serveKeeper()?",
		});
	});

	it("a WorkerKeeper reports which option in the worker's module is wrong", async () => {
		const env = { DERIBIT_WS_URL: "http://127.0.0.1/", DERIBIT_CLIENT_ID: "id", DERIBIT_CLIENT_SECRET: "secret" };
		await expect(keepaliveInWorker(url, { thread: { env }, startTimeoutMs: 30_000 })).rejects.toThrow(
			/client\.url must be a wss/,
		);
	});

	it("a WorkerKeeper checks its options before it starts a worker", async () => {
		// @ts-expect-error: no such option
		await expect(keepaliveInWorker(url, { restarts: {} })).rejects.toThrow("restarts");
		await expect(keepaliveInWorker(url, { restart: { burst: 0 } })).rejects.toThrow("restart.burst");
		// @ts-expect-error: a path is not a URL
		await expect(keepaliveInWorker("./sessions.ts")).rejects.toThrow("url must be a URL");
		// @ts-expect-error: the variables are strings
		const error: unknown = await keepaliveInWorker(url, { thread: { env: { KEY: 7_312 } } }).catch((thrown) => thrown);
		expect(String(error)).toContain("thread.env must be an object of strings");
		expect(String(error)).not.toContain("7312");
	});

	it("a WorkerKeeper shows no secret in its records and errors when the login is refused", async () => {
		const { env } = await serveVenue();
		const secret = "wrong-secret-5512";
		const keeper = await keepaliveInWorker<Sessions>(url, {
			startTimeoutMs: 30_000,
			thread: { env: { ...env, DERIBIT_CLIENT_SECRET: secret } },
		});
		const records = recordsOf(keeper);
		const error: unknown = await keeper.done().catch((thrown) => thrown);
		expect(error).toMatchObject({ kind: "fatal", session: "deribit", cause: { name: "SessionError" } });
		expect(dispositionOf((error as Error).cause)).toEqual({ action: "fatal" });
		expect(JSON.stringify([records, error], allMembers)).toContain("invalid_credentials");
		expect(JSON.stringify([records, error], allMembers)).not.toContain(secret);
		await keeper.stop({ orders: "cancel" });
	});

	it("serveKeeper() throws outside of a worker that keepaliveInWorker() has started", () => {
		expect(() => serveKeeper([])).toThrow("must be called in a worker that keepaliveInWorker() has started");
	});

	it("a WorkerKeeper knows the names of the sessions and of the functions at compile time and at run time", async () => {
		const { keeper } = await armedStage();
		// @ts-expect-error: no such session
		expect(() => keeper.isArmed("deribti")).toThrow('unknown session: "deribti"');
		// @ts-expect-error: no such session
		await expect(keeper.retry("deribti")).rejects.toThrow(TypeError);
		// @ts-expect-error: no such session
		await expect(keeper.stop({ orders: "keep", session: "deribti" })).rejects.toThrow(TypeError);
		// @ts-expect-error: no such function
		await expect(keeper.call("by", order)).rejects.toThrow('unknown call: "by"');
		// @ts-expect-error: an order has an amount
		await expect(keeper.call("buy", { instrument_name: "BTC-PERPETUAL" })).rejects.toMatchObject({
			kind: "call-failed",
		});
		// @ts-expect-error: the argument is missing
		await expect(keeper.call("buy")).rejects.toMatchObject({ kind: "call-failed" });
		expectTypeOf(keeper.stop({ orders: "keep" })).resolves.toEqualTypeOf<Readonly<Record<"deribit", Closed>>>();
		expectTypeOf(keeper.call<"lastAbort">).returns.resolves.toEqualTypeOf<string | undefined>();
	});

	it("a WorkerKeeper infers the type of the worker's module from the declared type of its variable, for programs in JavaScript", async () => {
		const start = async (): Promise<import("./index.ts").WorkerKeeper<Sessions>> => await keepaliveInWorker(url);
		expectTypeOf(start).returns.resolves.toHaveProperty("call");
	});
});

describe("a worker that dies or hangs", () => {
	it.each([
		["ends by process.exit()", "exit", "the worker ended with exit code 7"],
		["throws", "throwSoon", "the worker has died: a mistake in the worker"],
	] as const)("when a worker %s, isArmed() is false at once and the keeper fails", async (_, call, reason) => {
		const { venue, keeper } = await armedStage();
		const records = recordsOf(keeper);
		await keeper.call("buy", order);
		if (call === "exit") keeper.call("exit", 7).catch(() => undefined);
		else keeper.call("throwSoon").catch(() => undefined);
		// This loop never returns to the event loop, so no message of the worker is received meanwhile.
		const start = performance.now();
		while (keeper.isArmed("deribit")) if (performance.now() - start > 5_000) expect.fail("still armed");
		// Less time has passed than a session stays armed in shared memory after the worker's last write, which was at most 50 ms before the end.
		expect(performance.now() - start).toBeLessThan(maxSilenceMs - 100);
		expect(records).toHaveLength(1);
		await expect(keeper.done()).rejects.toMatchObject({ kind: "fatal", session: "deribit", cause: { kind: "worker" } });
		expect(records.map(({ status }) => status.state)).toEqual(["alive", "lost", "stopped"]);
		expect(records.at(-1)?.status).toMatchObject({
			why: "fatal",
			cause: { name: "KeeperError", message: `@x/keepalive: ${reason}.` },
			closed: { orders: "unknown", detail: expect.stringContaining("the venue cancels working orders (connection)") },
		});
		expect(keeper.current("deribit").tally.losses).toBe(1);
		expect(() => keeper.requireArmed("deribit")).toThrow(reason);
		await until(() => venue.orders()[0]?.state === "cancelled", 20_000);
	});

	it("a worker that exhausts its memory does not end this process, and its sessions are no longer armed", async () => {
		const { keeper } = await armedStage({ thread: { resourceLimits: { maxOldGenerationSizeMb: 64 } } });
		keeper.call("exhaust").catch(() => undefined);
		await expect(keeper.done()).rejects.toMatchObject({ cause: { message: expect.stringContaining("memory") } });
		expect(keeper.isArmed("deribit")).toBe(false);
	});

	it(`that enters a busy loop makes its sessions late and not armed ${maxSilenceMs} ms later, without a message`, async () => {
		const { keeper } = await armedStage();
		const records = recordsOf(keeper);
		await keeper.call("burnSoon", 4_000);
		await wait(10);
		const burning = performance.now();
		// The clock is read before each check, because a busy machine may delay this thread between the check and the reading of the clock.
		let askedAt = performance.now();
		while (keeper.isArmed("deribit")) {
			expect(askedAt - burning).toBeLessThanOrEqual(maxSilenceMs + 20);
			askedAt = performance.now();
		}
		expect(keeper.current("deribit").status).toMatchObject({ protection: { state: "unknown" } });
		// Shared memory counts in units of 32 ms, so the session may stop being armed up to 32 ms before it is late.
		askedAt = performance.now();
		while (keeper.current("deribit").status.state !== "late") {
			if (askedAt - burning > maxSilenceMs + 100) expect.fail("not late");
			askedAt = performance.now();
		}
		expect(keeper.current("deribit").status).toMatchObject({
			protection: { state: "unknown" },
			cause: { name: "Stall" },
		});
		expect(() => keeper.requireArmed("deribit")).toThrow("the worker has not answered for");
		await until(() => records.some(({ status }) => status.state === "late"), 20_000);
		await until(() => keeper.isArmed("deribit"), 20_000);
		await until(() => records.at(-1)?.status.state === "alive", 20_000);
	});

	it("a worker that dies is restarted with the option restart: its session is lost, waits, opens again and is armed", async () => {
		const { keeper, venue } = await armedStage({ restart: {} });
		const records = recordsOf(keeper);
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		await until(() => keeper.isArmed("deribit"), 20_000);
		expect(records.map(({ status }) => status.state)).toEqual(["alive", "lost", "waiting", "opening", "alive"]);
		expect(keeper.current("deribit").tally).toMatchObject({ losses: 1, recoveries: 1 });
		await keeper.call("buy", order);
		expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await keeper.done();
	});

	it("a worker is not restarted beyond the limit of restarts: its session waits, and its status says why", async () => {
		const { keeper } = await armedStage({ restart: { burst: 1, everyMs: 600_000 } });
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		keeper.call("exit", 2).catch(() => undefined);
		await until(() => {
			const { status } = keeper.current("deribit");
			return status.state === "waiting" && status.why === "restart-limit";
		}, 20_000);
		await expect(keeper.retry("deribit")).rejects.toMatchObject({ kind: "worker" });
		expect(await keeper.stop({ orders: "cancel" })).toMatchObject({ deribit: { orders: "unknown" } });
		await keeper.done();
	});

	it("a restarted worker does not open a session more often than the limit on openings allows", async () => {
		const { keeper } = await armedStage({ restart: {} }, { openings: 2 });
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		keeper.call("exit", 2).catch(() => undefined);
		await until(() => {
			const { status } = keeper.current("deribit");
			return status.state === "waiting" && status.why === "restart-limit" && status.cause.name === "RestartLimit";
		}, 20_000);
	});

	it("a restarted worker keeps the limit on openings for sessions with names such as constructor or __proto__", async () => {
		const names = ["constructor", "toString", "__proto__"];
		const { keeper } = await plainStage(names, { restart: {} }, { openings: 1 });
		await keeper.ready();
		await keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.workerSilentMs !== undefined, 20_000);
		for (const name of names) {
			await until(() => keeper.current(name).status.state === "waiting", 20_000);
			expect(keeper.current(name).status).toMatchObject({ why: "restart-limit", cause: { name: "RestartLimit" } });
		}
		expect(await keeper.call("done")).toEqual([]);
	});

	it("a restarted worker keeps a wait that the venue asked for", async () => {
		const { keeper, venue } = await armedStage({ restart: {} });
		venue.faults.maintenance({ on: true });
		const venueWait = () => {
			const { status } = keeper.current("deribit");
			return status.state === "waiting" && status.why === "venue" ? status.until : undefined;
		};
		await until(() => venueWait() !== undefined, 20_000);
		const before = venueWait() ?? 0;
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").status.state === "waiting" && venueWait() === undefined, 20_000);
		await until(() => venueWait() !== undefined, 20_000);
		// The wait may be longer than before by the time that the new worker takes to start.
		expect(venueWait()).toBeGreaterThanOrEqual(before - 100);
		expect(venueWait()).toBeLessThan(before + 5_000);
	});

	it("a restarted worker does not open a session that was stopped before the restart", async () => {
		const { env } = await serveVenue();
		const module = new URL("./testing/two-sessions.ts", import.meta.url);
		const keeper = await keepaliveInWorker<typeof import("./testing/two-sessions.ts")>(module, {
			restart: {},
			startTimeoutMs: 30_000,
			thread: { env },
		});
		await keeper.ready();
		await keeper.stop({ orders: "keep", session: "first" });
		const states: string[] = [];
		keeper.onStatus(({ status }) => states.push(status.state), "first");
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("second").tally.recoveries === 1 && keeper.isArmed("second"), 20_000);
		expect(states).toEqual(["stopped"]);
		expect(keeper.isArmed("first")).toBe(false);
		await keeper.start("first");
		await keeper.ready({ session: "first" });
		expect(keeper.isArmed("first")).toBe(true);
		expect(Object.keys(await keeper.stop({ orders: "cancel" })).sort()).toEqual(["first", "second"]);
	});

	it("a new worker does not open a session that the program stops while the worker starts", async () => {
		const { keeper, restartUntil, release } = await plainStage(["a", "b"], { restart: {} });
		await keeper.ready();
		await restartUntil(places.load);
		expect(await keeper.stop({ orders: "keep", session: "a" })).toMatchObject({ a: { orders: "unknown" } });
		release(places.load);
		await keeper.ready({ session: "b" });
		expect(await keeper.call("done")).toEqual(["open b"]);
		expect(keeper.current("a").status.state).toBe("stopped");
		await keeper.start("a");
		await keeper.ready({ session: "a" });
	});

	it("a new worker that is opening a session closes it when the program stops it, and the keeper shows the session as stopped", async () => {
		const { keeper, restartUntil, release } = await plainStage(["a", "b"], { restart: {} });
		await keeper.ready();
		await restartUntil(places.open);
		await keeper.stop({ orders: "keep", session: "a" });
		const states: string[] = [];
		keeper.onStatus(({ status }) => states.push(status.state), "a");
		release(places.open);
		await keeper.ready({ session: "b" });
		expect(await keeper.call("done")).toEqual(["open a", "open b", "close a keep"]);
		expect(states).toEqual(["stopped"]);
		expect(keeper.isArmed("a")).toBe(false);
		await keeper.start("a");
		await keeper.ready({ session: "a" });
		expect(states.slice(1)).toEqual(["opening", "alive"]);
	});

	it("stop() ends a new worker that is starting before that worker opens a session", async () => {
		const deaths: WorkerDeath[] = [];
		const onWorkerDeath = (death: WorkerDeath): number => deaths.push(death);
		const { keeper, restartUntil, release } = await plainStage(["a"], { restart: {}, onWorkerDeath });
		await keeper.ready();
		await restartUntil(places.load);
		expect(await keeper.stop({ orders: "keep" })).toMatchObject({ a: { orders: "unknown" } });
		// No thread waits at that place: the worker has ended.
		expect(release(places.load)).toBe(0);
		expect(deaths).toHaveLength(1);
		await keeper.done();
	});

	it("a worker that hangs for too long is ended, and the keeper fails as if the worker had died", async () => {
		const { env } = await serveVenue();
		const keeper = new WorkerKeeper<Sessions>(url, { thread: { env }, startTimeoutMs: 30_000 }, 1_000);
		await keeper.open();
		await keeper.ready();
		const burning = performance.now();
		await keeper.call("burnSoon", 30_000);
		await expect(keeper.done()).rejects.toMatchObject({
			kind: "fatal",
			cause: { message: "@x/keepalive: the worker has hung for 1000 ms and was ended." },
		});
		expect(performance.now() - burning).toBeGreaterThan(1_000);
		expect(keeper.isArmed("deribit")).toBe(false);
	});

	it("onUnprotected() is called when the worker dies", async () => {
		const { keeper } = await armedStage();
		const reported: unknown[] = [];
		keeper.onUnprotected({ afterMs: 1 }, (record) => reported.push(record));
		keeper.call("exit", 4).catch(() => undefined);
		await until(() => reported.length > 0, 20_000);
		expect(reported).toMatchObject([{ type: "unprotected", session: "deribit" }]);
	});

	it("a worker that hangs during a stop is ended at the deadline, and the result for the orders is unknown", async () => {
		const { keeper } = await armedStage();
		await keeper.call("burnSoon", 10_000);
		await wait(50);
		const start = performance.now();
		expect(await keeper.stop({ orders: "cancel", timeoutMs: 500 })).toMatchObject({
			deribit: { orders: "unknown", detail: expect.stringContaining("the venue cancels working orders") },
		});
		expect(performance.now() - start).toBeLessThan(2_500);
		expect(keeper.current("deribit").status.state).toBe("stopped");
	});

	it("a worker that is blocked in native code, which cannot be interrupted, delays a stop by at most a second", async () => {
		const { keeper } = await plainStage(["a"]);
		await keeper.ready();
		await keeper.call("blockSoon", 8);
		await wait(50);
		const start = performance.now();
		expect(await keeper.stop({ orders: "cancel", timeoutMs: 500 })).toMatchObject({ a: { orders: "unknown" } });
		await keeper.done();
		// The stop's timeout, the worker's extra time to answer, the time for the end of the thread, and a tolerance.
		expect(performance.now() - start).toBeLessThan(500 + 500 + 1_000 + 500);
	});
});

describe("pulse() of a WorkerKeeper", () => {
	it("pulse() throws without the option gate", async () => {
		const { keeper } = await armedStage();
		expect(() => keeper.pulse()).toThrow("pulse() needs the option gate");
	});

	it("a new worker opens no session before the next pulse if the last pulse is older than the tolerance", async () => {
		const { venue, keeper } = await stage({ restart: {} }, { gateMs: 2_000 });
		const pulsing = setInterval(() => keeper.pulse(), 50);
		await keeper.ready();
		clearInterval(pulsing);
		await until(() => keeper.current("deribit").status.state === "gated", 20_000);
		const opened = venue.received.filter(({ method }) => method === "public/auth").length;
		await keeper.call("throwSoon", undefined);
		await until(() => keeper.current("deribit").status.state === "waiting", 20_000);
		await until(() => keeper.current("deribit").status.state === "gated", 20_000);
		expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(opened);
		const resumed = setInterval(() => keeper.pulse(), 50);
		onTestFinished(() => clearInterval(resumed));
		await until(() => keeper.isArmed("deribit"), 20_000);
	});

	it("pulse() keeps the session alive if it is called within the tolerance each time; the orders are cancelled once it is not called", async () => {
		const { venue, keeper } = await stage({}, { gateMs: 600 });
		const pulsing = setInterval(() => keeper.pulse(), 50);
		await until(() => keeper.isArmed("deribit"), 20_000);
		await keeper.call("buy", order);
		await wait(1_500);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		clearInterval(pulsing);
		await until(() => venue.orders()[0]?.state === "cancelled", 20_000);
		await until(() => keeper.current("deribit").status.state === "gated", 20_000);
		keeper.pulse();
		await until(() => keeper.current("deribit").status.state !== "gated", 20_000);
	});
});
