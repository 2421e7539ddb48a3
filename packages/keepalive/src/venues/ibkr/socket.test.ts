import { type IbkrVenueOptions, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** A keeper of a session with a socket, alive. */
async function kept(venueOptions: IbkrVenueOptions = {}, options: IbkrSessionOptions = {}) {
	let late: typeof WebSocket | undefined;
	// The class needs the link, which the stage makes.
	class Lazy {
		constructor(url: string) {
			if (!late) throw new Error("not yet");
			// biome-ignore lint/correctness/noConstructorReturn: it stands in for a class that is made later
			return new late(url);
		}
	}
	// It has no member of its own: every one comes from the socket that it returns.
	const socket = { WebSocket: Lazy as unknown as typeof WebSocket };
	const stage = new Stage({ loadMs: 500, ...venueOptions }, { socket, ...options });
	late = memoryWebSocket(stage.link);
	const keeper = keepalive([stage.session], { random: () => 0 });
	await vi.advanceTimersByTimeAsync(5_000);
	return { stage, keeper };
}

const record = (keeper: Keeper) => keeper.snapshot()["ibkr"];

describe("a session with a socket", () => {
	it("is alive with it, keeps it by tics and heartbeats, and tickles all the same", async () => {
		const { stage, keeper } = await kept();
		expect(stage.session.layers).toMatchObject({ alive: true, socket: { needed: true, state: "up" } });
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(record(keeper)).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		expect(stage.paths().filter((path) => path === "/tickle").length).toBeGreaterThan(59);
		expect(stage.session.layers.socket.lastProofAt).toBeGreaterThan(Date.now() - 15_000);
		expect(stage.venue.truth().sockets).toBe(1);
		await keeper.stop({ orders: "keep" });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(stage.venue.truth().sockets).toBe(0);
	});

	it("is lost with it, and alive again with another one without an init", async () => {
		const { stage, keeper } = await kept();
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(10);
		expect(stage.session.layers).toMatchObject({ alive: false, brokerage: { state: "up" }, socket: { state: "down" } });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(record(keeper)).toMatchObject({ status: { state: "alive" }, tally: { losses: 1, recoveries: 1 } });
		expect(stage.venue.truth()).toMatchObject({ inits: 0, sockets: 1 });
		expect(stage.session.repairs[0]?.redo).toEqual([
			{ what: "subscriptions", call: "the socket's subscriptions", done: false },
		]);
		await keeper.stop({ orders: "keep" });
	});

	it("notices a socket that went silent after 35 seconds, not while its heartbeats come", async () => {
		const { stage, keeper } = await kept();
		stage.link.halfOpen();
		await vi.advanceTimersByTimeAsync(30_000);
		expect(record(keeper)?.status.state).toBe("alive");
		await vi.advanceTimersByTimeAsync(12_000);
		expect(record(keeper)).toMatchObject({ status: { state: "alive" }, tally: { losses: 1, recoveries: 1 } });
		expect(stage.session.layers.socket.lastLoss?.reason).toBe("no frame came for 35000 ms");
		expect(stage.venue.truth().inits).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("hears of an eviction at once, from a partial frame, and asks before it believes it", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("compete");
		await vi.advanceTimersByTimeAsync(100);
		expect(record(keeper)?.status).toMatchObject({ state: "waiting", why: "venue" });
		expect(stage.session.layers.brokerage.lastLoss?.reason).toBe("another session of this user holds it");
		stage.trigger("leave");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(record(keeper)?.status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("connects the next socket with the key of a fresh tickle: a login made the old one worthless", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("login");
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(15_000);
		expect(record(keeper)?.status.state).toBe("alive");
		expect(stage.session.socket?.ended.aborted).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it("has the subscriptions to do again, and the rest when the brokerage session was lost too", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("idle");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(record(keeper)?.status.state).toBe("alive");
		const again = stage.session.repairs[0]?.redo.map(({ what }) => what);
		expect(again).toEqual(["accounts", "suppressed-questions", "order-list", "subscriptions"]);
		await keeper.stop({ orders: "keep" });
	});

	it("is not lost because our own process stood still", async () => {
		const { stage, keeper } = await kept();
		const lost: string[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "lost") lost.push(status.cause.message);
		});
		// The timers fire late and before the frames that wait: as after a blocked event loop.
		vi.setSystemTime(Date.now() + 60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(lost).toEqual([]);
		expect(stage.session.layers.socket.state).toBe("up");
		await keeper.stop({ orders: "keep" });
	});
});
