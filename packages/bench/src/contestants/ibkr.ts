import { createRequire } from "node:module";
import { join } from "node:path";
import { createIbkrHttp } from "@x/ibkr-session";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import { type Keeper, keepalive } from "@x/keepalive";
import { ibkr } from "@x/keepalive/ibkr";
import { quantile } from "../harness/round-statistics.ts";

/** The address of the gateway, and its certificate in PEM format. */
export interface Gateway {
	readonly baseUrl: string;
	readonly ca: string;
}

/**
 * A compared program that calls `/tickle`, IBKR's keep-alive endpoint.
 *
 * @param make - creates a function that makes one call.
 */
function tickler(make: (gateway: Gateway) => () => Promise<unknown>) {
	let tickle: (() => Promise<unknown>) | undefined;
	const once = (gateway: Gateway): (() => Promise<unknown>) => {
		tickle ??= make(gateway);
		return tickle;
	};
	return {
		calls: async ({ count, ...gateway }: Gateway & { count: number }) => {
			const call = once(gateway);
			const took = new Float64Array(count);
			const before = process.cpuUsage();
			for (let at = 0; at < count; at++) {
				const started = performance.now();
				await call();
				took[at] = (performance.now() - started) * 1_000;
			}
			const { user, system } = process.cpuUsage(before);
			return { cpuUs: (user + system) / count, p50Us: quantile(took, 0.5), p99Us: quantile(took, 0.99) };
		},
		/** How many milliseconds a call takes until it fails; undefined if it does not fail within `withinMs`. */
		hang: async ({ withinMs, ...gateway }: Gateway & { withinMs: number }) => {
			const started = performance.now();
			const ended = once(gateway)().then(
				() => undefined,
				() => performance.now() - started,
			);
			const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), withinMs));
			return { ms: await Promise.race([ended, late]) };
		},
	};
}

export const oursGateway = () =>
	tickler(({ baseUrl, ca }) => {
		const client = createIbkrHttp({ baseUrl, fetch: gatewayFetch({ baseUrl, ca }), pacing: false });
		return () => client.tickle();
	});

/**
 * Our client over the built-in `fetch`. The environment variable NODE_EXTRA_CA_CERTS makes Node.js trust the certificate of the gateway.
 */
export const oursFetch = () =>
	tickler(({ baseUrl }) => {
		const client = createIbkrHttp({ baseUrl, pacing: false });
		return () => client.tickle();
	});

export const bareFetch = () =>
	tickler(({ baseUrl }) => async () => {
		const response = await fetch(`${baseUrl}/tickle`, { method: "POST" });
		return response.json();
	});

/** The members of the library ibkr-client that this file uses. */
interface IbkrClientModule {
	readonly IbkrClient: new (host: string) => { request(input: { path: string; method: string }): Promise<unknown> };
}

export const ibkrClient = () =>
	tickler(({ baseUrl }) => {
		// The cast is needed because the library is loaded from another folder, so the compiler does not know its types.
		const { IbkrClient } = createRequire(join(import.meta.dirname, "../peers/package.json"))(
			"ibkr-client",
		) as IbkrClientModule;
		const client = new IbkrClient(new URL(baseUrl).host);
		return () => client.request({ path: "tickle", method: "POST" });
	});

/** Our keeper with its default options. */
export const oursKeeper = () => {
	let keeper: Keeper | undefined;
	return {
		/** Starts the keeper, and resolves once its session is alive. */
		up: async ({ baseUrl, ca }: Gateway) => {
			keeper = keepalive([ibkr({ client: { baseUrl, fetch: gatewayFetch({ baseUrl, ca }) } })]);
			await keeper.ready({ timeoutMs: 30_000 });
		},
		/** How many milliseconds pass until the session is in this state; undefined if it is not in this state within `withinMs`. */
		until: async ({ state, withinMs }: { state: "alive" | "late"; withinMs: number }) => {
			const started = performance.now();
			while (keeper?.snapshot()["ibkr"]?.status.state !== state) {
				if (performance.now() - started > withinMs) return {};
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
			return { ms: performance.now() - started };
		},
	};
};
