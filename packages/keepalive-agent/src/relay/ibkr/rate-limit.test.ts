import { Agent } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { tick } from "../testing/start-deribit-relay.ts";
import { type IbkrStageOptions, limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

/** Starts a venue that counts calls, and blocks the address when there are too many. */
const start = (options?: IbkrStageOptions) => startIbkrStage({ venue: { pacing: true }, ...options });

describe("rate limits of bots at IBKR", () => {
	it("a bot that floods delays neither another bot nor a beat (tickle) of the session, and the venue never gets more calls than it allows", async () => {
		const { call, venue, isAlive, counts, received } = await start({
			bots: ["maker", "flooder"],
			session: { tickleMs: 2_000 },
		});
		const agent = new Agent({ keepAlive: true, maxSockets: 40 });
		onTestFinished(() => agent.destroy());
		let isOver = false;
		const statuses = new Map<number, number>();
		const flood = Array.from({ length: 40 }, async () => {
			while (!isOver) {
				const { status } = await call("GET", "/portfolio/DU1/ledger", { bot: "flooder", agent });
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
				// The bots run in the same thread as the relay, so they pause to let the relay work.
				await tick(20);
			}
		});
		await tick(1_500);
		/** For each order, the number of calls of the flooding bot that were sent before it. */
		const ahead: number[] = [];
		const ofFlooder = () => received("/portfolio/DU1/ledger").length;
		for (let round = 0; round < 5; round += 1) {
			const before = ofFlooder();
			expect((await call("POST", "/iserver/account/DU1/orders", { body: limitOrder })).status).toBe(200);
			ahead.push(ofFlooder() - before);
		}
		const [order] = venue.orders();
		const before = ofFlooder();
		expect((await call("DELETE", `/iserver/account/DU1/order/${order?.id}`)).status).toBe(200);
		ahead.push(ofFlooder() - before);
		await vi.waitFor(() => expect(received("/tickle").length).toBeGreaterThan(3), 10_000);
		isOver = true;
		await Promise.all(flood);
		// At most 20 is expected: some calls of the flooding bot were sent already, one may be next in turn, and a few are sent while the order
		// and its answer are on their way.
		expect(Math.max(...ahead)).toBeLessThanOrEqual(20);
		expect(statuses.get(429)).toBeGreaterThan(10);
		expect([...statuses.keys()].sort()).toEqual([404, 429]);
		expect(counts()).toContainEqual({
			labels: { what: "refused", session: "broker", bot: "flooder", reason: "rate-limit" },
			count: statuses.get(429),
		});
		// The venue gets about seven calls a second, and one beat (tickle) every two seconds, so far fewer than 40 calls lie between two beats.
		const beats = venue.received.flatMap(({ path }, index) => (path.endsWith("/tickle") ? [index] : []));
		const between = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
		expect(Math.max(...between)).toBeLessThan(40);
		expect(venue.received.filter(({ status }) => status === 429)).toEqual([]);
		expect(isAlive()).toBe(true);
	}, 40_000);

	it("many cancels of one bot do not delay another bot's order", async () => {
		const { call, venue, received } = await start({ bots: ["maker", "flooder"] });
		const agent = new Agent({ keepAlive: true, maxSockets: 15 });
		onTestFinished(() => agent.destroy());
		let isOver = false;
		const flood = Array.from({ length: 15 }, async () => {
			while (!isOver) {
				await call("DELETE", "/iserver/account/DU1/order/1", { bot: "flooder", agent });
				await tick(20);
			}
		});
		await tick(1_500);
		for (let round = 0; round < 4; round += 1) {
			const before = received("/iserver/account/DU1/order/1").length;
			expect((await call("POST", "/iserver/account/DU1/orders", { body: limitOrder })).status).toBe(200);
			expect(received("/iserver/account/DU1/order/1").length - before).toBeLessThanOrEqual(20);
		}
		isOver = true;
		await Promise.all(flood);
		expect(venue.received.filter(({ status }) => status === 429)).toEqual([]);
	}, 30_000);

	it("a bot's call is refused with 429 and the reason if sixteen calls of that bot wait already", async () => {
		const { call } = await start();
		const answers = await Promise.all(Array.from({ length: 40 }, () => call("GET", "/iserver/account/orders")));
		const refused = answers.filter(({ status }) => status === 429);
		expect(refused.length).toBeGreaterThanOrEqual(23);
		expect(refused[0]?.json).toEqual({
			error: expect.stringMatching(/^not sent: (too many calls of this bot wait|IBKR's rate limit left no room)/),
			statusCode: 429,
		});
		expect(refused[0]?.headers["retry-after"]).toBe("1");
	}, 20_000);
});

it("a path is called no more often than its own limit allows, and this limit does not delay calls of other paths", async () => {
	const { call, received } = await start();
	const lists = [call("GET", "/iserver/account/orders"), call("GET", "/iserver/account/orders")];
	await tick(100);
	expect((await call("GET", "/iserver/accounts")).status).toBe(200);
	expect(received("/iserver/account/orders")).toHaveLength(1);
	expect((await Promise.all(lists)).map(({ status }) => status)).toEqual([200, 200]);
	const [first, second] = received("/iserver/account/orders").map(({ at }) => at);
	expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(5_000);
	expect(received("/iserver/account/orders")).toHaveLength(2);
}, 20_000);

it("a bot's call is sent at once while nine calls have no reply, because the usual limit of eight connections to a gateway is lifted for bots", async () => {
	const { sessions, link, received } = await start();
	const client = sessions[0]?.botCalls?.client;
	if (!client?.fetch) throw new Error("it has no gateway");
	const { fetch } = client;
	const ended = new AbortController();
	onTestFinished(() => ended.abort());
	link.partition();
	const hung = Array.from({ length: 9 }, () =>
		fetch(`${client.baseUrl}/portfolio/DU1/ledger`, { signal: ended.signal }).catch(() => undefined),
	);
	await tick(200);
	link.heal();
	await fetch(`${client.baseUrl}/iserver/accounts`, { signal: AbortSignal.timeout(1_000) });
	expect(received("/iserver/accounts").length).toBeGreaterThan(0);
	ended.abort();
	await Promise.all(hung);
}, 10_000);
