import { neverAborted } from "@x/base/clock";
import { type IbkrVenueOptions, memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

/** Starts a keeper with a session that has a socket, and waits until the session is alive. */
async function kept(
	venueOptions: IbkrVenueOptions = {},
	options: IbkrSessionOptions = {},
	before: (link: Stage["link"]) => void = () => undefined,
) {
	let late: typeof WebSocket | undefined;
	// The session gets this class in place of a WebSocket class: the real one needs the simulated network, which is created only later.
	class Lazy {
		constructor(...args: ConstructorParameters<typeof WebSocket>) {
			if (!late) throw new Error("not yet");
			// biome-ignore lint/correctness/noConstructorReturn: returns an instance of a class that is created later
			return new late(...args);
		}
	}
	const socket = {
		...(typeof options.socket === "object" && options.socket),
		// The cast is safe: all members come from the WebSocket that the constructor returns.
		WebSocket: Lazy as unknown as typeof WebSocket,
	};
	const stage = new Stage({ loadMs: 500, ...venueOptions }, { ...options, socket });
	late = memoryWebSocket(stage.link);
	before(stage.link);
	const keeper = keepalive([stage.session], { random: () => 0 });
	await vi.advanceTimersByTimeAsync(5_000);
	return { stage, keeper };
}

const record = (keeper: Keeper) => keeper.snapshot()["ibkr"];

describe("an IbkrSession with the option socket", () => {
	it("a session with a socket is alive while the socket receives frames, and sends as many tickles as without a socket", async () => {
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

	it.each<[string, () => unknown]>([
		["returns nothing", () => undefined],
		["returns an empty text", () => ""],
		["returns a text with a line break", async () => "planted\n"],
		["returns a number", () => 7],
		["rejects", () => Promise.reject(new Error("planted"))],
		["hangs", () => new Promise(() => undefined)],
	])(
		"a session with a socket is opened by a second attempt after ten seconds when socket.token %s once",
		async (_how, answer) => {
			let calls = 0;
			// The cast gives the function a wrong type on purpose, as a program in plain JavaScript can.
			const token = (() => (++calls === 1 ? answer() : "token")) as () => string;
			const client = { authorize: () => ({ authorization: "OAuth x" }), callTimeoutMs: 4_000 };
			const options = { mode: "oauth1", client, socket: { token } } as const;
			const { stage, keeper } = await kept({ mode: "oauth1", start: "live" }, options);
			await vi.advanceTimersByTimeAsync(2_000);
			const waiting = {
				state: "waiting",
				cause: { message: expect.stringMatching(/^@x\/keepalive\/ibkr: option socket\.token [\w ]+\.?$/) },
			};
			expect(record(keeper)?.status).toMatchObject(waiting);
			expect(JSON.stringify(record(keeper))).not.toContain("planted");
			await vi.advanceTimersByTimeAsync(15_000);
			expect(record(keeper)?.status.state).toBe("alive");
			expect(stage.venue.truth().sockets).toBe(1);
			await keeper.stop({ orders: "keep" });
			await vi.advanceTimersByTimeAsync(1_000);
		},
	);

	it("a session does not use the socket of an earlier open() that ends after a newer open()", async () => {
		const late = Promise.withResolvers<string>();
		let calls = 0;
		const token = (): string | Promise<string> => (++calls === 1 ? late.promise : "token");
		const client = { authorize: () => ({ authorization: "OAuth x" }), callTimeoutMs: 60_000 };
		const stage = new Stage({ mode: "oauth1", start: "live" }, { mode: "oauth1", client, socket: { token } });
		vi.stubGlobal("WebSocket", memoryWebSocket(stage.link));
		const overtaken = stage.session.open(neverAborted).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(5_000);
		await stage.open();
		expect(stage.session.layers.socket.state).toBe("up");
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(10);
		expect(stage.session.layers.socket.state).toBe("down");
		late.resolve("token");
		await vi.advanceTimersByTimeAsync(5_000);
		expect(await overtaken).toMatchObject({ message: expect.stringContaining("closed or reopened") });
		expect(stage.session.layers.socket.state).toBe("down");
		expect(stage.venue.truth().sockets).toBe(0);
		vi.unstubAllGlobals();
		await stage.session.close("keep");
	});

	it("a session with a socket is lost when the socket closes, and opens again with a new socket and without an init", async () => {
		const { stage, keeper } = await kept();
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(10);
		expect(stage.session.layers).toMatchObject({ alive: false, brokerage: { state: "up" }, socket: { state: "down" } });
		await vi.advanceTimersByTimeAsync(5_000);
		expect(record(keeper)).toMatchObject({ status: { state: "alive" }, tally: { losses: 1, recoveries: 1 } });
		expect(stage.venue.truth()).toMatchObject({ inits: 0, sockets: 1 });
		expect(stage.session.recovery.losses[0]?.redo).toEqual([
			{ what: "subscriptions", call: "the socket's subscriptions", done: false },
		]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session with a socket is lost if the socket has received no frame for 35 seconds", async () => {
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

	it("a session reads the status if a socket frame reports another session of the user, and yields if the status reply confirms this", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("compete");
		await vi.advanceTimersByTimeAsync(1_400);
		expect(record(keeper)?.status).toMatchObject({ state: "waiting", why: "venue" });
		expect(stage.session.layers.brokerage.lastLoss?.reason).toBe("another session of this user holds it");
		stage.trigger("leave");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(record(keeper)?.status.state).toBe("alive");
		await keeper.stop({ orders: "keep" });
	});

	it("a session connects a new socket with the session key of a new tickle, because a login has made the old key invalid", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("login");
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(15_000);
		expect(record(keeper)?.status.state).toBe("alive");
		expect(stage.session.socket?.ended.aborted).toBe(false);
		await keeper.stop({ orders: "keep" });
	});

	it("session.recovery lists subscriptions, accounts, questions and orders to redo if the brokerage session was lost", async () => {
		const { stage, keeper } = await kept();
		stage.trigger("idle");
		await vi.advanceTimersByTimeAsync(70_000);
		expect(record(keeper)?.status.state).toBe("alive");
		const again = stage.session.recovery.losses[0]?.redo.map(({ what }) => what);
		expect(again).toEqual(["accounts", "suppressed-questions", "order-list", "subscriptions"]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session with a socket is not lost if no frame came because this process had stalled", async () => {
		const { stage, keeper } = await kept();
		const lost: string[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "lost") lost.push(status.cause.message);
		});
		// Simulates a blocked event loop: timers run late, but still before the frames that have arrived are read.
		vi.setSystemTime(Date.now() + 60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(lost).toEqual([]);
		expect(stage.session.layers.socket.state).toBe("up");
		await keeper.stop({ orders: "keep" });
	});

	it("if the socket closes during an open(), onOpen gets this loss at the next open()", async () => {
		const opens: number[] = [];
		let drop: (() => void) | undefined;
		const onOpen = ({ losses }: { readonly losses: readonly unknown[] }) => {
			opens.push(losses.length);
			drop?.();
			drop = undefined;
			return new Promise((resolve) => setTimeout(resolve, 100));
		};
		const { stage, keeper } = await kept({}, { onOpen });
		drop = () => stage.link.drop();
		stage.link.drop();
		await vi.advanceTimersByTimeAsync(30_000);
		expect(record(keeper)?.status.state).toBe("alive");
		// The session was alive for a moment after the second open, so the third open gets only one loss: the end of that session.
		expect(opens).toEqual([0, 1, 1]);
		await keeper.stop({ orders: "keep" });
	});

	it("a session is alive if its socket receives only heartbeats, and layers.socket then reports the state `deaf`", async () => {
		const venueOptions = { deafSecondSocket: true, socketGraceMs: 86_400_000 };
		const { stage, keeper } = await kept(venueOptions, {}, (link) => {
			// Another program connects a socket first, so that the session's socket receives only heartbeats.
			new (memoryWebSocket(link))("wss://localhost:5000/v1/api/ws");
		});
		await vi.advanceTimersByTimeAsync(20_000);
		expect(record(keeper)?.status.state).toBe("alive");
		expect(stage.session.layers).toMatchObject({
			alive: true,
			socket: { needed: true, state: "deaf", reason: expect.stringContaining("only heartbeats") },
		});
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(record(keeper)).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		await keeper.stop({ orders: "keep" });
	});
});
