import { keepalive } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { keepaliveInWorker } from "@x/keepalive/worker";
import { BybitVenue, DeribitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";

const bybitKey = { apiKey: "bench-key", apiSecret: "bench-secret" };

/** The measured checks. Each text names the function that checks whether an order may be sent, and the venue of the checked session. */
export const checks = [
	"keeper.isArmed, Deribit",
	"keeper.requireArmed, Deribit",
	"session.requireArmed, Deribit",
	"keeper.isArmed, Bybit",
	"keeper.requireArmed, Bybit",
	"session.requireArmed, Bybit",
	"keeper.isArmed, Deribit in a worker",
	"keeper.requireArmed, Deribit in a worker",
] as const;
type Check = (typeof checks)[number];

/** Cost of one call in the fastest of several batches. The fastest batch is used, because other processes can only slow a batch down. */
export interface CallCost {
	readonly nanoseconds: number;
	/** By how many bytes the heap has grown at the end of a batch, divided by the calls in the batch. */
	readonly bytes: number;
}

const batches = 20;

async function cost(calls: number, call: () => unknown): Promise<CallCost> {
	for (let index = 0; index < calls; index++) call();
	let nanoseconds = Number.POSITIVE_INFINITY;
	let bytes = Number.POSITIVE_INFINITY;
	for (let batch = 0; batch < batches; batch++) {
		// Pauses between two batches, so that the keeper can send its beats. If the event loop were blocked for a second, the keeper would
		// count no session as armed.
		await new Promise((resolve) => setTimeout(resolve, 1));
		globalThis.gc?.();
		const heapBefore = process.memoryUsage().heapUsed;
		const from = performance.now();
		for (let index = 0; index < calls; index++) call();
		const tookMs = performance.now() - from;
		const heapMore = process.memoryUsage().heapUsed - heapBefore;
		nanoseconds = Math.min(nanoseconds, (tookMs * 1_000_000) / calls);
		bytes = Math.min(bytes, Math.max(0, heapMore) / calls);
	}
	return { nanoseconds, bytes };
}

/**
 * A keeper with an armed session at Deribit and one at Bybit, both simulated in memory. Armed: the venue cancels the orders if this process
 * dies (cancel-on-disconnect at Deribit, Disconnection Protect at Bybit).
 */
export function oursOrderCheck() {
	return {
		run: async (calls: number): Promise<Record<Check, CallCost>> => {
			const deribitLink = new Link(new DeribitVenue());
			const bybitLink = new Link(new BybitVenue(bybitKey));
			const { clientId, clientSecret } = DeribitVenue.defaults;
			const atDeribit = deribit({
				client: { credentials: { clientId, clientSecret }, WebSocket: memoryWebSocket(deribitLink) },
			});
			const atBybit = bybit({
				client: { ...bybitKey, fetch: memoryFetch(bybitLink), WebSocket: memoryWebSocket(bybitLink) },
				products: ["DERIVATIVES"],
			});
			const keeper = keepalive([atDeribit, atBybit]);
			await keeper.ready({ timeoutMs: 10_000 });
			const module = new URL("./in-memory-worker-module.ts", import.meta.url);
			const inWorker = await keepaliveInWorker<typeof import("./in-memory-worker-module.ts")>(module);
			await inWorker.ready({ timeoutMs: 10_000 });
			const costs = {
				"keeper.isArmed, Deribit": await cost(calls, () => keeper.isArmed("deribit")),
				"keeper.requireArmed, Deribit": await cost(calls, () => keeper.requireArmed("deribit")),
				"session.requireArmed, Deribit": await cost(calls, () => atDeribit.requireArmed()),
				"keeper.isArmed, Bybit": await cost(calls, () => keeper.isArmed("bybit")),
				"keeper.requireArmed, Bybit": await cost(calls, () => keeper.requireArmed("bybit")),
				"session.requireArmed, Bybit": await cost(calls, () => atBybit.requireArmed()),
				"keeper.isArmed, Deribit in a worker": await cost(calls, () => inWorker.isArmed("deribit")),
				"keeper.requireArmed, Deribit in a worker": await cost(calls, () => inWorker.requireArmed("deribit")),
			};
			// The figures are valid only if all sessions were armed, because a check that throws costs more than one that returns.
			const areArmed = keeper.isArmed("deribit") && keeper.isArmed("bybit") && inWorker.isArmed("deribit");
			if (!areArmed) throw new Error("the figures are invalid: a session was not armed");
			await keeper.stop({ orders: "cancel" });
			await inWorker.stop({ orders: "cancel" });
			deribitLink.close();
			bybitLink.close();
			return costs;
		},
	};
}

/** The baseline: code that only reads the monotonic and the wall clock, as every check has to do. */
export function bothClocks() {
	let sum = 0;
	return {
		run: (calls: number): Promise<CallCost> =>
			cost(calls, () => {
				sum += performance.now() + Date.now();
				return sum;
			}),
	};
}
