import { describe, expect, it, vi } from "vitest";
import { Stage, useFakeClock, waitMsOf } from "./testing/simulated-gateway-session.ts";

useFakeClock();

describe("another session of the same user", () => {
	it("a session sends no init while the status call reports another session of the user, and tries again after yieldMs", async () => {
		const stage = new Stage({}, { yieldMs: 7_000 });
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError())).toBe(7_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 0, rival: true });
	});

	it("if inits are refused while the status call reports no other session, a session waits longer and longer between its inits", async () => {
		const stage = await new Stage({ rivalShows: false }).afterFirstMinute();
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError(0))).toBe(60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(waitMsOf(await stage.openError(0))).toBe(120_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 2, rival: true });
		expect(stage.competes()).toEqual([false, false]);
	});

	it("a session ends if another session of the user takes over, and the error says so", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("compete");
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action: "wait", forMs: 60_000 } });
		expect(error.message).toContain("another session of this user holds the brokerage session");
	});

	it("a session with `compete: true` ends another session of the user", async () => {
		const stage = new Stage({}, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.venue.truth()).toMatchObject({ rival: false, brokerage: "live" });
		expect(stage.competes()).toEqual([true]);
		expect(stage.session.attempts.takeovers).toMatchObject({ last24h: 1, limit: 10 });
	});

	it("if the status call does not report the other session, a session with `compete: true` first sends an init without `compete` and then one with it", async () => {
		const stage = new Stage({ rivalShows: false }, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		expect(stage.session.attempts.takeovers.last24h).toBe(1);
	});

	it("a session takes over at most once a minute: before the minute is over, open() sends an init without `compete` and yields if IBKR refuses that init", async () => {
		const stage = new Stage({ rivalShows: false, loadMs: 0 }, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		await vi.advanceTimersByTimeAsync(20_000);
		stage.trigger("compete");
		const error = await stage.openError();
		expect(stage.competes()).toEqual([false, true, false]);
		expect(error.message).toContain("another session of this user holds the brokerage session");
		const waitMs = waitMsOf(error);
		expect(waitMs).toBeGreaterThan(20_000);
		expect(waitMs).toBeLessThan(40_000);
	});

	it("a session takes over with a single init if the status call reports another session, and not again within a minute", async () => {
		const stage = new Stage({ loadMs: 0 }, { compete: true });
		stage.trigger("compete");
		await stage.open();
		stage.trigger("compete");
		await stage.openError();
		await stage.openError();
		expect(stage.competes()).toEqual([true]);
		await stage.open(61_000).catch(() => undefined);
		await vi.advanceTimersByTimeAsync(60_000);
		await stage.open();
		expect(stage.competes()).toEqual([true, true]);
	});

	it("an init is not counted as a takeover if the user has no other session", async () => {
		const stage = new Stage({ start: "login" }, { compete: true });
		await stage.open();
		expect(stage.competes()).toEqual([false]);
		expect(stage.session.attempts.takeovers.last24h).toBe(0);
	});

	it("a session with `compete: true` yields to another session of the user once its takeovers of the day are used up", async () => {
		const stage = new Stage({ loadMs: 0 }, { compete: true, maxTakeoversPerDay: 1 });
		stage.trigger("compete");
		await stage.open();
		await vi.advanceTimersByTimeAsync(120_000);
		stage.trigger("compete");
		expect((await stage.openError()).disposition).toMatchObject({ action: "wait" });
		expect(stage.competes()).toEqual([true]);
	});
});

describe("an API key that can open a session only with `compete`", () => {
	it("a session whose key needs `compete` is blocked after one init until a person acts, and its error does not mention another session", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true });
		for (let attempt = 0; attempt < 3; attempt++) {
			const error = await stage.openError();
			expect(error.disposition).toEqual({ action: "human", todo: expect.stringContaining("compete: true") });
		}
		expect(stage.venue.truth().inits).toBe(1);
	});

	it("a session remembers that its key needs `compete`: later opens send only an init with `compete`", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true }, { compete: true, initBackoffMs: 100 });
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		stage.trigger("idle");
		await stage.open();
		expect(stage.competes()).toEqual([false, true, true]);
	});
});
