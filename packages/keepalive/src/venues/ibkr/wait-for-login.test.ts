import { describe, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import { Stage, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

/** Starts a keeper whose session is blocked because nobody is logged in at the gateway. */
async function blocked() {
	const stage = new Stage({ start: "none", loadMs: 500 });
	const keeper = keepalive([stage.session], { random: () => 0 });
	await vi.advanceTimersByTimeAsync(5_000);
	expect(keeper.snapshot()["ibkr"]?.status).toMatchObject({
		state: "blocked",
		todo: expect.stringContaining("Log in at https://localhost:5000 in a browser"),
	});
	return { stage, keeper };
}

const state = (keeper: Keeper) => keeper.snapshot()["ibkr"]?.status.state;

describe("an IbkrSession that is blocked because nobody is logged in at its gateway", () => {
	it("a blocked session is alive at most fifteen seconds after a person has logged in", async () => {
		const { stage, keeper } = await blocked();
		await vi.advanceTimersByTimeAsync(7_000);
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(15_000);
		expect(state(keeper)).toBe("alive");
		expect(stage.venue.truth().inits).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("a blocked session waits for a login even if it was alive before", async () => {
		const stage = new Stage({ loadMs: 500 });
		const keeper = keepalive([stage.session], { random: () => 0 });
		await vi.advanceTimersByTimeAsync(5_000);
		stage.trigger("expireSso");
		await vi.advanceTimersByTimeAsync(65_000);
		expect(state(keeper)).toBe("blocked");
		stage.trigger("login");
		await vi.advanceTimersByTimeAsync(15_000);
		expect(state(keeper)).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a blocked session sends one tickle every ten seconds to look for a login, and no other call", async () => {
		const { stage, keeper } = await blocked();
		const before = stage.venue.received.length;
		await vi.advanceTimersByTimeAsync(600_000);
		const paths = stage.paths(before);
		expect(new Set(paths)).toEqual(new Set(["/tickle"]));
		expect(paths.length).toBeGreaterThan(50);
		expect(paths.length).toBeLessThan(75);
		expect(stage.venue.received.every(({ status }) => status !== 429)).toBe(true);
		await keeper.stop({ orders: "keep" });
		const sent = stage.venue.received.length;
		await vi.advanceTimersByTimeAsync(60_000);
		expect(stage.venue.received).toHaveLength(sent);
	});

	it.each([403, 404])(
		"a blocked session whose calls are answered with %i tries to open once a minute, and sends nothing between these attempts",
		async (status) => {
			const { stage, keeper } = await blocked();
			stage.trigger("answer", { status, times: 10_000 });
			await vi.advanceTimersByTimeAsync(120_000);
			expect(keeper.snapshot()["ibkr"]?.status).toMatchObject({
				todo: expect.stringContaining("Check client.baseUrl"),
			});
			const before = stage.venue.received.length;
			await vi.advanceTimersByTimeAsync(600_000);
			expect(stage.venue.received.length - before).toBe(10);
			await keeper.stop({ orders: "keep" });
		},
	);

	it("keeper.retry() opens a blocked session at once after a person has logged in", async () => {
		const { stage, keeper } = await blocked();
		stage.trigger("login");
		expect(keeper.retry("ibkr")).toBe(0);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(state(keeper)).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a blocked session exceeds no limit of the venue however often keeper.retry() is called", async () => {
		const { stage, keeper } = await blocked();
		for (let second = 0; second < 300; second++) {
			keeper.retry("ibkr");
			await vi.advanceTimersByTimeAsync(1_000);
		}
		const tickles = stage.venue.received.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		for (const [index, at] of tickles.entries()) expect(at - (tickles[index - 1] ?? 0)).toBeGreaterThan(1_000);
		expect(stage.paths().filter((path) => path.endsWith("/sso/validate")).length).toBeLessThanOrEqual(5);
		expect(stage.venue.truth().inits).toBe(0);
		expect(stage.venue.received.every(({ status }) => status !== 429)).toBe(true);
		await keeper.stop({ orders: "keep" });
	});

	it("a blocked session is not opened after a reply that does not say whether somebody is logged in", async () => {
		const { stage, keeper } = await blocked();
		stage.trigger("answer", { path: "/tickle", status: 503, times: 2 });
		await vi.advanceTimersByTimeAsync(30_000);
		expect(state(keeper)).toBe("blocked");
		await keeper.stop({ orders: "keep" });
	});
});
