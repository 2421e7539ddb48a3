import { inspect } from "node:util";
import { neverAborted } from "@x/base/clock";
import { type IbkrBrokerageStatus, IbkrError } from "@x/ibkr-session";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { CallOutcome } from "./error-disposition.ts";
import { LayerTracker } from "./session-layers.ts";
import { Stage, settled, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

/** Returns the states of gateway, login, brokerage session and socket, in this order. */
const states = ({ session }: Stage) => {
	const { gateway, login, brokerage, socket } = session.layers;
	return [gateway, login, brokerage, socket].map(({ state }) => state);
};

describe("the property `layers` of an IbkrSession: the states of gateway, login, brokerage session and socket", () => {
	it("layers stay up if a second open() succeeds, and the first open(), which it replaced, ends afterwards", async () => {
		const late = Promise.withResolvers<void>();
		let opens = 0;
		const onOpen = (): unknown => (++opens === 1 ? late.promise : undefined);
		const stage = new Stage({ loadMs: 500 }, { onOpen });
		const overtaken = stage.session.open(neverAborted).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(5_000);
		await stage.open();
		expect(stage.session.layers.alive).toBe(true);
		late.resolve();
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await overtaken).toMatchObject({ message: expect.stringContaining("closed or reopened") });
		expect(states(stage).slice(0, 3)).toEqual(["up", "up", "up"]);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("layers are unknown before the first call; gateway, login and brokerage session are needed, the socket is not", () => {
		const stage = new Stage();
		expect(states(stage)).toEqual(["unknown", "unknown", "unknown", "unknown"]);
		expect(stage.session.layers).toMatchObject({
			alive: false,
			gateway: { needed: true },
			login: { needed: true },
			brokerage: { needed: true },
			socket: { needed: false },
		});
	});

	it("layers are up once they are proved, and have the time of their latest proof", async () => {
		const stage = new Stage();
		await stage.open();
		expect(states(stage)).toEqual(["up", "up", "up", "unknown"]);
		expect(stage.session.layers.alive).toBe(true);
		await vi.advanceTimersByTimeAsync(30_000);
		await settled(stage.session.beat(neverAborted), 0);
		expect(stage.session.layers.brokerage.lastProofAt).toBe(Date.now());
	});

	it("layers report the brokerage session as opening until IBKR answers with the accounts", async () => {
		const stage = new Stage({ start: "login", loadMs: 60_000 });
		const opening = stage.session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(59_000);
		expect(states(stage)).toEqual(["up", "up", "opening", "unknown"]);
		await settled(opening);
		expect(stage.session.layers.alive).toBe(true);
	});

	it.each([
		[
			"the brokerage session idles out",
			"idle",
			["up", "up", "down", "unknown"],
			"it has ended, the login is still good",
		],
		["another session takes over", "compete", ["up", "up", "down", "unknown"], "another session of this user holds it"],
	] as const)("layers report what was lost and why when %s", async (_, fault, expected, reason) => {
		const stage = new Stage();
		await stage.open();
		stage.trigger(fault);
		await stage.beatError(2_000);
		expect(states(stage)).toEqual(expected);
		const { brokerage, login, alive } = stage.session.layers;
		expect(brokerage.lastLoss).toEqual({ at: expect.any(Number), reason, expected: false });
		expect(login.lastLoss).toBeUndefined();
		expect(alive).toBe(false);
	});

	it("layers report the brokerage session as lost together with the login, and for the same reason", async () => {
		const stage = new Stage({ redirectToLogin: true });
		await stage.open();
		stage.trigger("expireSso");
		await stage.beatError(2_000);
		expect(states(stage)).toEqual(["up", "down", "down", "unknown"]);
		const { login, brokerage } = stage.session.layers;
		expect(login.lastLoss?.reason).toBe("login-redirect, 302");
		expect(brokerage.lastLoss?.reason).toBe("the login is lost: login-redirect, 302");
	});

	it("layers report the gateway as lost, and the login as unknown, if the connection fails", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("restart");
		await stage.beatError(0);
		expect(states(stage)).toEqual(["down", "unknown", "unknown", "unknown"]);
		const { gateway, login } = stage.session.layers;
		expect(gateway.lastLoss?.reason).toContain("the connection failed");
		expect(login).toMatchObject({ reason: "it depends on the gateway, which is not up" });
		expect(login.lastLoss).toBeUndefined();
	});

	it("layers report the gateway as unknown after a timeout, and as up after any reply", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("partition");
		await stage.beatError(12_000);
		expect(stage.session.layers.gateway).toMatchObject({ state: "unknown", reason: "it did not answer in time" });
		stage.trigger("heal");
		stage.trigger("answer", { status: 503 });
		await stage.beatError(0);
		expect(stage.session.layers.gateway.state).toBe("up");
	});

	it("layers report a state as unknown from the moment at which its last proof is as old as ttlMs", async () => {
		const stage = await new Stage().afterFirstMinute();
		await stage.open(0);
		await vi.advanceTimersByTimeAsync(299_999);
		expect(stage.session.layers.alive).toBe(true);
		await vi.advanceTimersByTimeAsync(1);
		expect(states(stage).slice(0, 3)).toEqual(["unknown", "unknown", "unknown"]);
		expect(stage.session.layers.gateway.reason).toBe("it was last proved alive 300000 ms ago");
	});

	it("layers keep reporting the latest loss after a new login has restored the session", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError(2_000);
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(60_000);
		await stage.open();
		expect(states(stage)).toEqual(["up", "up", "up", "unknown"]);
		expect(stage.session.layers.login.lastLoss).toMatchObject({ reason: 'access-denied, 401: "Access Denied"' });
	});

	it("layers report a loss during the nightly reset as expected", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T05:20:00Z"));
		const stage = new Stage();
		await stage.open();
		stage.trigger("reset");
		await stage.beatError(2_000);
		expect(stage.session.layers.login.lastLoss).toMatchObject({ expected: true });
	});

	it.each([
		["another session takes over", "compete", {}],
		["the gateway is down", "restart", { forMs: 3_600_000 }],
		["the network is broken", "partition", { forMs: 3_600_000 }],
	] as const)("layers report a loss during the nightly reset as unexpected when %s", async (_, fault, args) => {
		vi.setSystemTime(Date.parse("2026-01-14T05:20:00Z"));
		const stage = new Stage();
		await stage.open();
		stage.trigger(fault, args);
		const error = await stage.beatError(15_000);
		if (error.session === "ended")
			expect(error.message).toContain("ALARM: unexpected loss: the nightly reset in America/New_York");
		// Opens the session again, as a keeper does when the lease has expired.
		await stage.openError(30_000);
		expect(stage.session.recovery.losses).toMatchObject([{ expected: false }]);
		const { gateway, login, brokerage } = stage.session.layers;
		for (const { lastLoss } of [gateway, login, brokerage]) expect(lastLoss?.expected ?? false).toBe(false);
	});

	it("layers report a loss during the nightly reset as expected if the venue answers 5xx until the lease expires", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T05:20:00Z"));
		const stage = new Stage();
		await stage.open();
		stage.trigger("answer", { status: 503, times: 3 });
		await stage.beatError(5_000);
		await stage.openError();
		expect(stage.session.recovery.losses).toMatchObject([
			{ expected: true, reason: expect.stringContaining("no beat was acknowledged in time") },
		]);
	});

	it("layers report a refused token as an unexpected loss, even during the nightly reset", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T05:20:00Z"));
		const client = { authorize: () => ({ authorization: "OAuth x" }) };
		const stage = new Stage({ mode: "oauth1", start: "live" }, { mode: "oauth1", client });
		await stage.open();
		const body = '{"error":"id: 5, error: invalid consumer","statusCode":401}';
		stage.trigger("answer", { path: "/tickle", status: 401, body, times: 2 });
		const error = await stage.beatError();
		expect(error.message).toContain("ALARM");
		expect(stage.session.layers.login.lastLoss).toMatchObject({ expected: false });
	});

	it("layers use the region of the latest validation to decide whether a loss was expected", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T23:18:58Z"));
		const stage = await new Stage({ region: "EU" }).afterFirstMinute();
		await stage.open();
		stage.trigger("reset");
		const error = await stage.beatError(2_000);
		expect(error.message).toContain("expected: the nightly reset in Europe/Zurich");
	});

	it("layers report the gateway as not needed with OAuth", async () => {
		const authorize = () => ({ authorization: "OAuth x" });
		const stage = new Stage({ mode: "oauth1", start: "live" }, { mode: "oauth1", client: { authorize } });
		await stage.open();
		expect(stage.session.layers).toMatchObject({ alive: true, gateway: { needed: false } });
	});
});

it("layers, attempts and recovery are plain data without user names, accounts or keys", async () => {
	const stage = new Stage();
	await stage.open();
	stage.trigger("answer", { path: "/tickle", status: 401, body: "planted-user DU9999999", times: 2 });
	await stage.beatError();
	const told = { layers: stage.session.layers, attempts: stage.session.attempts, recovery: stage.session.recovery };
	expect(structuredClone(told)).toEqual(told);
	expect(JSON.parse(JSON.stringify(told))).toEqual(told);
	const printed = inspect(told, { depth: 10, showHidden: true });
	for (const secret of ["planted", "DU9999999"]) expect(printed).not.toContain(secret);
});

it("layers.alive is true whenever the keeper reports the session as alive", async () => {
	const stage = new Stage({ loadMs: 500 });
	const keeper = keepalive([stage.session], { random: () => 0 });
	let seen = 0;
	keeper.onStatus(({ status }) => {
		if (status.state !== "alive") return;
		seen += 1;
		expect(stage.session.layers.alive).toBe(true);
	});
	for (const fault of ["idle", "compete", "restart", "reset", "idle"] as const) {
		await vi.advanceTimersByTimeAsync(700_000);
		stage.trigger(fault, { forMs: 30_000 });
		await vi.advanceTimersByTimeAsync(90_000);
		stage.trigger("leave");
		stage.trigger("login");
	}
	await vi.advanceTimersByTimeAsync(700_000);
	expect(seen).toBeGreaterThan(5);
	expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
	await keeper.stop({ orders: "keep" });
});

const tracker = () =>
	new LayerTracker({
		needed: { gateway: true, login: true, brokerage: true, socket: false },
		ttlMs: 300_000,
		expectation: () => ({ expected: false, text: "" }),
	});
const flags = { connected: true, established: true, competing: false, forceOnly: false };
const ready: IbkrBrokerageStatus = { state: "ready", authenticated: true, ...flags };
const statesOf = (of: LayerTracker) => {
	const { gateway, login, brokerage } = of.report();
	return [gateway.state, login.state, brokerage.state];
};

describe("LayerTracker", () => {
	it("LayerTracker reports the brokerage session as opening until IBKR answers with the accounts, even if the status reply says ready", () => {
		const layers = tracker();
		for (const outcome of [
			{ kind: "status", brokerage: ready },
			{ kind: "live", brokerage: ready },
		] as const) {
			layers.recordOutcome(outcome);
			expect(statesOf(layers)).toEqual(["up", "up", "opening"]);
		}
		layers.recordOutcome({ kind: "no-brokerage", because: "empty", status: 200 });
		expect(statesOf(layers)).toEqual(["up", "up", "opening"]);
		layers.recordOutcome({ kind: "live", brokerage: ready });
		expect(layers.report().alive).toBe(false);
	});

	it.each<[CallOutcome, string[]]>([
		[{ kind: "no-session", because: "error-body", status: 200 }, ["up", "down", "down"]],
		[{ kind: "logged-out" }, ["up", "down", "down"]],
		[{ kind: "unconfirmed" }, ["up", "unknown", "unknown"]],
		[{ kind: "valid" }, ["up", "up", "unknown"]],
		[{ kind: "unstated" }, ["up", "up", "unknown"]],
		[{ kind: "accepted" }, ["up", "unknown", "opening"]],
		[{ kind: "refused", because: "unstated" }, ["up", "unknown", "down"]],
		[{ kind: "triggered" }, ["up", "unknown", "unknown"]],
		[{ kind: "no-brokerage", because: "no-bridge", status: 400 }, ["up", "unknown", "down"]],
		[{ kind: "status", brokerage: { ...ready, state: "loading", established: false } }, ["up", "up", "opening"]],
		// A user who is logged out has the same status, with all flags false, so the login is unknown.
		[
			{ kind: "status", brokerage: { ...ready, state: "disconnected", authenticated: false } },
			["up", "unknown", "down"],
		],
		[
			{ kind: "not-ready", brokerage: { ...ready, state: "unauthenticated", authenticated: false } },
			["up", "up", "down"],
		],
	])("LayerTracker, after the outcome %j, reports gateway, login and brokerage session as %j", (outcome, expected) => {
		const layers = tracker();
		layers.recordOutcome(outcome);
		expect(statesOf(layers)).toEqual(expected);
	});

	it.each<[IbkrError["kind"], number | undefined, string]>([
		["network", undefined, "down"],
		["timeout", undefined, "unknown"],
		["unavailable", 503, "up"],
		["http", 403, "up"],
		["banned", 429, "up"],
		["banned", undefined, "up"],
		["pacing", undefined, "up"],
		["authorize", undefined, "up"],
		["aborted", undefined, "up"],
		["reply", 200, "up"],
	])(
		"LayerTracker, after a failure of kind %s with status %s, reports the gateway as %s and leaves the login unchanged",
		(kind, status, expected) => {
			const layers = tracker();
			layers.recordOutcome({ kind: "valid" });
			layers.recordFailure(new IbkrError(kind, "x", { call: "POST /tickle", status }));
			expect(layers.report().gateway.state).toBe(expected);
			expect(layers.report().login.lastLoss).toBeUndefined();
		},
	);
});
