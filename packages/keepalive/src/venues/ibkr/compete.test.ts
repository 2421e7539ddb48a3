import { describe, expect, it, vi } from "vitest";
import { Stage, useFakeClock, waitMsOf } from "./testing/stage.ts";

useFakeClock();

describe("another session of the user", () => {
	it("is left alone before opening: no init, and a look again after yieldMs", async () => {
		const stage = new Stage({}, { yieldMs: 7_000 });
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError())).toBe(7_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 0, rival: true });
	});

	it("that does not show is left alone when init is refused, in waits that grow", async () => {
		const stage = await new Stage({ rivalShows: false }).afterFirstMinute();
		stage.trigger("compete");
		expect(waitMsOf(await stage.openError(0))).toBe(60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(waitMsOf(await stage.openError(0))).toBe(120_000);
		expect(stage.venue.truth()).toMatchObject({ inits: 2, rival: true });
		expect(stage.competes()).toEqual([false, false]);
	});

	it("that takes over a live session ends it, and is named", async () => {
		const stage = new Stage();
		await stage.open();
		stage.trigger("compete");
		const error = await stage.beatError();
		expect(error).toMatchObject({ session: "ended", disposition: { action: "wait", forMs: 60_000 } });
		expect(error.message).toContain("another session of this user holds the brokerage session");
	});

	it("is ended only when compete is true", async () => {
		const stage = new Stage({}, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.venue.truth()).toMatchObject({ rival: false, brokerage: "live" });
		expect(stage.competes()).toEqual([true]);
		expect(stage.session.attempts.takeovers).toMatchObject({ last24h: 1, limit: 10 });
	});

	it("that does not show is asked politely first, and ended by a second init, even with compete", async () => {
		const stage = new Stage({ rivalShows: false }, { compete: true });
		stage.trigger("compete");
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		expect(stage.session.attempts.takeovers.last24h).toBe(1);
	});

	it("that is not there costs no takeover", async () => {
		const stage = new Stage({ start: "login" }, { compete: true });
		await stage.open();
		expect(stage.competes()).toEqual([false]);
		expect(stage.session.attempts.takeovers.last24h).toBe(0);
	});

	it("is not ended beyond the number of takeovers, and is yielded to then", async () => {
		const stage = new Stage({ loadMs: 0 }, { compete: true, maxTakeoversPerDay: 1 });
		stage.trigger("compete");
		await stage.open();
		stage.trigger("compete");
		expect((await stage.openError()).disposition).toMatchObject({ action: "wait" });
		expect(stage.competes()).toEqual([true]);
	});
});

describe("a key that can only force", () => {
	it("is told apart from somebody who is there, needs a person and spends one init", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true });
		for (let attempt = 0; attempt < 3; attempt++) {
			const error = await stage.openError();
			expect(error.disposition).toEqual({ action: "human", todo: expect.stringContaining("compete: true") });
		}
		expect(stage.venue.truth().inits).toBe(1);
	});

	it("is remembered with compete: after the first time no polite init is spent on it", async () => {
		const stage = new Stage({ start: "login", forceOnlyKey: true }, { compete: true, initBackoffMs: 100 });
		await stage.open();
		expect(stage.competes()).toEqual([false, true]);
		stage.trigger("idle");
		await stage.open();
		expect(stage.competes()).toEqual([false, true, true]);
	});
});
