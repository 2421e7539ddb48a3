import { type BybitConnection, checkBybitSocketOptions, connectBybit } from "@x/bybit-dcp";
import { budgetOf, overBudget } from "./connection-budget.ts";
import type { Instant } from "./countdown.ts";
import type { Ghosts } from "./ghosts.ts";
import { instant } from "./loss-watch.ts";
import { type BybitResolved, type BybitSessionOptions, stepMs } from "./options.ts";

/** A connection that is authenticated, subscribed to every product's topic, and has answered a ping: the venue counts it. */
export interface Counted {
	readonly socket: BybitConnection;
	/** When its topics had been asked for, all of which were acknowledged. */
	readonly topicsAsked: Instant;
	/** When the answered ping had been sent. */
	readonly pingSent: Instant;
}

/**
 * Makes connections that count, within the budget of attempts. A countdown stops with the ping at the latest.
 *
 * @throws BybitError of kind `options` at once, for an address or another option that cannot be right.
 * Each connecting throws SessionError (wait) over budget, with nothing sent; or the client's errors, with the connection closed.
 */
export function connector(
	options: BybitSessionOptions,
	resolved: BybitResolved,
	serverNow: () => number,
	ghosts: Ghosts,
): (signal: AbortSignal) => Promise<Counted> {
	const key = options.signer
		? { apiKey: options.apiKey, signer: options.signer }
		: { apiKey: options.apiKey, apiSecret: options.apiSecret };
	const host = new URL(resolved.wsUrl).host;
	const eachMs = stepMs(resolved);
	const settings = {
		...key,
		...(options.WebSocket ? { WebSocket: options.WebSocket } : {}),
		url: resolved.wsUrl,
		maxActiveTimeSeconds: resolved.maxActiveTimeSeconds,
		connectTimeoutMs: eachMs,
		authTimeoutMs: eachMs,
		subscribeTimeoutMs: eachMs,
		pongTimeoutMs: resolved.patientPongMs,
		now: serverNow,
	};
	checkBybitSocketOptions(settings);
	return async (signal) => {
		const budget = options.connectionBudget ?? budgetOf(options.WebSocket ?? globalThis.WebSocket);
		const waitMs = budget.spend(host);
		if (waitMs > 0) throw overBudget(host, waitMs);
		const socket = await connectBybit(settings, signal);
		ghosts.watch(socket);
		try {
			const topicsAsked = instant();
			for (const product of resolved.products) await socket.subscribeDcp(product, signal);
			const pingSent = instant();
			await socket.ping(signal);
			return { socket, topicsAsked, pingSent };
		} catch (error) {
			void socket.close();
			throw error;
		}
	};
}
