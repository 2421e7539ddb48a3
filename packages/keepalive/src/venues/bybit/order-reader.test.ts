import { describe, expect, it, vi } from "vitest";
import { keepalive, type Opened } from "../../index.ts";
import { type BybitLoss, bybit } from "./index.ts";
import type { Reconciliation } from "./session-losses.ts";
import {
	clientOf,
	failure,
	lastLoss,
	type SomeOptions,
	type Started,
	start,
	timed,
	useFakeClock,
} from "./testing/start-with-venue.ts";

useFakeClock();

const ids = (orders: readonly { orderId: string }[] = []): string[] => orders.map(({ orderId }) => orderId).sort();

/** The orders that the session has read after its latest connection loss; null until it has read them. */
function ordersOf({ session }: Pick<Started, "session">): Reconciliation | null {
	const loss = lastLoss(session);
	return loss?.state === "assume-fired" ? loss.orders : null;
}

/** Opens a session, drops its connection for ten seconds and opens the session again. */
async function reopened(started: Started, between: () => void = () => undefined): Promise<Started> {
	const { session, signal, link } = started;
	if (!session.handle) await session.open(signal);
	between();
	link.drop();
	await vi.advanceTimersByTimeAsync(10_000);
	await timed(session.open(signal));
	return started;
}

describe("open() after a connection loss, if the venue may have cancelled orders", () => {
	it("open() reads the open orders and the orders that Disconnection Protect has cancelled, and is then armed", async () => {
		const started = start({}, { products: ["DERIVATIVES", "SPOT"] });
		const { session, inject, venue } = started;
		await reopened(started, () => {
			for (const instrument of ["BTCUSDT", "BTCPERP", "BTCUSD"])
				inject("place", { product: "DERIVATIVES", instrument });
			inject("place", { product: "SPOT" });
			inject("place", { product: "OPTIONS" });
		});
		const orders = ordersOf(started);
		expect(ids(orders?.cancelledByDcp)).toEqual(["sim-000001", "sim-000002", "sim-000003", "sim-000004"]);
		expect(orders).toMatchObject({ open: [], historyComplete: true });
		expect(session.notArmedReason()).toBeUndefined();
		// The session's option `products` does not contain OPTIONS, so this order stays open.
		expect(venue.orders()[4]?.state).toBe("open");
	});

	it("open() reads the lists of orders after it has connected and has read the configuration", async () => {
		const started = start();
		const { venue } = started;
		let before = 0;
		await reopened(started, () => {
			before = venue.received.length;
		});
		const steps = venue.received
			.slice(before)
			.map((got) => (got.kind === "http" ? got.path.split("/").at(-1) : (got.frame as { op: string }).op));
		const lists = ["realtime", "realtime", "realtime", "history", "history"];
		expect(steps).toEqual(["auth", "subscribe", "ping", "subscribe", "query-dcp-info", ...lists, "ping"]);
	});

	it("open() reads no orders at the first open, nor if the session reconnected in time after a connection loss", async () => {
		const { session, signal, link, venue } = start();
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(9_999);
		await session.open(signal);
		expect(lastLoss(session)?.state).toBe("averted");
		expect(venue.received.filter((got) => got.kind === "http" && got.path.includes("/order/"))).toEqual([]);
	});

	it("the orders from a query that began before a connection loss are not used for this loss", async () => {
		const { link, inject, signal } = start();
		const client = clientOf(link);
		let release: Promise<void> | undefined;
		const fetch: typeof globalThis.fetch = async (input, init) => {
			const reply = await client.fetch(input, init);
			if (String(input).includes("/order/history")) await release;
			return reply;
		};
		const session = bybit({
			client: { ...client, fetch },
			callTimeoutMs: 60_000,
			products: ["DERIVATIVES"],
			pingMs: 10_000,
			verifyEveryMs: 5_000,
		});
		const beatAfter = async (ms: number) => {
			await vi.advanceTimersByTimeAsync(ms);
			await session.beat(signal);
		};
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		const held = Promise.withResolvers<void>();
		release = held.promise;
		await timed(session.open(signal));
		inject("place", { product: "DERIVATIVES" });
		await beatAfter(10_000);
		await beatAfter(10_000);
		inject("loseTopics");
		await beatAfter(10_000);
		await beatAfter(0);
		held.resolve();
		await vi.advanceTimersByTimeAsync(0);
		expect(session.recovery.losses).toMatchObject([
			{ how: "closed", orders: { open: [], cancelledByDcp: [] } },
			{ how: "topic", state: "assume-fired", orders: null },
		]);
		expect(session.notArmedReason()).toMatch(/they have not been read yet/);
		await vi.advanceTimersByTimeAsync(9_000);
		await beatAfter(0);
		await vi.advanceTimersByTimeAsync(0);
		expect(ids(ordersOf({ session })?.cancelledByDcp)).toEqual(["sim-000001"]);
		expect(session.notArmedReason()).toBeUndefined();
	});

	it("open() lists the inverse orders of a unified account 1.0 as open", async () => {
		const started = start({ accountMode: "uta1" });
		await reopened(started, () => {
			for (const instrument of ["BTCUSDT", "BTCUSD"]) started.inject("place", { product: "DERIVATIVES", instrument });
		});
		const orders = ordersOf(started);
		expect([ids(orders?.open), ids(orders?.cancelledByDcp)]).toEqual([["sim-000002"], ["sim-000001"]]);
	});

	it("open() lists a cancelled order that was placed long before the connection loss, and leaves out orders that were cancelled after an earlier loss", async () => {
		const started = start();
		const { session, signal, inject } = started;
		await reopened(started, () => inject("place", { product: "DERIVATIVES" }));
		expect(ids(ordersOf(started)?.cancelledByDcp)).toEqual(["sim-000001"]);
		inject("place", { product: "DERIVATIVES" });
		for (let beats = 0; beats < 720; beats += 1) {
			await vi.advanceTimersByTimeAsync(10_000);
			await session.beat(signal);
		}
		await reopened(started);
		expect(ids(ordersOf(started)?.cancelledByDcp)).toEqual(["sim-000002"]);
	});

	it.each([-3_600_000, 3_600_000])(
		"open() lists the cancelled orders although this machine's clock was changed by %i ms after the loss",
		async (ms) => {
			const started = start();
			const { session, signal, link, inject } = started;
			await session.open(signal);
			inject("place", { product: "DERIVATIVES" });
			link.drop();
			await vi.advanceTimersByTimeAsync(10_000);
			// Only this machine's clock is set; the venue's clock does not change.
			vi.setSystemTime(Date.now() + ms);
			inject("skew", { ms: -ms });
			await timed(session.open(signal).catch(() => session.open(signal)));
			for (let beats = 0; beats < 3; beats += 1) {
				await vi.advanceTimersByTimeAsync(5_000);
				await session.beat(signal);
			}
			expect(ids(ordersOf(started)?.cancelledByDcp)).toEqual(["sim-000001"]);
		},
	);

	it("open() reads all pages of orders at a limited rate, so that the program can use a part of the venue's ten calls a second", async () => {
		const started = start();
		const { venue, inject } = started;
		let before = 0;
		await reopened(started, () => {
			for (let placed = 0; placed < 620; placed += 1) inject("place", { product: "DERIVATIVES" });
			before = venue.received.length;
		});
		expect([ordersOf(started)?.cancelledByDcp.length, ordersOf(started)?.historyComplete]).toEqual([620, true]);
		const reads = venue.received.slice(before).flatMap((got) => (got.kind === "http" ? [got] : []));
		const inOneSecond = reads.map(
			({ at }) => reads.filter((got) => got.path.endsWith("/history") && got.at >= at && got.at < at + 1_000).length,
		);
		expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(9);
	});

	it("open() reports the history as incomplete if it has more than a thousand orders", async () => {
		const started = start({ orderCallsPerSecond: 1_000 });
		await reopened(started, () => {
			for (let placed = 0; placed < 1_001; placed += 1) started.inject("place", { product: "DERIVATIVES" });
		});
		await vi.advanceTimersByTimeAsync(10_000);
		expect([ordersOf(started)?.cancelledByDcp.length, ordersOf(started)?.historyComplete]).toEqual([1_000, false]);
	});

	it("open() repeats the request of a page after a rate limit that asks for a short wait", async () => {
		const started = start();
		await reopened(started, () => {
			started.inject("place", { product: "DERIVATIVES" });
			started.inject("force", { path: "/order/", retCode: 10006, times: 2 });
		});
		expect(ids(ordersOf(started)?.cancelledByDcp)).toEqual(["sim-000001"]);
	});

	it("open() succeeds if the requests for the lists of orders get no answer, reports the orders as unread, and pings meanwhile", async () => {
		const started = start({}, { pingMs: 1_000 });
		const { session, signal, link, venue, inject } = started;
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		const before = venue.received.length;
		inject("withhold", { reply: true });
		const { tookMs } = await timed(session.open(signal));
		// The session reads the configuration, then the lists of orders, then the configuration once more. Each of these three times out
		// after 3 s.
		expect(tookMs).toBe(9_000);
		const pings = venue.received
			.slice(before)
			.filter((got) => got.kind === "frame" && (got.frame as { op: string }).op === "ping");
		expect(pings.length).toBeGreaterThanOrEqual(4);
		inject("withhold", { reply: false });
		await session.beat(signal);
		expect(session.notArmedReason()).toMatch(/orders may have been cancelled .* not been read yet/);
	});
});

describe("beat() after a connection loss, while the orders have not been read", () => {
	it.each(['{"retCode":0,"result":{}}', '{"retCode":0,"result":{"list":null}}', '{"retCode":10016}', "<html>"])(
		"beat() requests the orders again, at most once in five seconds, after the venue has replied %s",
		async (body) => {
			const started = start();
			const { session, signal, venue, inject } = started;
			await session.open(signal);
			inject("place", { product: "DERIVATIVES" });
			inject("force", { path: "/realtime", body, times: 3 });
			await reopened(started);
			const reads = (): number =>
				venue.received.filter((got) => got.kind === "http" && got.path.endsWith("/realtime")).length;
			for (const expected of [1, 1, 2, 2, 3, 3, 6]) {
				expect(reads()).toBe(expected);
				if (expected < 6) expect(session.notArmedReason()).toMatch(/not been read yet: /);
				await vi.advanceTimersByTimeAsync(2_500);
				await session.beat(signal);
				await vi.advanceTimersByTimeAsync(0);
			}
			expect(ids(ordersOf(started)?.cancelledByDcp)).toEqual(["sim-000001"]);
			expect(session.notArmedReason()).toBeUndefined();
		},
	);

	it("beat() requests the lists of orders only after a ban has ended", async () => {
		const started = start();
		const { session, signal, link, venue, inject } = started;
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		inject("force", { path: "/realtime", retCode: 10018 });
		await timed(session.open(signal));
		const calls = (): number => venue.received.filter((got) => got.kind === "http").length;
		const before = calls();
		for (let elapsedMs = 0; elapsedMs < 590_000; elapsedMs += 10_000) {
			await vi.advanceTimersByTimeAsync(10_000);
			await session.beat(signal);
		}
		expect([calls(), session.notArmedReason()]).toEqual([before, expect.any(String)]);
		for (let beats = 0; beats < 3; beats += 1) {
			await vi.advanceTimersByTimeAsync(10_000);
			await timed(session.beat(signal));
		}
		expect(session.notArmedReason()).toBeUndefined();
	});

	it("a session discards orders that it was reading while its connection was lost again", async () => {
		const started = start();
		const { session, signal, link, inject } = started;
		await session.open(signal);
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		inject("force", { path: "/realtime", retCode: 10016 });
		await timed(session.open(signal));
		await vi.advanceTimersByTimeAsync(5_000);
		const beating = session.beat(signal);
		link.drop();
		await failure(beating);
		await vi.advanceTimersByTimeAsync(100);
		expect(ordersOf(started)).toBeNull();
		expect(session.recovery.losses).toMatchObject([{ orders: null }, { state: "counting" }]);
	});
});

describe("the option onOpen of a Bybit session", () => {
	type Seen = Opened<unknown, BybitLoss>;

	async function kept(onOpen: (opened: Seen) => unknown, options: SomeOptions = {}) {
		const started = start({}, { pingMs: 1_000, onOpen, ...options });
		const keeper = keepalive([started.session], { random: () => 0.5 });
		await vi.advanceTimersByTimeAsync(100);
		const stop = async (): Promise<void> => {
			const stopping = keeper.stop({ orders: "cancel" });
			await vi.advanceTimersByTimeAsync(11_000);
			await stopping;
		};
		return { ...started, keeper, stop };
	}

	it("onOpen is called at every open, including the first, before the session is alive, with the connection losses and the orders", async () => {
		const calls: { seen: Seen; state: string }[] = [];
		let state = (): string => "opening";
		const { session, keeper, link, inject, stop } = await kept((seen) => {
			calls.push({ seen, state: state() });
		});
		state = () => keeper.current("bybit").status.state;
		expect(calls).toMatchObject([{ state: "opening", seen: { losses: [] } }]);
		expect(calls[0]?.seen.handle).toBe(session.handle);
		inject("place", { product: "DERIVATIVES" });
		inject("refuse", { auth: "Params Error" });
		link.drop();
		await vi.advanceTimersByTimeAsync(60_000);
		inject("refuse", { auth: null });
		await vi.advanceTimersByTimeAsync(40_000);
		expect(calls.slice(1)).toMatchObject([
			{
				state: "opening",
				seen: { losses: [{ state: "assume-fired", orders: { cancelledByDcp: [{ orderId: "sim-000001" }] } }] },
			},
		]);
		expect(keeper.isArmed("bybit")).toBe(true);
		await stop();
	});

	it("an onOpen that rejects makes the open fail, and is called with the same connection losses at the next open", async () => {
		const losses: (readonly BybitLoss[])[] = [];
		const { session, link, keeper, stop } = await kept(async (seen) => {
			losses.push(seen.losses);
			if (losses.length === 2) throw new Error("not yet");
		});
		link.drop();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(losses.map((one) => one.length)).toEqual([0, 1, 1]);
		expect(keeper.current("bybit").status.state).toBe("alive");
		expect(session.recovery.losses).toHaveLength(1);
		await stop();
	});

	it("onOpen may take longer than the venue's idle limit: the session pings the connection meanwhile, and is armed afterwards", async () => {
		const { keeper, inject, venue, stop } = await kept(() => new Promise((resolve) => setTimeout(resolve, 90_000)));
		inject("place", { product: "DERIVATIVES" });
		await vi.advanceTimersByTimeAsync(89_000);
		expect([keeper.current("bybit").status.state, keeper.isArmed("bybit")]).toEqual(["opening", false]);
		await vi.advanceTimersByTimeAsync(2_000);
		expect([keeper.current("bybit").status.state, keeper.isArmed("bybit")]).toEqual(["alive", true]);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await stop();
	});

	it("onOpen is no longer awaited once its connection is lost, so that it does not delay the next connection", async () => {
		const signals: AbortSignal[] = [];
		const { keeper, link, stop } = await kept(({ signal }) => {
			signals.push(signal);
			return signals.length === 1 ? new Promise(() => undefined) : undefined;
		});
		await vi.advanceTimersByTimeAsync(5_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(4_000);
		expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
		expect(keeper.isArmed("bybit")).toBe(true);
		await stop();
	});
});
