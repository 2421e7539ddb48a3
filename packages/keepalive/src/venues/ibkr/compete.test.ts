import { describe, expect, it, vi } from "vitest";
import { Stage, useFakeClock, waitMsOf } from "./testing/stage.ts";

useFakeClock();

describe("another session of the user", () => {
	it("another session keeps the brokerage session when the status shows it before an open: no init, next attempt after yieldMs", async () => {
		const stage = new Stage({}, { yieldMs: 7_000 });
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError())).toBe(7_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 0, rival: true });
	});

	it("another session keeps the brokerage session when the status hides it but inits are refused, with growing waits", async () => {
		const stage = await new Stage({ rivalShows: false }).afterFirstMinute();
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError(0))).toBe(60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(waitMsOf(await stage.openError(0))).toBe(120_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 2, rival: true });
		expect(stage.competes()).toEqual([false, false]);
	});

	it("another session ends a live session when it takes over, and the error says so", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("compete");
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action: "wait", forMs: 60_000 } });
		expect(error.message).toContain("another session of this user holds the brokerage session");
	});

	it("another session is ended when compete is true", async () => {
		const stage = new Stage({}, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.venue.truth()).toMatchObject({ rival: false, brokerage: "live" });
		expect(stage.competes()).toEqual([true]);
		expect(stage.session.attempts.takeovers).toMatchObject({ last24h: 1, limit: 10 });
	});

	it("another session is ended by a second init when the status hides it and the first init, without force, is refused", async () => {
		const stage = new Stage({ rivalShows: false }, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		expect(stage.session.attempts.takeovers.last24h).toBe(1);
	});

	it("another session is ended at most once a minute: two opens within a minute cost three inits, and the second open yields", async () => {
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

	it("another session is ended by one init when the status shows it, and not again within a minute", async () => {
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

	it("an init counts as no takeover when there is no other session", async () => {
		const stage = new Stage({ start: "login" }, { compete: true });
		await stage.open();
		expect(stage.competes()).toEqual([false]);
		expect(stage.session.attempts.takeovers.last24h).toBe(0);
	});

	it("another session keeps the brokerage session once the takeovers are used up", async () => {
		const stage = new Stage({ loadMs: 0 }, { compete: true, maxTakeoversPerDay: 1 });
		stage.trigger("compete");
		await stage.open();
		await vi.advanceTimersByTimeAsync(120_000);
		stage.trigger("compete");
		expect((await stage.openError()).disposition).toMatchObject({ action: "wait" });
		expect(stage.competes()).toEqual([true]);
	});
});

describe("a key that needs compete", () => {
	it("a refusal because the key needs compete is not reported as another session; it costs one init and blocks until a person acts", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true });
		for (let attempt = 0; attempt < 3; attempt++) {
			const error = await stage.openError();
			expect(error.disposition).toEqual({ action: "human", todo: expect.stringContaining("compete: true") });
		}
		expect(stage.venue.truth().inits).toBe(1);
	});

	it("a key that needs compete is remembered: later opens send no init without force", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true }, { compete: true, initBackoffMs: 100 });
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		stage.trigger("idle");
		await stage.open();
		expect(stage.competes()).toEqual([false, true, true]);
	});
});
