import { monotonicMs } from "@x/base/clock";
import type { BybitConnection, BybitProduct } from "@x/bybit-dcp";
import { type ExposureTimes, idleScanSeconds } from "./exposure.ts";
import type { BybitSessionClientOptions } from "./options.ts";

/**
 * The connections of this process that the venue counts for one account, which is identified by its API key.
 *
 * While the venue counts another connection, closing a session cancels nothing: the venue's countdown starts when the last
 * counted connection is gone.
 */
export class SharedConnections {
	readonly #counted = new Map<
		BybitConnection,
		{ readonly owner: object; readonly products: readonly BybitProduct[] }
	>();

	/** Adds a connection of a session, which the venue counts for these products until the connection ends. */
	add(socket: BybitConnection, owner: object, products: readonly BybitProduct[]): void {
		if (socket.ended.aborted) return;
		this.#counted.set(socket, { owner, products });
		socket.ended.addEventListener("abort", () => this.#counted.delete(socket), { once: true });
	}

	/** Which of these products a connection of another session of this process covers. */
	coveredByOthers(owner: object, products: readonly BybitProduct[]): readonly BybitProduct[] {
		const others = [...this.#counted.values()].filter((one) => one.owner !== owner);
		return products.filter((product) => others.some((one) => one.products.includes(product)));
	}
}

/**
 * At module level because the sessions of one process do not know of each other. Keyed by `WebSocket` class, because a custom
 * class may connect to another venue.
 */
const accounts = new WeakMap<object, Map<string, SharedConnections>>();

/** The connections that share the client's account and the host of `wsUrl`. */
export function sharedConnectionsOf(client: BybitSessionClientOptions, wsUrl: string): SharedConnections {
	const transport = client.WebSocket ?? globalThis;
	const byAccount = accounts.get(transport) ?? new Map<string, SharedConnections>();
	accounts.set(transport, byAccount);
	const account = `${new URL(wsUrl).host} ${client.apiKey}`;
	const shared = byAccount.get(account) ?? new SharedConnections();
	byAccount.set(account, shared);
	return shared;
}

/**
 * The warning for sessions that share an account. The venue counts the connections of an account: see "Sub-accounts and other
 * sessions" in its docs.
 */
export function sharedWarning(covered: readonly BybitProduct[]): string {
	return (
		`Another session of this process is subscribed with the same API key for ${covered.join(", ")}: while both run, ` +
		"neither a close nor a gate of one of them cancels orders. Use one session for each account."
	);
}

/**
 * Connections of one session that this process lost or closed without an acknowledged close, so that the venue may still count them.
 *
 * Such a stale connection keeps the orders alive until the venue's idle limit, even if the connection that replaced it is closed properly.
 */
export class StaleConnections {
	readonly #idleTimeoutMs: number;
	/** For each connection, the time on the monotonic clock by which the venue's idle check has dropped it. */
	readonly #countedUntil = new Map<BybitConnection, number>();

	constructor({ maxActiveTimeSeconds }: ExposureTimes) {
		this.#idleTimeoutMs = (maxActiveTimeSeconds + idleScanSeconds) * 1_000;
	}

	/** Watches a connection, to notice how it ends. To be called before the first subscription of the connection. */
	watch(socket: BybitConnection): void {
		socket.ended.addEventListener("abort", () => void this.#record(socket), { once: true });
	}

	/** For how many more milliseconds the venue may count a stale connection, without regard to `except`; 0 if there is none. */
	remainingMs(except: BybitConnection): number {
		const others = [...this.#countedUntil].flatMap(([socket, until]) => (socket === except ? [] : [until]));
		return Math.max(0, ...others.map((until) => Math.ceil(until - monotonicMs())));
	}

	async #record(socket: BybitConnection): Promise<void> {
		const now = monotonicMs();
		for (const [other, until] of this.#countedUntil) if (until <= now) this.#countedUntil.delete(other);
		// The venue can have received nothing over this connection after this moment, so its idle limit runs from here at the latest.
		this.#countedUntil.set(socket, now + this.#idleTimeoutMs);
		const { acknowledged } = await socket.close();
		if (acknowledged) this.#countedUntil.delete(socket);
	}
}
