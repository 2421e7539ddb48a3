import { monotonicMs } from "@x/base/clock";
import type { BybitConnection, BybitProduct } from "@x/bybit-dcp";
import { type ExposureTimes, idleScanSeconds } from "./exposure.ts";
import type { BybitSessionClientOptions } from "./options.ts";

/**
 * The living connections of this process for one account, which is identified by its API key.
 *
 * Closing a session cancels nothing while the account has another subscribed connection: the venue cancels only when the last
 * connection is gone.
 */
export class SharedConnections {
	readonly #counted = new Map<
		BybitConnection,
		{ readonly owner: object; readonly products: readonly BybitProduct[] }
	>();

	/** Adds a session's connection, which protects these products until it ends. */
	add(socket: BybitConnection, owner: object, products: readonly BybitProduct[]): void {
		if (socket.ended.aborted) return;
		this.#counted.set(socket, { owner, products });
		socket.ended.addEventListener("abort", () => this.#counted.delete(socket), { once: true });
	}

	/** Returns those of the given products that a connection of another session in this process protects. */
	coveredByOthers(owner: object, products: readonly BybitProduct[]): readonly BybitProduct[] {
		const others = [...this.#counted.values()].filter((one) => one.owner !== owner);
		return products.filter((product) => others.some((one) => one.products.includes(product)));
	}
}

/**
 * This map is at module level, because the sessions of one process do not know of each other. Its keys are `WebSocket` classes, because
 * a custom class may connect to another venue.
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
 * The warning for sessions that share an account. The venue cancels only when no connection of the account is left: see "Sub-accounts and
 * keys" in the README of `@x/bybit-dcp`.
 */
export function sharedWarning(covered: readonly BybitProduct[]): string {
	return (
		`Another session of this process is subscribed with the same API key for ${covered.join(", ")}: while both run, ` +
		"closing one of them cancels no orders, not even when a gate closes it. Use one session for each account."
	);
}

/**
 * Connections that one session lost or closed without an acknowledgement, so that the venue may still regard them as alive.
 *
 * Such a stale connection keeps the orders alive until the venue's idle limit, even if the connection that replaced it is closed properly.
 */
export class StaleConnections {
	readonly #idleTimeoutMs: number;
	/** For each connection: the time on the monotonic clock by which the venue's idle check has certainly dropped it. */
	readonly #countedUntil = new Map<BybitConnection, number>();

	constructor({ maxActiveTimeSeconds }: ExposureTimes) {
		this.#idleTimeoutMs = (maxActiveTimeSeconds + idleScanSeconds) * 1_000;
	}

	/** Watches how a connection ends. To be called before the first subscription over the connection. */
	watch(socket: BybitConnection): void {
		socket.ended.addEventListener("abort", () => void this.#record(socket), { once: true });
	}

	/** For how many more milliseconds the venue may regard a stale connection as alive, ignoring `except`; 0 if there is none. */
	remainingMs(except: BybitConnection): number {
		const others = [...this.#countedUntil].flatMap(([socket, until]) => (socket === except ? [] : [until]));
		return Math.max(0, ...others.map((until) => Math.ceil(until - monotonicMs())));
	}

	async #record(socket: BybitConnection): Promise<void> {
		const now = monotonicMs();
		for (const [other, until] of this.#countedUntil) if (until <= now) this.#countedUntil.delete(other);
		// The venue receives nothing over this connection from now on, so its idle limit has started by now.
		this.#countedUntil.set(socket, now + this.#idleTimeoutMs);
		const { acknowledged } = await socket.close();
		if (acknowledged) this.#countedUntil.delete(socket);
	}
}
