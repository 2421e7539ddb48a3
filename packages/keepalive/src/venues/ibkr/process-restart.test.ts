import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions, Link } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { ibkr } from "./index.ts";
import { RequestRecorder } from "./testing/request-recorder.ts";
import { Stage, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

const authorize = () => ({ authorization: "Bearer x" });
const validation = (path: string): boolean => path.endsWith("/sso/validate");

describe("a process that restarts within a minute", () => {
	const states: readonly (readonly [string, "gateway" | "oauth2", IbkrVenueOptions])[] = [
		["a live session at a gateway", "gateway", {}],
		["a login without a brokerage session", "gateway", { start: "login" }],
		["nobody logged in, told by a 401", "gateway", { start: "none" }],
		["nobody logged in, told by a redirect", "gateway", { start: "none", redirectToLogin: true }],
		["a live session over OAuth 2.0", "oauth2", { mode: "oauth2", start: "live" }],
	];

	it.each(states)("a restart with %s causes no 429 and no two validations in a minute", async (_, mode, options) => {
		const venue = new IbkrVenue({ pacing: true, ...options });
		const link = new Link(venue);
		const recorder = new RequestRecorder(link);
		const { fetch } = recorder;
		// The ages of a process at which it is killed. Some are right after the process has sent a validation.
		for (const ageMs of [7_000, 20_000, 59_000, 61_000, 125_000, 130_000, 3_000, 700, 65_000, 122_000, 10_000]) {
			const proof = mode === "oauth2" ? { authorize } : {};
			const keeper = keepalive([
				ibkr({ mode, client: { fetch, penaltyBox: createIbkrPenaltyBox(), ...proof }, logoutOnClose: false }),
			]);
			await vi.advanceTimersByTimeAsync(ageMs);
			// This stop has the effect of a kill: nothing more is sent, and the next process knows nothing about this one.
			await keeper.stop({ orders: "keep" });
		}
		recorder.expectPenalties(0);
		const times = recorder.requests.filter(({ path }) => validation(path)).map(({ at }) => at);
		for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(61_000);
		link.close();
	});

	it("a restarted process opens a live session without a validation, and validates the login in a later beat()", async () => {
		const stage = new Stage();
		const keeper = keepalive([stage.session]);
		await vi.advanceTimersByTimeAsync(61_999);
		expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
		expect(stage.paths().some(validation)).toBe(false);
		await vi.advanceTimersByTimeAsync(70_000);
		expect(stage.paths().filter(validation)).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("a new process reports a lost login if two tickles find no session, even if the status call found one", async () => {
		const stage = new Stage();
		stage.trigger("answer", { path: "/tickle", status: 200, body: '{"error":"no session"}', times: 2 });
		const error = await stage.openError();
		expect(error.disposition).toMatchObject({ action: "human" });
		const before = stage.venue.received.length;
		await stage.open();
		expect(stage.paths(before)[0]).toBe("/tickle");
	});
});
