import type { BybitConnection, BybitProduct } from "@x/bybit-dcp";
import type { BybitSessionOptions } from "./options.ts";

/**
 * The connections of this process that count for one account, as far as its key tells.
 *
 * While another one counts, leaving cancels nothing: the venue's countdown begins with the last.
 */
export class Siblings {
	readonly #products = new Map<BybitConnection, readonly BybitProduct[]>();

	/** Takes a connection that counts for these products, until it ends. */
	add(socket: BybitConnection, products: readonly BybitProduct[]): void {
		if (socket.ended.aborted) return;
		this.#products.set(socket, products);
		socket.ended.addEventListener("abort", () => this.#products.delete(socket), { once: true });
	}

	/** For which of these products one counts, now that the asker's own connection has ended. */
	counting(products: readonly BybitProduct[]): readonly BybitProduct[] {
		const held = [...this.#products.values()].flat();
		return products.filter((product) => held.includes(product));
	}
}

/**
 * At module level, since the sessions of one process do not know of each other, and by their `WebSocket`, since that may
 * lead somewhere else.
 */
const accounts = new WeakMap<object, Map<string, Siblings>>();

/** Those of the options' account at the host of the address. */
export function siblingsOf(options: BybitSessionOptions, wsUrl: string): Siblings {
	const way = options.WebSocket ?? globalThis;
	const known = accounts.get(way) ?? new Map<string, Siblings>();
	accounts.set(way, known);
	const name = `${new URL(wsUrl).host} ${options.apiKey}`;
	const siblings = known.get(name) ?? new Siblings();
	known.set(name, siblings);
	return siblings;
}
