import { Worker } from "node:worker_threads";
import { DeribitVenue, type DeribitVenueOptions } from "@x/venue-sims";
import { afterEach, expect, it } from "vitest";
import { keepalive } from "../../keeper.ts";
import { deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const never = new AbortController().signal;
const workers: Worker[] = [];

afterEach(async () => {
	for (const worker of workers.splice(0)) await worker.terminate();
});

/** A venue in a thread of its own: its clocks go on while this one is blocked. */
async function venueApart(options: DeribitVenueOptions) {
	const worker = new Worker(
		`const { parentPort, workerData } = require("node:worker_threads");
		import("@x/venue-sims").then(async ({ DeribitVenue, Link, serve }) => {
			const venue = new DeribitVenue(workerData);
			const { ws } = await serve(new Link(venue));
			parentPort.on("message", () => {
				const answers = venue.received.filter(({ method }) => method === "public/test").map(({ at }) => at);
				parentPort.postMessage({ answers, orders: venue.orders(), connections: venue.truth().connections });
			});
			parentPort.postMessage({ ws });
		});`,
		{ eval: true, workerData: options },
	);
	workers.push(worker);
	const hear = <T>(): Promise<T> => new Promise((resolve) => worker.once("message", resolve));
	const { ws } = await hear<{ ws: string }>();
	const look = () => {
		const seen = hear<{ answers: number[]; orders: { state: string }[]; connections: { armed: boolean }[] }>();
		worker.postMessage("look");
		return seen;
	};
	return { url: `${ws}/ws/api/v2`, look };
}

function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

function blockFor(ms: number): void {
	const end = performance.now() + ms;
	while (performance.now() < end);
}

it("at interval 10 in real seconds, a program that computes for 3 s while the venue probes loses nothing", async () => {
	const { url, look } = await venueApart({});
	const session = deribit({ url, clientId, clientSecret, intervalSeconds: 10 });
	const { ended } = await session.open(never);
	await session.requireArmed().call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
	// No beats: the probe comes 12 s after the order, into the block.
	await wait(10_500);
	expect((await look()).answers).toEqual([]);
	blockFor(3_000);
	const freed = Date.now();
	await wait(500);
	const { answers, orders, connections } = await look();
	expect(answers).toHaveLength(1);
	expect(answers[0]).toBeGreaterThanOrEqual(freed);
	expect(ended?.aborted).toBe(false);
	expect([orders[0]?.state, connections[0]?.armed]).toEqual(["open", true]);
	await session.close("keep");
}, 20_000);

it("a kept session that is blocked for 3 s is alive afterwards, over the same connection", async () => {
	const { url, look } = await venueApart({ heartbeatSecondMs: 400 });
	const session = deribit({ url, clientId, clientSecret, intervalSeconds: 10 });
	const keeper = keepalive([session]);
	await keeper.ready();
	const handle = session.requireArmed();
	await wait(3_500);
	blockFor(3_000);
	await wait(1_000);
	expect(keeper.snapshot()["deribit"]).toMatchObject({
		status: { state: "alive", protection: { state: "armed" } },
		tally: { losses: 0 },
	});
	expect(session.requireArmed()).toBe(handle);
	expect((await look()).connections).toMatchObject([{ armed: true }]);
	await keeper.stop({ orders: "keep" });
}, 15_000);
