import { BybitVenue, type BybitVenueOptions, Link, type Served, serve } from "@x/venue-sims";
import { afterEach, expect, it } from "vitest";
import { keepalive } from "../../index.ts";
import { type BybitSessionOptions, bybit } from "./index.ts";
import { restart, until } from "./testing/server-restart.ts";
import { apiKey, apiSecret } from "./testing/start-with-venue.ts";

const closers: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function served(
	options: BybitVenueOptions = {},
	port = 0,
): Promise<{ venue: BybitVenue; link: Link; at: Served }> {
	const venue = new BybitVenue({ apiKey, apiSecret, ...options });
	const link = new Link(venue);
	const at = await serve(link, { port });
	closers.push(() => at.close());
	return { venue, link, at };
}

function optionsFor({ http, ws }: Served): BybitSessionOptions {
	const client = { apiKey, apiSecret, restUrl: http, wsUrl: `${ws}/v5/private` };
	return { client, products: ["DERIVATIVES"] };
}

it("a half-open connection is detected at the deadline of the pong, and a new connection replaces it", async () => {
	const { venue, link, at } = await served();
	const session = bybit({ ...optionsFor(at), pingMs: 500, pongTimeoutMs: 300 });
	const keeper = keepalive([session], { backoff: { baseMs: 50 } });
	closers.push(() => keeper.stop({ orders: "cancel" }));
	await keeper.ready();
	let lostAt = 0;
	keeper.onStatus(({ status }) => {
		if (status.state === "lost") lostAt = performance.now();
	});
	const deadAt = performance.now();
	link.halfOpen();
	expect(session.recovery.losses).toEqual([]);
	await until("the loss is noticed", () => lostAt > 0);
	// The loss is reported after at most a ping interval and a pong deadline, plus a margin for a busy machine. Other tests check exact times
	// with a fake clock.
	expect(lostAt - deadAt).toBeLessThan(500 + 300 + 2_000);
	expect(session.recovery.losses).toMatchObject([{ state: "counting", how: "silent" }]);
	await keeper.ready();
	expect(() => session.requireArmed()).not.toThrow();
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
});

it("the venue cancels within processDeathMs after a close over a real socket", async () => {
	const { venue, at } = await served({ windowSeconds: 3 });
	const session = bybit({ ...optionsFor(at), windowSeconds: 3 });
	await session.open(new AbortController().signal);
	venue.faults["place"]?.({ product: "DERIVATIVES" });
	const diedAt = Date.now();
	await session.close("cancel");
	await until("the venue has cancelled", () => venue.orders()[0]?.state === "cancelled");
	const livedMs = (venue.orders()[0]?.cancelledAt ?? Number.NaN) - diedAt;
	expect(livedMs).toBeGreaterThanOrEqual(session.exposure.parts.windowMs);
	expect(livedMs).toBeLessThanOrEqual(session.exposure.processDeathMs);
});

it("100 sessions are armed again after a server restart, and stay within the venue's limits and their own back-off", async () => {
	const figures = await restart(100, 60_000);
	expect(figures).toMatchObject({ clients: 100, banned: 0 });
	expect(figures.mostHandshakesInFiveMinutes).toBeLessThanOrEqual(500);
	expect(figures.mostCallsInFiveSeconds).toBeLessThanOrEqual(300);
	expect(figures.leastAfterBackoffMs).toBeGreaterThanOrEqual(-2);
});
