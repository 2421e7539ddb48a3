import type { Keeper, KeeperOptions } from "@x/keepalive";
import type { EventLoop } from "../world/event-loop.ts";
import { chance, pick } from "../world/seeded.ts";
import type { Entry } from "../world/timer-queue.ts";
import type { World } from "../world/world.ts";

/** The trading program that owns the keeper, with or without a health gate. */
export class TradingProgram {
	/** The gate's tolerance in milliseconds; undefined without a gate. */
	readonly toleranceMs: number | undefined;
	/** Since when it has been hanging; undefined while it works. */
	hangingSince: number | undefined;
	/** After how many milliseconds without protection it wants to be told, for each of its alerts. */
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

	/** Works and pulses until it is stopped. Called on the machine. */
	work(keeper: Pick<Keeper, "pulse">, loop: EventLoop): void {
		if (this.toleranceMs === undefined || this.#asks) return;
		this.#loop = loop;
		if (this.hangingSince === undefined) keeper.pulse();
		this.#timer = loop.setTimer(() => this.work(keeper, loop), this.toleranceMs / 4);
	}

	/** Whether its gate waits for pulses. */
	get pulses(): boolean {
		return this.toleranceMs !== undefined && !this.#asks;
	}

	/** Stops working. */
	stopWorking(): void {
		if (this.#timer) this.#loop?.clearTimer(this.#timer);
	}

	#healthy(): boolean {
		// Half of the polled health checks throw instead of returning false.
		if (this.hangingSince !== undefined && this.#world.now % 2 === 0) throw new Error("the program is unhealthy");
		return this.hangingSince === undefined;
	}
}
