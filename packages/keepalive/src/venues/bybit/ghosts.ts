import type { BybitConnection } from "@x/bybit-dcp";
import { monotonicMs } from "../../time.ts";
import { type BybitTimes, idleScanSeconds } from "./exposure.ts";

/**
 * Connections of ours that are gone here and that the venue may still count: nobody acknowledged their end.
 *
 * Such a one keeps the orders alive until the venue's idle rule finds it, however cleanly its successor is closed.
 */
export class Ghosts {
	readonly #hauntMs: number;
	/** Each with when, on the monotonic clock, the idle rule has found it at the latest. */
	readonly #until = new Map<BybitConnection, number>();

	constructor({ maxActiveTimeSeconds }: Required<BybitTimes>) {
		this.#hauntMs = (maxActiveTimeSeconds + idleScanSeconds) * 1_000;
	}

	/** Watches a connection from before its first subscription. */
	watch(socket: BybitConnection): void {
		socket.ended.addEventListener("abort", () => void this.#ended(socket), { once: true });
	}

	/** For how much longer, in milliseconds, the venue may count another than this one; 0 when it counts none. */
	leftMsBeside(socket: BybitConnection): number {
		const others = [...this.#until].flatMap(([other, until]) => (other === socket ? [] : [until]));
		return Math.max(0, ...others.map((until) => Math.ceil(until - monotonicMs())));
	}

	async #ended(socket: BybitConnection): Promise<void> {
		const now = monotonicMs();
		for (const [other, until] of this.#until) if (until <= now) this.#until.delete(other);
		// The last that the venue can have heard of it was before this.
		this.#until.set(socket, now + this.#hauntMs);
		const { acknowledged } = await socket.close();
		if (acknowledged) this.#until.delete(socket);
	}
}
