import { monotonicMs } from "../time.ts";

/** How long the venue asks an address to be silent once it was banned; no header says it. */
export const banMs = 600_000;

/** The silence that an address owes one host after HTTP 403. */
export class Ban {
	#until = Number.NEGATIVE_INFINITY;

	/** The venue has just said so: ten minutes from now. */
	begin(): void {
		this.#until = monotonicMs() + banMs;
	}

	/** Milliseconds that are left of it, 0 when none are. */
	get leftMs(): number {
		return Math.max(0, Math.ceil(this.#until - monotonicMs()));
	}
}

/**
 * It stands at module level because the ban does: the venue counts the calls of an address, whoever in this process
 * makes them, and a call more lengthens it for all of them.
 */
const bans = new WeakMap<object, Map<string, Ban>>();

/** The one for all who leave by the same way, which is known by its `fetch`, to the same host. */
export function banOf(way: object, host: string): Ban {
	const hosts = bans.get(way) ?? new Map<string, Ban>();
	bans.set(way, hosts);
	const ban = hosts.get(host) ?? new Ban();
	hosts.set(host, ban);
	return ban;
}
