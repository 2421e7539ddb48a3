import { neverAborted } from "@x/base/clock";
import type { IbkrVenueOptions } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, settled, useFakeClock } from "./testing/stage.ts";

useFakeClock();

async function opened(venueOptions: IbkrVenueOptions = {}, options: IbkrSessionOptions = {}): Promise<Stage> {
	const stage = new Stage(venueOptions, options);
	await stage.open();
	return stage;
}

describe("a beat", () => {
	it("is one tickle, and buys a lease", async () => {
		const stage = await opened();
		const before = stage.venue.received.length;
		expect(await settled(stage.session.beat(neverAborted))).toMatchObject({ ttlMs: 300_000, paceMs: 60_000 });
		expect(stage.paths(before)).toEqual(["/tickle"]);
	});

	it("has a validation beside it every five minutes, which tells the region", async () => {
		const stage = await opened();
		for (let minute = 0; minute < 13; minute++) await settled(stage.session.beat(neverAborted), 60_000);
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(3);
	});

	it("is not late for a validation that gets no answer, and is not the end of anything", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 503, times: 5 });
		await settled(stage.session.beat(neverAborted), 1_250);
		await settled(stage.session.beat(neverAborted), 1_250);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("is followed by the end when the validation beside it denies the login", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}' });
		const lease = await settled(stage.session.beat(neverAborted), 1_250);
		expect(lease.ended?.reason).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(stage.session.layers).toMatchObject({ alive: false, login: { state: "down" } });
	});

	it.each([
		["the brokerage session idled out", "idle", "retry", "the brokerage session has ended, the login is still good"],
		["the login is over", "expireSso", "human", "there is no Web API session"],
		["the nightly reset came", "reset", "human", "there is no Web API session"],
	])("says that the session has ended, and which layer, when %s", async (_, fault, action, message) => {
		const stage = await opened();
		stage.trigger(fault);
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action } });
		expect(error.message).toContain(message);
		expect(error.message).toContain("working orders keep working at the exchange");
	});

	it("reads 200 with no session as the end", async () => {
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
			"loading",
			{ status: 200, body: '{"iserver":{"authStatus":{"authenticated":true,"established":false}}}' },
			{ action: "retry" },
		],
		["429", { status: 429 }, { action: "wait", forMs: 900_000 }],
	])("is not the end of the session and not a proof of life with %s", async (_, answer, disposition) => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", ...answer });
		expect(await stage.beatError()).toMatchObject({ session: "unclear", disposition });
	});

	it("that gets no answer is not the end of the session: unclear after 12 000 ms, and not at 11 999", async () => {
		const stage = await opened();
		stage.trigger("partition");
		const seen: unknown[] = [];
		stage.session.beat(neverAborted).catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ session: "unclear", disposition: { action: "retry" } }]);
	});

	it("never brings two tickles closer together than the venue allows", async () => {
		const stage = await opened();
		for (let beat = 0; beat < 5; beat++) await settled(stage.session.beat(neverAborted), 1_250);
		const times = stage.venue.received.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		expect(times).toHaveLength(6);
		for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(1_000);
	});
});

describe("leaving", () => {
	it("keeps the orders, and at a gateway the login too", async () => {
		const stage = await opened();
		stage.trigger("place");
		const left = await stage.session.close("keep");
		expect(left).toEqual({ orders: "kept", detail: expect.stringContaining("keep working") });
		expect(stage.venue.truth()).toMatchObject({ loggedIn: true, openOrders: 1 });
		expect(stage.session.handle).toBeUndefined();
		expect(stage.session.layers).toMatchObject({ alive: false, brokerage: { reason: "the session was closed" } });
	});

	it("logs out where that is asked for, and refuses to cancel, because the venue would not", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("place");
		expect(await stage.session.close("cancel")).toEqual({
			orders: "refused",
			detail: expect.stringContaining("logged out; IBKR cancels no orders"),
		});
		expect(stage.venue.truth()).toMatchObject({ loggedIn: false, openOrders: 1 });
		expect(await stage.session.close("cancel")).toMatchObject({ orders: "refused" });
	});

	it("does not wait for a logout without an answer for more than 8 000 ms, and says so", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("partition");
		const closed = await settled(stage.session.close("keep"), 8_000);
		expect(closed).toEqual({ orders: "kept", detail: expect.stringContaining("was not answered") });
	});

	it("inside a penalty box sends no logout, and says so", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("answer", { status: 429 });
		await stage.beatError();
		const before = stage.venue.received.length;
		expect(await stage.session.close("keep")).toMatchObject({
			detail: expect.stringContaining("not sent after a 429"),
		});
		expect(stage.venue.received).toHaveLength(before);
	});
});
