import type { Keeper, KeeperOptions } from "@x/keepalive";
import type { EventLoop } from "../world/event-loop.ts";
import { chance, pick } from "../world/seeded.ts";
import type { Entry } from "../world/timer-queue.ts";
import type { World } from "../world/world.ts";

/** The trading program that owns the keeper, with or without a health gate. */
export class TradingProgram {
	/** The gate's tolerance in milliseconds; undefined without a gate. */
	readonly toleranceMs: number | undefined;
	/** Since when the program has been hanging; undefined while it works. */
	hangingSince: number | undefined;
	/** For each of the program's alerts: after how many milliseconds without protection it is due. */
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

	/** The keeper's gate option. */
	get options(): Pick<KeeperOptions, "gate"> {
		const { toleranceMs } = this;
		if (toleranceMs === undefined) return {};
		return { gate: { toleranceMs, ...(this.#asks ? { isHealthy: () => this.#healthy() } : {}) } };
	}

	/** Makes the program work and call `pulse` until it is stopped. To be called on the simulated machine. */
	work(keeper: Pick<Keeper, "pulse">, loop: EventLoop): void {
		if (this.toleranceMs === undefined || this.#asks) return;
		this.#loop = loop;
		if (this.hangingSince === undefined) keeper.pulse();
		this.#timer = loop.setTimer(() => this.work(keeper, loop), this.toleranceMs / 4);
	}

	/** Whether the program has a gate that waits for pulses. */
	get pulses(): boolean {
		return this.toleranceMs !== undefined && !this.#asks;
	}

	/** Makes the program stop working. */
	stopWorking(): void {
		if (this.#timer) this.#loop?.clearTimer(this.#timer);
	}

	#healthy(): boolean {
		// Half of the polled health checks throw instead of returning false.
		if (this.hangingSince !== undefined && this.#world.now % 2 === 0) throw new Error("the program is unhealthy");
		return this.hangingSince === undefined;
	}
}
