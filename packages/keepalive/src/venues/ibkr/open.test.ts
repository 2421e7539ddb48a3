import { neverAborted } from "@x/base/clock";
import { describe, expect, it, vi } from "vitest";
import { Stage, sessionErrorOf, settled, useFakeClock, waitMsOf } from "./testing/simulated-gateway-session.ts";

useFakeClock();

describe("open() of an IbkrSession", () => {
	it("open() reads the status first, and sends no init if there is a brokerage session", async () => {
		const stage = new Stage();
		expect(await stage.open()).toMatchObject({
			ttlMs: 300_000,
			paceMs: 20_000,
			protection: { state: "unsupported", reason: expect.stringContaining("keep working") },
		});
		expect(stage.paths()).toEqual(["/iserver/auth/status", "/iserver/accounts", "/tickle"]);
	});

	it("open() sends an init if there is no brokerage session, and resolves once the session is ready and IBKR has answered with the accounts", async () => {
		const stage = new Stage({ start: "login", loadMs: 2_500 });
		await stage.open();
		expect(stage.venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });
		expect(stage.paths(2)).toEqual([
			"/iserver/auth/ssodh/init",
			"/iserver/auth/status",
			"/iserver/auth/status",
			"/iserver/auth/status",
			"/iserver/accounts",
			"/tickle",
		]);
		expect(stage.session.handle).toBeDefined();
	});

	it("open() treats a status reply without the field `established` as if the field were true", async () => {
		const stage = new Stage({ sendEstablished: false });
		await stage.open();
		expect(stage.venue.truth().inits).toBe(0);
	});

	it("open() keeps polling while the status reply says ready but the accounts reply is an empty object", async () => {
		const stage = new Stage();
		stage.trigger("answer", { path: "/iserver/accounts", status: 200, body: "{}", times: 2 });
		await stage.open();
		expect(stage.paths().filter((path) => path === "/iserver/accounts")).toHaveLength(3);
	});

	it("open() fails after readyTimeoutMs if the status reply says ready but the accounts reply stays an empty object", async () => {
		const stage = new Stage({}, { readyTimeoutMs: 10_000 });
		stage.trigger("answer", { path: "/iserver/accounts", status: 200, body: "{}", times: 1_000 });
		const error = await stage.openError(12_000);
		expect(error.message).toContain("not ready after 10000 ms (ready)");
		expect(waitMsOf(error)).toBe(60_000);
		expect(stage.session.layers).toMatchObject({
			alive: false,
			login: { state: "up" },
			brokerage: { state: "opening" },
		});
		expect(stage.venue.truth().inits).toBe(0);
		// The next open() sends an init: the brokerage session may be held by another session, which the status does not report.
		await stage.openError(12_000);
		expect(stage.venue.truth().inits).toBe(1);
	});

	it("open() fails with an error for a person if nobody is logged in at the gateway, and sends no init", async () => {
		const stage = new Stage({ start: "none", redirectToLogin: true });
		const error = await stage.openError();
		expect(error.disposition).toEqual({ action: "human", todo: "Log in at https://localhost:5000 in a browser." });
		expect(stage.venue.truth().inits).toBe(0);
	});

	it.each([
		["says nothing about the brokerage session", '{"session":"x"}'],
		["says that it is loading", '{"iserver":{"authStatus":{"authenticated":true,"established":false}}}'],
		["says that it has ended", '{"iserver":{"authStatus":{"authenticated":false,"connected":true}}}'],
	])("open() fails when the reply to its last call, a tickle, %s", async (_, body) => {
		const stage = new Stage();
		stage.trigger("answer", { path: "/tickle", status: 200, body });
		await stage.openError();
		expect(stage.session.handle).toBeUndefined();
	});

	it("open() mentions the gateway's setting ips.allow as another possible cause of a 401", async () => {
		const { disposition } = await new Stage({ start: "none" }).openError();
		expect(disposition).toMatchObject({ todo: expect.stringContaining("ips.allow") });
	});

	it("open() leaves no session behind if its signal aborts", async () => {
		const stage = new Stage({ start: "login" });
		const controller = new AbortController();
		const opening = sessionErrorOf(stage.session.open(controller.signal));
		await vi.advanceTimersByTimeAsync(500);
		controller.abort(new Error("given up"));
		expect((await opening).disposition.action).toBe("retry");
		expect(stage.session.handle).toBeUndefined();
		const asked = stage.venue.received.length;
		await vi.advanceTimersByTimeAsync(60_000);
		expect(stage.venue.received).toHaveLength(asked);
	});

	it("open() leaves no session behind if close() is called before open() has ended", async () => {
		const stage = new Stage({ start: "login" });
		const opening = sessionErrorOf(stage.session.open(neverAborted));
		await stage.session.close("keep");
		await opening;
		expect(stage.session.handle).toBeUndefined();
	});
});

describe("the login of an IbkrSession", () => {
	it("the login is validated at most once a minute; an open() between two validations checks it with a tickle", async () => {
		const stage = await new Stage().afterFirstMinute();
		await stage.open();
		stage.trigger("expireSso");
		expect((await stage.openError()).disposition.action).toBe("human");
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(1);
	});

	it("the login, once it is lost, is checked with a single tickle at each open(), until a tickle says that somebody is logged in", async () => {
		const stage = await new Stage({ start: "none" }).afterFirstMinute();
		await stage.openError();
		let before = stage.venue.received.length;
		await stage.openError(60_000);
		expect(stage.paths(before)).toEqual(["/tickle"]);
		stage.trigger("login");
		before = stage.venue.received.length;
		await stage.open();
		expect(stage.paths(before).slice(0, 2)).toEqual(["/tickle", "/iserver/auth/status"]);
	});

	it("the login counts as good if a tickle says so, even if every validation says that nobody is logged in", async () => {
		const stage = await new Stage().afterFirstMinute();
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}', times: 30 });
		await stage.open();
		expect(stage.session.layers).toMatchObject({ alive: true });
		expect(stage.paths().slice(0, 2)).toEqual(["/sso/validate", "/tickle"]);
	});

	it.each([
		["status", "/iserver/auth/status", { status: 401, body: "Access Denied" }],
		["accounts", "/iserver/accounts", { status: 401 }],
		["tickle", "/tickle", { status: 200, body: '{"error":"no session"}' }],
	])("the login is checked again 1 250 ms after one wrong reply to the %s", async (_, path, answer) => {
		const stage = new Stage();
		stage.trigger("answer", { path, ...answer });
		await stage.open(10_000);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("the login is not reported as lost if every status reply says that nobody is logged in while tickles say that somebody is", async () => {
		const stage = await new Stage().afterFirstMinute();
		stage.trigger("answer", { path: "/iserver/auth/status", status: 401, body: "Access Denied", times: 4 });
		for (let attempt = 0; attempt < 2; attempt++) {
			const error = await stage.openError(10_000);
			expect(error).toMatchObject({ disposition: { action: "retry" } });
			expect(error.message).toContain("the venue contradicts itself");
		}
		await stage.open(10_000);
	});

	it("the login is not reported as lost if an init says that nobody is logged in while tickles say that somebody is; each error quotes the venue", async () => {
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		const answer = { status: 401, body: "not entitled for this" };
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", times: 5, ...answer });
		const first = await stage.openError(10_000);
		expect(first.disposition).toMatchObject({ action: "wait" });
		for (let attempt = 0; attempt < 3; attempt++) {
			expect((await stage.openError(5_000)).message).toContain('"not entitled for this"');
		}
	});

	it("the login is proved by a tickle if the program's own validation has used up the rate limit", async () => {
		const stage = await new Stage().afterFirstMinute();
		await stage.open();
		await settled(Promise.resolve(stage.session.handle?.validate().catch(() => undefined)), 70_000);
		await stage.session.handle?.validate();
		await stage.session.beat(neverAborted);
		const before = stage.venue.received.length;
		await stage.open();
		expect(stage.paths(before)[0]).toBe("/tickle");
	});
});

describe("the inits of an IbkrSession", () => {
	it("an init that failed with a message of the venue is reported with this message as long as the back-off delays the next init", async () => {
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		const body = '{"error":"failed to generate sso dh token"}';
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", status: 500, body });
		expect((await stage.openError()).message).toContain("failed to generate sso dh token");
		const held = await stage.openError();
		expect(held.message).toMatch(/the back-off has not ended; the latest failure: .*"failed to generate sso dh token"/);
		expect(stage.venue.truth().inits).toBe(0);
	});

	it("inits that are refused without a reason are not blamed on another session, and not repeated with `compete`", async () => {
		const stage = await new Stage({ start: "login" }, { compete: true }).afterFirstMinute();
		const body = '{"authenticated":false,"connected":true,"competing":false}';
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", status: 200, body });
		const error = await stage.openError();
		expect(error.message).toContain("the init was refused without a reason");
		expect(error.message).not.toContain("another session");
		expect(stage.competes()).toEqual([false]);
	});

	it("inits are delayed by a back-off that doubles from a minute to half an hour, even if the inits succeed", async () => {
		const options = { start: "login", loadMs: 1e9, idleMs: 500, pacing: false } as const;
		const stage = await new Stage(options, { readyTimeoutMs: 1_000 }).afterFirstMinute();
		for (let attempt = 0; attempt < 8; attempt++) {
			const error = await stage.openError(1_000);
			await vi.advanceTimersByTimeAsync(waitMsOf(error));
		}
		const times = stage.venue.received.filter(({ path }) => path.endsWith("/init")).map(({ at }) => at);
		const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
		expect(gaps).toEqual([60_000, 120_000, 240_000, 480_000, 960_000, 1_800_000, 1_800_000]);
	});

	it.each([
		["401", { status: 401, body: "Access Denied" }],
		["410", { status: 410 }],
		["403", { status: 403 }],
		["404", { status: 404, body: "<html></html>" }],
		["500", { status: 500, body: '{"error":"failed"}' }],
		["503", { status: 503 }],
		["a refusal", { status: 200, body: '{"passed":false,"authenticated":false,"connected":true}' }],
		["400 no bridge", { status: 400, body: '{"error":"Bad Request: no bridge"}' }],
		["HTML", { status: 200, body: "<html></html>" }],
	])("inits answered with %s are not repeated within a minute, however often open() is called", async (_, answer) => {
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", times: 100, ...answer });
		for (let attempt = 0; attempt < 11; attempt++) await stage.openError(5_000);
		expect(stage.paths().filter((path) => path.endsWith("/init"))).toHaveLength(1);
		await stage.openError(5_000);
		await stage.openError(5_000);
		expect(stage.paths().filter((path) => path.endsWith("/init"))).toHaveLength(2);
	});

	it("no init is sent after maxInitsPerDay inits in a day; session.attempts has the number of inits and the time of the next allowed init", async () => {
		const stage = new Stage(
			{ start: "login", idleMs: 500, loadMs: 1e9 },
			{ readyTimeoutMs: 1_000, maxInitsPerDay: 2, initBackoffMs: 100 },
		);
		await stage.openError();
		await stage.openError();
		const error = await stage.openError();
		expect(waitMsOf(error)).toBeGreaterThan(86_300_000);
		expect(error.message).toContain("2 of at most 2 in 24 hours");
		expect(stage.session.attempts.inits).toMatchObject({ last24h: 2, limit: 2, nextAt: expect.any(Number) });
		expect(stage.venue.truth().inits).toBe(2);
		await vi.advanceTimersByTimeAsync(waitMsOf(error) - 5_000);
		stage.trigger("login");
		stage.trigger("idle");
		await stage.openError();
		expect(stage.venue.truth().inits).toBe(3);
	});

	it("inits start again with the first delay of the back-off after a person has logged in", async () => {
		const stage = new Stage({ start: "login", initAfterLogin: false });
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", status: 503, times: 1 });
		await stage.openError();
		stage.trigger("expireSso");
		await stage.openError();
		stage.trigger("login");
		await stage.open();
		expect(stage.venue.truth()).toMatchObject({ brokerage: "live" });
	});
});

describe("an IbkrSession during the nightly reset", () => {
	it("an init is sent no earlier than 90 seconds after the nightly reset has begun", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T04:59:08Z"));
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		const error = await stage.openError(0);
		expect(error.message).toContain("expected: the nightly reset");
		expect(waitMsOf(error)).toBe(80_000);
		await vi.advanceTimersByTimeAsync(79_999);
		await stage.openError(0);
		expect(stage.venue.truth().inits).toBe(0);
		await vi.advanceTimersByTimeAsync(1);
		await stage.open();
		expect(stage.venue.truth().inits).toBe(1);
	});

	it("the back-off of inits is reset at the end of the nightly reset", async () => {
		vi.setSystemTime(Date.parse("2026-01-14T06:18:58Z"));
		const stage = await new Stage({ start: "login" }).afterFirstMinute();
		stage.trigger("answer", { path: "/iserver/auth/ssodh/init", status: 503, times: 3 });
		for (let attempt = 0; attempt < 3; attempt++) {
			const error = await stage.openError(0);
			await vi.advanceTimersByTimeAsync(waitMsOf(error));
		}
		// The third delay of the back-off would be four minutes, but New York's reset ends earlier, at 06:30.
		expect(Date.now()).toBeLessThanOrEqual(Date.parse("2026-01-14T06:30:00Z"));
		await vi.advanceTimersByTimeAsync(Date.parse("2026-01-14T06:30:00Z") - Date.now());
		await stage.open();
		expect(stage.venue.truth().brokerage).toBe("live");
	});
});
