import { neverAborted } from "@x/base/clock";
import { ibkrDefaults } from "@x/ibkr-session";
import type { IbkrVenueOptions } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, sessionErrorOf, settled, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

async function opened(venueOptions: IbkrVenueOptions = {}, options: IbkrSessionOptions = {}): Promise<Stage> {
	const stage = new Stage(venueOptions, options);
	await stage.open();
	return stage;
}

describe("beat() of an IbkrSession", () => {
	it("beat() sends one tickle and returns a lease", async () => {
		const stage = await opened();
		const before = stage.venue.received.length;
		expect(await settled(stage.session.beat(neverAborted))).toMatchObject({ ttlMs: 300_000, paceMs: 20_000 });
		expect(stage.paths(before)).toEqual(["/tickle"]);
	});

	it("beat() sends a tickle at each call, and in addition a validation of the login every five minutes", async () => {
		const stage = await opened();
		for (let minute = 0; minute < 13; minute++) await settled(stage.session.beat(neverAborted), 60_000);
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(3);
	});

	it("beat() does not wait for the validation of the login, and succeeds even if the validation fails", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 503, times: 5 });
		await settled(stage.session.beat(neverAborted), 1_250);
		await settled(stage.session.beat(neverAborted), 1_250);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("a session stays alive if a validation says that nobody is logged in while tickles say that somebody is", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}', times: 100 });
		const lease = await settled(stage.session.beat(neverAborted), 5_000);
		expect(stage.paths().slice(-4)).toEqual(["/tickle", "/sso/validate", "/iserver/auth/status", "/tickle"]);
		for (let minute = 0; minute < 60; minute++) await settled(stage.session.beat(neverAborted), 60_000);
		expect(lease.ended?.aborted).toBe(false);
		expect(stage.session.layers).toMatchObject({ alive: true, login: { state: "up" } });
		// In this hour, the session sends one validation every five minutes.
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(12);
	});

	it.each([
		["an empty 401", { status: 401 }],
		["401 Access Denied", { status: 401, body: "Access Denied" }],
		["200 no session", { status: 200, body: '{"error":"no session"}' }],
		["an empty 410", { status: 410 }],
		["400 no bridge", { status: 400, body: '{"error":"Bad Request: no bridge","statusCode":400}' }],
		[
			"a brokerage session that has ended",
			{ status: 200, body: '{"iserver":{"authStatus":{"authenticated":false,"connected":true}}}' },
		],
		["another session", { status: 200, body: '{"iserver":{"authStatus":{"authenticated":true,"competing":true}}}' }],
	])(
		"beat() resolves after one wrong reply to a tickle (%s), because it sends a second tickle 1 250 ms later",
		async (_, answer) => {
			const stage = await opened();
			stage.trigger("answer", { path: "/tickle", ...answer });
			const before = stage.venue.received.length;
			const lease = await settled(stage.session.beat(neverAborted), 5_000);
			expect(stage.paths(before)).toEqual(["/tickle", "/iserver/auth/status", "/tickle"]);
			const [odd, status] = stage.venue.received.slice(before);
			expect((status?.at ?? 0) - (odd?.at ?? 0)).toBe(1_250);
			expect(lease.ended?.aborted).toBe(false);
			expect(stage.session.layers.alive).toBe(true);
			expect(stage.session.recovery.losses).toEqual([]);
		},
	);

	it("beat() rejects with 'loading account data' if the reply to the tickle reports that account data is loading, and makes no other call", async () => {
		const stage = await opened();
		const body = '{"iserver":{"authStatus":{"authenticated":true,"connected":true,"established":false}}}';
		stage.trigger("answer", { path: "/tickle", status: 200, body });
		const before = stage.venue.received.length;
		const error = await stage.beatError();
		expect(error.message).toBe("@x/keepalive/ibkr: the brokerage session is loading account data.");
		expect([error.session, error.disposition]).toEqual(["unclear", { action: "retry" }]);
		expect(stage.paths(before)).toEqual(["/tickle"]);
		await settled(stage.session.beat(neverAborted));
	});

	it("a session is lost if two tickles say that it is gone, even if the status call reports it as ready", async () => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", status: 401, times: 2 });
		expect(await stage.beatError()).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(stage.session.layers.login.state).toBe("down");
	});

	it("a session stays alive and sends another tickle if a validation and one tickle report it as gone, but the status call reports it as ready", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}' });
		const lease = await settled(stage.session.beat(neverAborted), 0);
		stage.trigger("answer", { path: "/tickle", status: 401 });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(stage.paths().slice(-5)).toEqual(["/tickle", "/sso/validate", "/iserver/auth/status", "/tickle", "/tickle"]);
		expect(lease.ended?.aborted).toBe(false);
		expect(stage.session.recovery.losses).toEqual([]);
	});

	it("a session is lost if a validation and then two tickles in a row say that it is gone", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}' });
		const lease = await settled(stage.session.beat(neverAborted), 0);
		stage.trigger("answer", { path: "/tickle", status: 401, times: 2 });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(lease.ended?.aborted).toBe(true);
	});

	it("if the first tickle says that the session is gone, and the status call and the second tickle get no answer, beat() rejects after callTimeoutMs", async () => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", status: 401 });
		const beat = stage.session.beat(neverAborted);
		await vi.advanceTimersByTimeAsync(0);
		stage.trigger("partition");
		const error = await sessionErrorOf(beat, 1_250 + ibkrDefaults.callTimeoutMs);
		expect(error.message).toContain("neither confirms nor refutes");
	});

	it("beat() rejects at once if its signal aborts while the session asks the venue a second time", async () => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", status: 401 });
		const controller = new AbortController();
		const seen: unknown[] = [];
		stage.session.beat(controller.signal).catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(500);
		controller.abort(new Error("given up"));
		await vi.advanceTimersByTimeAsync(0);
		expect(seen).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(5_000);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("beat() rejects with an error whose `session` is 'unclear' if the venue answers neither the repeated status call nor the repeated tickle", async () => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", status: 401 });
		stage.trigger("answer", { status: 503, times: 2 });
		expect(await stage.beatError()).toMatchObject({ session: "unclear", disposition: { action: "retry" } });
		expect(stage.session.layers.login.state).toBe("up");
		await settled(stage.session.beat(neverAborted), 5_000);
	});

	it("the error of beat() quotes the venue's message", async () => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", status: 401, body: "blocked by the risk department", times: 2 });
		const error = await stage.beatError();
		expect(error.message).toContain('(access-denied, 401: "blocked by the risk department")');
	});

	it.each([
		["the brokerage session timed out", "idle", "retry", "the brokerage session has ended, the login is still good"],
		["the login is over", "expireSso", "human", "there is no Web API session"],
		["the nightly reset came", "reset", "human", "there is no Web API session"],
	] as const)("beat() rejects with an error that names the lost layer when %s", async (_, fault, action, message) => {
		const stage = await opened();
		stage.trigger(fault);
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action } });
		expect(error.message).toContain(message);
		expect(error.message).toContain(
			"IBKR cancels no orders when a session ends: those held by an exchange keep working, while orders that IBKR simulates",
		);
	});

	it("beat() rejects if the reply to the tickle has status 200 but contains no session", async () => {
		const stage = await opened({ loggedOut: { tickle: 200 } });
		stage.trigger("expireSso");
		expect(await stage.beatError()).toMatchObject({ session: "ended", disposition: { action: "human" } });
	});

	it.each([
		["an empty 503", { status: 503 }, { action: "retry" }],
		["HTML with status 200", { status: 200, body: "<html></html>" }, { action: "retry" }],
		[
			"an unexplained error with status 200",
			{ status: 200, body: '{"error":"failed to process request"}' },
			{ action: "retry" },
		],
		["a reply without a word on the brokerage session", { status: 200, body: '{"session":"x"}' }, { action: "retry" }],
		[
			"a brokerage session that is loading",
			{ status: 200, body: '{"iserver":{"authStatus":{"authenticated":true,"established":false}}}' },
			{ action: "retry" },
		],
		["429", { status: 429 }, { action: "wait", forMs: 900_000 }],
	])("beat() rejects without ending the session when the reply is %s", async (_, answer, disposition) => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", ...answer });
		expect(await stage.beatError()).toMatchObject({ session: "unclear", disposition });
	});

	it("beat() rejects after 12 000 ms without a reply, but does not end the session", async () => {
		const stage = await opened();
		stage.trigger("partition");
		const seen: unknown[] = [];
		stage.session.beat(neverAborted).catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ session: "unclear", disposition: { action: "retry" } }]);
	});

	it("a session never sends two tickles within a second, however often beat() is called", async () => {
		const stage = await opened();
		for (let beat = 0; beat < 5; beat++) await settled(stage.session.beat(neverAborted), 1_250);
		const times = stage.venue.received.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		expect(times).toHaveLength(6);
		for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(1_000);
	});
});
