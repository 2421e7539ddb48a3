import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import { isKeeperError } from "../keeper-error.ts";
import type { Closed } from "../session.ts";
import { dispositionOf } from "../session-error.ts";
import type { KeeperLimits } from "../session-limits.ts";
import { keepaliveInWorker, serveKeeper } from "./index.ts";
import { maxSilenceMs } from "./shared-armed-state.ts";
import {
	allMembers,
	armedStage,
	order,
	plainStage,
	recordsOf,
	type Sessions,
	serveVenue,
	stage,
	until,
	wait,
} from "./testing/start-worker-keeper.ts";

const url = new URL("./testing/one-deribit-session.ts", import.meta.url);

describe("WorkerKeeper", () => {
	it("a WorkerKeeper opens its session, shows it as alive and armed, and keeps the orders when stop() asks for that", async () => {
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

	it("a WorkerKeeper cancels the orders at the end of an `await using` scope", async () => {
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

	it("a WorkerKeeper learns that a session is armed and what that session has used of its limits, even if some members cannot be cloned", async () => {
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

	it("stop() of a WorkerKeeper returns its results, and current() shows them, even if the last status records are still unread", async () => {
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

	it("the name of an unknown session or function does not compile in a call to a WorkerKeeper, and throws at run time", async () => {
		const { keeper } = await armedStage();
		// @ts-expect-error: no such session
		expect(() => keeper.isArmed("deribti")).toThrow('unknown session: "deribti", known: deribit');
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

	it("keepaliveInWorker() infers its type argument from the type that its result is assigned to, because JavaScript has no type arguments", async () => {
		const start = async (): Promise<import("./index.ts").WorkerKeeper<Sessions>> => await keepaliveInWorker(url);
		expectTypeOf(start).returns.resolves.toHaveProperty("call");
	});
});

describe("pulse() of a WorkerKeeper", () => {
	it("pulse() throws without the option gate", async () => {
		const { keeper } = await armedStage();
		expect(() => keeper.pulse()).toThrow("pulse() works only if the option gate is set");
	});

	it("a new worker opens no session before the next pulse() if the last pulse() is older than the tolerance", async () => {
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

	it("the session stays alive while pulse() is called in time; once pulse() is no longer called, the orders are cancelled", async () => {
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
