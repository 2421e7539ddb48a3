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

describe("beat()", () => {
	it("sends one tickle and returns a lease", async () => {
		const stage = await opened();
		const before = stage.venue.received.length;
		expect(await settled(stage.session.beat(neverAborted))).toMatchObject({ ttlMs: 300_000, paceMs: 60_000 });
		expect(stage.paths(before)).toEqual(["/tickle"]);
	});

	it("also validates the login every five minutes", async () => {
		const stage = await opened();
		for (let minute = 0; minute < 13; minute++) await settled(stage.session.beat(neverAborted), 60_000);
		expect(stage.paths().filter((path) => path === "/sso/validate")).toHaveLength(3);
	});

	it("neither waits for a validation nor fails with it", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 503, times: 5 });
		await settled(stage.session.beat(neverAborted), 1_250);
		await settled(stage.session.beat(neverAborted), 1_250);
		expect(stage.session.layers.alive).toBe(true);
	});

	it("ends the session when the validation denies the login", async () => {
		const stage = await opened();
		await vi.advanceTimersByTimeAsync(300_000);
		stage.trigger("answer", { path: "/sso/validate", status: 200, body: '{"RESULT":false}' });
		const lease = await settled(stage.session.beat(neverAborted), 1_250);
		expect(lease.ended?.reason).toMatchObject({ session: "ended", disposition: { action: "human" } });
		expect(stage.session.layers).toMatchObject({ alive: false, login: { state: "down" } });
	});

	it.each([
		["the brokerage session timed out", "idle", "retry", "the brokerage session has ended, the login is still good"],
		["the login is over", "expireSso", "human", "there is no Web API session"],
		["the nightly reset came", "reset", "human", "there is no Web API session"],
	] as const)("rejects with the lost layer when %s", async (_, fault, action, message) => {
		const stage = await opened();
		stage.trigger(fault);
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action } });
		expect(error.message).toContain(message);
		expect(error.message).toContain("working orders keep working at the exchange");
	});

	it("rejects when the tickle is answered with 200 and no session", async () => {
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
	])("rejects without ending the session when the reply is %s", async (_, answer, disposition) => {
		const stage = await opened();
		stage.trigger("answer", { path: "/tickle", ...answer });
		expect(await stage.beatError()).toMatchObject({ session: "unclear", disposition });
	});

	it("rejects without ending the session after 12 000 ms without a reply, and not at 11 999", async () => {
		const stage = await opened();
		stage.trigger("partition");
		const seen: unknown[] = [];
		stage.session.beat(neverAborted).catch((error) => seen.push(error));
		await vi.advanceTimersByTimeAsync(11_999);
		expect(seen).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(seen).toMatchObject([{ session: "unclear", disposition: { action: "retry" } }]);
	});

	it("never sends two tickles within a second", async () => {
		const stage = await opened();
		for (let beat = 0; beat < 5; beat++) await settled(stage.session.beat(neverAborted), 1_250);
		const times = stage.venue.received.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		expect(times).toHaveLength(6);
		for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeGreaterThan(1_000);
	});
});
