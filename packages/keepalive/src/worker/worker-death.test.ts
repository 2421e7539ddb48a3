import { describe, expect, it } from "vitest";
import { keepaliveInWorker } from "./index.ts";
import { maxSilenceMs } from "./shared-armed-state.ts";
import { places } from "./testing/sessions-without-venue-input.ts";
import {
	armedStage,
	order,
	plainStage,
	recordsOf,
	type Sessions,
	serveVenue,
	until,
	wait,
} from "./testing/start-worker-keeper.ts";
import { WorkerKeeper } from "./worker-keeper.ts";
import type { WorkerDeath } from "./worker-options.ts";

const url = new URL("./testing/one-deribit-session.ts", import.meta.url);

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
		// The session is not armed although so little time has passed that the worker's last write (at most 50 ms before its end)
		// still counts as recent.
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

	it(`a worker that enters a busy loop makes its sessions late and not armed ${maxSilenceMs} ms later, without a message`, async () => {
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

	it("a worker that dies is restarted if the option `restart` is set: its session is lost, waits, opens again and is armed", async () => {
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
		// The new worker takes some time to start, so the wait may end a little later than before.
		expect(venueWait()).toBeGreaterThanOrEqual(before - 100);
		expect(venueWait()).toBeLessThan(before + 5_000);
	});

	it("a restarted worker does not open a session that was stopped before the restart", async () => {
		const { env } = await serveVenue();
		const module = new URL("./testing/two-deribit-sessions.ts", import.meta.url);
		const keeper = await keepaliveInWorker<typeof import("./testing/two-deribit-sessions.ts")>(module, {
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

	it("a new worker that is opening a session closes that session when the program stops it, and the keeper shows it as stopped", async () => {
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

	it("onUnprotected() calls its listener when the worker dies", async () => {
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
		// The stop may take its timeout, the worker's extra time to answer, and the time for the end of the thread. 500 ms are tolerance.
		expect(performance.now() - start).toBeLessThan(500 + 500 + 1_000 + 500);
	});
});
