import { BybitVenue, type BybitVenueOptions, Link, type Served, serve } from "@x/venue-sims";
import { afterEach, expect, it } from "vitest";
import { type Keeper, keepalive } from "../../index.ts";
import { type BybitSettings, bybit, connectionBudget } from "./index.ts";
import { apiKey, apiSecret } from "./testing/harness.ts";

/** Each a connection of its own; 1 000 pass as well, in the time that their back-offs take. */
const clients = 100;
const closers: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
	const from = performance.now();
	while (!holds()) {
		if (performance.now() - from > ms) throw new Error(`not in ${ms} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}

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

function settings({ http, ws }: Served): BybitSettings & { apiKey: string; apiSecret: string } {
	return { apiKey, apiSecret, products: ["DERIVATIVES"], restUrl: http, wsUrl: `${ws}/v5/private` };
}

it("a half-open connection is noticed at the pong's deadline, and the next one counts", async () => {
	const { venue, link, at } = await served();
	const session = bybit({ ...settings(at), pingMs: 500, pongTimeoutMs: 300 });
	const keeper = keepalive([session], { backoff: { baseMs: 50 } });
	closers.push(() => keeper.stop({ orders: "cancel" }));
	await keeper.ready();
	let lostAt = 0;
	keeper.onStatus(({ status }) => {
		if (status.state === "lost") lostAt = performance.now();
	});
	const deadAt = performance.now();
	link.halfOpen();
	expect(session.countdown).toEqual({ state: "none" });
	await until("the loss is noticed", () => lostAt > 0);
	// One ping's pace, then its pong's deadline, and what a busy machine takes.
	expect(lostAt - deadAt).toBeLessThan(500 + 300 + 400);
	expect(session.countdown).toMatchObject({ state: "counting", how: "silent" });
	await keeper.ready();
	expect(() => session.requireArmed()).not.toThrow();
	expect(venue.truth().DERIVATIVES.state).toBe("armed");
});

it(`a server that restarts under ${clients} clients: all armed again, within the limit, none faster than its back-off`, async () => {
	// What counts by account is not what is tried here: the clients stand for as many accounts. The address's limits scale.
	const scaled = { dcpCallsPerSecond: 5 * clients, addressCalls: 6 * clients, connectionsPerFiveMinutes: 5 * clients };
	const before = await served(scaled);
	const budget = connectionBudget({ connections: 5 * clients });
	const attempts: number[][] = [];
	const sessions = Array.from({ length: clients }, (_, client) => {
		const made: number[] = [];
		attempts.push(made);
		class CountedSocket extends WebSocket {
			constructor(url: string | URL) {
				super(url);
				made.push(performance.now());
			}
		}
		return bybit({
			...settings(before.at),
			name: `client ${client}`,
			connectionBudget: budget,
			WebSocket: CountedSocket,
		});
	});
	const keeper: Keeper = keepalive(sessions);
	closers.push(() => keeper.stop({ orders: "cancel" }));
	await keeper.ready();
	const armed = (): number => {
		const all = Object.values(keeper.snapshot());
		return all.filter(({ status }) => status.state === "alive" && status.protection.state === "armed").length;
	};
	expect([armed(), before.venue.truth().DERIVATIVES.liveConnections]).toEqual([clients, clients]);

	const restartedAt = performance.now();
	await before.at.close();
	expect(armed()).toBeLessThanOrEqual(clients);
	await until("every client noticed", () => armed() === 0);
	for (const session of sessions) expect(() => session.requireArmed()).toThrow();
	const port = Number(new URL(before.at.http).port);
	await new Promise((resolve) => setTimeout(resolve, 1_200));
	const after = await served(scaled, port);
	await until("all are armed again", () => armed() === clients);

	expect(after.venue.truth().DERIVATIVES).toMatchObject({ state: "armed", liveConnections: clients });
	for (const session of sessions) expect(() => session.requireArmed()).not.toThrow();
	expect(attempts.flat().length).toBeLessThanOrEqual(5 * clients);
	for (const made of attempts) {
		// The wait before attempt n is at least half of 1 s, doubled with each: from the loss, then from attempt to attempt.
		const again = made.filter((at) => at > restartedAt);
		const gaps = again.map((at, index) => at - (again[index - 1] ?? restartedAt));
		for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(500 * 2 ** index - 10);
		// A machine that is slow with so many at once lets a first attempt run out of time: the next one waits as well.
		const early = made.filter((at) => at <= restartedAt);
		for (const [index, at] of early.entries()) expect(at - (early[index - 1] ?? 0)).toBeGreaterThanOrEqual(490);
	}
}, 120_000);
