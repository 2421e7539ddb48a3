import type { Keeper, KeeperOptions } from "@x/keepalive";
import type { EventLoop } from "../world/event-loop.ts";
import { chance, pick } from "../world/seeded-random.ts";
import type { Entry } from "../world/timer-queue.ts";
import type { World } from "../world/world.ts";

/** The trading program that owns the keeper. It may have a health gate, which closes all sessions when the program hangs. */
export class TradingProgram {
	/**
	 * After this many milliseconds without a health signal, the health gate closes all sessions; undefined if the program has no health gate.
	 */
	readonly toleranceMs: number | undefined;
	/** Since when the program has been hanging; undefined while it works. */
	hangingSince: number | undefined;
	/** For each alert that the program asks for: after how many milliseconds without protection the alert is due. */
	readonly alertAfterMs: readonly number[];
	readonly #world: World;
	readonly #asks: boolean;
	#loop: EventLoop | undefined;
	#timer: Entry | undefined;

	constructor(world: World, random: () => number) {
		this.#world = world;
		this.toleranceMs = chance(random, 0.6) ? pick(random, [5_000, 30_000, 120_000]) : undefined;
		this.#asks = chance(random, 0.4);
		this.alertAfterMs = chance(random, 0.7) ? [pick(random, [1_000, 20_000, 300_000])] : [100, 60_000];
	}

	/** The keeper's option `gate` (the health gate). */
	get options(): Pick<KeeperOptions, "gate"> {
		const { toleranceMs } = this;
		if (toleranceMs === undefined) return {};
		return { gate: { toleranceMs, ...(this.#asks ? { isHealthy: () => this.#healthy() } : {}) } };
	}

	/** Lets the program work: the program calls `pulse` until it is stopped. To be called on the simulated machine. */
	work(keeper: Pick<Keeper, "pulse">, loop: EventLoop): void {
		if (this.toleranceMs === undefined || this.#asks) return;
		this.#loop = loop;
		if (this.hangingSince === undefined) keeper.pulse();
		this.#timer = loop.setTimer(() => this.work(keeper, loop), this.toleranceMs / 4);
	}

	/** Whether the program has a health gate that waits for calls of `pulse()`. Other gates poll a health check. */
	get pulses(): boolean {
		return this.toleranceMs !== undefined && !this.#asks;
	}

	/** Makes the program stop working, so that it no longer calls `pulse`. */
	stopWorking(): void {
		if (this.#timer) this.#loop?.clearTimer(this.#timer);
	}

	#healthy(): boolean {
		// While the program hangs, a polled health check sometimes throws and otherwise returns false.
		if (this.hangingSince !== undefined && this.#world.now % 2 === 0) throw new Error("the program is unhealthy");
		return this.hangingSince === undefined;
	}
}
