import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";
import { keepaliveInWorker } from "@x/keepalive/worker";
import { quantile } from "../harness/round-statistics.ts";

/** A session over which an order can be sent. It runs in the main thread or in a worker. */
interface Kept {
	buy(amount: number): Promise<unknown>;
}

function contestant(open: (url: string) => Promise<Kept>) {
	let kept: Kept;
	return {
		connect: async (url: string) => {
			kept = await open(url);
		},
		/** Blocks the main thread for `ms`. */
		block: (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms),
		/** Sends orders one after the other. Returns the median time of an order in microseconds. */
		orders: async (count: number): Promise<number> => {
			const took = new Float64Array(count);
			for (let at = 0; at < count; at++) {
				const started = performance.now();
				await kept.buy(10);
				took[at] = (performance.now() - started) * 1_000;
			}
			return quantile(took, 0.5);
		},
	};
}

/** Our keeper in the main thread. */
export const inThread = () =>
	contestant(async (url) => {
		const session = deribit({ client: { url, credentials: { clientId: "id", clientSecret: "secret" } } });
		await keepalive([session]).ready({ timeoutMs: 20_000 });
		return { buy: (amount) => session.requireArmed().call("private/buy", { amount }) };
	});

/** Our keeper in a worker. */
export const inWorker = () =>
	contestant(async (url) => {
		const module = new URL("./deribit-worker-module.ts", import.meta.url);
		const keeper = await keepaliveInWorker<typeof import("./deribit-worker-module.ts")>(module, {
			thread: { env: { DERIBIT_WS_URL: url } },
		});
		await keeper.ready({ timeoutMs: 20_000 });
		return { buy: (amount) => keeper.call("buy", amount) };
	});
